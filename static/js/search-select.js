/**
 * A <select> becomes a picker that one types in: both languages, pinyin and its initials (each option's data-search).
 * The select stays in the form and keeps the value, so nothing changes for the server.
 */

const SHOWN = 80;
let count = 0;

const APART = { ł: "l", ø: "o", đ: "d", ð: "d", ı: "i", æ: "ae", œ: "oe", þ: "th", ß: "ss", ə: "e" };
/** As the server folds what may be found: core/search_keys.py. */
const plain = (text) =>
  text
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}'’‘`´ʻʼ]/gu, "")
    .replace(/(?<=(?:^|[^\p{L}\p{N}])\p{L})\./gu, "") // U.S.A.
    .replace(/[·•‧・･∙]/gu, " ")
    .toLowerCase()
    .replace(/[łøđðıæœþßə]/gu, (letter) => APART[letter])
    .replace(/\s+/gu, " ")
    .trim();

function make(tag, attributes, text = "") {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

/** How well an entry fits: its name, an alias, the beginning of a name, of an alias, of a word in either, anything. */
function rank(entry, whole, words) {
  if (entry.names.includes(whole)) return 0;
  if (entry.aliases.includes(whole)) return 1;
  if (entry.names.some((name) => name.startsWith(whole))) return 2;
  if (entry.aliases.some((name) => name.startsWith(whole))) return 3;
  if (words.every((word) => entry.starts.some((start) => start.startsWith(word)))) return 4;
  return words.every((word) => entry.keys.includes(word)) ? 5 : 6;
}

/** Letters of an entry's longest name that stands within the text: two Han characters, or words of four letters, at least. */
function within(entry, whole, words) {
  const fits = (name) =>
    /\p{Script=Han}/u.test(name)
      ? name.length > 1 && whole.includes(name)
      : name.length > 3 && words.includes(` ${name} `);
  return Math.max(0, ...[...entry.names, ...entry.aliases].filter(fits).map((name) => name.length));
}

/** Entries whose name stands within a longer one than we know: 日本国, 阿拉伯埃及共和国, the Kingdom of Spain. */
function named(entries, whole) {
  const words = ` ${whole.split(/[^\p{L}\p{N}]+/u).join(" ")} `;
  const sizes = entries.map((entry) => within(entry, whole, words));
  const longest = Math.max(1, ...sizes);
  return entries.filter((_, at) => sizes[at] === longest);
}

/** Options that fit what is typed, the best first, of equal ones the more common. */
export function find(entries, query) {
  const whole = plain(query);
  if (!whole) return entries;
  const words = whole.split(" ");
  const found = entries
    .map((entry, at) => ({ entry, at, rank: rank(entry, whole, words) }))
    .filter((fit) => fit.rank < 6)
    .sort((a, b) => a.rank - b.rank || a.entry.common - b.entry.common || a.at - b.at);
  return found.length ? found.map((fit) => fit.entry) : named(entries, whole);
}

export function read(options) {
  return [...options]
    .filter((option) => option.value !== "" && !option.disabled)
    .map((option) => {
      const [text, common] = (option.dataset.search ?? "").split("#");
      const [own, others] = text.split("||");
      const [names, aliases] = [own, others].map((part) => (part ?? "").split("|").map(plain).filter(Boolean));
      names.unshift(plain(option.text));
      const keys = [...names, ...aliases].join(" ");
      return { option, names, aliases, keys, starts: keys.split(/[^\p{L}\p{N}]+/u), common: Number(common ?? 9999) };
    });
}

/** Traditional characters as the simplified ones: `pairs` holds each before its own, those that this picker has. */
const simplify = (text, pairs) =>
  text.replace(/\p{Script=Han}/gu, (sign) => {
    const at = pairs.indexOf(sign);
    return at >= 0 && at % 2 === 0 ? pairs[at + 1] : sign;
  });

class Picker {
  constructor(select) {
    this.select = select;
    this.entries = read(select.options);
    this.pairs = [...(select.dataset.simplified ?? "")];
    this.active = -1;
    this.found = [];
    this.build(`picker-${++count}`);
    this.listen();
    this.settle();
    this.showChips();
  }

  build(id) {
    const { select } = this;
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    this.input = make("input", {
      class: "input input--select",
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      "aria-expanded": "false",
      "aria-controls": `${id}-list`,
      "aria-autocomplete": "list",
      placeholder: select.dataset.placeholder ?? "",
    });
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
    }
    this.input.disabled = select.disabled;
    this.input.id = select.id;
    select.id = `${select.id}-value`;
    this.list = make("ul", { class: "picker__list", role: "listbox", id: `${id}-list`, hidden: "" });
    if (label) {
      label.id ||= `${id}-label`;
      this.list.setAttribute("aria-labelledby", label.id);
    } else {
      const name = select.getAttribute("aria-label") ?? "";
      this.input.setAttribute("aria-label", name);
      this.list.setAttribute("aria-label", name);
    }
    if (select.multiple) this.list.setAttribute("aria-multiselectable", "true");
    this.none = make(
      "p",
      { class: "picker__list picker__none", role: "status", hidden: "" },
      select.dataset.none ?? "",
    );
    this.chips = make("ul", { class: "picker__chips", ...(label ? { "aria-labelledby": label.id } : {}) });
    const box = make("div", { class: "picker" });
    select.before(box);
    box.append(...(select.multiple ? [this.chips] : []), this.input, this.list, this.none, select);
    select.hidden = true;
    select.tabIndex = -1;
    select.dataset.ready = "";
  }

  listen() {
    this.input.addEventListener("input", () => this.open(this.input.value));
    this.input.addEventListener("click", () => (this.list.hidden ? this.open("") : undefined));
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("blur", () => this.leave());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("[role=option]");
      if (item) this.choose(Number(item.dataset.at));
    });
    this.chips.addEventListener("click", (event) => {
      const value = event.target.closest("button")?.value;
      if (value === undefined) return;
      this.entries.find((entry) => entry.option.value === value).option.selected = false;
      this.changed();
      this.input.focus();
    });
    this.select.form?.addEventListener("reset", () => setTimeout(() => this.changed()));
  }

  open(query) {
    this.found = find(this.entries, simplify(query, this.pairs)).slice(0, SHOWN);
    this.list.replaceChildren(
      ...this.found.map((entry, at) =>
        make(
          "li",
          {
            role: "option",
            id: `${this.list.id}-${at}`,
            "data-at": at,
            "aria-selected": String(entry.option.selected),
          },
          entry.option.text,
        ),
      ),
    );
    this.list.hidden = this.found.length === 0;
    this.none.hidden = this.found.length > 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    const chosen = this.found.findIndex((entry) => entry.option.selected);
    this.point(query ? 0 : this.select.multiple ? -1 : chosen);
  }

  close() {
    this.list.hidden = this.none.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.active = -1;
  }

  point(at) {
    this.list.children[this.active]?.classList.remove("is-active");
    this.active = this.found.length ? at : -1;
    const item = this.list.children[this.active];
    if (!item) return this.input.removeAttribute("aria-activedescendant");
    item.classList.add("is-active");
    item.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", item.id);
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return; // Enter that ends pinyin chooses no field
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) this.open("");
      else this.point(Math.min(Math.max(this.active + step, 0), this.found.length - 1));
    } else if (event.key === "Enter" && !this.list.hidden) {
      event.preventDefault();
      if (this.active >= 0) this.choose(this.active);
    } else if (event.key === "Escape" && !(this.list.hidden && this.none.hidden)) {
      event.stopPropagation();
      this.settle();
      this.close();
    } else if (event.key === "Backspace" && this.select.multiple && !this.input.value) {
      const last = [...this.select.selectedOptions].at(-1);
      if (last) last.selected = false;
      this.changed();
    }
  }

  choose(at) {
    const { option } = this.found[at];
    option.selected = this.select.multiple ? !option.selected : true;
    if (this.select.multiple) this.input.value = "";
    this.changed();
    this.close();
  }

  /** What was typed and not chosen is not kept; an emptied box means no choice. */
  leave() {
    if (
      !this.select.multiple &&
      !this.input.value.trim() &&
      this.select.value &&
      this.select.querySelector('option[value=""]')
    ) {
      this.select.value = "";
      this.changed();
    }
    this.settle();
    this.close();
  }

  changed() {
    this.settle();
    this.showChips();
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** The box shows what is chosen, whatever was typed. */
  settle() {
    const option = this.select.multiple ? null : this.select.selectedOptions[0];
    this.input.value = option && option.value !== "" ? option.text : "";
  }

  showChips() {
    if (!this.select.multiple) return;
    this.chips.replaceChildren(
      ...[...this.select.selectedOptions].map((option) => {
        const item = make("li", {});
        const button = make(
          "button",
          {
            class: "chip",
            type: "button",
            value: option.value,
            "aria-label": `${this.select.dataset.remove ?? ""} ${option.text}`,
          },
          `${option.text} ✕`,
        );
        item.append(button);
        return item;
      }),
    );
  }
}

export function enhance(select) {
  if (select.dataset.ready === undefined) new Picker(select);
}
