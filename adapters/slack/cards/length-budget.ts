/** Decides how much of each text a card shows, so that it fits into one message. */

import { citationsIn, withNumbers } from "#core/values/card-text.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import { clip, visible } from "#slack/api/text.ts";

/** How much of each long text a card shows, in characters, and in how many sections at most. */
export interface Share {
  readonly asked: number;
  readonly draft: number;
  readonly translated: number;
  readonly sections: number;
  /** Maximum length of every short line: flags, actions, changes, sources. */
  readonly line: number;
}

/** From generous to scarce; the first one with which the whole card fits into a message is used. */
export const SHARES: readonly Share[] = [
  { asked: 2_850, draft: 8_000, translated: 2_850, sections: 10, line: 300 },
  { asked: 1_400, draft: 6_000, translated: 1_400, sections: 10, line: 300 },
  { asked: 700, draft: 3_000, translated: 700, sections: 5, line: 300 },
  { asked: 300, draft: 1_000, translated: 300, sections: 3, line: 200 },
  { asked: 100, draft: 200, translated: 100, sections: 1, line: 80 },
];

/** Every edit is in the trace; the card shows the newest ones. */
const EDITS_MAX = 3;

/** Citations and copied recipients; the console lists the rest. */
const LISTED_MAX = 8;

/** The card with its lists and lines cut to the budget. */
export function fitBudget(card: Card, line: number): Card {
  const clipped = (lines: readonly string[]): string[] => lines.map((words) => clip(words, line));
  return {
    ...card,
    changes: clipped(card.changes),
    edits: card.edits
      .slice(-EDITS_MAX)
      .map((edit) => ({ by: clip(edit.by, line), lines: clipped(edit.lines) })),
    actions: card.actions.map((action) => ({ ...action, label: clip(action.label, line) })),
    flags: card.flags.map((flag) => ({ ...flag, text: clip(flag.text, line) })),
    context: {
      ...card.context,
      copies: card.context.copies.slice(0, LISTED_MAX).map((copy) => clip(copy, line)),
      citations: card.context.citations
        .slice(0, LISTED_MAX)
        .map((footnote) => ({ ...footnote, source: clip(footnote.source, line) })),
    },
    draft: card.draft === null ? null : { ...card.draft, sources: clipped(card.draft.sources) },
  };
}

/** True when a text that a person should be able to read whole is cut under this budget. */
export function isCut({ asked, draft, translation, context }: Card, share: Share): boolean {
  const numbered = withNumbers(
    draft?.text ?? "",
    citationsIn(draft?.text ?? "", context.citations),
  );
  return (
    visible(asked).length > share.asked ||
    visible(numbered).length > share.draft ||
    visible(translation?.asked ?? "").length > share.translated ||
    visible(translation?.draft ?? "").length > share.translated
  );
}
