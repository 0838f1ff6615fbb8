/**
 * Room: what the help pages lack: questions without an answer, grouped for leads, with drafts of pages.
 * In: the questions noted, and a number of days from a lead.
 * Out: groups of questions, drafts of pages in Markdown.
 * May touch: the database; no vendor, no model.
 */

import { capitalised, titleInName } from "#core/values/words.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Message } from "#core/values/message.ts";
import { masker } from "#jobs/masks/anonymize.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { type Store, rowsOf } from "#store/db/database.ts";
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
  const gaps = await store.run(gapsSince, since);
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
  { vectors: compute, max }: { readonly vectors?: QuestionVectors; readonly max: number },
): Promise<readonly (Item & Likeness)[]> {
  if (items.length === 0) return [];
  const texts = items.map(wordsOf);
  const stems = await stemsByPlace(store, texts);
  const vectors = (await compute?.(texts.slice(0, max))) ?? null;
  return items.map((item, place) => ({
    ...item,
    stems: stems.get(place) ?? [],
    vector: vectors?.[place] ?? null,
  }));
}

const Stemmed = z.object({ place: z.int(), stems: z.array(z.string()) });

async function stemsByPlace(
  store: Store,
  texts: readonly string[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const asked = storableJson(texts.map((text, place) => ({ place, text: storable(text) })));
  const rows = await rowsOf(
    store,
    Stemmed,
    sql`select place, tsvector_to_array(to_tsvector('english', text)) as stems
          from jsonb_to_recordset(${asked}::jsonb) as one(place integer, text text)`,
  );
  return new Map(rows.map((row) => [row.place, row.stems]));
}

const VECTOR_MS = 30_000;
/** Texts whose vectors are kept: a list is looked at again and again, and its texts rarely change. */
const KEPT_MAX = 1_000;

/** Computes vectors one after the other and keeps the latest, so that a page is not slow twice. */
export function vectorsBy(
  vectorOf: (text: string, signal: AbortSignal) => Promise<Float32Array | null>,
): QuestionVectors {
  const kept = new Map<string, Float32Array>();
  return async (texts) => {
    const all: (Float32Array | null)[] = [];
    for (const text of texts) {
      const vector = kept.get(text) ?? (await vectorOf(text, AbortSignal.timeout(VECTOR_MS)));
      if (vector !== null) kept.set(text, vector);
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

/** The groups, each with its most typical question first; the largest group first, then in the order given. */
export function groupQuestions<Question extends Likeness>(
  questions: readonly Question[],
): readonly (readonly Question[])[] {
  const weight = stemRarity(questions);
  const groups: Question[][] = [];
  for (const question of questions) {
    const scored = groups.map((group) => ({
      group,
      // The mean keeps a chain of half-alike questions from becoming one group.
      alike: mean(group.map((other) => likeness(question, other, weight))),
    }));
    const [best] = scored.toSorted((one, other) => other.alike - one.alike);
    if (best !== undefined && best.alike >= 1) best.group.push(question);
    else groups.push([question]);
  }
  return groups
    .map((group) => typicalFirst(group, weight))
    .toSorted((one, other) => other.length - one.length);
}

/** 1 and more for questions that belong together. */
function likeness(one: Likeness, other: Likeness, weight: (stem: string) => number): number {
  const byStems = sharedWeight(one.stems, other.stems, weight) / STEMS_MIN;
  if (one.vector === null || other.vector === null) return byStems;
  return Math.max(byStems, product(one.vector, other.vector) / COSINE_MIN);
}

/** The share of the weight of both questions' stems that they have in common, 0 to 1. */
function sharedWeight(
  one: readonly string[],
  other: readonly string[],
  weight: (stem: string) => number,
): number {
  const left = new Set(one);
  const right = new Set(other);
  const all = sum([...new Set([...left, ...right])].map(weight));
  return all === 0 ? 0 : sum([...left].filter((stem) => right.has(stem)).map(weight)) / all;
}

/** A stem of every second question says little about what is asked. */
function stemRarity(questions: readonly Likeness[]): (stem: string) => number {
  const holders = new Map<string, number>();
  for (const { stems } of questions)
    for (const stem of new Set(stems)) holders.set(stem, (holders.get(stem) ?? 0) + 1);
  return (stem) => Math.log(1 + (questions.length + 1) / (holders.get(stem) ?? 1));
}

function typicalFirst<Question extends Likeness>(
  group: readonly Question[],
  weight: (stem: string) => number,
): readonly Question[] {
  const near = new Map(
    group.map((one) => [one, mean(group.map((other) => likeness(one, other, weight)))]),
  );
  return group.toSorted((one, other) => (near.get(other) ?? 0) - (near.get(one) ?? 0));
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

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : sum(numbers) / numbers.length;
}
