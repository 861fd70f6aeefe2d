/** Looking people up by name on this device: as registrations/finding.py does, tried with the same cases (tests/registrations/names.py).
 *
 *  The keys of a person come from the server; what is typed is folded here by the same rules (core/search_keys.py). */

const LONGEST = 60; // characters of a key
const WORDS = 6;
const HAN = "[\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}]";
const PART = new RegExp(`${HAN}+|[\\p{L}\\p{N}]+`, "gu");
const NO_SIGN = /[^\p{L}\p{N}]/gu;
const DIGIT = /\p{Nd}/u;

const cut = (text) => [...text].slice(0, LONGEST).join("");

/** `letters`: character → what stands for it, as the server told. */
export class Folding {
  constructor(letters) {
    this.letters = letters;
  }

  plain(text) {
    return [...text].map((letter) => this.letters[letter] ?? letter).join("");
  }

  /** Lower case, simplified, without accents, apostrophes and invisible marks, single spaces. */
  fold(text) {
    const decomposed = this.plain(this.plain(text).normalize("NFKD"));
    const shown = decomposed.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ").replace(/[\p{Cf}\p{Mn}\p{Me}\p{Cs}\p{Co}]/gu, "");
    return shown.toLowerCase().replace(/ς/g, "σ").replace(/ß/g, "ss").split(/\s+/u).filter(Boolean).join(" ");
  }

  squash(text) {
    return this.fold(text).replace(NO_SIGN, "");
  }

  /** The words of a part between two spaces; a number is one word, whatever its signs. */
  words(part) {
    if (DIGIT.test(part)) return [this.squash(part)];
    return this.fold(part).replaceAll(".", " ").match(PART) || [];
  }

  /** What to look for: the whole text as one, then its words when there are several. */
  keys(typed) {
    const whole = cut(this.squash(typed));
    if (!whole) return [];
    const parts = typed.split(/[\s\u001c-\u001f\u0085]+/u).filter(Boolean);
    const words = parts
      .flatMap((part) => this.words(part))
      .map(cut)
      .slice(0, WORDS);
    return words.length > 1 ? [whole, ...words] : [whole];
  }
}

const isNumber = (word) => /^\p{Nd}+$/u.test(word);

/** Longest first, as it is the rarest; numbers last. */
function rarestFirst(words) {
  return [...new Set(words)].sort((a, b) => isNumber(a) - isNumber(b) || [...b].length - [...a].length);
}

/** Part and key of the first of a person's keys that begins with a word; null when none does. */
function begun(person, word) {
  for (let part = 0; part < person.keys.length; part += 1) {
    let best = null;
    for (const key of person.keys[part]) if (key.startsWith(word) && (best === null || key < best)) best = key;
    if (best !== null) return { part, key: best };
  }
  return null;
}

const holds = (person, word) => person.keys.some((part) => part.some((key) => key.startsWith(word)));

const order = (a, b) => a.part - b.part || (a.key < b.key ? -1 : Number(a.key > b.key)) || a.person.id - b.person.id;

/** People for whom the first word begins a key and each other word one too, best first. */
function matching(people, [first, ...others]) {
  const found = [];
  for (const person of people) {
    const by = begun(person, first);
    if (by && others.every((word) => holds(person, word))) found.push({ person, ...by });
  }
  return found.sort(order).map(({ person }) => person);
}

/** At most so many people, best first, and whether there are more. A person has `id` and three lists of `keys`: beginnings of
 *  names, places inside of names, other texts. */
export function find(people, typed, folding, most) {
  const [whole, ...words] = folding.keys(typed);
  if (!whole) return { people: [], more: false };
  const found = new Set();
  for (const asked of [[whole], words.length ? rarestFirst(words) : null]) {
    if (!asked || found.size > most) continue;
    for (const person of matching(people, asked)) found.add(person);
  }
  const all = [...found];
  return { people: all.slice(0, most), more: all.length > most };
}
