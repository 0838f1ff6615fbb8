/** Says which stored cards would have gone otherwise with a drafted change, as far as code can tell. */
import type { Store } from "#store/db/database.ts";
import { cardsCiting, cardsUnderRule } from "#store/reports/lesson-evidence.ts";
import { folded } from "#text/fold.ts";
import type { DraftedChange } from "./draft-change.ts";
import type { Lesson } from "./find-lessons.ts";
import { agreedChanges } from "./lesson-words.ts";

/** What a change would do to cards that are stored. */
export interface Replay {
  /** Null where code cannot tell. */
  readonly flips: readonly { readonly card: string; readonly conversationId: string }[] | null;
  /** What was looked at and what it came to, in one sentence. */
  readonly words: string;
}

/** Looks at the newest cards that rest on the page or the rule. Of tone and procedures only a model's answer would tell. */
export async function replayChange(
  store: Store,
  lesson: Lesson,
  draft: DraftedChange,
): Promise<Replay> {
  const rests = `It rests on ${lesson.conversations} conversations.`;
  if (draft.after === draft.before) return { flips: null, words: rests };
  if (draft.place === "page" && draft.name !== "") return replayPage(store, lesson, draft);
  if (draft.ruleChange !== undefined) return replayRule(store, lesson, draft.ruleChange);
  return { flips: null, words: `${rests} Which others it would change cannot be told by code.` };
}

async function replayPage(store: Store, lesson: Lesson, { title }: DraftedChange): Promise<Replay> {
  const cards = await store.run((transaction) => cardsCiting(transaction, title));
  const old = agreedChanges(lesson.differences).map(({ from }) => folded(from.fact));
  const flips = cards
    .filter(({ draft }) => old.some((fact) => folded(draft).includes(fact)))
    .map(({ id, conversationId }) => ({ card: id, conversationId }));
  if (old.length === 0)
    return {
      flips: null,
      words: `Stored cards that cite this page: ${cards.length}. Nothing is replaced, so what they would say otherwise cannot be told by code.`,
    };
  return {
    flips,
    words: `Stored cards that cite this page: ${cards.length}. Of these, those that say what would be replaced: ${flips.length}.`,
  };
}

async function replayRule(
  store: Store,
  lesson: Lesson,
  change: NonNullable<DraftedChange["ruleChange"]>,
): Promise<Replay> {
  const rule = lesson.differences[0]?.content.action?.rule ?? "";
  const cards = await store.run((transaction) => cardsUnderRule(transaction, rule));
  const flips = cards
    .filter(({ amount }) => change === "denied" || (amount !== null && amount.minor > change.upTo))
    .map(({ id, conversationId }) => ({ card: id, conversationId }));
  const result =
    change === "denied"
      ? "would be denied without a card"
      : "are above the new amount, so another rule would decide";
  return {
    flips,
    words: `Of ${cards.length} cards under ${rule}, ${flips.length} ${result}; told by the rule and the amount alone.`,
  };
}
