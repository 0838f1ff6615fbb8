/** Texts on which a regular expression may take far longer than it should, derived from the expression itself. */

/** A way through a part of an expression: the shortest text that fits it. */
interface Part {
  readonly fits: string;
  /** Where a part may repeat without end: what leads there, and texts that may be repeated. */
  readonly loops: readonly Loop[];
}

interface Loop {
  readonly lead: string;
  readonly pieces: readonly string[];
}

const MANY = 4;
/** Characters that expressions tell apart. */
const CHARACTERS = [
  ...Array.from(" a\n\tA0.<>\"'@-_/:,()[]{}#*|=&%$+;!?\\^~`\u00e9\u65e5\u00a0\u200b\u0301\r"),
  "\u{1F600}",
];
const OPENINGS = /^\((?:\?(?:<?[=!]|:|[ims-]+:|<[^>=!]*>))?/;
const QUANTIFIER = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/;
const ESCAPE =
  /^\\(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2}|[pP]\{[^}]*\}|k<[^>]*>|c[A-Z]|[\s\S])/i;
const CLASS = /^\[(?:[^\\\]]|\\[\s\S])*\]/;

/** Reads an expression from left to right, as far as it is about what repeats. */
class Walker {
  readonly #flags: string;
  /** The characters that each single place of the expression takes, also where it only looks ahead or behind. */
  readonly atoms: (readonly string[])[] = [];
  #rest: string;

  constructor({ source, flags }: RegExp) {
    this.#rest = source;
    this.#flags = flags.replaceAll(/[gydi]/g, "");
  }

  alternatives(): Part {
    const all = [this.#sequence()];
    while (this.#rest.startsWith("|")) {
      this.#rest = this.#rest.slice(1);
      all.push(this.#sequence());
    }
    const [first = { fits: "", loops: [] }] = all;
    return { fits: first.fits, loops: all.flatMap(({ loops }) => loops) };
  }

  #sequence(): Part {
    let fits = "";
    const loops: Loop[] = [];
    while (this.#rest !== "" && !/^[|)]/.test(this.#rest)) {
      const { pieces, part } = this.#atom();
      const { min, max } = this.#times();
      loops.push(...part.loops.map((loop) => ({ ...loop, lead: fits + loop.lead })));
      if (max > MANY) loops.push({ lead: fits, pieces });
      fits += part.fits.repeat(Math.min(min, MANY));
    }
    return { fits, loops };
  }

  #take(length: number): string {
    const taken = this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length);
    return taken;
  }

  #atom(): { readonly pieces: readonly string[]; readonly part: Part } {
    const opening = OPENINGS.exec(this.#rest)?.[0];
    if (opening !== undefined) return this.#group(opening);
    const atom =
      CLASS.exec(this.#rest)?.[0] ??
      ESCAPE.exec(this.#rest)?.[0] ??
      String.fromCodePoint(this.#rest.codePointAt(0) ?? 0);
    this.#take(atom.length);
    if (/^(?:\^|\$|\\[bB])$/.test(atom)) return { pieces: [], part: { fits: "", loops: [] } };
    const pieces = this.#charactersIn(atom);
    this.atoms.push(pieces);
    return { pieces, part: { fits: pieces[0] ?? "", loops: [] } };
  }

  #group(opening: string): { readonly pieces: readonly string[]; readonly part: Part } {
    this.#take(opening.length);
    const inner = this.alternatives();
    this.#take(1);
    const isLook = /^\(\?<?[=!]/.test(opening);
    const pieces = [
      inner.fits,
      ...inner.loops.flatMap(({ lead, pieces: all }) => [`${lead}${all[0] ?? ""}`]),
    ];
    return {
      pieces: isLook ? [] : pieces.filter((piece) => piece !== ""),
      part: isLook ? { ...inner, fits: "" } : inner,
    };
  }

  #times(): { readonly min: number; readonly max: number } {
    const [whole = "", from, comma, to] = QUANTIFIER.exec(this.#rest) ?? [];
    this.#take(whole.length);
    if (whole === "") return { min: 1, max: 1 };
    if (from === undefined)
      return { min: whole.startsWith("+") ? 1 : 0, max: whole.startsWith("?") ? 1 : Infinity };
    const most = comma === undefined ? Number(from) : to === "" ? Infinity : Number(to);
    return { min: Number(from), max: most };
  }

  #charactersIn(atom: string): readonly string[] {
    try {
      const one = new RegExp(`^(?:${atom})$`, this.#flags);
      const found = CHARACTERS.filter((character) => one.test(character));
      if (found.length > 0) return found;
      for (let code = 0; code < 0x3000; code += 1)
        if (one.test(String.fromCodePoint(code))) return [String.fromCodePoint(code)];
    } catch {
      // A name of a group alone is no expression.
    }
    return [];
  }
}

/** What ends a text so that an expression which has read all of it does not fit. */
const ENDS = ["", "\u0001\n", "½"];

/** Texts by their length, each by its own rule. */
export type Attack = (length: number) => string;

const repeated = (piece: string, length: number): string =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

/** Attacks on everything in the expression that repeats without end, alone and two at a time. */
export function attacksOn(pattern: RegExp): readonly Attack[] {
  const walker = new Walker(pattern);
  const { loops } = walker.alternatives();
  const readers = [...loops.map(({ pieces }) => pieces), ...walker.atoms];
  const attacks = new Map<string, Attack>();
  const add = (lead: string, piece: string, after: string): void => {
    for (const end of ENDS) {
      const parts = [lead, piece, after, end];
      attacks.set(JSON.stringify(parts), (length) => lead + repeated(piece, length) + after + end);
    }
  };
  for (const { lead, pieces } of loops)
    for (const piece of telling(pieces, readers)) {
      add(lead, piece, "");
      add("", lead + piece, "");
      if (lead !== "") add("", lead, "");
    }
  return [...attacks.values()];
}

/** Of characters that the same parts of the expression take, one. */
function telling(
  pieces: readonly string[],
  readers: readonly (readonly string[])[],
): readonly string[] {
  const kinds = new Map<string, string>();
  for (const piece of pieces) {
    const kind = readers.map((taken) => (taken.includes(piece) ? "1" : "0")).join("");
    if (!kinds.has(kind)) kinds.set(kind, piece);
  }
  return [...kinds.values()];
}
