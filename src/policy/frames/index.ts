/** The words around answers by language: the built-in ones, and those an operator has added. */

import { BUILT_IN } from "./words.ts";
import { type LanguageEntry, type LanguageFrame, familiarly, frameOf } from "./frame.ts";

/** The languages of one policy. */
export interface Frames {
  /** All of them, for finding greetings, closings and automatic lines. */
  readonly all: readonly LanguageFrame[];
  /** Their codes. */
  readonly codes: readonly string[];
  /**
   * The code of the language that a customer of this language is answered in, and its frame: English where theirs is
   * not among them; with the familiar sentences where customers are addressed so. Null where the file's own words are meant: in their language, or when it is not known.
   */
  forCustomer(
    language: string | null,
    address?: "formal" | "familiar",
  ): { readonly code: string; readonly frame: LanguageFrame } | null;
}

/** The built-in languages with the operator's, whose words count before ours. `own` is the language of the file. */
export function framesOf(added: Readonly<Record<string, LanguageEntry>>, own: string): Frames {
  const known = new Map<string, LanguageFrame>([
    ...Object.entries(BUILT_IN),
    ...Object.entries(added).map(([code, entry]) => [code, frameOf(entry)] as const),
  ]);
  const ownCode = baseOf(own);
  return {
    all: [...known.values()].flatMap((frame) =>
      frame.familiar === undefined ? [frame] : [frame, familiarly(frame)],
    ),
    codes: [...known.keys()],
    forCustomer(language, address) {
      if (language === null) return null;
      const code = known.has(baseOf(language)) ? baseOf(language) : "en";
      const frame = known.get(code);
      return baseOf(language) === ownCode || code === ownCode || frame === undefined
        ? null
        : { code, frame: address === "familiar" ? familiarly(frame) : frame };
    },
  };
}

/** "pt" of "pt-BR". */
function baseOf(language: string): string {
  return language.toLowerCase().split("-")[0] ?? language;
}
