// See docs/search-box.md

import { Answers } from "./box/answers.js";
import { CROSS, SEARCH, icon, make, safe } from "./box/elements.js";
import { teller } from "./box/strings.js";
import { LOOKS, dress } from "./box/style.js";

const APPLE = /^(Mac|iP)/.test(navigator.platform);
const MARGIN = 8; // px between a panel and the edge of the window
const LOW = 192; // px below the box that a panel needs, or it opens above
const QUIET = 1000; // ms without a key, after which screen readers are told what there is
const NARROWING = ["tag", "author", "category", "lang", "year", "site", "from", "to", "sort"];

class PostSearch extends HTMLElement {
  static formAssociated = true;
  #internals = this.attachInternals?.();
  #answers = new Answers((url, answer) => this.#hear(url, answer));
  #screen = "";
  #options = [];
  #chosen = [];
  #begun = [];
  #scroll = 0;
  #restored;
  #recent;
  #tell;
  #given;
  #form;
  #field;
  #input;
  #clear;
  #status;
  #panel;
  #list;
  #dialog;
  #active;
  #newest;
  #newestUrl;
  #found;
  #wanted;
  #empty;
  #loading;
  #screens;
  #quiet;
  #code;
  #end;
  #keys;

  async connectedCallback() {
    const tell = (this.#tell ??= await teller((this.closest("[lang]") ?? document.documentElement).lang));
    if (!this.isConnected) return;
    if (!this.#form) this.#build(tell);
    this.#end?.abort();
    this.#end = new AbortController();
    document.addEventListener("keydown", (event) => this.#shortcut(event), this.#end);
    visualViewport.addEventListener("resize", () => this.#place(), this.#end);
  }

  /** Going back brings back the words, and what was open. */
  formStateRestoreCallback(state) {
    this.#restored = JSON.parse(state);
    if (this.#form) this.#restore();
  }

  disconnectedCallback() {
    this.#end?.abort();
    this.close();
  }

  open() {
    if (!this.#form?.isConnected) return;
    if (this.#dialog && !this.#dialog.open) {
      this.#dialog.showModal();
      lock(true);
    }
    this.#input.focus();
    this.#input.select();
    if (!this.#screen) this.#want();
  }

  close() {
    this.#answers.drop();
    this.#wanted = undefined;
    if (!this.#form) return;
    this.#show("");
    if (!this.#dialog?.open) return;
    this.#dialog.close();
    lock(false);
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
    this.#clear = make("button", "clear", { type: "button", tabindex: "-1", "aria-label": tell("empty") }, icon(CROSS));
    const submit = make("button", "icon", { tabindex: "-1", "aria-label": tell("search") }, icon(SEARCH));
    this.#field = make("div", "field", {}, submit, this.#input, this.#clear);
    this.#panel = make("div", "panel");
    this.#status = make("p", "status", { role: "status" });
    const home = safe(this.getAttribute("action") ?? plain.getAttribute("action")) || new URL("..", import.meta.url).href;
    this.#form = make("form", "form", { role: "search", lang: tell.lang, action: home },
      this.#field, this.#panel, this.#status);
    const filter = [...new URLSearchParams(this.getAttribute("filter") ?? "")];
    const kept = [...new URL(home).searchParams, ...new FormData(plain)];
    const extra = [...kept.filter(([name]) => name !== "q"), ...filter];
    this.#form.onformdata = ({ formData }) =>
      [...extra, ...this.#chosen, ...this.#begun].forEach((pair) => formData.append(...pair));
    this.#given = [...kept.filter(([name]) => NARROWING.includes(name)), ...filter];
    const unsorted = this.#given.filter(([name]) => name !== "sort");
    this.#newestUrl = this.#address("hits", [["q", ""], ...unsorted, ["sort", "newest"], ["per_page", 6]]);
    const root = this.attachShadow({ mode: "open" });
    dress(root, LOOKS);
    root.append(...(modal ? this.#modal(tell, label, shortcuts) : [this.#form]));
    // A field that a page puts the cursor into opens nothing by itself.
    if (quick) this.#input.focus();
    this.#listen();
    this.#input.value = typed.value;
    this.#clear.disabled = !typed.value;
    this.#show("");
    // Somebody was quicker than this script.
    if (quick && (modal || typed.value)) {
      this.open();
      this.#input.setSelectionRange(typed.selectionStart, typed.selectionEnd);
    } else if (this.#restored) this.#restore();
  }

  #modal(tell, label, shortcuts) {
    const hint = this.#keys[0]?.toUpperCase().replace("MOD+", APPLE ? "⌘" : "Ctrl ");
    const opener = make("button", "opener", { lang: tell.lang, "aria-keyshortcuts": shortcuts },
      icon(SEARCH), tell("search"), hint ? make("kbd", "hint", { "aria-hidden": "true" }, hint) : "");
    opener.onclick = () => {
      opener.focus(); // Safari doesn't
      this.open();
    };
    const cancel = make("button", "cancel", { type: "button" }, tell("cancel"));
    cancel.onclick = () => this.close();
    this.#field.append(cancel);
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
    this.#input.onfocus = this.#input.onclick = () => this.#screen || this.#want();
    this.#input.onkeydown = (event) => this.#key(event);
    this.#clear.onclick = () => this.#wipe();
    this.#form.onsubmit = (event) => this.#leave(event);
    // The mouse leaves the cursor where it is.
    this.#form.onmousedown = (event) => event.target === this.#input || event.preventDefault();
    this.#form.onkeydown = (event) => {
      if (event.key === "Escape" && event.target !== this.#input) this.#escape(event);
    };
    this.#form.addEventListener("focusout", (event) =>
      this.#dialog || this.#form.contains(event.relatedTarget) || this.close());
    this.#panel.onclick = (event) => {
      const within = (name) => event.target.closest(`.${name}`);
      const link = within("option") ?? within("all");
      const { words, without, pair } = link ?? within("chip") ?? {};
      if (within("forget")) this.#forget(words);
      else if (within("forget-all")) this.#forget();
      else if (within("retry")) this.#look(this.#input.value);
      else if (pair && !anew(event)) this.#choose(pair);
      else if (words && !anew(event)) this.#look(words, without);
      else return link && this.#leave(event, link.href);
      event.preventDefault();
    };
  }

  /** A box whose page is left stays open, for those who come back; one whose page stays, in spite of a link, does not. */
  #leave(event, href = "") {
    this.#recent?.add(this.#input.value.trim());
    this.#save();
    if (anew(event)) return;
    const [here, there] = [location.href, href].map((url) => url.split("#")[0]);
    setTimeout(() => (event.defaultPrevented || here === there) && this.close());
  }

  /** What the browser is to bring back. */
  #save() {
    const state = { text: this.#input.value, chosen: this.#chosen, open: this.#screen, scroll: this.#list?.scrollTop };
    this.#internals?.setFormValue(null, JSON.stringify(state));
  }

  #restore() {
    const { text, chosen, open, scroll } = this.#restored;
    this.#input.value = text;
    this.#chosen = chosen;
    this.#clear.disabled = !text;
    this.#scroll = scroll;
    if (open) this.open();
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

  /** For searches only. */
  async #load() {
    if (this.#loading) return;
    this.#loading = true;
    if (this.#dialog) this.#show("start");
    try {
      const parts = await Promise.all([
        import("./box/posts.js"), import("./box/start.js"), import("./box/list-style.js")]);
      this.#screens = Object.assign({}, ...parts);
      dress(this.#form.getRootNode(), this.#screens.LIST);
      const { Recent } = this.#screens;
      if (this.getAttribute("recent") !== "off") this.#recent = new Recent(new URL(this.#form.action).pathname);
      if (this.#wanted !== undefined) this.#want(this.#wanted);
    } catch {
      this.#loading = false;
      if (this.#wanted !== undefined) this.#showTrouble();
    }
  }

  #want(text = this.#input.value) {
    this.#wanted = text;
    if (!this.#screens) return this.#load();
    this.#begun = [];
    this.#announce("");
    const empty = (this.#empty = !text.trim() && !this.#chosen[0]);
    if (empty) this.#answers.want(this.#newestUrl, "");
    else {
      const more = [["per_page", this.getAttribute("per-page") || 6], ["suggest", 3], ["hl", this.#tell.lang],
        ["snippet_chars", this.#form.offsetWidth < 500 ? 80 : 150]];
      this.#answers.want(this.#address("hits", [["q", text], ...this.#given, ...this.#chosen, ...more]), text);
    }
    if (empty && this.#answers.busy) this.#showStart();
    this.#activate();
    this.#clear.disabled = !text && empty;
    this.#field.classList.toggle("busy", this.#answers.busy);
    this.#save();
  }

  /** Puts words into the box, without the filters that are named. */
  #look(words, without = []) {
    this.#chosen = this.#chosen.filter(([name]) => !without.includes(name));
    this.#input.focus();
    this.#want((this.#input.value = words));
  }

  #wipe() {
    this.#chosen = [];
    this.#look("");
  }

  /** Of a dialog that holds words or filters, Esc takes these before it closes it. */
  get #wipes() {
    return this.#dialog && (this.#input.value || this.#chosen[0]);
  }

  #choose([name, value]) {
    const others = this.#chosen.filter((pair) => pair[0] !== name || pair[1] !== value);
    this.#chosen = this.#chosen[others.length] ? others : [...others, [name, value]];
    this.#want();
  }

  #forget(words) {
    const next = this.#options[this.#options.indexOf(this.#active) + 1]?.href;
    if (words) this.#recent.remove(words);
    else this.#recent.words = [];
    this.#input.focus();
    this.#showStart();
    this.#activate(words && this.#options.find(({ href }) => href === next));
  }

  #hear(url, answer) {
    if (!answer) return this.#showTrouble();
    answer = this.#screens.conform(answer);
    if (url === this.#newestUrl) this.#newest = answer;
    else this.#found = answer;
    if (this.#empty) this.#showStart();
    else this.#showPosts(this.#found);
  }

  #showStart() {
    const leading = (...where) => this.#leading(...where);
    const screen = this.#screens.start(this.#recent?.words ?? [], this.#newest, this.#tell, leading);
    this.#show("start", { ...screen, all: this.#everything() });
  }

  #showPosts(answer) {
    const { busy } = this.#answers;
    // The page is to find the same.
    if (!busy && answer.parsed.includes("*")) this.#begun = [["prefix", 1]];
    const { hits, total } = answer;
    const [tell, given, chosen, none] = [this.#tell, this.#given, this.#chosen, !total];
    const leading = (...where) => this.#leading(...where);
    const screen = this.#screens.posts(answer, { tell, given, chosen, busy, leading });
    this.#show(none ? "none" : "posts", {
      ...screen,
      top: this.#screens.chips(answer, chosen, given, tell),
      groups: [...screen.groups, ["newest_posts", none ? this.#screens.newestPosts(this.#newest, tell) : []]],
      all: none ? this.#everything() : [tell(total > hits.length ? "all" : "as_page", total), this.#leading()],
    });
    if (none && !busy && !this.#newest) this.#answers.want(this.#newestUrl, "");
  }

  #showTrouble(advice) {
    const tell = this.#tell;
    const told = [tell(navigator.onLine ? "failed" : "offline"), this.#input.value && tell("kept")].filter(Boolean);
    const notes = [...told, advice ?? ""].map((text, n) => make(n ? "p" : "strong", "", {}, text));
    notes.push(make("button", "retry", { type: "button" }, tell("retry")));
    this.#show("trouble", { notes, all: this.#everything(), said: told.join(". ") });
    return (advice) => this.#screen === "trouble" && this.#showTrouble(advice);
  }

  #everything() {
    const total = this.#newest?.total;
    const pairs = [["q", ""], ...this.#given, ["sort", "newest"]];
    return [total ? this.#tell("everything", total) : this.#tell("posts"), this.#address("", pairs)];
  }

  /**
   * One of the screens: "" (closed), start, posts, none or trouble. `groups` are options below a heading, `all` is a text
   * with its address, and `said` is for screen readers. All is made anew, so that nothing moves.
   */
  #show(screen, { top, notes = [], groups = [], all, said = "" } = {}) {
    const tell = this.#tell;
    const chosen = this.#active?.href;
    const held = this.#form.getRootNode().activeElement;
    if (this.#panel.contains(held)) this.#input.focus();
    this.#activate();
    this.#screen = screen;
    this.#options = groups.flatMap(([, options]) => options);
    this.#options.forEach((each, number) => {
      each.id = `option-${number}`;
      const about = each.querySelector(".snippet");
      if (about) each.setAttribute("aria-describedby", (about.id = `about-${number}`));
    });
    this.#list = make("div", "list", { id: "list", role: "listbox", tabindex: "-1", "aria-label": tell("found") });
    for (const [name, options] of groups) {
      if (!name || !options[0]) this.#list.append(...options);
      else this.#list.append(make("div", `group ${name}`, { role: "group", "aria-label": tell(name) },
        make("div", "head", { "aria-hidden": "true" }, tell(name)), ...options));
    }
    const told = notes.filter(Boolean);
    const body = [top, told[0] && make("div", "note", {}, ...told), this.#options[0] && this.#list].filter(Boolean);
    this.#panel.replaceChildren(...body, ...(all ? [this.#footer(...all)] : []));
    this.#panel.className = body[0] || (screen && this.#dialog) ? `panel open ${screen}` : "panel";
    this.#field.classList.toggle("busy", this.#answers.busy);
    this.#input.setAttribute("aria-expanded", !!this.#options[0]);
    this.#announce(said);
    this.#place();
    this.#list.scrollTop = this.#scroll;
    if (this.#options[0] && !this.#answers.busy) this.#scroll = 0;
    this.#save();
    this.#activate(chosen && this.#options.find(({ href }) => href === chosen));
    if (held?.pair) [...this.#panel.querySelectorAll(".chip")].find(({ pair }) => `${pair}` === `${held.pair}`)?.focus();
  }

  #footer(text, href) {
    const hint = (name, ...keys) =>
      make("span", "", {}, ...keys.map((key) => make("kbd", "", {}, key)), ` ${this.#tell(name)}`);
    const hints = this.#screen === "trouble" ? [hint("again", "↵")] : [hint("move", "↑", "↓"), hint("open", "↵")];
    const keys = make("div", "keys", { "aria-hidden": "true" }, ...hints, hint(this.#wipes ? "empty" : "shut", "esc"));
    return make("div", "foot", {}, keys, make("a", "all", { href }, text));
  }

  /** Tells screen readers, once typing pauses. */
  #announce(text) {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => (this.#status.textContent = text), text && QUIET);
  }

  /** Keeps the list in sight. */
  #place() {
    const { left, right, top, bottom } = this.#field.getBoundingClientRect();
    const { offsetTop, height } = visualViewport;
    const { style, offsetWidth, classList } = this.#panel;
    const above = top - offsetTop;
    const below = height - bottom + offsetTop;
    const up = !this.#dialog && below < LOW && above > LOW;
    const most = document.documentElement.clientWidth - MARGIN - offsetWidth;
    const start = getComputedStyle(this.#field).direction === "rtl" ? right - offsetWidth : left;
    style.left = `${Math.max(MARGIN, Math.min(start, most)) - left}px`;
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
    const ring = [undefined, ...this.#options];
    if (key === "Enter" && anew(event)) {
      this.#leave(event);
      window.open(this.#active?.href || this.#leading(), "_blank", "noopener");
    } else if (key === "Enter" && this.#active) this.#active.click();
    else if (key === "Enter" && this.#screen === "trouble") this.#want();
    else if (key === "Delete" && this.#active?.matches(".recent")) this.#forget(this.#active.words);
    else if (key === "Escape") return this.#escape(event);
    else if (step && !anew(event)) {
      if (altKey && step < 0) this.close();
      else if (!this.#screen) this.#want();
      else if (!altKey) this.#activate(ring.at((ring.indexOf(this.#active) + step) % ring.length));
    } else {
      if (/Arrow|Home|End/.test(key)) this.#activate();
      return;
    }
    event.preventDefault();
  }

  #escape(event) {
    if (this.#wipes) this.#wipe();
    else if (this.#dialog || this.#panel.matches(".open") || this.#answers.busy) {
      this.#input.focus();
      this.close();
    } else if (this.#input.value) {
      this.#input.value = "";
      this.#clear.disabled = true;
      this.#chosen = [];
      this.#save();
    } else return;
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

/** The page behind a dialog stays where it is, and as wide as it is. */
function lock(on) {
  const { style, clientWidth } = document.documentElement;
  style.scrollbarGutter = on && innerWidth > clientWidth ? "stable" : "";
  style.overflow = on ? "hidden" : "";
}

function anew({ ctrlKey, metaKey, shiftKey }) {
  return ctrlKey || metaKey || shiftKey;
}

if (!customElements.get("post-search")) customElements.define("post-search", PostSearch);
