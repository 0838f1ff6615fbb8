/** The weekly list of lessons for each lead, in a message of their own; nothing where nothing waits. */
import type { ReportTables } from "#core/values/metrics.ts";
import { type Lesson, openLessons } from "#jobs/lessons/find-lessons.ts";
import { CHANGE_WORDS } from "#jobs/lessons/lesson-words.ts";
import type { Store } from "#store/db/database.ts";

/** Keys of these reports begin like this, so that they are told from a lead's daily figures. */
export const LESSON_REPORT = "digest:lessons:";

const LESSONS_SHOWN = 20;

/** The lessons on which no lead has decided, alike by words alone; null while there are none. */
export async function lessonReport(store: Store, now: Date): Promise<ReportTables | null> {
  return lessonTables(await openLessons({ store, now }));
}

/** The list as a report. Headlines hold masked words of teammates, so a desk shows them literally. */
export function lessonTables(lessons: readonly Lesson[]): ReportTables | null {
  if (lessons.length === 0) return null;
  const shown = lessons.slice(0, LESSONS_SHOWN);
  const more = lessons.length - shown.length;
  const waits = lessons.length === 1 ? "1 lesson waits" : `${lessons.length} lessons wait`;
  return {
    summary: `${waits} for a lead's decision.`,
    title: `Lessons: ${waits}`,
    note: "What three and more alike edits, rejections or answers propose to change. Nothing changes by itself; decide in the console under Lessons.",
    sections: [
      // A section quotes five at most.
      ...chunksOf(shown, 5).map((part, index) => ({
        heading: index === 0 ? "Proposed changes" : "Further ones",
        lines: part.map(
          ({ id, change, topic, conversations }) =>
            `${id}: ${CHANGE_WORDS[change]}, ${topic.replaceAll("_", " ").slice(0, 100)}, ${conversations} conversations`,
        ),
        quoted: part.map(({ headline }) => headline.slice(0, 200)),
      })),
      ...(more === 0
        ? []
        : [{ heading: "And more", lines: [`${more} in the console`], quoted: [] }]),
    ],
  };
}

function chunksOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return items.length === 0 ? [] : [items.slice(0, size), ...chunksOf(items.slice(size), size)];
}
