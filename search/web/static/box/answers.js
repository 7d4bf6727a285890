// Asks the service: one request at a time, in order

const PAUSE = 80; // ms between requests
const PATIENCE = 10_000;
const FRESH = 60_000;
const MOST = 50;

export class Answers {
  busy = false;
  #tell;
  #kept = new Map();
  #flight;
  #next;
  #timer;
  #generation;
  #asked = -Infinity;

  constructor(tell) {
    this.#tell = tell;
  }

  want(url, text) {
    const kept = this.#kept.get(url);
    if (Date.now() - kept?.at < FRESH) {
      this.drop();
      this.#tell(url, kept.answer);
      return;
    }
    const flight = this.#flight;
    if (flight && (url === flight.url || (flight.text && text.startsWith(flight.text)))) {
      // Posts for its beginning are better than none.
      this.#next = url === flight.url ? undefined : [url, text];
    } else {
      this.drop();
      this.#timer = setTimeout(() => this.#ask(url, text), this.#asked + PAUSE - performance.now());
    }
    this.busy = true;
  }

  drop() {
    this.busy = false;
    clearTimeout(this.#timer);
    this.#flight?.abort();
    this.#flight = this.#next = undefined;
  }

  async #ask(url, text) {
    const flight = (this.#flight = new AbortController());
    flight.url = url;
    flight.text = text;
    const patience = setTimeout(() => flight.abort(), PATIENCE);
    this.#asked = performance.now();
    let response, said, explain;
    try {
      response = await fetch(url, { signal: flight.signal });
      said = await response.json();
    } catch {
      // no server, network, permission, JSON
    }
    clearTimeout(patience);
    if (flight !== this.#flight) return;
    const next = this.#next;
    const answer = response?.ok && said;
    this.drop();
    this.busy = !!next;
    try {
      explain = this.#tell(url, answer);
      if (answer) this.#keep(url, answer);
    } catch {
      this.#tell(url);
    }
    if (next) this.want(...next);
    if (!answer) import("./advice.js").then(({ advise }) => advise(explain, url, response, said), () => {});
  }

  #keep(url, answer) {
    const generation = answer.index?.generation;
    if (generation !== this.#generation || this.#kept.size > MOST) this.#kept.clear();
    this.#generation = generation;
    this.#kept.set(url, { at: Date.now(), answer });
  }
}
