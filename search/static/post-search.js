// <post-search>: a form for the results page, and an ARIA combobox that shows posts while one types. What the server
// says becomes text nodes and is never parsed as HTML. docs/search-box.md tells the attributes, keys and parts.

import { Answers } from "./box/answers.js";
import { teller } from "./box/strings.js";
import { sheet } from "./box/style.js";

const APPLE = /^(Mac|iP)/.test(navigator.platform);
const MARGIN = 8; // px around the list
const WIDE = 480;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"' };

class PostSearch extends HTMLElement {
  #answers = new Answers((answer) => (answer ? this.#show(answer) : this.#fail()));
  #tell;
  #link = (href) => href;
  #form;
  #field;
  #input;
  #panel;
  #status;
  #more;
  #list;
  #dialog;
  #active;
  #end;

  async connectedCallback() {
    const tell = (this.#tell ??= await teller(this.closest("[lang]")?.lang));
    if (this.hasAttribute("fragments")) this.#link = (await import("./box/fragments.js")).linked;
    if (!this.isConnected) return;
    if (!this.shadowRoot) this.#build(tell);
    this.#end?.abort();
    this.#end = new AbortController();
    document.addEventListener("keydown", (event) => this.#shortcut(event), this.#end);
    addEventListener("resize", () => this.#place(), this.#end);
  }

  disconnectedCallback() {
    this.#end?.abort();
    this.close();
  }

  /** Put the cursor into the box. */
  open() {
    if (!this.#input) return;
    if (!this.#dialog?.open) this.#dialog?.showModal();
    this.#input.focus();
    this.#input.select();
    if (this.#dialog) this.#want();
  }

  /** Close the list, and the dialog if it is one; what was typed stays. */
  close() {
    this.#answers.drop();
    if (this.#input) this.#reveal();
    this.#dialog?.close();
  }

  get #keys() {
    return (this.getAttribute("shortcut") ?? "mod+k").toLowerCase().match(/\S+/g) ?? [];
  }

  #build(tell) {
    const plain = this.querySelector("form");
    const typed = plain?.elements.q;
    const label = this.getAttribute("label") || tell("label");
    const shortcuts = this.#keys.map((key) => key.replace("mod", APPLE ? "Meta" : "Control")).join(" ");
    const modal = this.hasAttribute("dialog");

    this.#input = make("input", "input", {
      type: "search", name: "q", placeholder: this.getAttribute("placeholder") ?? label,
      autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "search",
      role: "combobox", "aria-label": label, "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": "list", "aria-keyshortcuts": !modal && shortcuts,
    });
    const submit = make("button", "icon", { "aria-label": tell("search") });
    this.#field = make("div", "field", {}, submit, this.#input);
    this.#status = make("p", "status", { role: "status" });
    this.#more = make("p", "more");
    this.#list = make("div", "list", { id: "list", role: "listbox", tabindex: "-1", "aria-label": tell("found") });
    this.#panel = make("div", "panel", {}, this.#status, this.#more, this.#list);
    this.#form = make("form", "form", {
      role: "search", lang: tell.lang,
      action: safe(this.getAttribute("action")) || plain?.action || new URL("..", import.meta.url),
    }, this.#field, this.#panel);
    for (const [name, value] of new URLSearchParams(this.getAttribute("filter") ?? "")) {
      this.#form.append(make("input", "", { type: "hidden", name, value }));
    }
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(...(modal ? this.#modal(tell, label, shortcuts) : [this.#form]));
    this.#reveal();
    this.#listen();
    if (typed) {
      // Somebody may have been quicker than this script.
      this.#input.value = typed.value;
      if (document.activeElement === typed) this.open();
    }
  }

  #modal(tell, label, shortcuts) {
    const hint = this.#keys[0]?.replace("mod+", APPLE ? "⌘" : "Ctrl ");
    const opener = make("button", "opener", { lang: tell.lang, "aria-keyshortcuts": shortcuts },
      make("span", "icon"), tell("search"), hint ? make("kbd", "hint", { "aria-hidden": "true" }, hint) : "");
    opener.onclick = () => this.open();
    const close = make("button", "close", { type: "button", "aria-label": tell("close") }, "×");
    close.onclick = () => this.close();
    this.#field.append(close);
    this.#dialog = make("dialog", "dialog", { "aria-label": label }, this.#form);
    this.#dialog.onpointerdown = ({ target }) => target === this.#dialog && this.close();
    this.#dialog.onclose = () => this.#dialog.open || this.close();
    return [opener, this.#dialog];
  }

  #listen() {
    this.#input.oninput = (event) => event.isComposing || this.#want();
    this.#input.addEventListener("compositionend", () => this.#want());
    this.#input.onkeydown = (event) => this.#key(event);
    this.#form.onsubmit = () => this.close();
    // The cursor stays in the input while the list is used with a mouse.
    this.#panel.onmousedown = (event) => event.preventDefault();
    this.#list.onclick = (event) => event.ctrlKey || event.metaKey || event.shiftKey || setTimeout(() => this.close());
    this.shadowRoot.addEventListener("focusout", (event) =>
      this.#dialog || this.shadowRoot.contains(event.relatedTarget) || this.close());
  }

  #address(name, more) {
    const url = new URL(name, this.#form.action);
    url.search = new URLSearchParams([...new FormData(this.#form), ...more]);
    return url.href;
  }

  #want() {
    if (!this.#input.value.trim()) {
      this.#answers.drop();
      this.#reveal();
      return;
    }
    this.#activate();
    this.#answers.want(this.#address("hits", [["per_page", this.getAttribute("per-page") ?? 6]]));
    this.#field.classList.toggle("busy", this.#answers.busy);
  }

  #show({ query, corrected, hits, total, warnings }) {
    const tell = this.#tell;
    const chosen = this.#active?.href;
    const found = options(hits, tell, this.#link);
    if (total > hits.length) found.push(option("all", this.#address("", []), {}, tell("all", total)));
    const told = [total ? tell("count", total) : tell("none", query), ...warnings];
    if (corrected) told.unshift(tell("instead", corrected));
    this.#reveal(told.join(" · "), total ? "" : tell("help"), found);
    this.#activate(chosen && found.find(({ href }) => href === chosen));
  }

  #fail() {
    const retry = make("button", "retry", { type: "button" }, this.#tell("retry"));
    retry.onclick = () => {
      this.#input.focus();
      this.#want();
    };
    this.#reveal(this.#tell(navigator.onLine ? "failed" : "offline"), retry);
  }

  #reveal(message = "", more = "", found = []) {
    this.#activate();
    this.#field.classList.toggle("busy", this.#answers.busy);
    this.#status.textContent = message;
    this.#more.replaceChildren(more);
    this.#more.hidden = !more;
    found.forEach((each, number) => (each.id = `option-${number}`));
    this.#list.replaceChildren(...found);
    this.#list.hidden = !found.length;
    this.#input.ariaExpanded = `${!!found.length}`;
    this.#panel.className = message && (this.#dialog ? "panel open" : "panel open over");
    this.#list.scrollTop = 0;
    this.#place();
  }

  /** Put the list of an inline box below it and inside the window. */
  #place() {
    if (this.#dialog) return;
    const { left, right, width, bottom } = this.#field.getBoundingClientRect();
    const room = document.documentElement.clientWidth - 2 * MARGIN;
    const wide = Math.min(room, Math.max(width, WIDE));
    const wanted = getComputedStyle(this).direction === "rtl" ? right - wide : left;
    const { style } = this.#panel;
    style.left = `${Math.max(MARGIN, Math.min(wanted, MARGIN + room - wide)) - left}px`;
    style.width = `${wide}px`;
    style.maxHeight = `max(12rem, min(40rem, ${visualViewport.height - bottom - 2 * MARGIN}px))`;
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
    // 229 is what Safari says of the Enter that ends a composition.
    if (event.isComposing || event.keyCode === 229) return;
    const { key, altKey } = event;
    const anew = event.ctrlKey || event.metaKey || event.shiftKey;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (key === "Enter" && anew) window.open(this.#active?.href || this.#address("", []), "_blank", "noopener");
    else if (key === "Enter" && this.#active) this.#active.click();
    else if (key === "Escape") this.#escape();
    else if (step && !anew) this.#move(step, altKey);
    else {
      if (/^(Arrow(Left|Right)|Home|End)$/.test(key)) this.#activate();
      return;
    }
    event.preventDefault();
  }

  /** One option on or back; the ring closes through the input itself. */
  #move(step, alone) {
    const ring = [undefined, ...this.#list.children];
    if (alone && step < 0) this.close();
    else if (!this.#status.textContent) this.#want();
    else if (!alone) this.#activate(ring.at((ring.indexOf(this.#active) + step) % ring.length));
  }

  #escape() {
    if (this.#dialog || this.#status.textContent || this.#answers.busy) this.close();
    else this.#input.value = "";
  }

  #shortcut(event) {
    const { key = "", altKey, ctrlKey, metaKey, shiftKey } = event;
    const [target] = event.composedPath();
    const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
    const mod = APPLE ? metaKey && !ctrlKey : ctrlKey && !metaKey;
    const pressed = mod && !shiftKey ? `mod+${key.toLowerCase()}` : !(typing || ctrlKey || metaKey) && key;
    if (event.defaultPrevented || altKey || !this.#keys.includes(pressed) || !this.getClientRects().length) return;
    event.preventDefault();
    if (this.#dialog?.open) this.close();
    else this.open();
  }
}

/** An element with its class, which is its part too, and with those attributes that are not empty. */
function make(tag, name, attributes, ...children) {
  const element = document.createElement(tag);
  element.className = element.part = name;
  for (const key in attributes) if (attributes[key]) element.setAttribute(key, attributes[key]);
  element.append(...children);
  return element;
}

/** The whole address, or "" where it leads to no page. */
function safe(url) {
  const whole = url && URL.canParse(url, document.baseURI) ? new URL(url, document.baseURI).href : "";
  return /^https?:/.test(whole) ? whole : "";
}

/** An option that is a link, so that the mouse can do all with it that it does with links. */
function option(kind, href, attributes, ...children) {
  return make("a", `option ${kind}`, { role: "option", tabindex: "-1", href, ...attributes }, ...children);
}

/** The options for all hits, the sections of each right after it. */
function options(hits, tell, link) {
  return hits.flatMap(({ url, lang, title, date, author, tags, highlights, snippet, sections }) => {
    const attributes = { lang, dir: "auto" };
    const about = [
      date && make("time", "date", { datetime: date }, tell.day(date)),
      author[0] && make("span", "author", {}, author.join(", ")),
      ...tags.map((tag, n) => make("span", "tag", {}, ...(highlights.tags?.[n] ? marked(highlights.tags[n]) : [tag]))),
    ];
    return [
      option("hit", link(safe(url), snippet, plain), attributes,
        make("span", "title", {}, ...(highlights.title ? marked(highlights.title) : [title])), " ",
        make("span", "snippet", {}, ...marked(snippet)), " ",
        make("span", "about", {}, ...about.filter(Boolean).flatMap((each) => [each, " "]))),
      ...sections.map((part) =>
        option("section", link(safe(part.url), part.snippet, plain), attributes,
          make("span", "snippet", {}, make("b", "heading", {}, part.title), " ", ...marked(part.snippet)))),
    ];
  });
}

/** Text and `mark` elements for escaped text with no element but `<mark>` in it. */
function marked(html) {
  return html.split(/<\/?mark>/).map((text, n) => (n % 2 ? make("mark", "mark", {}, plain(text)) : plain(text)));
}

function plain(text) {
  return text.replace(/&(#x?)?(\w+);/g, (_, number, name) =>
    number ? String.fromCodePoint((number > "#" ? "0x" : "") + name) : ENTITIES[name]);
}

if (!customElements.get("post-search")) customElements.define("post-search", PostSearch);
