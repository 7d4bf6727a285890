// Adds a text fragment to a post's address, made from its snippet, by which browsers scroll to the first marked words.
// It is loaded where a box has the attribute `fragments`.

const NEAR = 2; // words before the marked ones, which tell them from the same words elsewhere

export function linked(href, snippet, plain) {
  const [before, marked, after] = snippet.split(/<\/?mark>/).map((text) => plain(text).replaceAll("…", " "));
  if (!href || !marked) return href;
  // A fragment matches whole words only.
  const [start] = before.match(/\S*$/);
  const [end] = after.match(/^\S*/);
  const near = before.slice(0, before.length - start.length).match(/\S+/g)?.slice(-NEAR).join(" ");
  const text = `${near ? `${encoded(near)}-,` : ""}${encoded(start + marked + end)}`;
  return `${href}${href.includes("#") ? "" : "#"}:~:text=${text}`;
}

function encoded(text) {
  return encodeURIComponent(text).replaceAll("-", "%2D");
}
