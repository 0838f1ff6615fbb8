import type { BoundRequester } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { Known } from "./plan-approval.ts";
import type { Ending } from "./plan-escalation.ts";
import { recordOf } from "./trace-record.ts";
import { conversationIn } from "#jobs/conversation/changes.ts";
import { sayable } from "#jobs/conversation/participants.ts";

/** Whoever wrote, before anybody looked them up. */
export const STRANGER: BoundRequester = {
  level: 0,
  customerId: null,
  emailOnFile: null,
  name: null,
  reason: "not looked up",
};

/** One turn answers one person: in a shared place another asker's messages wait for their own turn. */
export function newestAuthors(open: readonly Message[]): readonly Message[] {
  const author = open.at(-1)?.author.id;
  return open.filter((message) => message.author.id === author);
}

/** What every ending of a turn has in common, with its trace. */
export function endingOf(
  known: Known,
  requester: BoundRequester,
  result: TurnResult | null,
  outcome: "escalated" | "pending",
  reason: string,
): Ending {
  const { parts, view, turnId } = known;
  return {
    parts,
    view,
    conversation: conversationIn(view, known.situation),
    unread: sayable(known),
    requester,
    turnId,
    trace: recordOf(parts, {
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
