// The looks, but for those of the list; lengths in px, since pages differ in what a rem is

export const LOOKS = `
:host {
  --back: var(--ps-back, light-dark(#fff, #14171b));
  --fill: var(--ps-fill, light-dark(#f3f5f7, #1e2329));
  --tint: var(--ps-tint, light-dark(#e6f0fa, #17293b));
  --text: var(--ps-text, light-dark(#1b2026, #e6e9ec));
  --soft: var(--ps-soft, light-dark(#59636e, #a3adb8));
  --link: var(--ps-link, light-dark(#0b57a4, #93c5f8));
  --edge: var(--ps-edge, light-dark(#7f8994, #78838e));
  --line: var(--ps-line, light-dark(#e3e7eb, #2b3239));
  --mark: var(--ps-mark, light-dark(#fff0b8, #3d330f));
  --pen: var(--ps-pen, light-dark(#d9a400, #a98a35));
  display: block;
  min-height: 48px;
}
@supports not (color: light-dark(red, red)) {
  :host {
    --back: var(--ps-back, Canvas); --fill: var(--ps-fill, #8881); --tint: var(--ps-tint, #39f2);
    --text: var(--ps-text, CanvasText); --soft: var(--ps-soft, CanvasText); --link: var(--ps-link, LinkText);
    --edge: var(--ps-edge, gray); --line: var(--ps-line, #8886); --mark: var(--ps-mark, #fd06); --pen: var(--ps-pen, #d9a400);
  }
}
:host([dialog]) { display: inline-block; }
.panel, .cancel { display: none; }
:host([hidden]) { display: none; }
*, ::before, ::after { box-sizing: border-box; }
form, .opener { all: initial; visibility: inherit; color-scheme: inherit; color: var(--text); font-family: inherit; font-size: 16px; line-height: 1.5; overflow-wrap: anywhere; }
form { display: block; position: relative; }
button, input { margin: 0; border: 0; padding: 0; background: none; color: inherit; font: inherit; letter-spacing: inherit; word-spacing: inherit; }
button { min-height: 44px; color: var(--soft); cursor: pointer; }
:focus-visible { outline: 2px solid var(--link); outline-offset: -2px; }
svg { flex: none; width: 16px; height: 16px; fill: none; stroke: currentColor; stroke-width: 1.5; }
p { margin: 0; }

.field, .opener, .open, dialog { border: 1px solid var(--edge); border-radius: var(--ps-radius, 12px); background: var(--back); }
.field, .opener { display: flex; align-items: center; height: 48px; }
.field { position: relative; overflow: hidden; }
.field:focus-within { outline: 2px solid var(--link); outline-offset: -1px; }
input { flex: 1; min-width: 0; height: 100%; outline: 0 !important; appearance: none; font-size: 17px; }
input::placeholder { color: var(--soft); opacity: 1; }
::-webkit-search-cancel-button { display: none; }
.icon, .clear { flex: none; display: grid; place-items: center; width: 48px; }
.clear:disabled { visibility: hidden; }
.opener { box-sizing: border-box; gap: 12px; color: var(--soft); cursor: pointer; padding-inline: 16px 12px; }
kbd { border: 1px solid var(--line); border-radius: 5px; padding: 1px 6px; background: var(--back); font: inherit; font-size: 12px; }
kbd + kbd { margin-inline-start: 4px; }

.open { position: absolute; z-index: 1000; top: calc(100% + 4px); width: clamp(min(320px, 100vw - 16px), 100%, 640px); max-height: min(600px, max(128px, var(--room) - 16px)); display: flex; flex-direction: column; overflow: hidden; box-shadow: 0 8px 24px #0003; }
.open.up { top: auto; bottom: calc(100% + 4px); height: 600px; }
.list { overflow: auto; overscroll-behavior: contain; padding-block: 8px; }
.note { padding: 16px 16px 4px; color: var(--soft); font-size: 14px; }
.note strong { color: var(--text); font-size: 17px; }
.retry { margin: 12px 0; border: 1px solid var(--edge); border-radius: 8px; padding: 0 16px; color: var(--text); font-weight: 600; }
.status { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }

.foot { flex: none; display: flex; gap: 16px; height: 44px; margin-top: auto; padding-inline: 16px; background: var(--fill); box-shadow: 0 -1px var(--line); font-size: 13px; line-height: 44px; }
.keys { flex: 1; height: 100%; display: flex; flex-wrap: wrap; gap: 0 16px; overflow: hidden; color: var(--soft); text-transform: lowercase; }
.all { color: var(--link); font-weight: 600; text-decoration: none; }

dialog { width: 640px; max-width: 100%; max-height: none; margin: 10vh auto auto; border-color: var(--line); border-radius: var(--ps-radius, 14px); padding: 0; overflow: hidden; box-shadow: 0 16px 48px #0005; }
dialog::backdrop { background: #0009; }
dialog .field { height: 56px; border-width: 0 0 1px; border-color: var(--line); border-radius: 0; }
dialog .field:focus-within { outline: 0; }
dialog .panel { position: static; width: auto; min-height: min(240px, var(--room)); max-height: min(542px, 80vh - 58px, var(--room)); border: 0; border-radius: 0; box-shadow: none; }
@media (max-width: 640px), (max-height: 480px) {
  dialog { width: 100%; height: 100vh; height: 100dvh; margin: 0; border: 0; border-radius: 0; }
  dialog .panel { height: var(--room); max-height: none; }
}
@media (max-width: 640px), (max-height: 480px), (pointer: coarse) {
  .cancel { display: block; padding: 0 16px; color: var(--link); }
  .clear { width: 44px; }
}
@media (pointer: coarse) {
  kbd, .keys { display: none; }
  .foot { font-size: 15px; }
  .all { flex: 1; text-align: center; }
}
form:is(:lang(ar), :lang(fa), :lang(zh), :lang(ja)) { line-height: 1.7; }
`;

export function dress(root, looks) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(looks);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    // Safari before 16.4
    root.append(Object.assign(document.createElement("style"), { textContent: looks }));
  }
}
