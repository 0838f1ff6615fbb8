/** What all endings of a turn share: the messages they answer, and their trace. */

import { type BoundRequester, type IdentityEvidence, PROVEN_LEVEL } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { type TurnContext, messagesHere } from "#jobs/conversation/turn-context.ts";
import type { Ending } from "./plan-escalation.ts";
import { traceRecord } from "#jobs/conversation/trace-record.ts";
import { lookedOrderLines } from "#jobs/handoff/summary.ts";
import { conversationAfter } from "#jobs/conversation/changes.ts";
import { statableReason } from "#jobs/conversation/participants.ts";

/** The requester before any lookup. */
export const UNKNOWN_REQUESTER: BoundRequester = {
  level: 0,
  customerId: null,
  emailOnFile: null,
  name: null,
  reason: "not looked up",
};

/**
 * One turn answers one person on one proof: in a shared channel, another asker's messages wait for their own turn, and so
 * do unproven ones beside proven ones, which would take the proof of the turn.
 */
export function newestAuthors(open: readonly Message[]): readonly Message[] {
  const newest = open.at(-1);
  return open.filter(
    ({ author, identity }) =>
      author.id === newest?.author.id && isProven(identity) === isProven(newest.identity),
  );
}

const isProven = ({ level }: IdentityEvidence): boolean => level >= PROVEN_LEVEL;

/** What every ending of a turn has in common, with its trace. */
export function commonEnding(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult | null,
  outcome: "escalated" | "pending",
  reason: string,
): Ending {
  const { context, snapshot, turnId } = known;
  const own = messagesHere(known);
  return {
    context,
    snapshot,
    conversation: conversationAfter(snapshot, known.changes),
    unread: statableReason({ ...known, unread: own }),
    requester,
    turnId,
    orders: lookedOrderLines(result, context.clock.now()),
    trace: traceRecord(context, {
      ...known,
      requester,
      result,
      outcome,
      reason,
      approvalRequired: false,
      escalated: outcome === "escalated",
      rules: result?.denied.map(({ decision }) => decision) ?? [],
    }),
  };
}
