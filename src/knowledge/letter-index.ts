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

/** Prepares passages; about twice as large as their texts. */
export function letterIndexOf(texts: readonly string[]): LetterIndex {
  const groups = groupReader();
  const passages = texts.map(groups);
  const holders = new Uint32Array(NUMBERS);
  for (const passage of passages)
    for (const group of passage) holders[group] = (holders[group] ?? 0) + 1;
  const squares = Float32Array.from(
    holders,
    (count) => Math.log(1 + (passages.length + 0.5) / (count + 0.5)) ** 2,
  );
  const lengthOf = (passage: Uint16Array): number => {
    let sum = 0;
    for (let at = 0; at < passage.length; at += 1) sum += squares[passage[at] ?? 0] ?? 0;
    return Math.sqrt(sum);
  };
  const lengths = Float32Array.from(passages, lengthOf);
  return {
    likeness(text) {
      const asked = groups(text);
      const own = new Float32Array(NUMBERS);
      for (const group of asked) own[group] = squares[group] ?? 0;
      const askedLength = lengthOf(asked);
      return (number) => {
        const passage = passages[number] ?? new Uint16Array();
        let common = 0;
        for (let at = 0; at < passage.length; at += 1) common += own[passage[at] ?? 0] ?? 0;
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
      const group = numberOf(letters, at);
      if (lastIn[group] === count) continue;
      lastIn[group] = count;
      groups.push(group);
    }
    return Uint16Array.from(groups);
  };
}

/** FNV-1a over the group's letters, folded into 16 bits. */
function numberOf(letters: string, at: number): number {
  let hash = 2_166_136_261;
  for (let next = at; next < at + LETTERS; next += 1)
    hash = Math.imul(hash ^ letters.charCodeAt(next), 16_777_619);
  return (hash ^ (hash >>> 16)) & (NUMBERS - 1);
}
