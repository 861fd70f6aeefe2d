/** A hand scanner types: this tells its codes from what people type, wherever the cursor is.
 *
 *  A code ends with Enter, Tab, a control character, or, when the scanner sends none, by its length. Keys are read twice:
 *  as the character that the system made of them, and by their place on the keyboard. The place is what the scanner sent,
 *  also when an input method swallows the characters. */

const GAP = 60; // ms between two keys of a scanner, generously; people need more
const PAUSE = 500; // ms without a key after which, with no text field at hand, something new has begun
const TORN = 5000; // ms within which what follows a pause may still be the rest of a code: radio, or a busy phone
const SHORTEST = 6; // characters of the shortest code: a registration number
const WHOLE = 128; // characters of a badge's code without an address before it
const SETTLED = 120; // ms without a key after which a code of full length is complete
const BURST = 12; // quick keys that tell a scanner from a person in a text field

const PLACES = {
  Minus: "-",
  Equal: "=",
  Slash: "/",
  Period: ".",
  Comma: ",",
  Semicolon: ";",
  Quote: "'",
  Space: " ",
  BracketLeft: "[",
  BracketRight: "]",
  Backslash: "\\",
  Backquote: "`",
};
const SHIFTED = { Semicolon: ":", Equal: "+", Digit4: "$", Digit5: "%", Digit8: "*", Slash: "?", Minus: "_" };

function placed(press) {
  if (press.shiftKey && SHIFTED[press.code]) return SHIFTED[press.code];
  if (/^Key[A-Z]$/.test(press.code)) return press.code[3];
  if (/^(Digit|Numpad)\d$/.test(press.code)) return press.code.at(-1);
  return PLACES[press.code] || "";
}

/** The end of a code: Enter, Tab, or a control character, which arrives as Ctrl with a letter. */
function ends(press) {
  return (
    press.key === "Enter" ||
    press.key === "Tab" ||
    press.code === "Enter" ||
    press.code === "NumpadEnter" ||
    (press.ctrlKey && /^Key[A-Z]$/.test(press.code)) ||
    /^[\x00-\x1f\x7f]$/.test(press.key)
  );
}

export class Keys {
  /** `onCode` gets each code. `field()` is the text field that has the cursor, or nothing. */
  constructor({ onCode, field }) {
    this.onCode = onCode;
    this.field = field;
    this.reset();
    addEventListener("keydown", (press) => this.press(press), true);
  }

  reset() {
    Object.assign(this, { typed: "", places: "", swallowed: false, quick: 0, last: -1e9, before: null, torn: null });
    clearTimeout(this.settling);
  }

  /** After a pause: something new, or the rest of a code of which the first part is kept. In a text field only a burst is
   *  part of a code; `before` is what the field held before it. */
  begin(gap, field) {
    const first = this.torn || { typed: "", places: "", before: this.before };
    const kept = gap < TORN && (!field || this.torn || this.quick >= BURST);
    const torn = kept && { ...first, typed: first.typed + this.typed, places: first.places + this.places };
    this.reset();
    this.torn = torn || null;
  }

  press(press) {
    if (press.metaKey || press.altKey || ["Shift", "CapsLock", "Control", "AltGraph"].includes(press.key)) return;
    const gap = press.timeStamp - this.last;
    const field = this.field();
    if (gap > (field ? GAP : PAUSE)) this.begin(gap, field);
    if (ends(press)) return void this.end(press, field);
    if (press.ctrlKey) return;
    if (!this.typed && !this.places) this.before = field ? field.value : null;
    this.swallowed ||= press.isComposing || press.key === "Process" || press.keyCode === 229;
    if (press.key.length === 1) this.typed += press.key;
    else if (!this.swallowed && press.key !== "Dead") return;
    this.places += placed(press);
    this.quick += gap <= GAP ? 1 : 0;
    this.last = press.timeStamp;
    clearTimeout(this.settling);
    if (this.whole()) this.settling = setTimeout(() => this.give(this.field()), SETTLED);
  }

  length() {
    return Math.max(this.typed.length, this.places.length);
  }

  /** Whether there is a whole code, also one that came in parts. */
  whole() {
    const torn = this.torn ? Math.max(this.torn.typed.length, this.torn.places.length) : 0;
    return torn + this.length() >= WHOLE;
  }

  /** In a text field only a burst is a scanner's: a person's Enter looks a name up. */
  end(press, field) {
    if (!this.whole() && (this.length() < SHORTEST || (field && this.quick < BURST))) return this.reset();
    press.preventDefault();
    press.stopPropagation();
    return this.give(field);
  }

  give(field) {
    const read = this.swallowed ? "places" : "typed";
    const torn = this.length() < WHOLE && this.torn ? this.torn[read] + this[read] : "";
    const parts = torn.length >= WHOLE;
    const code = (parts ? torn : this[read]).trim();
    const before = parts ? this.torn.before : this.before;
    if (field && before !== null) field.value = before;
    this.reset();
    this.onCode(code);
  }
}
