/** Hands over what a draft has left open, once that draft is sent. */
import { ReplyArguments } from "#core/values/action.ts";
import { HELPDESK } from "#core/values/channel-traits.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { alertTeam } from "#jobs/plan/alert-team.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { escalate } from "./escalate.ts";

/**
 * The customer has read that people take the rest, so from this commit on people have the conversation. Called in the
 * transaction that records the last effect of the approved bundle, which happens once. False when nothing was left open.
 */
export async function passOnRest(
  context: JobContext,
  transaction: Transaction,
  approval: Approval,
  at: Date,
): Promise<boolean> {
  const { passesOn } = approval.card;
  if (passesOn === undefined) return false;
  const reply = approval.proposal?.actions.find(({ action }) => action.operation === "reply");
  const answered = reply === undefined ? "" : ReplyArguments.parse(reply.action.arguments).text;
  const { conversationId, turnId } = approval;
  const line = passesOn.reason;
  await escalate(context, transaction, approval, { line, tell: false, at, answered });
  if (context.targets.has(HELPDESK)) return true;
  await alertTeam(context, transaction, {
    conversationId,
    turnId,
    text: `Needs a person (${approval.card.channel}), the answer to the rest was sent: ${line}. ${context.cardLink(turnId)}`,
    people: [],
    about: `passed-on:${approval.id}`,
    now: at,
  });
  return true;
}
