/** One press of a button on a card: who pressed, whether it counts now, and what the ballot becomes. */

import type { ApprovalVote, DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import type { Role } from "#core/values/vocabulary.ts";
import {
  cardBallot,
  groupsNow,
  pressBy,
  pressingVoter,
  VOTERS_UNCHECKED,
  type Voter,
} from "#jobs/approval/ballot.ts";
import { castVote, type Counted, type Meaning } from "#gate/kernel/ballot.ts";
import { refuse, refusedAnswer } from "#jobs/approval/refusals.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { JsonObject } from "#core/values/canonical-json.ts";

/** A press that counts as the card stands. */
export interface CardPress<Pressed = DeskDecision> {
  readonly decision: Pressed;
  readonly approval: Approval;
  readonly voter: Voter & { readonly role: Role };
  readonly at: Date;
  /** The ballot after it. */
  readonly counted: Counted<ApprovalVote>;
}

/** What a press rests on before it is more than a wish to press. */
type Pressed = Pick<DeskDecision, "approvalId" | "version" | "teammate"> & {
  readonly decisionId?: string;
};

/** Checks a press against the card's ballot; a refusal is recorded and becomes the answer. */
export async function pressOn<Asked extends Pressed>(
  context: JobContext,
  decision: Asked,
  approval: Approval,
  { meaning, anyVersion = false }: { readonly meaning: Meaning; readonly anyVersion?: boolean },
): Promise<CardPress<Asked> | { readonly answer: DeskAnswer }> {
  const { teammate } = decision;
  const at = context.clock.now();
  const voter = pressingVoter(context, teammate);
  const isVote = meaning === "yes" && approval.state === "pending";
  const groups = isVote ? await groupsNow(context, approval.votes) : new Map();
  if (groups === null) return { answer: refusedAnswer(VOTERS_UNCHECKED) };
  const ballot = cardBallot(context, approval, groups);
  const version = anyVersion ? approval.version : decision.version;
  const counted = castVote(ballot, pressBy(voter, { meaning, version, at }, teammate));
  if ("refusal" in counted) {
    const refusal = { ...counted.refusal, closing: approval.closing };
    return { answer: await refuse(context, decision, refusal) };
  }
  const { role } = voter;
  if (role === null) throw new Error("a press without a role counted");
  return { decision, approval, voter: { ...voter, role }, at, counted };
}

/** Keeps a press in the audit: who (as a pseudonym), on what, for which seal, and with what beside. */
export async function recordVote(
  { pseudonym }: Pick<JobContext, "pseudonym">,
  transaction: Transaction,
  { id, version, seal }: Pick<Approval, "id" | "version" | "seal">,
  press: {
    readonly voter: string;
    readonly button: DeskDecision["button"];
    readonly at: Date;
    readonly beside?: JsonObject;
  },
): Promise<void> {
  const { button, at, beside = {} } = press;
  const voter = await pseudonym(transaction, press.voter);
  const data = { approval: id, version, seal, button, voter, ...beside };
  await appendAudit(transaction, { kind: "vote", data }, at);
}

/** Called within a transaction to take all of it back; what it is given becomes the result. */
type TakeBack<Result> = (result: Result) => never;

/** Runs a transaction that may take itself back, so that of a press nothing is written when one part of it is too late. */
export async function orTakenBack<Result>(
  store: Store,
  work: (transaction: Transaction, takeBack: TakeBack<Result>) => Promise<Result>,
): Promise<Result> {
  const thrown = new Error("taken back");
  const results: Result[] = [];
  const takeBack = (result: Result): never => {
    results.splice(0, results.length, result);
    throw thrown;
  };
  try {
    return await store.run(work, takeBack);
  } catch (error) {
    const [result] = results;
    if (error !== thrown || result === undefined) throw error;
    return result;
  }
}
