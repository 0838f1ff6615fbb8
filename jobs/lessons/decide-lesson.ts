/** Records how a lead decided on a lesson. Accepting changes nothing by itself: the lead writes or proposes the text. */
import { DeskhandError } from "#core/values/errors.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { decideDifferences, type DecidedRow } from "#store/reports/draft-differences.ts";
import type { Lesson } from "./find-lessons.ts";

/** Who decides, and how. */
export interface LessonDecision {
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
