/** What the help pages lack, as groups of questions for a lead. */
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Store } from "#store/db/database.ts";
import { type GapReason, gapsSince, type StemmedGap } from "#store/reports/knowledge-gaps.ts";
import { groupQuestions } from "./group-questions.ts";

const DAY_MS = 86_400_000;

/** Computes a vector of length 1 for each text; null for one where that is not possible now. */
export type QuestionVectors = (
  texts: readonly string[],
) => Promise<readonly (Float32Array | null)[]>;

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
  readonly gaps: readonly StemmedGap[];
}

/** Of questions beyond these no vector is computed: a lead waits for the list. */
const VECTORS_MAX = 300;

/** The groups of the last days, those with the most questions first. */
export async function gapGroups(
  store: Store,
  asked: { readonly now: Date; readonly days: number; readonly vectors?: QuestionVectors },
): Promise<readonly GapGroup[]> {
  const since = new Date(asked.now.getTime() - asked.days * DAY_MS);
  const gaps = await store.run((transaction) => gapsSince(transaction, since));
  return groupsOf(gaps, asked.vectors);
}

/** The same for given questions. */
export async function groupsOf(
  gaps: readonly StemmedGap[],
  compute: QuestionVectors | undefined,
): Promise<readonly GapGroup[]> {
  const texts = gaps.slice(0, VECTORS_MAX).map(wordsOf);
  const vectors = texts.length === 0 ? null : ((await compute?.(texts)) ?? null);
  const questions = gaps.map((gap, at) => ({ ...gap, vector: vectors?.[at] ?? null }));
  return groupQuestions(questions).flatMap(groupFrom);
}

function groupFrom(gaps: readonly StemmedGap[]): readonly GapGroup[] {
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
function wordsOf({ query, question }: StemmedGap): string {
  return query === "" ? question : query;
}

const TITLE_CHARACTERS_MAX = 80;

function titleOf(gap: StemmedGap): string {
  const [first = ""] = wordsOf(gap).split(/; |(?<=[.?!])\s/);
  const words = first.trim().slice(0, TITLE_CHARACTERS_MAX);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
