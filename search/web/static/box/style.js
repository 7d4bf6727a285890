// The looks

const CSS = `
:host {
  --back: var(--ps-back, Canvas);
  --text: var(--ps-text, CanvasText);
  --soft: var(--ps-soft, color-mix(in srgb, CanvasText 70%, Canvas));
  --edge: var(--ps-edge, gray);
  --line: var(--ps-line, #8886);
  --fill: var(--ps-fill, #8882);
  --link: var(--ps-link, color-mix(in srgb, #0b6bd4 70%, CanvasText));
  --mark: var(--ps-mark, #fd06);
  --round: var(--ps-radius, .5rem);
  display: block;
  min-height: 3rem;
  color: var(--text);
  line-height: 1.45;
  text-align: start;
  overflow-wrap: anywhere;
}
@supports not (color: color-mix(in srgb, red, red)) {
  :host { --soft: var(--ps-soft, CanvasText); --link: var(--ps-link, LinkText); }
}
:host([dialog]) { display: inline-block; }
:host([hidden]), .more:empty, .list:empty { display: none; }
*, ::before, ::after { box-sizing: border-box; }
form { position: relative; margin: 0; }
button, input { margin: 0; border: 0; padding: 0; background: none; color: inherit; font: inherit; }
button { min-height: 2.75rem; color: var(--soft); cursor: pointer; }
button:focus-visible { outline-offset: -2px; }

.field, .opener, .open, .retry, dialog { border: 1px solid var(--edge); border-radius: var(--round); background: var(--back); }
.field, .opener { display: flex; align-items: center; min-height: 3rem; }
.field { position: relative; overflow: hidden; }
.field:focus-within { outline: 2px solid var(--link); outline-offset: -1px; }
input { flex: 1; min-width: 0; min-height: 2.75rem; padding-inline-end: .5rem; outline: 0; appearance: none; }
input::placeholder { color: var(--soft); opacity: 1; }
.icon, .close { flex: none; display: grid; place-items: center; width: 2.75rem; }
.icon::before, .icon::after { content: ""; grid-area: 1/1; width: .8em; height: .8em; margin: 0 .2em .2em 0; border: .13em solid; border-radius: 50%; }
.icon::after { width: .42em; height: 0; margin: .62em 0 0 .62em; border-width: .13em 0 0; border-radius: 0; rotate: 45deg; }
.opener { padding-inline-end: .5rem; }
kbd { margin-inline-start: 1rem; padding: 0 .5em; border: 1px solid var(--line); border-radius: .5em; background: var(--fill); font: inherit; font-size: .8em; }

.busy::after { content: ""; position: absolute; inset: auto 0 0; height: 2px; background: var(--link); animation: busy 1s .25s infinite alternate both; }
@keyframes busy { from { scale: 0 1 } }
@media (prefers-reduced-motion) { .busy::after { animation: none; } }

.open { position: absolute; z-index: 1000; top: calc(100% + .25rem); width: max(100%, min(30rem, 100vw - 1rem)); max-height: min(40rem, max(8rem, var(--room) - 1rem)); display: flex; flex-direction: column; box-shadow: 0 .5rem 1.5rem #0003; }
.open.up { top: auto; bottom: calc(100% + .25rem); height: 40rem; }
.list { overflow: auto; overscroll-behavior: contain; }
p { margin: 0; color: var(--soft); font-size: .875em; }
.open p { padding: .5rem 1rem; }
.open .more { padding-top: 0; }
.retry { padding: 0 1rem; }

a { display: block; padding-block: .6rem; padding-inline: calc(1rem - 3px) 1rem; border-inline-start: 3px solid transparent; border-top: 1px solid var(--line); color: inherit; text-decoration: none; }
a:hover, [aria-selected=true] { background: var(--fill); }
[aria-selected=true] { border-inline-start-color: var(--link); outline: 2px solid transparent; outline-offset: -2px; }
.title { display: block; }
.title, .all { font-weight: 600; }
.snippet { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; font-size: .875em; }
.about { display: flex; flex-wrap: wrap; align-items: center; gap: .1rem .75rem; margin-top: .25rem; color: var(--soft); font-size: .8em; }
.about * { unicode-bidi: plaintext; }
.tag { padding: 0 .5em; border: 1px solid var(--line); border-radius: 1em; }
.typed { padding: 0; border: 0; color: var(--link); }
.section { padding-block: .4rem; padding-inline-start: 2rem; border-top: 0; color: var(--soft); }
.heading { color: var(--text); }
.suggestion { display: inline-block; border-top: 0; font-size: .875em; }
.all { color: var(--link); }
mark { background: var(--mark); color: var(--text); }

dialog { width: min(42rem, 100vw - 2rem); max-width: 100%; max-height: 100%; margin: 10vh auto; padding: 0; color: inherit; overflow: hidden; }
dialog::backdrop { background: #0007; }
dialog .field { border-width: 0 0 2px; border-color: var(--link); border-radius: 0; outline: 0 !important; }
dialog .open { position: static; width: auto; border: 0; box-shadow: none; }
dialog ::-webkit-search-cancel-button { display: none; }
.close { font-size: 1.4em; }
@media (max-width: 40rem), (max-height: 30rem) {
  dialog { width: 100%; height: 100%; margin: 0; border: 0; border-radius: 0; }
  dialog .open { max-height: var(--room); }
}
@media (pointer: coarse) { kbd { display: none; } a { min-height: 2.75rem; } input { font-size: max(16px, 1em); } }
@media (forced-colors: active) {
  a { border-inline-start-color: Canvas; }
  [aria-selected=true] { border-color: Highlight; outline-color: Highlight; }
  mark { forced-color-adjust: none; background: Mark; color: MarkText; }
}
`;

export function dress(root) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
  } catch {
    // Safari before 16.4
    root.append(document.createElement("style"));
    root.lastChild.append(CSS);
  }
}
