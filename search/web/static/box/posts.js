// The screen of an answer: filters, completions, posts, what finds more where they are few, and what is to be said

import { CROSS, SEARCH, icon, make, safe } from "./elements.js";

const FEW = 3;
const SECTIONS = 2; // of a post
const FILTERS = ["tag", "author", "category", "lang", "year", "site", "from", "to"];
const CHIPS = 8; // of a kind
const counts = (value) => Object.fromEntries(Object.entries(value ?? {}).filter((pair) => pair[1] > 0));
const HIT = {
  lang: "", url: "", fragment: "", site: "", title: "", snippet: "", highlights: { title: "" },
  date: (value) => (typeof value === "string" && !isNaN(Date.parse(value)) ? value : ""),
  sections: [{ url: "", fragment: "", title: "", snippet: "" }],
};
const ANSWER = {
  query: "", parsed: "", corrected: "", total: 0, warnings: [""], suggestions: [""],
  hits: (value) => value.map((hit) => conform(hit, HIT)).filter((hit) => (hit.title ||= hit.url)),
  instead: [{ query: "", reason: "", total: 0, without: [""] }],
  facets: { site: counts, tags: counts, year: counts },
};

/** The answer, in which what is missing or of another type is empty; it throws where there is no list of hits. */
export function conform(value, model = ANSWER) {
  if (typeof model === "function") return model(value);
  if (model.map) return Array.isArray(value) ? value.map((each) => conform(each, model[0])).filter(Boolean) : [];
  if (typeof model !== "object") return typeof value === typeof model ? value : model;
  return Object.fromEntries(Object.entries(model).map(([name, part]) => [name, conform(value?.[name], part)]));
}

/** `given` are the filters of the page and `chosen` those of the visitor; a last answer is no longer `busy`. */
export function posts(answer, { tell, given, chosen, busy, leading }) {
  const { query, corrected, hits, total, warnings, suggestions } = answer;
  const completions = suggestions.map((words) => {
    const attributes = { dir: "auto", "aria-label": `${tell("search")}: ${words}` };
    const shown = make("span", "", {}, words.slice(0, query.length), make("b", "", {}, words.slice(query.length)));
    return option("suggestion", leading(words), { words }, attributes, icon(SEARCH), shown);
  });
  const others = (busy ? [] : answer.instead).filter(({ total }) => total).map(({ query, reason, total, without }) => {
    const about = make("span", "about", {}, `${reason} · ${tell("count", total)}`);
    // What the page has given stays in the box.
    const words = !given.some(([name]) => without.includes(name)) && query;
    return line("way", SEARCH, leading(query, without), query, about, { words, without });
  });
  const found = total ? tell("count", total) : tell("none", query);
  const mended = total && corrected && tell("instead", corrected);
  const asTyped = () => make("a", "typed", { href: leading(query, [], ["typos", 0]) }, tell("typed", query));
  const told = [total < FEW && typed(given, FILTERS), ...warnings].filter(Boolean);
  return {
    notes: [
      !total && make("strong", "", {}, found),
      mended && make("p", "", {}, mended),
      mended && make("p", "", {}, asTyped()),
      ...told.map((text) => make("p", "", {}, text)),
      !total && !others[0] && make("p", "", {}, tell("help")),
    ],
    groups: [["", completions], ["", hits.flatMap((hit) => options(hit, tell))], ["try", others]],
    said: [mended, found, ...told].filter(Boolean).join(" · "),
  };
}

/**
 * A post and its sections, each named by its title, and by its folder of several and its date, and described by its
 * snippet. They run as their titles do, whatever the box does.
 */
function options(hit, tell) {
  const { lang, title, date, site } = hit;
  const about = (name) => ({ lang, dir: "auto", "aria-label": name });
  return [
    option("hit", link(hit), {}, about([title, site, date && tell.day(date)].filter(Boolean).join(", ")),
      marked("title", hit.highlights.title || title), " ", make("span", "byline", {}, site, site && " ", when(date, tell)), " ", marked("snippet", hit.snippet, "auto")),
    ...hit.sections.filter((part) => part.title).slice(0, SECTIONS).map((part) =>
      option("section", link(part), {}, about(part.title),
        make("span", "heading", {}, part.title), " ", marked("snippet", part.snippet, "auto"))),
  ];
}

/** A browser that can scrolls to the words of the fragment and marks them. */
function link({ url, fragment }) {
  const href = safe(url);
  return href && href + fragment;
}

/** Filters, as if typed. */
function typed(filters, names) {
  const shown = filters.filter(([name]) => names.includes(name)).map((pair) => pair.join(":")).join(" ");
  return shown && `\u2068${shown}\u2069`;
}

/** HTML as text and `mark` elements, not parsed. */
function marked(name, html, dir) {
  const pieces = html.split(/<\/?mark>/).map(plain);
  return make("span", name, { dir }, ...pieces.map((text, n) => (n % 2 ? make("mark", "mark", {}, text) : text)));
}

function plain(text) {
  return text.replace(/&(?:#(x[\da-fA-F]{1,5}|\d{1,6})|(amp|lt|gt|quot));/g, (_, number, name) =>
    String.fromCodePoint(number?.replace("x", "0x") ?? { amp: 38, lt: 60, gt: 62, quot: 34 }[name]));
}

/** The filters that one may choose, the chosen ones first: one stop of Tab, in which arrows move. */
export function chips({ facets, total }, chosen, given, tell) {
  const group = (name, counts) => {
    const mine = chosen.filter((pair) => pair[0] === name).map((pair) => pair[1]);
    // What all posts have narrows nothing.
    const left = given.some((pair) => pair[0] === name) ? []
      : counts.filter(([value, count]) => (mine[0] || count < total) && !mine.includes(value)).slice(0, CHIPS);
    const shown = left.map(([value, count]) =>
      chip(name, value, "false", make("span", "count", {}, tell.number(count))));
    return shown[0] ? make("div", "kind", { role: "group", title: tell(`${name}s`) }, ...shown) : "";
  };
  const bar = make("div", "chips", { role: "toolbar", "aria-label": tell("filters") },
    ...chosen.map(([name, value]) => chip(name, value, "true", icon(CROSS), tell(`${name}s`))),
    group("site", Object.entries(facets.site)),
    group("tag", byCount(facets.tags)),
    // Objects hold names that are numbers in their order, before all others.
    group("year", Object.entries(facets.year).reverse()));
  const row = [...bar.querySelectorAll("button")];
  if (!row[0]) return;
  row[0].tabIndex = 0;
  const ahead = () => (getComputedStyle(bar).direction === "rtl" ? -1 : 1);
  bar.onkeydown = ({ key, target }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key] * ahead();
    row[row.indexOf(target) + step]?.focus();
  };
  // The wheels of most mice know two ways only.
  bar.onwheel = (event) => {
    if (event.deltaX || event.ctrlKey) return;
    event.preventDefault();
    bar.scrollLeft += event.deltaY * ahead();
  };
  return bar;
}

export function byCount(counts) {
  return Object.entries(counts).sort((one, other) => other[1] - one[1]);
}

function chip(name, value, pressed, more, title) {
  const attributes = { type: "button", "aria-pressed": pressed, tabindex: "-1", title };
  const shown = [make("span", "", { dir: "auto" }, value), " ", more];
  return Object.assign(make("button", `chip ${name}`, attributes, ...shown), { pair: [name, value] });
}

/** `act` is what choosing it does in the box, beside leading somewhere: look for `words`, or choose the filter `pair`. */
export function option(kind, href, act, attributes, ...children) {
  const made = make("a", `option ${kind}`, { role: "option", tabindex: "-1", href, ...attributes }, ...children);
  return Object.assign(made, act);
}

/** A picture, what it leads to, and what is to be known of that. */
export function line(kind, picture, href, text, about = "", act = {}, attributes = {}) {
  return option(`line ${kind}`, href, act, attributes, icon(picture), make("span", "title", { dir: "auto" }, text), " ", about);
}

export function when(date, tell) {
  return date ? make("time", "date", { datetime: date }, tell.day(date)) : "";
}
