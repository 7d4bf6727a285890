// The screen of an empty box: the newest searches of this browser, the newest posts and the commonest tags

import { CROSS, icon, make, safe } from "./elements.js";
import { byCount, line, option, when } from "./posts.js";

const CLOCK = "M8 4.5V8l2.5 1.5M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z";
const PAGE = "M3.5 1.5h6l3 3v10h-9ZM6 8h4M6 11h4";
const TAGS = 6;
const ROWS = 8; // of searches and posts
const SEARCHES = 5;
const MOST_CHARACTERS = 2000; // of a search; the service reads no more

/** What it holds; what is above the list forgets the searches, since in a list there may be no buttons. */
export function start(recent, newest, tell, leading) {
  const searches = recent.map((words) => {
    const cross = make("span", "forget", { "aria-hidden": "true" }, icon(CROSS));
    const attributes = { "aria-label": words, "aria-keyshortcuts": "Delete" };
    return line("recent", CLOCK, leading(words), words, cross, { words }, attributes);
  });
  const forget = make("button", "forget-all", { type: "button" }, tell("forget"));
  const tags = byCount(newest?.facets.tags ?? {}).slice(0, TAGS);
  const pills = tags.map(([tag, count]) => {
    const shown = [make("span", "", { dir: "auto" }, tag), " ", make("span", "count", {}, tell.number(count))];
    return option("pill", leading("", [], ["tag", tag]), { pair: ["tag", tag] }, {}, ...shown);
  });
  return {
    top: searches[0] && make("div", "head", {}, make("span", "", { "aria-hidden": "true" }, tell("recent")), forget),
    groups: [["recent", searches], ["newest_posts", newestPosts(newest, tell, ROWS - searches.length)], ["tags", pills]],
  };
}

export function newestPosts(newest, tell, most = ROWS) {
  const posts = newest?.hits.slice(0, most) ?? [];
  return posts.map(({ url, title, date, lang }) => line("new", PAGE, safe(url), title, when(date, tell), {}, { lang }));
}

export class Recent {
  #key;

  constructor(service) {
    this.#key = `post-search ${service}`;
  }

  /** Their words, the newest first. */
  get words() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key));
      return kept.filter((words) => words?.trim?.() && words.length <= MOST_CHARACTERS).slice(0, SEARCHES);
    } catch {
      return []; // a page may be refused its storage, and something else may stand in it
    }
  }

  set words(words) {
    try {
      localStorage.setItem(this.#key, JSON.stringify(words.slice(0, SEARCHES)));
    } catch {
      // it is refused or full
    }
  }

  add(text) {
    if (text) this.words = [text, ...this.words.filter((other) => other !== text)];
  }

  remove(text) {
    this.words = this.words.filter((other) => other !== text);
  }
}
