/**
 * Room: what alike differences between drafts and people's answers propose to change.
 * In: the differences noted; decisions of leads.
 * Out: proposals for a page, a procedure, a sentence of tone or a rule, with a drafted text.
 * May touch: the database; no vendor. Nothing it proposes changes anything by itself.
 * This file: finds them: three and more that are alike, and what leads decided on others.
 */
import type { DraftDifference } from "#core/lessons/draft-difference.ts";
import { DeskhandError } from "#core/values/errors.ts";
import {
  groupQuestions,
  type Likeness,
  type QuestionVectors,
  withLikeness,
} from "#jobs/gaps/group-questions.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import {
  decideDifferences,
  decidedDifferences,
  type DecidedRow,
  type DifferenceRow,
  undecidedDifferences,
} from "#store/reports/draft-differences.ts";
import { textDifference } from "#text/diff.ts";
import { lessonHeadline, type ChangeKind, type Lesson } from "./lesson.ts";
import { daysBefore } from "#core/values/moment.ts";

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
  const rows = await store.run((transaction) => undecidedDifferences(transaction, since));
  const telling = rows.filter(({ content }) => changeWanted(content) !== null);
  const compared = await withLikeness(store, telling, comparedWords, { ...near, max: VECTORS_MAX });
  return groupDifferences(compared).map((group) => groupedLesson(group, null));
}

/** Lessons on which leads have decided, the newest decision first. */
export async function decidedLessons(store: Store): Promise<readonly Lesson[]> {
  const rows = await store.run((transaction) => decidedDifferences(transaction));
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
    decided:
      decided === null
        ? null
        : {
            decision: decided.decision,
            decisionReason: decided.decisionReason,
            decidedAt: decided.decidedAt,
          },
  };
}

/** Fewer conversations are an exception or a mistake, and no rule. */
const CONVERSATIONS_MIN = 3;

/** A difference as grouping sees it. */
export type ComparedDifference = DifferenceRow & Likeness;

/** Differences that show the same. */
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

/** Who decides, and how. */
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
      throw new DeskhandError(
        "input.invalid",
        "another lead has decided on this lesson meanwhile; nothing was changed. Read the page again",
      );
    const data = { lesson: lesson.id, change: lesson.change, decision, by: decidedBy };
    await appendAudit(transaction, { kind: "lesson", data }, at);
  });
}
