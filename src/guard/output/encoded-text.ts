/** Decodes base64 and hexadecimal runs in a text. */

const BASE64 = /[A-Za-z0-9+/_-]{16,}/g;
const HEX = /[0-9a-f]{24,}/g;

/** What the runs of a text decode to. */
export interface DecodedRuns {
  readonly base64: readonly Buffer[];
  readonly hex: readonly Buffer[];
}

/** Reports whether a text holds something secret; `runs` are its decoded runs, for callers that have them. */
export type Finder = (text: string, runs?: DecodedRuns) => boolean;

/** One finder of several, which decodes a text once for all of them. */
export function anyFinder(...finders: readonly Finder[]): (text: string) => boolean {
  return (text) => {
    const runs = decodedRuns(text);
    return finders.some((holds) => holds(text, runs));
  };
}

/**
 * What runs of letters and digits decode to, ignoring white space. Encoded text may begin anywhere in a run, so every
 * alignment is tried.
 */
export function decodedRuns(text: string): DecodedRuns {
  const joined = text.replaceAll(/\s+/g, "");
  const packed = text.toLowerCase().replaceAll(/[^0-9a-z]+/g, "");
  return {
    base64: (joined.match(BASE64) ?? []).flatMap((run) =>
      [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), "base64")),
    ),
    hex: (packed.match(HEX) ?? []).flatMap((run) =>
      [0, 1].map((skip) => Buffer.from(run.slice(skip), "hex")),
    ),
  };
}
