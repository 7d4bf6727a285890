// What the box says; the English is in ../strings/en.json too

const OTHERS = /^(ar|de|es|fr|it|ja|ko|nl|pl|pt|ru|zh)\b/i;

const ENGLISH = {
  label: "Search the posts",
  search: "Search",
  found: "Posts found",
  count: { one: "{n} post", other: "{n} posts" },
  none: "No posts for “{q}”",
  help: "Try other words, and look for typing errors.",
  instead: "Showing posts for “{q}”",
  typed: "Search for “{q}” instead",
  all: { one: "Show {n} post", other: "Show all {n} posts" },
  failed: "The search is not answering",
  offline: "You are offline",
  retry: "Try again",
  filters: "Filters",
  empty: "Clear",
  cancel: "Cancel",
  recent: "Recent",
  forget: "Forget all",
  newest_posts: "Newest posts",
  tags: "Tags",
  try: "Try",
  everything: { one: "{n} post", other: "All {n} posts" },
  posts: "All posts",
  kept: "Your words are kept. It may work again in a moment.",
  move: "move",
  open: "open",
  shut: "close",
  again: "try again",
  sites: "Sites",
  years: "Years",
  as_page: "Show as a page",
};

/** `tell("count", 3)`, `tell.number` and `tell.day` say things in `tell.lang`. */
export async function teller(wanted) {
  let lang = OTHERS.exec(wanted)?.[0].toLowerCase();
  let table;
  try {
    const response = lang && (await fetch(new URL(`../strings/${lang}.json`, import.meta.url)));
    table = response.ok && (await response.json()).common;
  } catch {
    // English it is
  }
  if (!table) lang = "en";
  const plural = new Intl.PluralRules(lang);
  const day = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "medium", timeZone: "UTC" });
  const number = (value) => value.toLocaleString(lang);
  const tell = (name, value) => {
    const texts = [table?.[name], ENGLISH[name]].flatMap((text) => [text?.[plural.select(value)], text?.other, text]);
    return texts.find((text) => text?.replace).replace(/{.}/, () => number(value));
  };
  return Object.assign(tell, { lang, number, day: (date) => day.format(new Date(date)) });
}
