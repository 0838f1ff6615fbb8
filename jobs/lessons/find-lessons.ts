/**
 * Room: what alike differences between drafts and people's answers propose to change.
 * In: the differences noted; decisions of leads.
 * Out: proposals for a page, a procedure, a sentence of tone or a rule, with a drafted text.
 * May touch: the database; no vendor. Nothing it proposes changes anything by itself.
 * This file: what a lesson is, and finding them: three and more differences that are alike, and what leads decided.
 */

import type { Differed, DifferenceKind, DraftDifference } from "#core/lessons/draft-difference.ts";
import { invalidInput } from "#core/values/errors.ts";
import {
  groupQuestions,
  isUnheard,
  type Likeness,
  type QuestionVectors,
  withLikeness,
} from "#jobs/gaps/list-gaps.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import {
  decidedDifferences,
  decideDifferences,
  type DecidedRow,
  type DifferenceRow,
  undecidedDifferences,
} from "#store/reports/draft-differences.ts";
import { textDifference } from "#text/diff.ts";
import { daysBefore } from "#core/values/moment.ts";
import { formatMoney, type Money } from "#core/values/money.ts";
import { folded } from "#text/normalize.ts";
import { shortened, inWords, titleInName } from "#core/values/words.ts";

/** A proposal. Nothing of it is in force before a person has written it, or leads have agreed. */
export interface Lesson {
  /** The number of its oldest difference; leads to it while that is kept. */
  readonly id: number;
  readonly change: ChangeKind;
  readonly topic: string;
  /** What it proposes, in one line. */
  readonly headline: string;
  /** The most typical difference first. */
  readonly differences: readonly DifferenceRow[];
  readonly conversations: number;
  /** How many teammates showed it. */
  readonly people: number;
  readonly newestAt: Date;
  /** How a lead decided; null while none has. */
  readonly decided: Pick<DecidedRow, "decision" | "decisionReason" | "decidedAt"> | null;
}

/** What a lead would change. */
type ChangeKind = "page" | "procedure" | "tone" | "rule";

/** A text as it is and as it would be. */
export interface DraftedChange {
  readonly place: "page" | "procedure" | "policy";
  /** The page's slug or the procedure's name; empty for a new one, and for the policy. */
  readonly name: string;
  readonly title: string;
  /** Empty for a new text. */
  readonly before: string;
  /** The same as before where nothing could be drafted; the notes say why. */
  readonly after: string;
  /** What a lead should know before they accept it, each a sentence. */
  readonly notes: readonly string[];
  /** The rule's new greatest amount in minor units where that is the change; "denied" where it would deny. */
  readonly ruleChange?: { readonly upTo: number } | "denied";
}

// In words, for people.

/** What a lesson would change. */
export const CHANGE_WORDS: Readonly<Record<ChangeKind, string>> = {
  page: "help page",
  procedure: "procedure",
  tone: "tone",
  rule: "rule of the policy",
};

/** What a teammate did. */
export const KIND_WORDS: Readonly<Record<DifferenceKind, string>> = {
  edit: "edited the draft",
  sent_by_hand: "sent the draft by hand, changed",
  rejection: "rejected the draft",
  instruction: "asked for another draft",
  rating: "would not send the draft",
  own_answer: "answered instead of the draft",
};

/** What differed. */
export const DIFFERED_WORDS: Readonly<Record<Differed, string>> = {
  amount: "another amount",
  refused: "the action was refused",
  facts: "another fact",
  steps: "another step",
  content: "says something else",
  tone: "other words for the same",
  nothing: "nothing",
  unknown: "not said",
};

const WORDS_SHOWN = 80;

/** What a lesson proposes, in one line. */
function lessonHeadline(change: ChangeKind, rows: readonly DifferenceRow[]): string {
  const [typical] = rows;
  const topic = typical === undefined ? "" : inWords(typical.topic);
  switch (change) {
    case "page":
      return pageHeadline(rows);
    case "procedure":
      return `How “${topic}” is handled: ${shortened(firstWords(typical), WORDS_SHOWN)}`;
    case "tone":
      return `Tone in ${typical?.content.channel ?? "every channel"}: ${shortened(firstWords(typical), WORDS_SHOWN)}`;
    case "rule":
      return ruleHeadline(rows);
  }
}

function pageHeadline(rows: readonly DifferenceRow[]): string {
  const page = citedMost(rows);
  const where = page === null ? "" : ` (${page})`;
  const [change] = agreedChanges(rows);
  if (change !== undefined) return `“${change.from.fact}” becomes “${change.to.fact}”${where}`;
  return `${shortened(firstWords(rows[0]), WORDS_SHOWN)}${where}`;
}

function ruleHeadline(rows: readonly DifferenceRow[]): string {
  const action = rows[0]?.content.action ?? null;
  if (action === null) return "A rule of the policy";
  const what = inWords(action.operation);
  if (action.change === "refused") return `${what} under ${action.rule}: refused by teammates`;
  const most = greatestLeft(rows);
  const upTo = most === null ? "" : `, at most ${formatMoney(most)}`;
  return `${what} under ${action.rule}: ${action.change} amounts${upTo}`;
}

/** The greatest amount that teammates put in the place of a proposed one; null where they put none. */
export function greatestLeft(rows: readonly DifferenceRow[]): Money | null {
  const amounts = rows.flatMap(({ content }) => content.action?.to ?? []);
  return amounts.toSorted((one, other) => other.minor - one.minor)[0] ?? null;
}

/** What a difference says first, in the teammate's words. */
function firstWords(row: DifferenceRow | undefined): string {
  if (row === undefined) return "";
  const { facts, sentences, teammate } = row.content;
  return facts.added[0]?.sentence ?? sentences.added[0] ?? teammate.split("\n")[0] ?? "";
}

/** The title of the page that most of the drafts cited; null where they cited none. */
export function citedMost(rows: readonly DifferenceRow[]): string | null {
  return mostCommon(rows.flatMap(({ content }) => content.pages.map(titleInName)))?.value ?? null;
}

type FactChange = DifferenceRow["content"]["facts"]["changed"][number];

/** A changed fact with how many conversations say so, and what others say instead. */
export type AgreedChange = FactChange & {
  readonly count: number;
  readonly others: readonly string[];
};

/** For each fact that teammates replaced: what most of them wrote in its place; the most frequent first. */
export function agreedChanges(rows: readonly DifferenceRow[]): readonly AgreedChange[] {
  const byFact = Map.groupBy(
    rows.flatMap(({ content }) => content.facts.changed),
    ({ from }) => folded(from.fact),
  );
  return [...byFact.values()]
    .flatMap((changes): readonly AgreedChange[] => {
      const best = mostCommon(changes.map(({ to }) => folded(to.fact)));
      const example = changes.find(({ to }) => folded(to.fact) === best?.value);
      if (best === null || example === undefined) return [];
      const others = changes.filter(({ to }) => folded(to.fact) !== best.value);
      return [
        { ...example, count: best.count, others: [...new Set(others.map(({ to }) => to.fact))] },
      ];
    })
    .toSorted((one, other) => other.count - one.count);
}

/** The value that occurs most, the first of several; null for none. */
export function mostCommon(
  values: readonly string[],
): { readonly value: string; readonly count: number } | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [best] = [...counts].toSorted(([, one], [, other]) => other - one);
  return best === undefined ? null : { value: best[0], count: best[1] };
}

/** Sentences of the teammates that the drafts had nothing like, each once, the first said first. */
export function addedSentences(rows: readonly DifferenceRow[]): readonly string[] {
  const heard = new Set<string>();
  return rows
    .flatMap(({ content }) => [
      ...content.facts.added.map(({ sentence }) => sentence),
      ...content.sentences.added,
    ])
    .filter((sentence) => isUnheard(sentence, heard));
}

/** Differences are kept no longer, so that none is left out. */
const LESSON_DAYS = 90;
/** Of differences beyond these no vector is computed: a lead waits for the list. */
const VECTORS_MAX = 100;

/** Where lessons are found, and by what likeness. Without vectors, words alone decide what is alike. */
export interface LessonSearch {
  readonly store: Store;
  readonly now: Date;
  readonly vectors?: QuestionVectors;
}

/** Lessons on which no lead has decided, those of the most conversations first. */
export async function openLessons({
  store,
  now,
  ...near
}: LessonSearch): Promise<readonly Lesson[]> {
  const since = daysBefore(now, LESSON_DAYS);
  const rows = await store.run(undecidedDifferences, since);
  const telling = rows.filter(({ content }) => changeWanted(content) !== null);
  const compared = await withLikeness(store, telling, comparedWords, { ...near, max: VECTORS_MAX });
  return groupDifferences(compared).map((group) => groupedLesson(group, null));
}

/** Lessons on which leads have decided, the newest decision first. */
export async function decidedLessons(store: Store): Promise<readonly Lesson[]> {
  const rows = await store.run(decidedDifferences);
  return [...Map.groupBy(rows, ({ lesson }) => lesson).values()].flatMap((group) => {
    const [first] = group;
    const change = first === undefined ? null : changeWanted(first.content);
    return first === undefined || change === null
      ? []
      : [groupedLesson({ change, rows: group }, first)];
  });
}

/** The lesson that a difference of this number belongs to, decided or not; null when there is none. */
export async function lessonWith(search: LessonSearch, id: number): Promise<Lesson | null> {
  const has = ({ differences }: Lesson): boolean => differences.some((row) => row.id === id);
  const open = await openLessons(search);
  return open.find(has) ?? (await decidedLessons(search.store)).find(has) ?? null;
}

function groupedLesson({ change, rows }: DifferenceGroup, decided: Lesson["decided"]): Lesson {
  const topics = new Set(rows.map(({ topic }) => topic));
  return {
    id: Math.min(...rows.map(({ id }) => id)),
    change,
    topic: [...topics].join(", "),
    headline: lessonHeadline(change, rows),
    differences: rows,
    conversations: conversationsIn(rows),
    people: new Set(rows.map(({ who }) => who)).size,
    newestAt: new Date(Math.max(...rows.map(({ at }) => at.getTime()))),
    decided,
  };
}

/** Fewer conversations are an exception or a mistake, and no rule. */
const CONVERSATIONS_MIN = 3;

/** A difference as grouping sees it. */
export type ComparedDifference = DifferenceRow & Likeness;

interface DifferenceGroup {
  readonly change: ChangeKind;
  /** The most typical first. */
  readonly rows: readonly DifferenceRow[];
}

/**
 * What a difference asks for: a changed or refused action is for a rule, figures and statements for a help page, what to
 * do for a procedure, other words for the same for the tone. Null where it says nothing of what to change.
 */
function changeWanted({ differs, procedures }: DraftDifference): ChangeKind | null {
  switch (differs) {
    case "amount":
    case "refused":
      return "rule";
    case "facts":
      return "page";
    case "steps":
      return "procedure";
    case "content":
      // Where the draft followed a procedure, what it should have said stands there.
      return procedures.length > 0 ? "procedure" : "page";
    case "tone":
      return "tone";
    case "nothing":
    case "unknown":
      return null;
    default:
      throw new Error(`unknown difference ${String(differs satisfies never)}`);
  }
}

/** The words by which a difference is compared with others: what the teammate said, not what the draft said. */
export function comparedWords({ kind, content }: DifferenceRow): string {
  const { facts, sentences, teammate, draft } = content;
  if (kind === "rejection" || kind === "instruction") return teammate;
  if (changeWanted(content) === "tone") return textDifference(draft, teammate).lines.join(" ");
  const said = [
    ...facts.changed.map(({ to }) => to.sentence),
    ...facts.added.map(({ sentence }) => sentence),
    ...sentences.added,
  ];
  const gone = [...facts.removed.map(({ sentence }) => sentence), ...sentences.removed];
  return [...new Set(said.length > 0 ? said : gone)].join(" ");
}

/** Groups of differences from at least three conversations, those with the most first. */
export function groupDifferences(rows: readonly ComparedDifference[]): readonly DifferenceGroup[] {
  const buckets = new Map<string, { change: ChangeKind; rows: ComparedDifference[] }>();
  for (const row of rows) {
    const change = changeWanted(row.content);
    if (change === null) continue;
    const name = `${change} ${bucketName(change, row)}`;
    const bucket = buckets.get(name) ?? { change, rows: [] };
    bucket.rows.push(row);
    buckets.set(name, bucket);
  }
  return [...buckets.values()]
    .flatMap(({ change, rows: alike }) =>
      // Under one rule, the same was done to the same action: that is alike whatever was said.
      (change === "rule" ? [alike] : groupQuestions(alike)).map((group) => ({
        change,
        rows: group,
      })),
    )
    .filter(({ rows: group }) => conversationsIn(group) >= CONVERSATIONS_MIN)
    .toSorted((one, other) => conversationsIn(other.rows) - conversationsIn(one.rows));
}

/** How many conversations the differences are from; several in one conversation show one thing. */
function conversationsIn(rows: readonly DifferenceRow[]): number {
  return new Set(rows.map(({ conversationId }) => conversationId)).size;
}

/** Only differences of one bucket can be alike. */
function bucketName(change: ChangeKind, { topic, content }: DifferenceRow): string {
  const { action, channel } = content;
  if (change === "tone") return channel;
  return change === "rule" && action !== null
    ? `${topic} ${action.rule} ${action.operation} ${action.change}`
    : topic;
}

interface LessonDecision {
  readonly decision: DecidedRow["decision"];
  /** Why it was declined; may be empty for one that was accepted. */
  readonly reason: string;
  readonly at: Date;
  readonly pseudonym: (transaction: Transaction) => Promise<string>;
}

/**
 * Takes the lesson's differences out of what is proposed, so that it comes back only with three new ones. Throws
 * `input.invalid` when a lead has decided on it already.
 */
export async function decideLesson(
  store: Store,
  lesson: Pick<Lesson, "id" | "change" | "differences">,
  { decision, reason, at, pseudonym }: LessonDecision,
): Promise<void> {
  await store.run(async (transaction) => {
    const decidedBy = await pseudonym(transaction);
    const ids = lesson.differences.map(({ id }) => id);
    const decided = await decideDifferences(transaction, ids, {
      lesson: lesson.id,
      decision,
      decisionReason: reason,
      decidedBy,
      decidedAt: at,
    });
    if (decided === 0)
      throw invalidInput(
        "another lead has decided on this lesson meanwhile; nothing was changed. Read the page again",
      );
    const data = { lesson: lesson.id, change: lesson.change, decision, by: decidedBy };
    await appendAudit(transaction, { kind: "lesson", data }, at);
  });
}
