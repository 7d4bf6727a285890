// Shows hits while one types, in elements of the page's own. Without this script the form leads to the results page.

const form = document.querySelector("form");
const list = document.querySelector("ol");
const told = document.querySelector("[role=status]");
let flight;

form.addEventListener("input", async () => {
  flight?.abort();
  flight = new AbortController();
  const { signal } = flight;
  const address = new URL("hits", form.action);
  address.search = new URLSearchParams({ q: form.q.value, per_page: 5 });
  try {
    const response = await fetch(address, { signal });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.message);
    told.textContent = `${answer.total} posts`;
    list.replaceChildren(...answer.hits.map(item));
  } catch (error) {
    if (!signal.aborted) told.textContent = `No answer: ${error.message}`;
  }
});

function item(hit) {
  const link = document.createElement("a");
  link.href = hit.url;
  link.append(...marked(hit.highlights.title));
  const snippet = document.createElement("p");
  snippet.append(...marked(hit.snippet));
  const li = document.createElement("li");
  li.append(link, snippet);
  return li;
}

// The text is escaped and holds no element but <mark>; only texts and <mark> get into the page, whatever it holds.
function marked(html) {
  const nodes = new DOMParser().parseFromString(html, "text/html").body.childNodes;
  return [...nodes].map((node) => {
    if (node.nodeName !== "MARK") return node.textContent;
    const mark = document.createElement("mark");
    mark.textContent = node.textContent;
    return mark;
  });
}
