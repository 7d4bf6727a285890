// Why a request got no posts, and what to change: told on the console, once for each kind of trouble, and in the box
// where people try a page on their own machine.

const ACTION = "let `action` be the address of the results page, with its slash at the end, such as /search/";
const ADVICE = {
  200: ACTION,
  400: "correct `filter`, `per-page`, or what `action` and the form inside add to the query",
  404: ACTION,
  405: ACTION,
};
const OWN_MACHINE = /^(|(.+\.)?localhost|127(\.\d+){3}|\[::1])$/; // a file has no host
const told = new Set();

/** `explain` shows a text in the box; there is no `response` where the browser got none, or keeps it from the page. */
export async function advise(explain, url, response, said) {
  const service = new URL(url).origin;
  const kind = response?.status ?? service;
  let message;
  if (ADVICE[kind]) {
    const reason = said?.message ? `, ${said.message}` : "";
    message = `<post-search> asked ${url} and got no posts (status ${kind}${reason}): ${ADVICE[kind]}`;
  } else if (!response && (told.has(kind) || (await refused(url)))) {
    message = `<post-search> may not read what ${service} answers: ${unlisted()}`;
  } else return;
  if (OWN_MACHINE.test(location.hostname)) explain(message);
  if (!told.has(kind)) console.warn(message);
  told.add(kind);
}

/** Whether a service of another origin can be reached, but its answers not be read: a browser tells no more. */
async function refused(url) {
  const reached = (mode) => fetch(url, { mode }).then(() => true, () => false);
  return new URL(url).origin !== origin && !(await reached("cors")) && reached("no-cors");
}

function unlisted() {
  return origin === "null"
    ? "serve this page over HTTP, since `cors_origins` can't list a page that is a file or in a sandbox"
    : `add ${origin} to the setting \`cors_origins\` of the service (POSTSEARCH_CORS_ORIGINS)`;
}
