/**
 * Why something decided does not happen any more, and ending an effect that will not happen, or whose result is unknown.
 */

import { z } from "zod";
import { appendAudit } from "#store/audit/audit-log.ts";
import { type Approval, loadApproval } from "#store/approvals/approvals.ts";
import { loadConversation, updateConversation } from "#store/conversations/conversations.ts";
import { setOutcome } from "#store/conversations/messages.ts";
import { addDeadLetter } from "#store/effects/dead-letters.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  bundleEffects,
  type Effect,
  effectsInFlight,
  effectsUnder,
  FOR_THE_TEAM,
  moveEffect,
  withdraw,
} from "#store/effects/ledger.ts";
import { intend } from "#store/effects/intend.ts";
import { releaseReservations } from "#store/effects/usage.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import { closeCard } from "#jobs/approval/sync-cards.ts";
import { escalate } from "#jobs/handoff/escalate.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { alertTeam, noteAction } from "#jobs/plan/own-actions.ts";
import { answeredBy } from "#jobs/conversation/snapshot.ts";
import { changeName, RefundArguments, ReplyArguments } from "#core/values/action.ts";
import { formatMoney, type Money } from "#core/values/money.ts";
import { HELPDESK } from "#core/values/vocabulary.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { voidApproval } from "#jobs/approval/end-card.ts";
import type { CardBreak } from "#jobs/approval/seal.ts";
import { tellEffect } from "#jobs/webhooks/events.ts";

/** What differs at the shop from the order that a decision rests on. */
export type OrderChange = { readonly orderId: string } & (
  | { readonly what: "gone" | "other" }
  | { readonly what: "refunded"; readonly amount: Money }
  | { readonly what: "status"; readonly from: string; readonly to: string }
);

/** Why an effect does not begin, or an approval lapses. */
export type CancelReason =
  | { readonly why: "order"; readonly change: OrderChange }
  | { readonly why: "seal"; readonly break: CardBreak }
  /** The customer wrote, or the conversation went on, since it was decided. */
  | { readonly why: "news" }
  | { readonly why: "conversation_gone" }
  | { readonly why: "people_own"; readonly linked: boolean; readonly reason: string }
  /** In the words of its source, why the conversation may not be written to. */
  | { readonly why: "barred"; readonly words: string }
  /** In the words of its source, why the conversation cannot be read any more. */
  | { readonly why: "unreadable"; readonly words: string };

/** The reason as cards, the ledger and alerts have it: the end of a sentence. */
export function cancelText(reason: CancelReason): string {
  switch (reason.why) {
    case "order":
      return orderChangeText(reason.change);
    case "seal":
      return reason.break.what === "state"
        ? `its approval is ${reason.break.state}`
        : BREAKS[reason.break.what];
    case "news":
      return "more was said after it was decided";
    case "conversation_gone":
      return "the conversation is gone";
    case "people_own":
      return `people own ${reason.linked ? "the linked" : "this"} conversation: ${reason.reason}`;
    case "barred":
    case "unreadable":
      return reason.words;
  }
}

export function orderChangeText(change: OrderChange): string {
  const order = `order ${change.orderId}`;
  switch (change.what) {
    case "gone":
      return `${order} is gone`;
    case "refunded":
      return `${formatMoney(change.amount)} of ${order} was refunded meanwhile`;
    case "status":
      return `${order} is ${change.to} now, not ${change.from}`;
    case "other":
      return `${order} changed meanwhile`;
  }
}

/** The reason shown when the decisions do not match the actions. */
export const UNFITTING = "its rules are not about what it would do";

const BREAKS = {
  absent: "no approval stands behind it",
  changed: "what was approved was changed",
  other_action: "it is not what was approved",
  unfitting: UNFITTING,
  too_few: "not enough people approved this",
} as const;

// Ends an effect.

/**
 * Ends an effect. The rest of its bundle is withdrawn, so no reply claims it happened.
 *
 * `withdrawn`: what it rested on changed before anything happened, so the conversation is planned again.
 * `failed` and `unknown`: a person has to look; the conversation goes to people, and the effect is a dead letter.
 *
 * One that has ended meanwhile stays as it is, with all that was written of its end. An alert waits instead, for a day:
 * what it tells is told nowhere else.
 */
export async function giveUp(
  context: JobContext,
  effect: Effect,
  state: "withdrawn" | "failed" | "unknown",
  reason: string,
): Promise<void> {
  const now = context.clock.now();
  if (await staysAsAlert(context, effect, { state, reason, now })) return;
  await context.store.run(async (transaction) => {
    if (!(await moveEffect(transaction, effect.key, { state, error: reason, now }))) return;
    const bundle = await bundleEffects(transaction, effect.bundle);
    await withdraw(transaction, { bundle: effect.bundle }, reason, now);
    // An effect that may have happened keeps using its limits.
    if (state !== "unknown") await releaseReservations(transaction, [effect.key]);
    const approval =
      effect.approvalId === null ? null : await loadApproval(transaction, effect.approvalId);
    const begun = bundle.some((other) => other.state === "done");
    if (state === "withdrawn" && !begun)
      await planAgain(context, transaction, effect, { approval, reason, now });
    else await toPeople(context, transaction, { effect, bundle, approval, state, reason, now });
    if (state !== "withdrawn") {
      await tellEffect(context, transaction, effect, { state, now });
      await addDeadLetter(transaction, {
        id: context.ids.next("dl"),
        conversationId: effect.conversationId,
        kind: "effect",
        reason: `${effect.operation} ${state}: ${reason}`,
        hints: [],
        effects: [effect.key],
        messages: [],
        at: now,
      });
    }
    await appendAudit(
      transaction,
      { kind: state, data: { key: effect.key, operation: effect.operation } },
      now,
    );
  });
  // An alert that cannot be posted would only raise another one.
  if (effect.operation !== "alert") await notifyWorker(context, effect.conversationId);
}

/** Each pause of an alert that cannot be posted is as long as it has waited, within these. */
const ALERT_WAIT_MS = { least: 60_000, most: 15 * 60_000 } as const;

/** True for an alert that was not taken back and is not a day old: it is tried again, or looked for again, later. */
async function staysAsAlert(
  context: JobContext,
  { key, operation, state: before }: Effect,
  end: {
    readonly state: "withdrawn" | "failed" | "unknown";
    readonly reason: string;
    readonly now: Date;
  },
): Promise<boolean> {
  if (operation !== "alert" || end.state === "withdrawn") return false;
  const { now, reason: error } = end;
  const [stored] = await context.store.run(effectsUnder, [key]);
  const ageMs = now.getTime() - (stored?.createdAt ?? now).getTime();
  if (ageMs >= DAY_MS) return false;
  const waitMs = Math.max(ALERT_WAIT_MS.least, Math.min(ageMs, ALERT_WAIT_MS.most));
  const notBefore = new Date(now.getTime() + waitMs);
  const state = end.state === "unknown" ? "executing" : "intended";
  await context.store.run(moveEffect, key, { state, from: [before], error, notBefore, now });
  return true;
}

/** Nothing has happened yet: the card says why it is void, and the open messages get a new turn. */
async function planAgain(
  context: JobContext,
  transaction: Transaction,
  effect: Effect,
  {
    approval,
    reason,
    now,
  }: { readonly approval: Approval | null; readonly reason: string; readonly now: Date },
): Promise<void> {
  if (answersNothing(effect)) return;
  const line = `Not sent: ${reason}.`;
  if (approval !== null) await voidApproval(context, transaction, approval, line, now);
  else if (effect.turnId !== null && !nothingDependsOn(effect))
    await amendTurn(transaction, effect.turnId, { outcome: "ignored", outcome_reason: line });
  // Nothing is planned in its place: who wrote it believes that it went out.
  if (effect.approvedBy === "teammate")
    await tell(context, transaction, { effect, state: "withdrawn", reason, now });
  await updateConversation(transaction, effect.conversationId, { wakeAt: now }, now);
}

/** True when only the team is concerned. Any other failure, also of a new tool's operation, goes to people. */
export function concernsTeamOnly({ operation }: Pick<Effect, "operation">): boolean {
  return FOR_THE_TEAM.includes(operation);
}

/** True when nothing rests on it: only the team is concerned, or the reply answers no message. */
function nothingDependsOn(effect: Effect): boolean {
  return concernsTeamOnly(effect) || answersNothing(effect);
}

/** True for a notice such as the closed text: whether it is sent or not, everything else goes on. */
function answersNothing(effect: Effect): boolean {
  return effect.operation === "reply" && answeredBy(effect).length === 0;
}

async function toPeople(
  context: JobContext,
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
      decidedIn: effect.conversationId,
    },
    now,
  );
  if (approval !== null) await closeCard(context, transaction, approval, { problem: reason }, now);
  // A failed note or hand-over is told to the team; the conversation itself goes on as before.
  if (nothingDependsOn(effect)) {
    await tell(context, transaction, given);
    return;
  }
  const turnId = approval?.turnId ?? effect.turnId;
  if (turnId !== null)
    await amendTurn(transaction, turnId, {
      outcome: "escalated",
      outcome_reason: `${effect.operation} ${state}: ${reason}`,
      escalated_to_human: true,
      ...(approval === null ? {} : { approval_granted: true }),
    });
  await escalate(
    context,
    transaction,
    {
      conversationId: effect.conversationId,
      answers,
      turnId: effect.turnId ?? effect.conversationId,
      card: approval?.card ?? null,
    },
    { line: `${effect.operation} ${state}: ${reason}`, tell: "when-closed", at: now, isTold: true },
  );
  await tell(context, transaction, given);
}

/** Alerts the team, once per effect and state. */
async function tell(
  context: JobContext,
  transaction: Transaction,
  {
    effect,
    state,
    reason,
    now,
  }: Pick<Parameters<typeof toPeople>[2], "effect" | "state" | "reason" | "now">,
): Promise<void> {
  const { conversationId, turnId } = effect;
  const about = `${effect.key}:${state}`;
  const text =
    `${sentence(effect, state)} (${effect.target}): ${reason}. ` +
    `Nothing was told to the customer; a person has to look${whatFor(effect, state)}. ${context.cardLink(turnId ?? conversationId)}`;
  const kind = `${state}:${effect.target}`;
  await alertTeam(context, transaction, { conversationId, turnId, text, about, kind, now });
  if (effect.operation !== "reply" || effect.target === HELPDESK) return;
  // Who has the conversation in a ticket looks there.
  const origin = await loadConversation(transaction, conversationId);
  const linked = await loadConversation(transaction, origin?.linkedId ?? "");
  if (linked === null) return;
  const note = noteAction(linked.conversation, text, about);
  const bundle = context.ids.next("b");
  await intend(transaction, [note], { conversationId, turnId, bundle, now });
}

/** When the result is unknown, the person who checks needs to know what to look for. */
function whatFor(effect: Effect, state: "withdrawn" | "failed" | "unknown"): string {
  return state === "unknown" ? ` whether there is this: ${inWords(effect)}` : "";
}

function sentence(effect: Effect, state: "withdrawn" | "failed" | "unknown"): string {
  const what = effect.operation.replaceAll("_", " ");
  switch (state) {
    case "withdrawn":
      return `A ${what} was withheld`;
    case "failed":
      return `A ${what} failed`;
    case "unknown":
      return `It is not known whether a ${what} happened`;
  }
}

// Lists the effects in flight, and describes an effect for people.

/**
 * What a pause cannot stop any more: every effect on customers and the shop that has begun without a known result, one
 * line each. The list is complete when read in the transaction that sets the pause: no effect begins before that ends,
 * and none after it.
 */
export async function inFlightEffectLines(transaction: Transaction): Promise<readonly string[]> {
  const begun = await effectsInFlight(transaction);
  return begun
    .filter(({ target }) => target !== "desk")
    .map((effect) => `${inWords(effect)}, conversation ${effect.conversationId}`);
}

/** An effect as a person would look for it at its target: "refund of 5.00 USD on order 789 (shop)". */
function inWords({ operation, target, action }: Effect): string {
  const what = changeName(operation);
  return `${what}${aboutText(operation, action.arguments)} (${target})`;
}

/** What every operation on an order has. */
const AboutOrder = z.looseObject({ orderId: z.string() });

function aboutText(operation: string, given: unknown): string {
  const refund = RefundArguments.safeParse(given);
  if (operation === "refund" && refund.success)
    return ` of ${formatMoney(refund.data.amount)} on order ${refund.data.orderId}`;
  const reply = ReplyArguments.safeParse(given);
  if (operation === "reply" && reply.success) return ` to ${reply.data.to.label}`;
  const { data } = AboutOrder.safeParse(given);
  if (data !== undefined) return ` of order ${data.orderId}`;
  return "";
}
