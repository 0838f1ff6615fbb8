/** Asks the policy about one action, and again about a card's proposal under the current one. */

import {
  actionOrder,
  type Origin,
  type PlannedAction,
  amountMoved,
  isFindable,
  ResetPasswordArguments,
  SystemArguments,
} from "#core/values/action.ts";
import { canonical } from "#core/values/canonical-json.ts";
import { IdentityLevel } from "#core/values/identity.ts";
import type { Conversation } from "#core/values/message.ts";
import {
  decisionGround,
  type Approvers,
  type Decision,
  type Policy,
  type PolicyQuestion,
  type Reservation,
  type LimitUsage,
} from "#core/contracts/policy.ts";
import type { PendingCard } from "#policy/explain/summary.ts";
import { approversInWords } from "#policy/roles.ts";
import type { LoadedPolicy } from "#policy/load-policy.ts";
import { pendingApprovals, type Approval } from "#store/approvals/approvals.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { findTurns } from "#store/conversations/traces.ts";
import { effectBookings } from "#store/policy/policy-changes.ts";
import { bundleApprovers, rulesOfActions } from "#jobs/approval/seal.ts";
import { UNFITTING } from "#jobs/effects/give-up.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { isLaxer } from "#policy/rules.ts";
import { limitUsage } from "#store/effects/usage.ts";

/** The customer, conversation and topic of an action, as far as the policy may look at them. */
export interface DecisionContext {
  readonly conversation: Pick<Conversation, "channel" | "brand">;
  readonly level: IdentityLevel;
  /** Required, so that no caller forgets it; undefined where it is `level`. */
  readonly actingLevel: IdentityLevel | undefined;
  readonly customerId: string | null;
  readonly topic: string;
  /** Whose text it rests on; null for what a teammate asks for. */
  readonly origin: Origin | null;
  /** What earlier decisions of the same turn will book of the limits; none of it is in the database yet. */
  readonly earlier: readonly Reservation[];
  /** When it was asked for, where that is not now: by it the order's days count. Limits count as of now. */
  readonly at?: Date;
}

/** Asks the policy about one planned action, with the current usage of its limits. */
export async function decideAction(
  context: Pick<JobContext, "store" | "policy" | "clock">,
  planned: PlannedAction,
  about: DecisionContext,
): Promise<Decision> {
  const now = context.clock.now();
  const { operation } = planned.action;
  const customerId = about.customerId ?? customerIn(planned);
  const needed = context.policy.limitsNeeded(operation, customerId, now);
  const booked = needed.length === 0 ? {} : await context.store.run(limitUsage, needed);
  const usage = withEarlier(booked, about.earlier);
  return context.policy.decide({
    operation,
    channel: about.conversation.channel,
    brand: about.conversation.brand,
    topic: about.topic,
    level: about.level,
    actingLevel: about.actingLevel,
    customerId,
    amount: amountMoved(planned.action),
    order: actionOrder(planned),
    origin: about.origin,
    at: about.at ?? now,
    usage,
    ...(isFindable(planned.action) ? {} : { unfindable: true }),
  });
}

/** Two small refunds in one message share one limit, although neither is booked before the turn ends. */
function withEarlier(
  booked: Readonly<Record<string, LimitUsage>>,
  earlier: readonly Reservation[],
): Readonly<Record<string, LimitUsage>> {
  const usage = { ...booked };
  for (const { limit, minor } of earlier) {
    const used = usage[limit] ?? { count: 0, minor: 0 };
    usage[limit] = { count: used.count + 1, minor: used.minor + minor };
  }
  return usage;
}

/**
 * The customer named in the action itself: of a reset, which an unproven requester may ask for, and of a change in a
 * connected system, which may be about no order.
 */
function customerIn({ action: { target, operation, arguments: given } }: PlannedAction) {
  if (target === "system") return SystemArguments.parse(given).requester["customer_id"] ?? null;
  return operation === "reset_password" ? ResetPasswordArguments.parse(given).customerId : null;
}

/** More cards than people could look through. */
const CARDS_MAX = 10_000;

/** What the current policy says about a card decided earlier. */
export interface RecheckedDecision {
  /** In what it is stricter than the sealed decision, as text; empty when it is not: what waits for people stays so. */
  readonly changes: readonly string[];
  /** False when an action is no longer allowed, even with approval. */
  readonly allowed: boolean;
  readonly needs: Approvers;
}

type ProposalCircumstances = NonNullable<Awaited<ReturnType<typeof proposalCircumstances>>>;

interface DecisionPair {
  readonly sealed: Decision;
  readonly again: Decision;
}

/**
 * Decides on a card's proposal again: the same actions, facts as sealed, identity and time of the turn that made it,
 * limits as used now. Null for a card without a proposal. Changes nothing.
 */
export async function recheckDecision(
  context: Pick<JobContext, "store" | "policy" | "clock">,
  approval: Approval,
): Promise<RecheckedDecision | null> {
  const asked = await proposalCircumstances(context, approval);
  if (approval.proposal === null || asked === null) return null;
  const bound = rulesOfActions(approval.proposal, approval.rules);
  if (bound === null)
    return { changes: [UNFITTING], allowed: false, needs: bundleApprovers(approval.rules, 1) };
  const keys = bound.actions.map(({ planned: { key } }) => key);
  // Nothing of a card that waits is booked yet, and its keys may be another card's.
  const policy =
    approval.state === "pending" ? context.policy : await withoutBookings(context, keys);
  const pairs: DecisionPair[] = [];
  for (const { planned, rule } of bound.actions) {
    const earlier = pairs.flatMap(({ again }) => again.reservations);
    const again = await recheckAction({ ...context, policy }, planned, rule, asked, earlier);
    pairs.push({ sealed: rule, again });
  }
  pairs.push({ sealed: bound.reply, again: recheckReply(context, asked) });
  const decided = pairs.map(({ again }) => again);
  return {
    changes: pairs.flatMap((pair) => (isStricter(pair) ? [inWords(pair)] : [])),
    allowed: decided.every(({ verdict }) => verdict !== "deny"),
    needs: bundleApprovers(decided, 1),
  };
}

/** The policy without these effects' own bookings, which would count twice. */
async function withoutBookings(
  { store, policy }: Pick<JobContext, "store" | "policy">,
  keys: readonly string[],
): Promise<Policy> {
  const own = await store.run(effectBookings, keys);
  return {
    ...policy,
    decide(question) {
      const usage = { ...question.usage };
      for (const { limit, minor } of own) {
        const used = usage[limit];
        if (used !== undefined) usage[limit] = { count: used.count - 1, minor: used.minor - minor };
      }
      return policy.decide({ ...question, usage });
    },
  };
}

/** Under which circumstances a card's proposal was decided on; null where its conversation is gone. */
export async function proposalCircumstances(
  { store }: Pick<JobContext, "store">,
  approval: Approval,
) {
  return store.run(async (transaction) => {
    const state = await loadConversation(transaction, approval.conversationId);
    const [turn] = await findTurns(transaction, approval.turnId);
    if (state === null || turn === undefined) return null;
    return {
      conversation: state.conversation,
      level: IdentityLevel.parse(approval.card.requester.level),
      actingLevel: approval.card.requester.actingLevel,
      topic: turn.topic,
      /** Time windows count as of the request, so that a card does not run out of one while it waits. */
      at: new Date(turn.started_at),
    };
  });
}

/** Decides on one action again; the origin of its values stays as it was. */
export function recheckAction(
  context: Pick<JobContext, "store" | "policy" | "clock">,
  planned: PlannedAction,
  sealed: Decision,
  { conversation, level, actingLevel, topic, at }: ProposalCircumstances,
  earlier: readonly Reservation[],
): Promise<Decision> {
  return decideAction(context, planned, {
    at,
    conversation,
    level,
    actingLevel,
    topic,
    earlier,
    // A proposal about an order is for that order's customer; any other was denied and is on no card.
    customerId: actionOrder(planned)?.customerId ?? null,
    origin: sealedOrigin(planned, sealed),
  });
}

/** The origin of a value is not stored with the card, but the rule that stopped it says that it was unproven. */
function sealedOrigin({ action }: PlannedAction, sealed: Decision): Origin | null {
  const { operation, name } = decisionGround(sealed);
  return operation === action.operation && name === "origin"
    ? { asked: false, unproven: [] }
    : null;
}

/** Whether a person may still send the reply; that policy would send it now is no reason to take it from them. */
function recheckReply(
  { policy }: Pick<JobContext, "policy">,
  { conversation: { channel, brand }, level, topic, at }: ProposalCircumstances,
): Decision {
  return policy.decide({
    operation: "reply",
    channel,
    brand,
    topic,
    level,
    // A reply changes nothing.
    actingLevel: undefined,
    customerId: null,
    amount: null,
    order: null,
    origin: null,
    at,
    usage: {},
  });
}

/**
 * The pending cards with the questions their actions and replies raise, for comparing two policies. Includes the limits
 * of both.
 */
export async function pendingCards(
  { store, clock }: Pick<JobContext, "store" | "clock">,
  before: LoadedPolicy,
  after: LoadedPolicy,
): Promise<readonly PendingCard[]> {
  const waiting = await store.run(pendingApprovals, CARDS_MAX);
  const cards: PendingCard[] = [];
  for (const approval of waiting) {
    const { id, card, proposal } = approval;
    if (proposal === null) continue;
    const questions: PolicyQuestion[] = [];
    const noting: LoadedPolicy = {
      ...after,
      limitsNeeded: (...asked) => [
        ...before.limitsNeeded(...asked),
        ...after.limitsNeeded(...asked),
      ],
      decide(question) {
        questions.push(question);
        return after.decide(question);
      },
    };
    await recheckDecision({ store, clock, policy: noting }, approval);
    cards.push({ id, headline: card.headline, questions });
  }
  return cards;
}

/**
 * True when the card may not go on as it was shown. A decision that grew more lenient, or only has another name, leaves
 * it to the people who have it; what is done then books the limits it was sealed with, within the bounds in force by
 * then, so it may name no other ones.
 */
function isStricter({ sealed, again }: DecisionPair): boolean {
  if (isLaxer(sealed, again)) return true;
  // An edit is sealed to be asked where the rule allows, so one rule is compared whatever its verdict.
  const isAlike = sealed.verdict === again.verdict || sealed.rule === again.rule;
  const booked = sealed.reservations.map(limitOf);
  return isAlike && again.reservations.some((booking) => !booked.includes(limitOf(booking)));
}

function limitOf({ limit, subject }: Reservation): string {
  return canonical([limit, subject]);
}

function inWords({ sealed, again }: DecisionPair): string {
  if (again.verdict === "deny" && sealed.verdict !== "deny")
    return `${sealed.rule} → ${again.rule}, which is not allowed`;
  if (sealed.rule !== again.rule) return `${sealed.rule} → ${again.rule}`;
  if (canonical(sealed.approvers) !== canonical(again.approvers))
    return `${again.rule} now asks ${approversInWords(again.approvers)}`;
  return `${again.rule} now says: ${again.reason}`;
}
