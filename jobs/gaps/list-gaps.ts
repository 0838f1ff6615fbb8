/**
 * Room: what the help pages lack: questions without an answer, grouped for leads, with drafts of pages.
 * In: the questions noted.
 * Out: groups of questions, drafts of pages in Markdown.
 * May touch: the database; no vendor, no model.
 */

import { capitalised, titleInName } from "#core/values/words.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Message } from "#core/values/message.ts";
import { masker } from "#jobs/masks/anonymize.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { type Store, valuesOf } from "#store/db/database.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { GapReason } from "#store/db/schema.ts";
import { gapsSince, type KnowledgeGap } from "#store/knowledge/page-notes.ts";
import { withoutFrame } from "#jobs/notes/compare-texts.ts";
import { daysBefore } from "#core/values/moment.ts";
import { folded } from "#text/normalize.ts";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { storable, storableJson } from "#gate/kernel/storable-text.ts";

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

/** Older questions are left out. */
export const GAP_DAYS = 90;

/** The groups of the last days, those with the most questions first. Without vectors, words alone are compared. */
export async function gapGroups(
  store: Store,
  { now, vectors = null }: { readonly now: Date; readonly vectors?: QuestionVectors | null },
): Promise<readonly GapGroup[]> {
  const since = daysBefore(now, GAP_DAYS);
  const gaps = await store.run(gapsSince, since);
  const compared = await withLikeness(store, gaps, gapWords, { max: VECTORS_MAX, vectors });
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
      title: gapTitle(typical),
      example: typical.question,
      count: gaps.length,
      reasons: {
        unanswered: reasonCount("unanswered"),
        corrected: reasonCount("corrected"),
        reopened: reasonCount("reopened"),
      },
      channels: [...new Set(gaps.map(({ channel }) => channel))],
      pages: [...new Set(gaps.flatMap(({ pages }) => pages.map(titleInName)))],
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

/** More than these say the same once more. */
const ANSWERS_MAX = 8;
const QUESTIONS_MAX = 8;

/**
 * The draft of a page for a group of questions, from the teammates' answers as they are stored now: Markdown that begins
 * with a line that says that it is a draft.
 */
export async function pageDraft(store: Store, group: GapGroup) {
  const answers: string[] = [];
  const heard = new Set<string>();
  for (const gap of group.gaps) {
    if (answers.length >= ANSWERS_MAX) break;
    const stored = await store.run(conversationMessages, gap.conversationId);
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

/** By what a question, or what a teammate said, is compared with others. */
export interface Likeness {
  /** The stems of its words, without filler words. */
  readonly stems: readonly string[];
  /** Of length 1; null where none was computed. */
  readonly vector: Float32Array | null;
}

export type QuestionVectors = JobContext["vectors"];

/**
 * The same items, each with the stems of its words as the word index makes them, and the first `max` with a vector where
 * some are computed: a lead waits for the list.
 */
export async function withLikeness<Item extends object>(
  store: Store,
  items: readonly Item[],
  wordsOf: (item: Item) => string,
  { vectors: compute, max }: { readonly vectors?: QuestionVectors | null; readonly max: number },
): Promise<readonly (Item & Likeness)[]> {
  if (items.length === 0) return [];
  const texts = items.map(wordsOf);
  const stems = await stemsInOrder(store, texts);
  const vectors = (await compute?.(texts.slice(0, max))) ?? null;
  return items.map((item, place) => ({
    ...item,
    stems: stems[place] ?? [],
    vector: vectors?.[place] ?? null,
  }));
}

/** In the order of the texts. */
function stemsInOrder(
  store: Store,
  texts: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const asked = storableJson(texts.map(storable));
  return valuesOf(
    store,
    z.array(z.string()),
    sql`select tsvector_to_array(to_tsvector('english', text)) as stems
          from jsonb_array_elements_text(${asked}::jsonb) with ordinality as one(text, place) order by place`,
  );
}

const VECTOR_MS = 30_000;
/** Of one list; one text alone may be one that no vector is computed of. */
const MISSED_MAX = 2;
/** Texts whose vectors are kept: a list is looked at again and again, and its texts rarely change. */
const KEPT_MAX = 1_000;

/** Computes vectors one after the other and keeps the latest, so that a page is not slow twice. */
export function vectorsBy(
  vectorOf: (text: string, signal: AbortSignal) => Promise<Float32Array | null>,
): QuestionVectors {
  const kept = new Map<string, Float32Array>();
  return async (texts) => {
    const all: (Float32Array | null)[] = [];
    // Who is away is not waited for again for each of the others.
    let missed = 0;
    for (const text of texts) {
      const known = kept.get(text) ?? null;
      const isAsked = known === null && missed < MISSED_MAX;
      const vector = isAsked ? await vectorOf(text, AbortSignal.timeout(VECTOR_MS)) : known;
      if (vector === null) missed += 1;
      else kept.set(text, vector);
      if (kept.size > KEPT_MAX) kept.delete([...kept.keys()][0] ?? "");
      all.push(vector);
    }
    return all;
  };
}

/** Two questions of one group share this much of what is rare in them: chosen by hand, on questions to the sample shop. */
const STEMS_MIN = 0.42;
/** Questions about one topic with different answers, such as two countries of delivery, stay apart. */
const COSINE_MIN = 0.7;

/**
 * The groups, each with its most typical question first; the largest group first, then in the order given. Each pair is
 * compared once, by the stems that both have: of two thousand questions this takes half a second.
 */
export function groupQuestions<Question extends Likeness>(
  questions: readonly Question[],
): readonly (readonly Question[])[] {
  const rows = likenessRows(questions);
  const alike = (one: number, other: number): number =>
    rows[Math.max(one, other)]?.[Math.min(one, other)] ?? 0;
  // The mean keeps a chain of half-alike questions from becoming one group.
  const meanTo = (place: number, group: readonly number[]): number =>
    group.reduce((total, other) => total + alike(place, other), 0) / group.length;
  const groups: number[][] = [];
  for (const place of questions.keys()) {
    let best: { readonly group: number[]; readonly mean: number } | null = null;
    for (const group of groups) {
      const mean = meanTo(place, group);
      if (mean >= 1 && mean > (best?.mean ?? 0)) best = { group, mean };
    }
    if (best === null) groups.push([place]);
    else best.group.push(place);
  }
  return groups
    .map((group) => {
      const near = new Map(group.map((place) => [place, meanTo(place, group)]));
      const typicalFirst = group.toSorted((a, b) => (near.get(b) ?? 0) - (near.get(a) ?? 0));
      return typicalFirst.flatMap((place) => questions[place] ?? []);
    })
    .toSorted((one, other) => other.length - one.length);
}

/** Of each question its likeness to each one before it: 1 and more for two that belong together. */
function likenessRows(questions: readonly Likeness[]): readonly Float64Array[] {
  const stemsOf = questions.map(({ stems }) => [...new Set(stems)]);
  const weight = stemRarity(stemsOf);
  const weights = stemsOf.map((stems) => sum(stems.map(weight)));
  const holders = new Map<string, number[]>();
  return questions.map((question, place) => {
    const row = new Float64Array(place);
    for (const stem of stemsOf[place] ?? []) {
      const before = holders.get(stem) ?? [];
      for (const other of before) row[other] = (row[other] ?? 0) + weight(stem);
      before.push(place);
      holders.set(stem, before);
    }
    return row.map((shared, other) => {
      // The share of the weight of both questions' stems that they have in common.
      const all = (weights[place] ?? 0) + (weights[other] ?? 0) - shared;
      const byStems = all === 0 ? 0 : shared / all / STEMS_MIN;
      return Math.max(byStems, cosine(question, questions[other]) / COSINE_MIN);
    });
  });
}

function cosine({ vector }: Likeness, other: Likeness | undefined): number {
  const theirs = other?.vector ?? null;
  return vector === null || theirs === null ? 0 : product(vector, theirs);
}

/** A stem of every second question says little about what is asked. */
function stemRarity(stemsOf: readonly (readonly string[])[]): (stem: string) => number {
  const holders = new Map<string, number>();
  for (const stem of stemsOf.flat()) holders.set(stem, (holders.get(stem) ?? 0) + 1);
  return (stem) => Math.log(1 + (stemsOf.length + 1) / (holders.get(stem) ?? 1));
}

/** True the first time a sentence is seen, whatever its case and signs; `heard` keeps it. */
export function isUnheard(sentence: string, heard: Set<string>): boolean {
  const plain = folded(sentence)
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
  if (plain === "" || heard.has(plain)) return false;
  heard.add(plain);
  return true;
}

function product(left: Float32Array, right: Float32Array): number {
  let total = 0;
  for (let at = 0; at < left.length; at += 1) total += (left[at] ?? 0) * (right[at] ?? 0);
  return total;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
