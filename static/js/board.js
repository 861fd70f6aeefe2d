/** The day of a programme by rooms: drag a session, or move it with the arrow keys. Without script it stays a list. */

const STEP = 5; // minutes of a row
const LARGE = 15;
const PAUSE = 600; // ms after the last key before it is saved
const board = document.querySelector("[data-board]");
const wide = window.matchMedia("(min-width: 56rem)");

const two = (number) => String(number).padStart(2, "0");

function clock(minutes) {
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

class Card {
  constructor(element, rooms) {
    this.element = element;
    this.link = element.querySelector("a");
    this.rooms = rooms;
    this.read(Number(element.dataset.start), element.dataset.room);
    this.length = Number(element.dataset.length);
    this.version = element.dataset.version;
    this.saving = false;
    this.timer = 0;
  }

  read(start, room) {
    this.start = start;
    this.room = room;
    this.saved = { start, room };
  }

  get movable() {
    return Boolean(this.element.dataset.move);
  }

  get column() {
    return Math.max(0, this.rooms.indexOf(this.room));
  }

  get end() {
    return Math.min(24 * 60, this.start + this.length);
  }

  get moved() {
    return this.start !== this.saved.start || this.room !== this.saved.room;
  }

  put(start, column) {
    this.start = Math.min(24 * 60 - STEP, Math.max(0, start));
    this.room = this.rooms[Math.min(this.rooms.length - 1, Math.max(0, column))];
  }
}

class Board {
  constructor(element) {
    this.element = element;
    this.list = element.querySelector("ol");
    this.heads = element.querySelector("[data-board-rooms]");
    this.said = document.querySelector("[data-board-said]");
    const none = document.createElement("li");
    none.dataset.room = "";
    none.textContent = element.dataset.none;
    this.heads.append(none);
    this.names = new Map([...this.heads.children].map((head) => [head.dataset.room, head.textContent.trim()]));
    const rooms = [...this.names.keys()];
    this.cards = [...element.querySelectorAll("[data-card]")].map((card) => new Card(card, rooms));
    this.begin = Number(element.dataset.begin);
    this.end = Number(element.dataset.end);
    element.style.setProperty("--rooms", rooms.length);
    for (const card of this.cards) this.listen(card);
    wide.addEventListener("change", () => this.show());
    this.show();
  }

  /** A grid where there is room for it, else the list as the server wrote it. */
  show() {
    this.element.classList.toggle("board--grid", wide.matches);
    this.heads.hidden = !wide.matches;
    document.querySelector("[data-board-help]").hidden = !wide.matches;
    this.place();
  }

  /** Put every card in its row and column; those at the same time in one room stand beside each other. */
  place() {
    this.begin = Math.min(this.begin, ...this.cards.map((card) => Math.floor(card.start / 60) * 60));
    this.end = Math.max(this.end, ...this.cards.map((card) => Math.ceil(card.end / 60) * 60));
    this.hours();
    for (const card of this.cards) {
      const beside = this.cards.filter(
        (other) => other.room === card.room && other.start < card.end && other.end > card.start,
      );
      const style = card.element.style;
      style.gridColumn = String(card.column + 2);
      style.gridRow = `${(card.start - this.begin) / STEP + 1} / ${Math.ceil((card.end - this.begin) / STEP) + 1}`;
      style.setProperty("--at", beside.indexOf(card));
      style.setProperty("--of", beside.length);
    }
  }

  hours() {
    for (const old of this.list.querySelectorAll(".board__hour")) old.remove();
    this.element.style.setProperty("--rows", (this.end - this.begin) / STEP);
    for (let minute = this.begin; minute < this.end; minute += 60) {
      const hour = document.createElement("li");
      hour.className = "board__hour num";
      hour.ariaHidden = "true";
      hour.textContent = clock(minute);
      hour.style.gridRow = `${(minute - this.begin) / STEP + 1} / span ${60 / STEP}`;
      this.list.append(hour);
    }
  }

  listen(card) {
    card.link.setAttribute("aria-describedby", "board-help");
    card.link.draggable = false;
    if (!card.movable) return;
    card.link.addEventListener("keydown", (event) => this.press(card, event));
    card.link.addEventListener("blur", () => this.save(card));
    card.element.addEventListener("pointerdown", (event) => this.grab(card, event));
  }

  press(card, event) {
    if (!wide.matches || event.altKey || event.ctrlKey || event.metaKey) return;
    const by = event.shiftKey ? LARGE : STEP;
    const [minutes, columns] = { ArrowUp: [-by, 0], ArrowDown: [by, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[
      event.key
    ] ?? [0, 0];
    if (!minutes && !columns) return;
    event.preventDefault();
    card.put(card.start + minutes, card.column + columns);
    this.place();
    this.say(`${clock(card.start)}–${clock(card.end % (24 * 60))}, ${this.names.get(card.room)}`);
    clearTimeout(card.timer);
    card.timer = setTimeout(() => this.save(card), PAUSE);
  }

  grab(card, down) {
    if (!wide.matches || down.button !== 0 || down.pointerType === "touch") return;
    const row = this.list.getBoundingClientRect().height / ((this.end - this.begin) / STEP);
    const from = { start: card.start, column: card.column };
    const columns = [...this.heads.children].map((head) => head.getBoundingClientRect());
    const width = columns[0].width;
    const away = new AbortController();
    let dragged = false;
    const move = (event) => {
      const [x, y] = [event.clientX - down.clientX, event.clientY - down.clientY];
      if (!dragged && Math.hypot(x, y) < 5) return;
      dragged = true;
      card.element.classList.add("board__card--dragged");
      card.put(from.start + Math.round(y / row) * STEP, from.column + Math.round(x / width));
      this.place();
    };
    const drop = () => {
      away.abort();
      card.element.classList.remove("board__card--dragged");
      if (!dragged) return;
      card.element.addEventListener("click", (event) => event.preventDefault(), { once: true, capture: true });
      setTimeout(() => this.save(card));
    };
    const given = { signal: away.signal };
    window.addEventListener("pointermove", move, given);
    window.addEventListener("pointerup", drop, given);
    window.addEventListener("pointercancel", drop, given);
  }

  /** Send where the card is now; one request at a time for each card. */
  async save(card) {
    clearTimeout(card.timer);
    if (card.saving || !card.moved) return;
    card.saving = true;
    const body = new FormData();
    body.set("_csrf_token", document.querySelector("[name=_csrf_token]").value);
    body.set("starts_at", `${this.element.dataset.day}T${clock(card.start)}`);
    body.set("room", card.room);
    body.set("_version", card.version);
    const sent = { start: card.start, room: card.room };
    try {
      const answer = await fetch(card.element.dataset.move, { method: "POST", body });
      this.take(card, await answer.json(), sent);
    } catch {
      card.read(card.saved.start, card.saved.room);
      this.place();
      this.say(this.element.dataset.failed);
    }
    card.saving = false;
    if (card.moved) await this.save(card);
  }

  /** The server's answer: where the session is, which may be where somebody else has put it. */
  take(card, told, sent) {
    const further = card.start !== sent.start || card.room !== sent.room;
    card.version = told.version;
    if (further) card.saved = { start: told.start, room: told.room };
    else card.read(told.start, told.room);
    const part = (name) => card.element.querySelector(`[data-card-${name}]`);
    part("time").textContent = told.time;
    part("room").textContent = this.names.get(told.room) ?? told.room;
    part("state").innerHTML = told.state;
    part("doubts").replaceChildren(
      ...told.doubts.map((text) => Object.assign(document.createElement("span"), { textContent: `△ ${text}` })),
    );
    card.element.classList.toggle("board__card--doubt", told.doubts.length > 0);
    document.querySelector("[data-board-doubts]").innerHTML = told.all;
    const release = document.querySelector("[data-board-release]");
    release.textContent = told.release;
    release.hidden = !told.changes;
    this.place();
    this.say(told.said);
  }

  say(text) {
    this.said.textContent = text;
  }
}

if (board) new Board(board);
