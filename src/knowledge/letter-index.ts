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
  const passages = texts.map(groupsOf);
  const holders = new Uint32Array(NUMBERS);
  for (const groups of passages)
    for (const group of groups) holders[group] = (holders[group] ?? 0) + 1;
  const squares = Float32Array.from(
    holders,
    (count) => Math.log(1 + (passages.length + 0.5) / (count + 0.5)) ** 2,
  );
  const lengthOf = (groups: Uint16Array): number => {
    let sum = 0;
    for (const group of groups) sum += squares[group] ?? 0;
    return Math.sqrt(sum);
  };
  return {
    likeness(text) {
      const asked = groupsOf(text);
      const own = new Uint8Array(NUMBERS);
      for (const group of asked) own[group] = 1;
      const askedLength = lengthOf(asked);
      return (number) => {
        const groups = passages[number] ?? new Uint16Array();
        let common = 0;
        for (const group of groups) if (own[group] === 1) common += squares[group] ?? 0;
        const both = lengthOf(groups) * askedLength;
        return both === 0 ? 0 : Math.min(1, common / both);
      };
    },
  };
}

/** The different groups of a text, words being parted by one space. */
function groupsOf(text: string): Uint16Array {
  const letters = ` ${text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim()} `;
  const groups = new Set<number>();
  for (let at = 0; at + LETTERS <= letters.length; at += 1) groups.add(numberOf(letters, at));
  return Uint16Array.from(groups);
}

/** FNV-1a over the group's letters, folded into 16 bits. */
function numberOf(letters: string, at: number): number {
  let hash = 2_166_136_261;
  for (let next = at; next < at + LETTERS; next += 1)
    hash = Math.imul(hash ^ letters.charCodeAt(next), 16_777_619);
  return (hash ^ (hash >>> 16)) & (NUMBERS - 1);
}
