// What the box says

const OTHERS = /^(ar|de|es|fr|it|ja|ko|nl|pl|pt|ru|zh)\b/i;

const ENGLISH = {
  label: "Search the posts",
  search: "Search",
  close: "Close",
  found: "Posts found",
  count: { one: "{n} post", other: "{n} posts" },
  none: "No posts for “{q}”",
  help: "Try other words, and look for typing errors.",
  instead: "Showing posts for “{q}”",
  typed: "Search for “{q}” instead",
  without: "without {q}",
  all: "Show all {n} posts",
  failed: "The search is not answering right now.",
  offline: "You are offline.",
  retry: "Try again",
};

/** `tell("count", 3)` and `tell.day` say things in `tell.lang`. */
export async function teller(wanted) {
  let lang = OTHERS.exec(wanted)?.[0].toLowerCase();
  let strings = ENGLISH;
  try {
    if (lang) strings = (await import(`../strings/${lang}.js`)).default;
  } catch {
    lang = "";
  }
  lang ||= "en";
  const plural = new Intl.PluralRules(lang);
  const day = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeZone: "UTC" });
  const tell = (name, value) => {
    const text = strings[name];
    return (text[plural.select(value)] ?? text.other ?? text).replace(/{.}/, () => value.toLocaleString(lang));
  };
  return Object.assign(tell, { lang, day: (date) => day.format(new Date(date)) });
}
