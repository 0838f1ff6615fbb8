/** The stored answers to clicks, so that a repeated click gets the same answer, and the alerts about refused ones. */
import { eq } from "#store/db/drizzle.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { digest } from "#core/values/canonical-json.ts";
import type { Transaction } from "#store/db/database.ts";
import { deskDecision } from "#store/db/schema.ts";

/** What a click decided, by digest: what only says how it was looked at may differ when it is sent again. */
export function clickContent(decision: DeskDecision): string {
  const { button, approvalId, reason, rejection, hint, ownAnswer, edit, to, until } = decision;
  return digest({ button, approvalId, reason, rejection, hint, ownAnswer, edit, to, until });
}

const OTHER_CONTENT: DeskAnswer = {
  accepted: false,
  message:
    "This was sent before with other content, which counts. Look again before you repeat it.",
  fieldErrors: {},
};

/** The answer this click got before, or null when the click is new. One with another `content` than then is refused. */
export async function rememberedAnswer(
  transaction: Transaction,
  decisionId: string,
  content?: string,
): Promise<DeskAnswer | null> {
  const [row] = await transaction
    .select()
    .from(deskDecision)
    .where(eq(deskDecision.id, decisionId));
  if (row === undefined) return null;
  const { content: before = content, ...answer } = row.answer;
  return content === undefined || before === content ? answer : OTHER_CONTENT;
}

export async function rememberAnswer(
  transaction: Transaction,
  decision: Pick<DeskDecision, "decisionId" | "approvalId">,
  answer: DeskAnswer & { readonly content?: string },
  now: Date,
): Promise<void> {
  await transaction
    .insert(deskDecision)
    .values({ id: decision.decisionId, approvalId: decision.approvalId, answer, at: now })
    .onConflictDoNothing();
}

/**
 * True when an alert about clicks from another company was sent. It is stored as a refusal of a click, under the alert's
 * key, on a card that does not exist.
 */
export async function wasAlertSent(transaction: Transaction, key: string): Promise<boolean> {
  return (await rememberedAnswer(transaction, key)) !== null;
}

export async function recordAlertSent(
  transaction: Transaction,
  key: string,
  text: string,
  now: Date,
): Promise<void> {
  const answer = { accepted: false, message: text, fieldErrors: {} };
  await rememberAnswer(transaction, { decisionId: key, approvalId: "outsider" }, answer, now);
}
