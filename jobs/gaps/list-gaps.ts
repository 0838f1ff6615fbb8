/**
 * Room: what the help pages lack: questions without an answer, grouped for leads, with drafts of pages.
 * In: the questions noted, and a number of days from a lead.
 * Out: groups of questions, drafts of pages in Markdown.
 * May touch: the database; no vendor, no model.
 */
import { capitalised } from "#core/values/words.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Message } from "#core/values/message.ts";
import { masker } from "#jobs/masks/anonymize.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import type { Store } from "#store/db/database.ts";
import type { GapReason } from "#store/db/schema.ts";
import { gapsSince, type KnowledgeGap } from "#store/knowledge/page-notes.ts";
import {
  groupQuestions,
  type QuestionVectors,
  withLikeness,
  isUnheard,
} from "./group-questions.ts";
import { withoutFrame } from "#jobs/notes/compare-texts.ts";
import { daysBefore } from "#core/values/moment.ts";

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
  /** Titles of the pages that were read and did not answer, or whose answer was replaced. */
  readonly pages: readonly string[];
  readonly newestAt: Date;
  /** Its questions, the most typical first. */
  readonly gaps: readonly KnowledgeGap[];
}

/** Of questions beyond these no vector is computed: a lead waits for the list. */
const VECTORS_MAX = 300;

/** The groups of the last days, those with the most questions first. Without vectors, words alone are compared. */
export async function gapGroups(
  store: Store,
  {
    now,
    days,
    vectors = null,
  }: { readonly now: Date; readonly days: number; readonly vectors?: QuestionVectors | null },
): Promise<readonly GapGroup[]> {
  const since = daysBefore(now, days);
  const gaps = await store.run((transaction) => gapsSince(transaction, since));
  const near = { max: VECTORS_MAX, ...(vectors === null ? {} : { vectors }) };
  return groupQuestions(await withLikeness(store, gaps, gapWords, near)).flatMap(groupFrom);
}

function groupFrom(gaps: readonly KnowledgeGap[]): readonly GapGroup[] {
  const [typical] = gaps;
  if (typical === undefined) return [];
  const reasonCount = (reason: GapReason): number =>
    gaps.filter((gap) => gap.reason === reason).length;
  return [
    {
      id: typical.id,
      title: gapTitle(typical),
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
function gapWords({ query, question }: KnowledgeGap): string {
  return query === "" ? question : query;
}

const TITLE_CHARACTERS_MAX = 80;

function gapTitle(gap: KnowledgeGap): string {
  const [first = ""] = gapWords(gap).split(/; |(?<=[.?!])\s/);
  const words = first.trim().slice(0, TITLE_CHARACTERS_MAX);
  return capitalised(words);
}

/** A page as it is offered for review. */
interface PageDraft {
  readonly title: string;
  /** Markdown; it begins with a line that says that it is a draft. */
  readonly text: string;
}

/** More than these say the same once more. */
const ANSWERS_MAX = 8;
const QUESTIONS_MAX = 8;

/** The draft of a page for a group of questions, from the teammates' answers as they are stored now. */
export async function pageDraft(store: Store, group: GapGroup): Promise<PageDraft> {
  const answers: string[] = [];
  const heard = new Set<string>();
  for (const gap of group.gaps) {
    if (answers.length >= ANSWERS_MAX) break;
    const stored = await store.run((transaction) =>
      conversationMessages(transaction, gap.conversationId),
    );
    const messages = stored.map(({ message }) => message);
    const answer = withoutRepeats(teammatesWords(messages, gap), heard);
    if (answer !== "") answers.push(answer);
  }
  return { title: group.title, text: draftText(group, answers) };
}

function draftText({ gaps }: GapGroup, answers: readonly string[]): string {
  const from =
    answers.length === 1 ? "one answer of a teammate" : `${answers.length} answers of teammates`;
  const note =
    answers.length === 0
      ? "> **Draft.** No teammate has answered this yet. Write the answer, then remove this line."
      : `> **Draft from ${from}.** Check every figure, say it once, then remove this line.`;
  return newPage(
    note,
    answers,
    gaps.map(({ question }) => question),
  );
}

/** A page of what teammates wrote, with the questions it answers; each of these once. */
export function newPage(
  note: string,
  answers: readonly string[],
  questions: readonly string[],
): string {
  const asked = [...new Set(questions)].slice(0, QUESTIONS_MAX);
  return [
    note,
    ...answers,
    "## What customers asked",
    asked.map((question) => `- ${question}`).join("\n"),
    "",
  ].join("\n\n");
}

/**
 * What teammates wrote publicly after the question, up to the customer's next one. Of a corrected draft that is what the
 * bot sent for them.
 */
function teammatesWords(messages: readonly Message[], gap: KnowledgeGap): string {
  const mask = masker({ messages });
  const after = messages.slice(messages.findIndex(({ key }) => key === gap.messageKey) + 1);
  return after
    .filter(
      ({ author, visibility }) =>
        visibility === "public" &&
        (author.kind === "teammate" || (gap.reason === "corrected" && author.kind === "bot")),
    )
    .map(({ text }) => mask(withoutFrame(text)))
    .join("\n\n");
}

/** Sentences that an earlier answer said already are left out, so that the lead reads each once. */
function withoutRepeats(text: string, heard: Set<string>): string {
  return text
    .split(/\n{2,}/)
    .map((paragraph) =>
      paragraph
        .split(/(?<=[.!?])\s+/)
        .filter((sentence) => isUnheard(sentence, heard))
        .join(" "),
    )
    .filter((paragraph) => paragraph !== "")
    .join("\n\n");
}
