// Addresses go in, answers come out: one request at a time, never an old answer after a newer one.

const SOONEST = 80; // ms between two requests while somebody types
const LATEST = 500;
const PATIENCE = 10_000; // ms until a silent server counts as down
const FRESH = 60_000; // ms that an answer is kept
const MOST = 50;

export class Answers {
  busy = false;
  #tell;
  #kept = new Map();
  #flight;
  #timer;
  #generation;
  #asked = -Infinity;
  #pause = SOONEST;

  /** `tell(answer)` is called for each answer, with nothing where there is none. */
  constructor(tell) {
    this.#tell = tell;
  }

  want(url) {
    const kept = this.#kept.get(url);
    if (Date.now() - kept?.at < FRESH) {
      this.drop();
      this.#tell(kept.answer);
      return;
    }
    this.busy = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(url), this.#asked + this.#pause - performance.now());
  }

  drop() {
    this.busy = false;
    clearTimeout(this.#timer);
    this.#flight?.abort();
    this.#flight = undefined;
  }

  async #ask(url) {
    // A server slower than the typing is asked less and less often.
    if (this.#flight) this.#pause = Math.min(LATEST, 2 * this.#pause);
    this.drop();
    this.busy = true;
    const flight = (this.#flight = new AbortController());
    const patience = setTimeout(() => flight.abort(), PATIENCE);
    this.#asked = performance.now();
    let answer;
    try {
      const response = await fetch(url, { signal: flight.signal });
      if (response.ok) answer = await response.json();
    } catch {
      // No server, no network, no JSON: all the same here.
    }
    clearTimeout(patience);
    if (flight !== this.#flight) return;
    this.#flight = undefined;
    this.busy = false;
    try {
      this.#tell(answer);
      if (answer) this.#keep(url, answer);
    } catch {
      this.#tell();
    }
  }

  #keep(url, answer) {
    const { generation } = answer.index;
    if (generation !== this.#generation || this.#kept.size > MOST) this.#kept.clear();
    this.#generation = generation;
    this.#kept.set(url, { at: Date.now(), answer });
    this.#pause = Math.min(LATEST, Math.max(SOONEST, performance.now() - this.#asked));
  }
}
