import fc from "fast-check";

const SURROGATES_FIRST = 0xd800;
const SURROGATES = 0x800;
const LAST = 0x10ffff;

/**
 * Any character Unicode has room for, for the `unit` of fc.string. fast-check's own "binary" is the same characters, and
 * takes a second of processor time in every process to make a table of them.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat(LAST - SURROGATES)
  .map(characterAt, placeOf);

function characterAt(place: number): string {
  return String.fromCodePoint(place < SURROGATES_FIRST ? place : place + SURROGATES);
}

/** The way back, by which fast-check tells what it may shrink. */
function placeOf(character: unknown): number {
  const code = typeof character === "string" ? (character.codePointAt(0) ?? SURROGATES_FIRST) : -1;
  if (code < 0 || character !== String.fromCodePoint(code)) throw new Error("not one character");
  if (code < SURROGATES_FIRST) return code;
  if (code < SURROGATES_FIRST + SURROGATES) throw new Error("half a character");
  return code - SURROGATES;
}
