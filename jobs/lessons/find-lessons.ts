/** Finds what differences propose to change: three and more that are alike, and what leads decided on others. */
import type { QuestionVectors } from "#jobs/gaps/list-gaps.ts";
import type { Store } from "#store/db/database.ts";
import {
  decidedDifferences,
  type DecidedRow,
  type DifferenceRow,
  stemsOfTexts,
  undecidedDifferences,
} from "#store/reports/draft-differences.ts";
import {
  type ChangeKind,
  changeOf,
  conversationsIn,
  type DifferenceGroup,
  groupDifferences,
  wordsOf,
} from "./group-differences.ts";
import { headlineOf } from "./lesson-words.ts";

const DAY_MS = 86_400_000;
/** Differences are kept no longer, so that none is left out. */
const LESSON_DAYS = 90;
/** Of differences beyond these no vector is computed: a lead waits for the list. */
const VECTORS_MAX = 100;

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
  vectors: compute,
}: LessonSearch): Promise<readonly Lesson[]> {
  const since = new Date(now.getTime() - LESSON_DAYS * DAY_MS);
  const { rows, stems } = await store.run(async (transaction) => {
    const all = await undecidedDifferences(transaction, since);
    const telling = all.filter(({ content }) => changeOf(content) !== null);
    return { rows: telling, stems: await stemsOfTexts(transaction, telling.map(wordsOf)) };
  });
  const texts = rows.slice(0, VECTORS_MAX).map(wordsOf);
  const vectors = texts.length === 0 ? null : ((await compute?.(texts)) ?? null);
  const compared = rows.map((row, at) => ({
    ...row,
    stems: stems[at] ?? [],
    vector: vectors?.[at] ?? null,
  }));
  return groupDifferences(compared).map((group) => lessonOf(group, null));
}

/** Lessons on which leads have decided, the newest decision first. */
export async function decidedLessons(store: Store): Promise<readonly Lesson[]> {
  const rows = await store.run((transaction) => decidedDifferences(transaction));
  const lessons = new Map<number, DecidedRow[]>();
  for (const row of rows) lessons.set(row.lesson, [...(lessons.get(row.lesson) ?? []), row]);
  return [...lessons.values()].flatMap((group) => {
    const [first] = group;
    const change = first === undefined ? null : changeOf(first.content);
    return first === undefined || change === null ? [] : [lessonOf({ change, rows: group }, first)];
  });
}

/** The lesson that a difference of this number belongs to, decided or not; null when there is none. */
export async function lessonWith(search: LessonSearch, id: number): Promise<Lesson | null> {
  const has = ({ differences }: Lesson): boolean => differences.some((row) => row.id === id);
  const open = await openLessons(search);
  return open.find(has) ?? (await decidedLessons(search.store)).find(has) ?? null;
}

function lessonOf({ change, rows }: DifferenceGroup, decided: Lesson["decided"]): Lesson {
  const topics = new Set(rows.map(({ topic }) => topic));
  return {
    id: Math.min(...rows.map(({ id }) => id)),
    change,
    topic: [...topics].join(", "),
    headline: headlineOf(change, rows),
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
