// A request that was refused goes in; what to change on the page is told on its console, once for each kind of trouble.

const ACTION = "let `action` be the address of the results page, with its slash at the end, such as /search/";
const ADVICE = {
  200: ACTION,
  400: "correct `filter`, `per-page`, or what `action` and the form inside add to the query",
  404: ACTION,
  405: ACTION,
};
const told = new Set();

export function advise({ url, status }, said) {
  if (told.has(status) || !ADVICE[status]) return;
  told.add(status);
  const reason = said?.message ? `, ${said.message}` : "";
  console.warn(`<post-search> asked ${url} and got no posts (status ${status}${reason}): ${ADVICE[status]}`);
}
