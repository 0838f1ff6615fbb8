/** What the help pages lack, as groups of questions for a lead. */
import type { ChannelName } from "#core/values/vocabulary.ts";
import { masker } from "#jobs/masks/anonymize.ts";
import { messagesOf } from "#store/conversations/messages.ts";
import type { Store } from "#store/db/database.ts";
import { listCandidates } from "#store/reports/eval-candidates.ts";
import { type GapReason, gapsSince, type KnowledgeGap } from "#store/reports/knowledge-gaps.ts";
import { groupQuestions, type QuestionVectors, withLikeness } from "./group-questions.ts";
import { questionOf } from "./note-gaps.ts";

const DAY_MS = 86_400_000;

/** Questions that ask the same, and that no page answers well enough. */
export interface GapGroup {
  /** The number of its most typical question; leads to its draft while that question is kept. */
  readonly id: number;
  /** A title for a page, in the words that were searched for or asked. */
  readonly title: string;
  /** One question as a customer asked it, masked. */
  readonly example: string;
  readonly count: number;
  /** How often each reason occurred. */
  readonly reasons: Readonly<Record<GapReason, number>>;
  readonly channels: readonly ChannelName[];
  /** Titles of the pages whose answer was replaced. */
  readonly pages: readonly string[];
  readonly newestAt: Date;
  /** Its questions, the most typical first. */
  readonly gaps: readonly KnowledgeGap[];
}

/** Of questions beyond these no vector is computed: a lead waits for the list. */
const VECTORS_MAX = 300;

interface AskedGaps {
  readonly now: Date;
  readonly days: number;
  readonly vectors?: QuestionVectors;
}

/** The groups of the last days, those with the most questions first. */
export async function gapGroups(
  store: Store,
  { now, days, ...near }: AskedGaps,
): Promise<readonly GapGroup[]> {
  const since = new Date(now.getTime() - days * DAY_MS);
  return groupsOf(store, await store.run((transaction) => gapsSince(transaction, since)), near);
}

const CONVERSATIONS_MAX = 500;

/**
 * Questions of solved conversations whose last answer a teammate wrote, in groups, without those that a page answers
 * already: proposals for pages, never passages that answers cite. The teammate who solved it said that it was answered; a
 * rule that closes tickets says nothing, so those are left out.
 */
export async function solvedGroups(
  store: Store,
  {
    now,
    days,
    isAnswered,
    ...near
  }: AskedGaps & { readonly isAnswered: (question: string) => Promise<boolean> },
): Promise<readonly GapGroup[]> {
  const since = now.getTime() - days * DAY_MS;
  const all = await store.run((transaction) => listCandidates(transaction, CONVERSATIONS_MAX));
  const solved = all
    .filter(({ answeredBy, at }) => answeredBy === "person" && at.getTime() >= since)
    .toReversed();
  const found: KnowledgeGap[] = [];
  for (const { conversationId, channel, at } of solved) {
    const asked = await askedFirst(store, conversationId);
    if (asked === null || (await isAnswered(asked.question))) continue;
    const known = { id: found.length + 1, conversationId, channel, at, query: "", pages: [] };
    found.push({ ...known, ...asked, reason: "unanswered" });
  }
  return groupsOf(store, found, near);
}

/** What the customer asked before the first answer of a teammate, masked; null where that is not known any more. */
async function askedFirst(
  store: Store,
  conversationId: string,
): Promise<Pick<KnowledgeGap, "messageKey" | "question"> | null> {
  const stored = await store.run((transaction) => messagesOf(transaction, conversationId));
  const messages = stored.map(({ message }) => message);
  const shown = messages.filter(({ visibility }) => visibility === "public");
  const answer = shown.findIndex(({ author }) => author.kind === "teammate");
  const before = shown.slice(0, Math.max(0, answer));
  const newest = before.findLast(({ author }) => author.kind === "requester");
  const question = questionOf(before, masker({ messages, cards: [], effects: [] }));
  return newest === undefined || question === "" ? null : { messageKey: newest.key, question };
}

async function groupsOf(
  store: Store,
  gaps: readonly KnowledgeGap[],
  near: Pick<AskedGaps, "vectors">,
): Promise<readonly GapGroup[]> {
  const compared = await withLikeness(store, gaps, wordsOf, { ...near, max: VECTORS_MAX });
  return groupQuestions(compared).flatMap(groupFrom);
}

function groupFrom(gaps: readonly KnowledgeGap[]): readonly GapGroup[] {
  const [typical] = gaps;
  if (typical === undefined) return [];
  const reasonCount = (reason: GapReason): number =>
    gaps.filter((gap) => gap.reason === reason).length;
  return [
    {
      id: typical.id,
      title: titleOf(typical),
      example: typical.question,
      count: gaps.length,
      reasons: {
        unanswered: reasonCount("unanswered"),
        corrected: reasonCount("corrected"),
        reopened: reasonCount("reopened"),
      },
      channels: [...new Set(gaps.map(({ channel }) => channel))],
      pages: [...new Set(gaps.flatMap(({ pages }) => pages))],
      newestAt: new Date(Math.max(...gaps.map(({ at }) => at.getTime()))),
      gaps,
    },
  ];
}

/** The model's search words name the topic; a customer's mail tells a story around it. */
function wordsOf({ query, question }: KnowledgeGap): string {
  return query === "" ? question : query;
}

const TITLE_CHARACTERS_MAX = 80;

function titleOf(gap: KnowledgeGap): string {
  const [first = ""] = wordsOf(gap).split(/; |(?<=[.?!])\s/);
  const words = first.trim().slice(0, TITLE_CHARACTERS_MAX);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
