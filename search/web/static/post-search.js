// See docs/search-box.md

import { Answers } from "./box/answers.js";
import { teller } from "./box/strings.js";
import { dress } from "./box/style.js";

const APPLE = /^(Mac|iP)/.test(navigator.platform);
const MARGIN = 8;
const LOW = 192;
const FEW = 3;
const FILTERS = ["tag", "author", "category", "lang", "from", "to"];

class PostSearch extends HTMLElement {
  static formAssociated = true;
  #internals = this.attachInternals?.();
  #restored;
  #answers = new Answers((answer) => (answer ? this.#show(answer) : this.#fail()));
  #tell;
  #link = (href) => href;
  #filters;
  #begun = [];
  #form;
  #field;
  #input;
  #panel;
  #status;
  #more;
  #list;
  #dialog;
  #active;
  #code;
  #end;
  #keys;

  async connectedCallback() {
    const tell = (this.#tell ??= await teller((this.closest("[lang]") ?? document.documentElement).lang));
    if (this.hasAttribute("fragments")) this.#link = (await import("./box/fragments.js")).linked;
    if (!this.isConnected) return;
    if (!this.#form) this.#build(tell);
    this.#end?.abort();
    this.#end = new AbortController();
    document.addEventListener("keydown", (event) => this.#shortcut(event), this.#end);
    visualViewport.addEventListener("resize", () => this.#place(), this.#end);
  }

  /** Going back brings the words back. */
  formStateRestoreCallback(words) {
    this.#internals.setFormValue(null, (this.#restored = words));
    if (this.#input) this.#input.value = words;
  }

  disconnectedCallback() {
    this.#end?.abort();
    this.close();
  }

  open() {
    if (!this.#form?.isConnected) return;
    if (!this.#dialog?.open) this.#dialog?.showModal();
    this.#input.focus();
    this.#input.select();
    this.#want();
  }

  close() {
    this.#answers.drop();
    if (this.#form) this.#reveal();
    this.#dialog?.close();
  }

  #build(tell) {
    const plain = this.querySelector("form") ?? make("form");
    const typed = plain.querySelector("[name=q]") ?? make("input");
    const quick = typed.matches(":focus");
    const label = this.getAttribute("label") || tell("label");
    this.#keys = (this.getAttribute("shortcut") ?? "mod+k").toLowerCase().match(/\S+/g) ?? [];
    const shortcuts = this.#keys.map((key) => key.replace("mod", APPLE ? "Meta" : "Control")).join(" ");
    const modal = this.hasAttribute("dialog");

    this.#input = make("input", "input", {
      type: "search", name: "q", placeholder: this.getAttribute("placeholder") ?? label,
      autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "search",
      role: "combobox", "aria-label": label, "aria-autocomplete": "list", "aria-controls": "list",
      "aria-keyshortcuts": !modal && shortcuts,
    });
    this.#field = make("div", "field", {}, make("button", "icon", { "aria-label": tell("search") }), this.#input);
    this.#status = make("p", "status", { role: "status" });
    this.#more = make("p", "more");
    this.#list = make("div", "list", { id: "list", role: "listbox", tabindex: "-1", "aria-label": tell("found") });
    this.#panel = make("div", "panel", {}, this.#status, this.#more, this.#list);
    const home = safe(this.getAttribute("action") ?? plain.getAttribute("action")) || new URL("..", import.meta.url).href;
    this.#form = make("form", "form", { role: "search", lang: tell.lang, action: home }, this.#field, this.#panel);
    const filter = [...new URLSearchParams(this.getAttribute("filter") ?? "")];
    const kept = [...new URL(home).searchParams, ...new FormData(plain)];
    const extra = [...kept.filter(([name]) => name !== "q"), ...filter];
    this.#form.onformdata = ({ formData }) => [...extra, ...this.#begun].forEach((pair) => formData.append(...pair));
    this.#filters = [...kept.filter(([name]) => ["sort", ...FILTERS].includes(name)), ...filter];
    const root = this.attachShadow({ mode: "open" });
    dress(root);
    root.append(...(modal ? this.#modal(tell, label, shortcuts) : [this.#form]));
    this.#listen();
    this.#reveal();
    this.#input.value = quick ? typed.value : this.#restored ?? typed.value;
    // Somebody was quicker than this script.
    if (quick) {
      this.open();
      this.#input.setSelectionRange(typed.selectionStart, typed.selectionEnd);
    }
  }

  #modal(tell, label, shortcuts) {
    const hint = this.#keys[0]?.toUpperCase().replace("MOD+", APPLE ? "⌘" : "Ctrl ");
    const opener = make("button", "opener", { lang: tell.lang, "aria-keyshortcuts": shortcuts },
      make("span", "icon"), tell("search"), hint ? make("kbd", "hint", { "aria-hidden": "true" }, hint) : "");
    opener.onclick = () => {
      opener.focus(); // Safari doesn't
      this.open();
    };
    const close = make("button", "close", { type: "button", "aria-label": tell("close") }, "×");
    close.onclick = () => this.close();
    this.#field.append(close);
    const dialog = (this.#dialog = make("dialog", "dialog", { "aria-label": label }, this.#form));
    // Closed at its beginning, a tap would go on to the page below.
    let pressed;
    dialog.onpointerdown = ({ target }) => (pressed = target);
    dialog.onclick = ({ target }) => {
      if (target === dialog && target === pressed) this.close();
    };
    dialog.onclose = () => dialog.open || this.close();
    return [opener, dialog];
  }

  #listen() {
    this.#input.oninput = ({ isComposing, data }) => {
      // Keyboards on screens, without codes, compose every word. Kana and Pinyin are none yet.
      const word = this.#code ? /[가-힣]/ : /^[^、-鿿]*$/;
      if (!isComposing || word.test(data)) this.#want();
    };
    this.#input.addEventListener("compositionend", () => this.#want());
    this.#input.onfocus = this.#input.onclick = () => this.#status.textContent || this.#want();
    this.#input.onkeydown = (event) => this.#key(event);
    this.#form.onsubmit = () => this.close();
    // The mouse leaves the cursor where it is.
    this.#panel.onmousedown = (event) => event.preventDefault();
    this.#list.onclick = (event) => {
      if (anew(event)) return;
      const text = event.target.closest(".suggestion")?.text;
      if (!text) return setTimeout(() => this.close());
      event.preventDefault();
      this.#want((this.#input.value = text));
    };
    this.#form.addEventListener("focusout", (event) =>
      this.#dialog || this.#form.contains(event.relatedTarget) || this.close());
  }

  #leading(text = this.#input.value, without = [], ...more) {
    const kept = [...new FormData(this.#form)].filter(([name]) => name !== "q" && !without.includes(name));
    return this.#address("", [["q", text], ...kept, ...more]);
  }

  #address(name, pairs) {
    const url = new URL(name, this.#form.action);
    url.search = new URLSearchParams(pairs);
    return url.href;
  }

  /** Filters, as if typed. */
  #shown(names) {
    const shown = this.#filters.filter(([name]) => names.includes(name)).map((pair) => pair.join(":")).join(" ");
    return shown && `\u2068${shown}\u2069`;
  }

  #want(text = this.#input.value) {
    this.#begun = [];
    this.#internals?.setFormValue(null, text);
    if (!text.trim()) {
      this.#answers.drop();
      this.#reveal();
      return;
    }
    this.#activate();
    const pairs = [["q", text], ...this.#filters, ["per_page", this.getAttribute("per-page") || 6], ["suggest", 3]];
    this.#answers.want(this.#address("hits", pairs), text);
    this.#field.classList.toggle("busy", this.#answers.busy);
  }

  #show({ query, parsed, corrected, hits, total, warnings, instead, suggestions }) {
    const tell = this.#tell;
    const chosen = this.#active?.href;
    const found = [
      ...suggestions.map((text) =>
        option("suggestion", this.#leading(text), { dir: "auto", "aria-label": `${tell("search")}: ${text}` },
          text.slice(0, query.length), make("b", "", {}, text.slice(query.length)))),
      ...options(hits, tell, this.#link),
    ];
    const told = [corrected && tell("instead", corrected), total ? tell("count", total) : tell("none", query),
      total < FEW && this.#shown(FILTERS), ...warnings];
    if (!this.#answers.busy) {
      // The page is to find the same.
      if (parsed.includes("*")) this.#begun = [["prefix", 1]];
      for (const { query, total, without } of instead) {
        const gone = this.#shown(without);
        if (total) found.push(option("way", this.#leading(query, without), {},
          make("span", "title", {}, query), " ",
          make("span", "about", {}, gone && `${tell("without", gone)} · `, tell("count", total))));
      }
      if (total > hits.length) found.push(option("all", this.#leading(), {}, tell("all", total)));
    }
    const more = corrected
      ? make("a", "typed", { href: this.#leading(query, [], ["typos", 0]) }, tell("typed", query))
      : found.length ? "" : tell("help");
    this.#reveal(told.filter(Boolean).join(" · "), more, found);
    this.#activate(chosen && found.find(({ href }) => href === chosen));
  }

  #fail() {
    const retry = make("button", "retry", { type: "button" }, this.#tell("retry"));
    retry.onclick = () => {
      this.#input.focus();
      this.#want();
    };
    this.#reveal(this.#tell(navigator.onLine ? "failed" : "offline"), retry);
    return (advice) => retry.after(make("div", "", {}, advice));
  }

  #reveal(message = "", more = "", found = []) {
    this.#activate();
    this.#field.classList.toggle("busy", this.#answers.busy);
    this.#status.textContent = message;
    this.#more.replaceChildren(more);
    found.forEach((each, number) => (each.id = `option-${number}`));
    this.#list.replaceChildren(...found);
    this.#input.setAttribute("aria-expanded", !!found.length);
    this.#panel.className = message && "panel open";
    this.#list.scrollTop = 0;
    this.#place();
  }

  /** Keeps the list in sight. */
  #place() {
    const { left, width, top, bottom } = this.#field.getBoundingClientRect();
    const { offsetTop, height } = visualViewport;
    const { style, offsetWidth, classList } = this.#panel;
    const above = top - offsetTop;
    const below = height - bottom + offsetTop;
    const up = !this.#dialog && below < LOW && above > LOW;
    const most = document.documentElement.clientWidth - MARGIN - offsetWidth;
    style.left = `${Math.max(MARGIN, Math.min(left + (width - offsetWidth) / 2, most)) - left}px`;
    style.setProperty("--room", `${up ? above : below}px`);
    classList.toggle("up", up);
  }

  #activate(chosen) {
    this.#active?.setAttribute("aria-selected", "false");
    this.#active = chosen;
    chosen?.setAttribute("aria-selected", "true");
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) this.#input.setAttribute("aria-activedescendant", chosen.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    const { key, altKey } = event;
    this.#code = event.code;
    // 229: Safari's Enter at the end of a composition.
    if (event.isComposing || event.keyCode === 229) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    const ring = [undefined, ...this.#list.children];
    if (key === "Enter" && anew(event)) window.open(this.#active?.href || this.#leading(), "_blank", "noopener");
    else if (key === "Enter" && this.#active) this.#active.click();
    else if (key === "Escape" && (this.#dialog || this.#status.textContent || this.#answers.busy)) this.close();
    else if (key === "Escape" && this.#input.value) this.#want((this.#input.value = ""));
    else if (step && !anew(event)) {
      if (altKey && step < 0) this.close();
      else if (!this.#status.textContent) this.#want();
      else if (!altKey) this.#activate(ring.at((ring.indexOf(this.#active) + step) % ring.length));
    } else {
      if (/Arrow|Home|End/.test(key)) this.#activate();
      return;
    }
    event.preventDefault();
  }

  #shortcut(event) {
    const { key = "", altKey, ctrlKey, metaKey, shiftKey } = event;
    const [target] = event.composedPath();
    const typing = ctrlKey || metaKey || target.closest?.("input, textarea, select, [contenteditable]");
    const mod = (APPLE ? metaKey : ctrlKey) && !shiftKey ? "mod+" : "";
    const pressed = (mod || !typing) && mod + key.toLowerCase();
    if (event.defaultPrevented || altKey || !this.#keys.includes(pressed) || !this.getClientRects().length) return;
    event.preventDefault();
    if (this.#dialog?.open) this.close();
    else this.open();
  }
}

/** An element; its class is its part too. */
function make(tag, name = "", attributes = {}, ...children) {
  const element = document.createElement(tag);
  element.className = element.part = name;
  for (const key in attributes) if (attributes[key]) element.setAttribute(key, attributes[key]);
  element.append(...children);
  return element;
}

function anew({ ctrlKey, metaKey, shiftKey }) {
  return ctrlKey || metaKey || shiftKey;
}

/** The whole address, or "" if it leads to no page. */
function safe(href) {
  const link = make("a", "", { href });
  return /^http/.test(link.protocol) ? link.href : "";
}

function option(kind, href, attributes, ...children) {
  return make("a", `option ${kind}`, { role: "option", tabindex: "-1", href, ...attributes }, ...children);
}

function options(hits, tell, link) {
  return hits.flatMap(({ url, lang, date, author, highlights, snippet, sections }) => {
    const attributes = { lang, dir: "auto" };
    const about = [
      date && make("time", "date", { datetime: date }, tell.day(date)),
      author[0] && make("span", "author", {}, author.join(", ")),
      ...highlights.tags.map((tag) => make("span", "tag", {}, ...marked(tag))),
    ];
    return [
      option("hit", link(safe(url), snippet, plain), attributes,
        make("span", "title", {}, ...marked(highlights.title)), " ",
        make("span", "snippet", {}, ...marked(snippet)), " ",
        make("span", "about", {}, ...about.filter(Boolean).flatMap((each) => [each, " "]))),
      ...sections.map((part) =>
        option("section", link(safe(part.url), part.snippet, plain), attributes,
          make("span", "snippet", {}, make("b", "heading", {}, part.title), " ", ...marked(part.snippet)))),
    ];
  });
}

/** HTML as text and `mark` elements, not parsed. */
function marked(html) {
  return html.split(/<\/?mark>/).map(plain).map((text, n) => (n % 2 ? make("mark", "mark", {}, text) : text));
}

function plain(text) {
  return text.replace(/&(?:#(x?\w+)|(amp|lt|gt|quot));/g, (_, number, name) =>
    String.fromCodePoint(number?.replace("x", "0x") ?? { amp: 38, lt: 60, gt: 62, quot: 34 }[name]));
}

if (!customElements.get("post-search")) customElements.define("post-search", PostSearch);
