import { appendAudit } from "#store/audit.ts";
import { loadApproval, type Approval } from "#store/approvals.ts";
import { setOutcome, updateConversation } from "#store/conversations.ts";
import type { Transaction } from "#store/driver.ts";
import { bundleOf, intend, settleEffect, withdraw, type Effect } from "#store/ledger.ts";
import { releaseReservations } from "#store/limits.ts";
import { amendTurn } from "#store/traces.ts";
import { alertAction } from "./actions.ts";
import { closeCard } from "./cards.ts";
import { handToPeople } from "./hand-to-people.ts";
import type { Parts } from "./parts.ts";
import { answeredBy } from "./view.ts";
import { voidApproval } from "./write-card.ts";

/**
 * An effect will not happen, or nobody can say whether it did. What depends on it is withheld, so no reply claims it,
 * and a person is told.
 *
 * `withdrawn`: what it rested on changed before anything happened, so the conversation is simply thought about again.
 * `failed` and `unknown`: a person has to look; the conversation goes to people.
 */
export async function giveUp(
  parts: Parts,
  effect: Effect,
  state: "withdrawn" | "failed" | "unknown",
  reason: string,
): Promise<void> {
  const now = parts.clock.now();
  await parts.store.run(async (transaction) => {
    await settleEffect(transaction, effect.key, { state, error: reason, now });
    const bundle = await bundleOf(transaction, effect.bundle);
    const rest = await withdraw(transaction, { bundle: effect.bundle }, reason, now);
    await releaseReservations(transaction, [
      ...rest,
      ...(state === "withdrawn" ? [effect.key] : []),
    ]);
    await appendAudit(
      transaction,
      { kind: state, data: { key: effect.key, operation: effect.operation } },
      now,
    );
    const approval =
      effect.approvalId === null ? null : await loadApproval(transaction, effect.approvalId);
    const begun = bundle.some((other) => other.state === "done");
    if (state === "withdrawn" && !begun)
      await thinkAgain(transaction, effect, approval, reason, now);
    else await toPeople(parts, transaction, { effect, bundle, approval, state, reason, now });
  });
  // An alert that cannot be posted would only raise another one.
  if (effect.operation !== "alert") await parts.wake(effect.conversationId).catch(() => undefined);
}

/** Nothing has happened yet: the card says why it is void, and the open messages get a new turn. */
async function thinkAgain(
  transaction: Transaction,
  effect: Effect,
  approval: Approval | null,
  reason: string,
  now: Date,
): Promise<void> {
  if (approval !== null) await voidApproval(transaction, approval, `Not sent: ${reason}.`, now);
  await updateConversation(transaction, effect.conversationId, { wakeAt: now }, now);
}

/** What stays between Deskhand and the team. Anything else that fails, a new tool's operation too, goes to people. */
const AMONG_OURSELVES = ["note", "tag", "alert", "create_ticket", "assign"];

async function toPeople(
  parts: Parts,
  transaction: Transaction,
  given: {
    readonly effect: Effect;
    readonly bundle: readonly Effect[];
    readonly approval: Approval | null;
    readonly state: "withdrawn" | "failed" | "unknown";
    readonly reason: string;
    readonly now: Date;
  },
): Promise<void> {
  const { effect, bundle, approval, state, reason, now } = given;
  if (effect.operation === "alert") return;
  const answers = bundle.flatMap((other) => answeredBy(other));
  await setOutcome(
    transaction,
    answers,
    {
      outcome: "escalated",
      reason: `${effect.operation} ${state}: ${reason}`,
      turnId: effect.turnId,
    },
    now,
  );
  if (approval !== null) {
    await closeCard(parts, transaction, approval, { problem: reason }, now);
    await amendTurn(transaction, approval.turnId, {
      outcome: "escalated",
      outcome_reason: `${effect.operation} ${state}: ${reason}`,
      approval_granted: true,
      escalated_to_human: true,
    });
  }
  // A note or a hand-over that failed is told to the team; the conversation itself goes on as it was.
  if (AMONG_OURSELVES.includes(effect.operation)) {
    await tell(parts, transaction, given);
    return;
  }
  await handToPeople(
    parts,
    transaction,
    {
      conversationId: effect.conversationId,
      answers,
      turnId: effect.turnId ?? effect.conversationId,
      card: approval?.card ?? null,
    },
    { line: `${effect.operation} ${state}: ${reason}`, tell: false, at: now },
  );
  await tell(parts, transaction, given);
}

/** An alert for the team, once for each effect and what became of it. */
async function tell(
  parts: Parts,
  transaction: Transaction,
  { effect, state, reason, now }: Parameters<typeof toPeople>[2],
): Promise<void> {
  await intend(
    transaction,
    [
      alertAction(
        `${sentence(effect, state)} (${effect.target}): ${reason}. ` +
          `Nothing was told to the customer; a person has to look. ${parts.cardLink(effect.turnId ?? effect.conversationId)}`,
        [],
        `${effect.key}:${state}`,
      ),
    ],
    {
      conversationId: effect.conversationId,
      approvalId: null,
      turnId: effect.turnId,
      bundle: parts.ids.next("b"),
      revision: null,
      approvedBy: "policy",
      notBefore: now,
      now,
    },
  );
}

function sentence(effect: Effect, state: "withdrawn" | "failed" | "unknown"): string {
  const what = effect.operation.replaceAll("_", " ");
  switch (state) {
    case "withdrawn":
      return `A ${what} was withheld`;
    case "failed":
      return `A ${what} failed`;
    case "unknown":
      return `Nobody can say whether a ${what} happened`;
    default:
      throw new Error(`unknown state ${String(state satisfies never)}`);
  }
}
