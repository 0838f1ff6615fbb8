/** What a card says of a draft that a second model has read against its sources. */

import type { Card, Flag } from "#core/contracts/approval-desk.ts";
import { isBacked, type Verification } from "#core/contracts/verifier.ts";
import type { Citation } from "#core/values/card-context.ts";
import { findingFlag, marksOf, shortFlag } from "./card-lines.ts";
import { shortened } from "#core/values/words.ts";

/** As many as a person reads below a draft, and as much of each as a card holds. */
const SOURCES_MAX = 12;
const WORDS_MAX = 12;
const WORDS_CHARACTERS_MAX = 200;
const QUOTE_CHARACTERS_MAX = 190;
const SOURCE_CHARACTERS_MAX = 300;

const READ = "Read against its sources";
const NOT_READ = "Not read against its sources";

/** One flag for the card. A card without it was not read: no model is configured, policy says never, or it comes later. */
export function readingFlag(verification: Verification): Flag {
  return { text: readingLine(verification), about: "reading" };
}

function readingLine(verification: Verification): string {
  const { state, reason, findings, sentences } = verification;
  if (state === "unverified") return `${NOT_READ}: ${reason}. Read every sentence yourself`;
  const share = sentences === undefined ? "" : `, ${shareOf(sentences)}`;
  if (isBacked(verification)) return `${READ}${share}: nothing unbacked`;
  return `${READ}${share}: ${findings.length === 1 ? "one sentence is" : `${findings.length} sentences are`} unbacked`;
}

/** "5 of 6 sentences; 1 is courtesy": what goes unread is said. */
function shareOf({ all, courtesies }: NonNullable<Verification["sentences"]>): string {
  const read = `${all - courtesies} of ${all} ${all === 1 ? "sentence" : "sentences"}`;
  if (courtesies === 0) return read;
  return `${read}; ${courtesies} ${courtesies === 1 ? "is" : "are"} courtesy`;
}

/**
 * Footnotes from the quotes: the passage of a page with its link, or the record by its name. Empty where nothing was
 * quoted; then the card looks for sources itself.
 */
export function citationsFrom({ backed }: Verification): readonly Citation[] {
  const notes = new Map<string, Citation>();
  for (const { words, source, kind, quote } of backed) {
    if (kind === "customer") continue;
    const passage =
      kind === "page" || kind === "procedure" ? shortened(quote, QUOTE_CHARACTERS_MAX) : "";
    const key = JSON.stringify([source, passage]);
    const before = notes.get(key)?.words ?? [];
    notes.set(key, {
      source: source.slice(0, SOURCE_CHARACTERS_MAX).toWellFormed(),
      words: [...before, endOf(words)].slice(0, WORDS_MAX),
      quote: passage,
    });
  }
  return [...notes.values()].slice(0, SOURCES_MAX);
}

/** The end of a long sentence, because its number stands behind it. */
function endOf(words: string): string {
  return words.trim().slice(-WORDS_CHARACTERS_MAX).toWellFormed();
}

/** The card once its draft was read: sentences without backing are marked, and footnotes come from the quotes. */
export function cardAfterReading(card: Card, verification: Verification): Card {
  const { draft, context } = card;
  if (draft === null) return card;
  const { findings } = verification;
  const notes = citationsFrom(verification);
  return {
    ...card,
    draft: {
      ...draft,
      marks: [...new Set([...draft.marks, ...marksOf(draft.text, findings)])],
    },
    context: notes.length === 0 ? context : { ...context, citations: [...notes] },
    flags: [
      ...card.flags.filter(({ about }) => about !== "reading"),
      ...[...findings.map(findingFlag), readingFlag(verification)].map(shortFlag),
    ],
  };
}
