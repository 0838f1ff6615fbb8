/** The lines of a card about a redraft. */

import type { RedraftRequest } from "#core/values/approval.ts";
import { oneLine, shortened } from "#core/values/words.ts";

/** The part of an instruction that a card quotes. */
const SHOWN_MAX = 200;

/** The first lines of a card with the new draft. */
export function redraftedLines(
  redo: RedraftRequest,
  by: { readonly isRehearsal: boolean },
): readonly string[] {
  return [
    `Redone by ${redo.name}: “${shortened(oneLine(redo.hint), SHOWN_MAX)}”`,
    ...(by.isRehearsal ? ["The built-in model cannot follow hints; the draft was made anew."] : []),
    ...lapsedLines(redo),
  ];
}

/** The same when there is no new draft. */
export function notRedraftedLines(redo: RedraftRequest, why: string): readonly string[] {
  return [
    `${requestLine(redo)}, but there is no new draft: ${why}. The one before stands.`,
    ...lapsedLines(redo),
  ];
}

/** Whose approvals do not count any more. */
export function lapsedLines({ lapsed }: RedraftRequest): readonly string[] {
  return lapsed.map((name) => `${name}'s approval lapsed.`);
}

/** Who asked for what, as the beginning of a sentence. */
export function requestLine({ name, hint }: RedraftRequest): string {
  return `${name} asked for another draft: “${shortened(oneLine(hint), SHOWN_MAX)}”`;
}
