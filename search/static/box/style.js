// The looks, set by script as strict policies allow.

export const sheet = new CSSStyleSheet();

sheet.replaceSync(`
:host {
  --back: var(--ps-back, Canvas);
  --text: var(--ps-text, CanvasText);
  --soft: var(--ps-soft, color-mix(in srgb, CanvasText 70%, Canvas));
  --edge: var(--ps-edge, color-mix(in srgb, CanvasText 55%, Canvas));
  --line: var(--ps-line, color-mix(in srgb, CanvasText 18%, Canvas));
  --fill: var(--ps-fill, color-mix(in srgb, CanvasText 7%, Canvas));
  --link: var(--ps-link, color-mix(in srgb, #0b6bd4 70%, CanvasText));
  --mark: var(--ps-mark, color-mix(in srgb, gold 40%, Canvas));
  --round: var(--ps-radius, .5rem);
  display: block;
  min-height: 3rem;
  color: var(--text);
  line-height: 1.45;
  text-align: start;
  overflow-wrap: anywhere;
}
:host([dialog]) { display: inline-block; }
:host([hidden]) { display: none; }
*, ::before, ::after { box-sizing: border-box; }
form { position: relative; margin: 0; }
button, input { margin: 0; border: 0; padding: 0; background: none; color: inherit; font: inherit; }
button { min-height: 2.75rem; color: var(--soft); cursor: pointer; }
button:focus-visible { outline: 2px solid var(--link); outline-offset: -2px; }

.field, .opener { display: flex; align-items: center; min-height: 3rem; border: 1px solid var(--edge); border-radius: var(--round); background: var(--back); }
.field { position: relative; overflow: hidden; }
.field:focus-within { outline: 2px solid var(--link); outline-offset: -1px; }
input { flex: 1; min-width: 0; min-height: 2.75rem; padding-inline-end: .6rem; outline: 0; appearance: none; }
input::placeholder { color: var(--soft); opacity: 1; }
.icon, .close { flex: none; display: grid; place-items: center; width: 2.75rem; }
.icon::before, .icon::after { content: ""; grid-area: 1/1; width: .8em; height: .8em; margin: 0 .2em .2em 0; border: .13em solid; border-radius: 50%; }
.icon::after { width: .42em; height: 0; margin: .62em 0 0 .62em; border-width: .13em 0 0; border-radius: 0; rotate: 45deg; }
.opener { padding-inline-end: .6rem; }
kbd { margin-inline-start: 1rem; padding: 0 .4em; border: 1px solid var(--line); border-radius: .3em; background: var(--fill); font: inherit; font-size: .8em; }

.busy::after { content: ""; position: absolute; inset: auto 0 0; height: 2px; background: var(--link); animation: busy 1s .25s infinite alternate both; }
@keyframes busy { from { scale: 0 1 } }
@media (prefers-reduced-motion: reduce) { .busy::after { animation: none; } }

.open { display: flex; flex-direction: column; min-height: 0; background: var(--back); }
.list { overflow: auto; overscroll-behavior: contain; }
.over { position: absolute; z-index: 1000; top: calc(100% + .25rem); border: 1px solid var(--edge); border-radius: var(--round); box-shadow: 0 .5rem 1.5rem rgb(0 0 0 / .2); }
p { margin: 0; color: var(--soft); font-size: .875em; }
.open p { padding: .5rem 1rem; }
.open .more { padding-top: 0; }
.more button { padding: 0 1rem; border: 1px solid var(--edge); border-radius: var(--round); color: var(--text); }

a { display: block; padding-block: .6rem; padding-inline: calc(1rem - 3px) 1rem; border-inline-start: 3px solid transparent; border-top: 1px solid var(--line); color: inherit; text-decoration: none; }
a:hover, [aria-selected=true] { background: var(--fill); }
[aria-selected=true] { border-inline-start-color: var(--link); outline: 2px solid transparent; outline-offset: -2px; }
.title { display: block; font-weight: 600; }
.snippet { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; font-size: .9em; }
.about { display: flex; flex-wrap: wrap; align-items: center; gap: .1rem .75rem; margin-top: .15rem; color: var(--soft); font-size: .8125em; }
.about * { unicode-bidi: plaintext; }
.tag { padding: 0 .5em; border: 1px solid var(--line); border-radius: 1em; }
.section { padding-block: .4rem; padding-inline-start: 2rem; border-top: 0; color: var(--soft); }
.heading { color: var(--text); font-weight: 600; }
.all { color: var(--link); font-weight: 600; }
mark { background: var(--mark); color: var(--text); }

dialog { width: min(42rem, 100vw - 2rem); max-width: 100%; max-height: 100%; margin: 10vh auto; border: 1px solid var(--edge); border-radius: var(--round); padding: 0; background: var(--back); color: inherit; overflow: hidden; }
dialog::backdrop { background: rgb(0 0 0 / .45); }
dialog form { display: flex; flex-direction: column; max-height: 80vh; }
dialog .field { flex: none; border-width: 0 0 2px; border-color: var(--link); border-radius: 0; outline: 0 !important; }
.close { font-size: 1.4em; }
@media (max-width: 40rem), (max-height: 30rem) {
  dialog { width: 100%; height: 100%; margin: 0; border: 0; border-radius: 0; }
  dialog form { max-height: 100%; }
}
dialog ::-webkit-search-cancel-button { display: none; }
@media (pointer: coarse) { kbd { display: none; } a { min-height: 2.75rem; } }
@media (forced-colors: active) {
  a { border-inline-start-color: Canvas; }
  [aria-selected=true] { border-color: Highlight; outline-color: Highlight; }
  mark { forced-color-adjust: none; background: Mark; color: MarkText; }
}
`);
