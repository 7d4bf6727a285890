// The looks of filters and options

export const LIST = `
.busy::after { content: ""; position: absolute; inset: auto 0 0; height: 2px; background: var(--link); animation: busy 1s .25s infinite alternate both; }
@keyframes busy { from { scale: 0 1 } }
@media (prefers-reduced-motion) { .busy::after { animation: none; } }
.chips + .note { padding-top: 10px; }
.typed, .forget-all { color: var(--link); }
.chips, .kind { flex: none; display: flex; gap: 8px; }
.chips { overflow: auto; border-bottom: 1px solid var(--line); padding: 10px 16px; scrollbar-width: none; mask: linear-gradient(90deg, #000 calc(100% - 32px), #0000); }
.chips:dir(rtl) { mask: linear-gradient(-90deg, #000 calc(100% - 32px), #0000); }
.kind + .kind, .chip + .kind { margin-inline-start: 8px; border-inline-start: 1px solid var(--line); padding-inline-start: 16px; }
.chips::after { content: ""; flex: none; width: 16px; }
.chip, .pill { flex: none; display: inline-flex; align-items: center; gap: 6px; min-height: 32px; border: 1px solid var(--line); border-radius: 99px; padding: 0 12px; background: var(--back); color: var(--text); font-size: 13px; white-space: nowrap; }
[aria-pressed=true], [aria-selected=true] { background: var(--tint) !important; outline: 2px solid transparent; outline-offset: -2px; }
[aria-pressed=true] { border-color: var(--tint); font-weight: 600; }
.chip svg { width: 12px; stroke-width: 2; }
.count, .date, .byline, .about { color: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; }
.head { display: flex; justify-content: space-between; padding: 8px 16px 4px; color: var(--soft); font-size: 13px; font-weight: 600; }
.panel > .head { padding-top: 16px; }
.head + .list { padding-top: 0; }
.recent .head { display: none; }
.forget-all { min-height: 24px; margin-block: -2px; font-size: inherit; text-decoration: underline; }
.option { position: relative; color: inherit; text-decoration: none; }
.option:hover { background: var(--fill); }
.hit, .line { display: grid; grid-template-columns: 1fr auto; column-gap: 12px; }
.hit, .line, .section, .suggestion { margin-inline: 8px; border-radius: 8px; padding: 8px; }
[aria-selected=true]::before { content: ""; position: absolute; inset-block: 8px; inset-inline-start: 0; width: 3px; border-radius: 3px; background: var(--link); }
.title, .snippet { min-width: 0; }
.title { line-height: 1.35; text-align: -webkit-match-parent; text-align: match-parent; }
.hit .title { font-weight: 600; }
.byline, .about { align-self: start; line-height: 22px; text-align: end; unicode-bidi: plaintext; }
.byline, .date { white-space: nowrap; }
.byline .date { margin-inline-start: 8px; }
.snippet { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; color: var(--soft); font-size: 14px; line-height: 1.45; }
.hit .snippet { grid-column: 1/-1; }
.section { display: grid; grid-template-columns: fit-content(60%) 1fr; align-items: center; column-gap: 8px; padding-block: 4px; padding-inline-start: 24px; }
.heading { overflow: hidden; font-size: 14px; text-overflow: ellipsis; white-space: nowrap; }
.section .snippet { -webkit-line-clamp: 1; }
.line { grid-template-columns: auto 1fr auto; align-items: center; min-height: 40px; }
.line .about, .line .date { align-self: center; }
.way { grid-template-columns: auto 1fr fit-content(40%); }
.line svg, .suggestion svg { color: var(--soft); }
.forget { display: grid; place-items: center; width: 32px; height: 32px; margin: -8px; cursor: pointer; }
.suggestion { display: inline-flex; align-items: center; gap: 8px; font-size: 14px; }
.tags { display: flex; flex-wrap: wrap; gap: 8px; padding-inline: 16px; }
.tags .head { width: 100%; padding-inline: 0; margin-bottom: -8px; }
mark { color: var(--text); }
.snippet mark { border-radius: 3px; background: var(--mark); box-shadow: 0 0 0 1px var(--mark); }
.title mark { background: none; text-decoration: underline 2px var(--pen); text-underline-offset: 4px; }
.snippet:is(:lang(ar), :lang(fa), :lang(zh), :lang(ja)) { line-height: 1.7; }
@media (pointer: coarse) {
  .option, .chip { min-height: 44px; }
  .typed { display: inline-block; padding-block: 12px; }
  .forget-all { min-height: 44px; margin-block: -12px; }
  .forget { width: 44px; height: 44px; margin: -14px; }
}
@media (forced-colors: active) {
  [aria-selected=true], [aria-pressed=true] { outline-color: Highlight; }
  .snippet mark { forced-color-adjust: none; background: Mark; color: MarkText; }
}
`;
