/** Finding a person whose badge does not scan: by name, pinyin, number, organisation. */

const $ = (id) => document.getElementById(id);

/** A field's text in pieces, what was typed among them as <mark>. */
function marked(person, field) {
  const letters = [...(person[field] ?? "")];
  const [start, end] = person.marks?.[field] ?? [0, 0];
  if (!end) return letters.length ? [letters.join("")] : [];
  const mark = document.createElement("mark");
  mark.textContent = letters.slice(start, end).join("");
  return [letters.slice(0, start).join(""), mark, letters.slice(end).join("")];
}

const between = (fields, sign) =>
  fields.filter((pieces) => pieces.length).flatMap((pieces, at) => (at ? [sign, ...pieces] : pieces));

function row(button) {
  const item = document.createElement("li");
  button.type = "button";
  item.append(button);
  return item;
}

export class Hand {
  /** `onPerson` gets the number of the chosen one, `onCode` a whole code that was typed into the field. */
  constructor({ call, text, names, isOnline, onPerson, onCode }) {
    Object.assign(this, { call, text, names, isOnline, onPerson, onCode });
    $("hand").addEventListener("click", () => this.open());
    $("hand-close").addEventListener("click", () => $("hand-dialog").close());
    $("hand-form").addEventListener("submit", (submit) => {
      submit.preventDefault();
      this.lookUp();
    });
  }

  open() {
    $("people").replaceChildren();
    $("hand-text").value = "";
    $("hand-dialog").showModal();
    $("hand-text").focus();
  }

  choice(person) {
    const button = document.createElement("button");
    const name = document.createElement("b");
    name.append(...between([marked(person, "name_native"), marked(person, "name")], " "));
    const rest = document.createElement("span");
    const phone = person.phone_tail ? [`…${person.phone_tail}`] : [];
    rest.append(...between([marked(person, "number"), marked(person, "organisation"), phone], " · "));
    button.append(name, rest);
    button.addEventListener("click", () => {
      $("hand-dialog").close();
      this.onPerson(person.number);
    });
    return row(button);
  }

  further(page) {
    const button = document.createElement("button");
    button.className = "scanner__more";
    button.textContent = this.text("more");
    button.addEventListener("click", () => this.lookUp(page));
    return row(button);
  }

  async lookUp(page = 1) {
    const line = $("hand-text").value.trim();
    if (line.length > 100) {
      $("hand-dialog").close();
      return void this.onCode(line);
    }
    if (!this.isOnline() && this.alone(line)) return;
    try {
      const { people, more } = await this.call(`people?q=${encodeURIComponent(line)}&page=${page}`);
      const next = more ? [this.further(page + 1)] : [];
      $("people").replaceChildren(...people.map((person) => this.choice(person)), ...next);
      if (page > 1) $("people").children[(page - 1) * 10]?.querySelector("button").focus();
      if (!people.length) $("people").textContent = this.text("nobody");
    } catch {
      if (!this.alone(line)) $("people").textContent = this.text("no_names");
    }
  }

  /** The names that this device holds for its gate; false when it holds none. As many letters are needed as for the server. */
  alone(line) {
    if (!this.names.isReady) return false;
    const isEnough = line.length > 1 || /[^\x00-\x7f]/.test(line);
    const { people, more } = isEnough ? this.names.find(line) : { people: [], more: false };
    const last = document.createElement("li");
    last.textContent = this.text(more ? "names_more" : people.length ? "names_here" : "nobody_here");
    $("people").replaceChildren(...people.map((person) => this.choice(person)), last);
    return true;
  }
}
