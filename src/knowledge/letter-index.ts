/** Letters in common: finds other forms of a word, its compounds, and words that full-text search leaves out. */

/** The passages' groups of four letters, prepared for questions. */
export interface LetterIndex {
  /** How much the letters of a text are like those of the numbered passage: a cosine, 0 to 1. */
  likeness(text: string): (number: number) => number;
}

/** Letters in a group. Three are too common; five find the same and take more. */
const LETTERS = 4;

/** Groups are kept as numbers below this: one in a hundred shares its number with another of the same passage. */
const NUMBERS = 65_536;

/** Takes passages as they are loaded, so that their texts need not be in memory a second time. */
export interface LetterIndexBuilder {
  add(text: string): void;
  /** The index of all that were added, numbered in their order; nothing is added after this. */
  built(): LetterIndex;
}

/** Prepares passages; about twice as large as their texts. */
export function letterIndexBuilder(): LetterIndexBuilder {
  const groups = groupReader();
  const passages: Uint16Array[] = [];
  const holders = new Uint32Array(NUMBERS);
  return {
    add(text) {
      const passage = groups(text);
      passages.push(passage);
      for (const group of passage) holders[group] = (holders[group] ?? 0) + 1;
    },
    built: () => comparing(sideBySide(passages), holders, groups),
  };
}

/** The groups of all passages in one list: one of its own for each took more than the groups themselves. */
interface Groups {
  readonly all: Uint16Array;
  /** Where each passage's groups begin, and at last where all end. */
  readonly starts: Uint32Array;
}

function sideBySide(passages: Uint16Array[]): Groups {
  const starts = new Uint32Array(passages.length + 1);
  for (const [number, { length }] of passages.entries())
    starts[number + 1] = (starts[number] ?? 0) + length;
  const all = new Uint16Array(starts.at(-1) ?? 0);
  for (const [number, passage] of passages.entries()) all.set(passage, starts[number] ?? 0);
  passages.splice(0);
  return { all, starts };
}

function comparing(
  { all, starts }: Groups,
  holders: Uint32Array,
  groups: (text: string) => Uint16Array,
): LetterIndex {
  const count = starts.length - 1;
  const squares = Float32Array.from(
    holders,
    (held) => Math.log(1 + (count + 0.5) / (held + 0.5)) ** 2,
  );
  const weightedLength = (of: Uint16Array, from: number, to: number): number => {
    let sum = 0;
    for (let at = from; at < to; at += 1) sum += squares[of[at] ?? 0] ?? 0;
    return Math.sqrt(sum);
  };
  const lengths = new Float32Array(count).map((_, number) =>
    weightedLength(all, starts[number] ?? 0, starts[number + 1] ?? 0),
  );
  return {
    likeness(text) {
      const asked = groups(text);
      const own = new Float32Array(NUMBERS);
      for (const group of asked) own[group] = squares[group] ?? 0;
      const askedLength = weightedLength(asked, 0, asked.length);
      return (number) => {
        const end = starts[number + 1] ?? 0;
        let common = 0;
        for (let at = starts[number] ?? 0; at < end; at += 1) common += own[all[at] ?? 0] ?? 0;
        const both = (lengths[number] ?? 0) * askedLength;
        return both === 0 ? 0 : Math.min(1, common / both);
      };
    },
  };
}

/** Reads the different groups of a text, words being parted by one space. */
function groupReader(): (text: string) => Uint16Array {
  // Which text had a group last: one list for all texts, since a set for each would take longer than the rest.
  const lastIn = new Uint32Array(NUMBERS);
  let count = 0;
  return (text) => {
    count += 1;
    const letters = ` ${text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, " ")
      .trim()} `;
    const groups: number[] = [];
    for (let at = 0; at + LETTERS <= letters.length; at += 1) {
      const group = groupNumber(letters, at);
      if (lastIn[group] === count) continue;
      lastIn[group] = count;
      groups.push(group);
    }
    return Uint16Array.from(groups);
  };
}

/** FNV-1a over the group's letters, folded into 16 bits. */
function groupNumber(letters: string, at: number): number {
  let hash = 2_166_136_261;
  for (let next = at; next < at + LETTERS; next += 1)
    hash = Math.imul(hash ^ letters.charCodeAt(next), 16_777_619);
  return (hash ^ (hash >>> 16)) & (NUMBERS - 1);
}
