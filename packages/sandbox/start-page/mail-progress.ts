/** The progress of a sample mail towards its answer, read from cards, effects and messages, step by step. */

import { RefundArguments, type Action } from "#core/values/action.ts";
import { formatMoney } from "#core/values/money.ts";
import { and, desc, eq, gte, inArray, ne } from "#store/db/drizzle.ts";
import { Outcome } from "#core/values/vocabulary.ts";
import type { Transaction } from "#store/db/database.ts";
import { type Approval, approvalIn } from "#store/approvals/approvals.ts";
import { type Effect, effectsWhere } from "#store/effects/ledger.ts";
import { approval, conversationKey, effect, message } from "#store/db/schema.ts";

/** One step from a mail to its answer. */
type ProgressStep = ReturnType<typeof step>;

const WORDS: Readonly<Record<string, string>> = {
  cancel_order: "cancellation",
  start_return: "return label",
  exchange_item: "exchange label",
  resend_invoice: "invoice",
  change_address: "address change",
  reset_password: "password link",
  create_ticket: "ticket for the team",
  assign: "hand-over to the team",
  note: "note for the team",
  alert: "alert to the team",
  send_code: "one-time code",
};

/** What the mailbox shows of the mail whose progress it is. */
interface MailReader {
  /** The customer's first name. */
  readonly name: string;
  /** Counts the answers in the customer's mailbox, so that "reply" is done only when it can be read there. */
  readonly answers: number;
  /** How long ago the customer wrote, in milliseconds; null for a thread in which only the shop wrote. */
  readonly waitedMs: number | null;
}

/** A mail without a result after this time, in milliseconds, is not just being read. */
const READ_WITHIN_MS = 60_000;

/**
 * The progress of a mail as steps, derived from what was recorded. Pure. A mail of the shop itself has none, since
 * it is not answered.
 */
export function stepsOf(course: CardProgress | null, reader: MailReader): readonly ProgressStep[] {
  if (reader.waitedMs === null) return [];
  const isLate = reader.waitedMs > READ_WITHIN_MS;
  return [step("done", "mail sent"), ...stepsSince(course, reader, isLate)];
}

function stepsSince(
  course: CardProgress | null,
  reader: MailReader,
  isLate: boolean,
): readonly ProgressStep[] {
  if (course === null)
    return [isLate ? step("problem", "not taken in; the doctor command says what is wrong") : READ];
  const { approval, effects, outcome, reason } = course;
  const acts = effectSteps(course, approval, reader);
  if (approval !== null) return [...decisionSteps(approval), ...acts];
  if (effects.length > 0) return [step("done", decidedByText(effects)), ...acts];
  if (outcome === null) return [isLate ? step("now", "taken in, no answer yet") : READ];
  return [step("done", `${outcome}: ${reason}`)];
}

function step(state: "done" | "now" | "todo" | "problem", label: string) {
  return { label, state };
}

const READ = step("now", "being read");

function decidedByText(effects: readonly Effect[]): string {
  const handsOver = effects.some(({ operation }) => HAND_OVERS.has(operation));
  if (handsOver) return "handed to people";
  return effects.some(({ approvedBy }) => approvedBy === "teammate")
    ? "answered by a teammate"
    : "approved by policy";
}

const HAND_OVERS: ReadonlySet<string> = new Set(["create_ticket", "assign", "alert"]);

function decisionSteps(approval: Approval): readonly ProgressStep[] {
  const { state, kind, closing, votes, needs } = approval;
  const posted = step(
    "done",
    kind === "blocked" ? "stopped before planning, card for a person" : "card posted",
  );
  const names = votes.map(({ name }) => name).join(" and ");
  const approved = `approved by ${names}`;
  switch (state) {
    case "pending":
      return votes.length === 0
        ? [posted, step("now", "waits for a click")]
        : [posted, step("now", `${approved}, ${votes.length} of ${needs.count}`)];
    case "approved":
      return [posted, step("done", approved)];
    case "rejected":
    case "expired":
    case "void":
      return [posted, step("done", closing || state)];
  }
}

/** What is done or under way; while the card is pending, what it would do. */
function effectSteps(
  { effects }: CardProgress,
  approval: Approval | null,
  reader: MailReader,
): readonly ProgressStep[] {
  // The reply goes out last, whichever of them was recorded first.
  const shown = effects
    .filter(({ operation }) => operation !== "note")
    .toSorted((left, right) => Number(isReply(left)) - Number(isReply(right)));
  if (shown.length === 0 && approval?.state === "pending")
    return (approval.proposal?.actions ?? []).map(({ action }) =>
      step("todo", labelOf(action, reader.name)),
    );
  return shown.map((effect) => {
    const label = `${labelOf(effect.action, reader.name)}${endingOf(effect)}`;
    return step(stateOf(effect, reader.answers), label);
  });
}

function isReply({ operation }: Effect): boolean {
  return operation === "reply";
}

function labelOf({ operation, arguments: given }: Action, name: string): string {
  if (operation === "reply") return `reply in ${name}'s mailbox`;
  if (operation !== "refund") return WORDS[operation] ?? operation.replaceAll("_", " ");
  const refund = RefundArguments.safeParse(given);
  return refund.success ? `refund of ${formatMoney(refund.data.amount)}` : "refund";
}

function endingOf({ operation, state, error }: Effect): string {
  if (state === "failed" || state === "unknown") return ` ${state}${error ? `: ${error}` : ""}`;
  if (state !== "done" || operation === "reply") return "";
  return operation === "send_code" ? " sent" : " done";
}

const EFFECT_STATES: Readonly<Record<Effect["state"], ProgressStep["state"]>> = {
  intended: "now",
  executing: "now",
  done: "done",
  failed: "problem",
  unknown: "problem",
  withdrawn: "todo",
};

/** A reply that was sent is under way until it can be read in the mailbox. */
function stateOf({ operation, state }: Effect, answers: number): ProgressStep["state"] {
  const isUnderWay = state === "done" && operation === "reply" && answers === 0;
  return isUnderWay ? "now" : EFFECT_STATES[state];
}

// What was recorded.

/** What became of the newest question in a conversation so far. */
interface CardProgress {
  /** The card about it; null when none was needed, or not yet. */
  readonly approval: Approval | null;
  /** All effects since, done or intended, in order. */
  readonly effects: readonly Effect[];
  /** How it ended; null until then. */
  readonly outcome: Outcome | null;
  /** Why it ended so; empty until then. */
  readonly reason: string;
}

/** The progress of the conversation known under one of these keys; null when none is known. */
export async function cardProgress(
  transaction: Transaction,
  keys: readonly string[],
): Promise<CardProgress | null> {
  const [known] = await transaction
    .select({ id: conversationKey.conversationId })
    .from(conversationKey)
    .where(inArray(conversationKey.key, [...keys]));
  if (known === undefined) return null;
  const question = await newestQuestion(transaction, known.id);
  if (question === null) return { approval: null, effects: [], outcome: null, reason: "" };
  const { receivedAt, outcome, reason } = question;
  const [card] = await transaction
    .select()
    .from(approval)
    .where(and(eq(approval.conversationId, known.id), gte(approval.updatedAt, receivedAt)))
    .orderBy(desc(approval.createdAt))
    .limit(1);
  const effects = await effectsWhere(
    transaction,
    and(
      eq(effect.conversationId, known.id),
      ne(effect.state, "withdrawn"),
      gte(effect.createdAt, receivedAt),
    ),
    effect.createdAt,
    effect.position,
  );
  return {
    approval: card === undefined ? null : approvalIn(card),
    effects,
    outcome: outcome === null ? null : Outcome.parse(outcome),
    reason: reason ?? "",
  };
}

/** A thank-you that needs no answer is no question, but is shown when there is nothing else. */
async function newestQuestion(transaction: Transaction, conversationId: string) {
  const rows = await transaction
    .select({
      receivedAt: message.receivedAt,
      outcome: message.outcome,
      reason: message.outcomeReason,
    })
    .from(message)
    .where(and(eq(message.conversationId, conversationId), eq(message.authorKind, "requester")))
    .orderBy(desc(message.id))
    .limit(20);
  return rows.find(({ outcome }) => outcome !== "ignored") ?? rows[0] ?? null;
}
