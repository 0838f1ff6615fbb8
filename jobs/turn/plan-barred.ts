/** What a turn plans where the bot may not write, where nothing is to be answered, and for what was put aside. */
import { toldReason } from "#core/cases/ownership.ts";
import type { Barrier } from "#core/contracts/channel.ts";
import type { Conversation, Message } from "#core/values/message.ts";
import { alertAction, noteAction } from "#jobs/plan/own-actions.ts";
import { messageKeyList, EMPTY_PLAN, unconditional, type Plan } from "#jobs/plan/plan.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import type { PlanStep } from "#jobs/conversation/plan-step.ts";
import { maskOr } from "#core/values/thrown.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

/**
 * The plan where the bot may not write: what waits is withdrawn, and what came in ends with the reason. It opens again
 * once the reason is gone.
 */
export function planBarred(changes: ConversationChanges, barred: Barrier): Plan {
  const { reason, alert } = barred;
  return {
    ...EMPTY_PLAN,
    outcomes: [
      { keys: messageKeyList(changes.open), outcome: "ignored", reason, passedOver: "barred" },
    ],
    // One alert for all conversations it concerns: its key exists once it is intended.
    bundles: alert === null ? [] : [unconditional([alertAction(alert, [], `barred:${alert}`)])],
    voids: `Withdrawn: ${reason}.`,
  };
}

/**
 * The plan where the channel leaves nothing to answer: people own it, and one note says so. Its assignee at the source
 * stays, because people may already be at work.
 */
export function planUnserved(
  conversation: Conversation,
  changes: ConversationChanges,
  unserved: string,
): Plan {
  const text = `Deskhand does not answer here: ${unserved}. People have this conversation.`;
  return {
    ...EMPTY_PLAN,
    outcomes: [
      {
        keys: messageKeyList(changes.open),
        outcome: "escalated",
        reason: `with people: ${unserved}`,
      },
    ],
    bundles: [unconditional([noteAction(conversation, text, "unserved")])],
    voids: `Withdrawn: ${unserved}. People answer this conversation now.`,
    owner: changes.ownership.owner === "human" ? null : { owner: "human", reason: toldReason(unserved) },
  };
}

/** The part of a message that an alert quotes; the full text is with the conversation. */
const WORDS_MAX = 1_500;

const WITHHELD = "[These words could not be masked, so they are shown only where they came in.]";

/** Alerts the team about what was put aside: the customer may have written it, with a broken signature. */
export const setUnprovenAside: PlanStep = (plan, { context, snapshot, changes }) => {
  const { putAside } = changes;
  if (putAside.length === 0) return plan;
  const told = putAside.map((message) =>
    unconditional([putAsideAlert(context, snapshot, message)]),
  );
  return { ...plan, bundles: [...plan.bundles, ...told] };
};

function putAsideAlert(
  context: JobContext,
  { state, pending, approved }: ConversationSnapshot,
  message: Message,
) {
  const { id, channel, subject } = state.conversation;
  const where = subject === "" ? channel : `${channel}, “${subject}”`;
  const words = maskOr(context.guard, message.text, WITHHELD);
  const shown = words.length > WORDS_MAX ? `${words.slice(0, WORDS_MAX)} …` : words;
  const text = [
    `Put aside (${where}): a message in the name of ${message.author.name} proves nothing (${message.identity.reason}), and what waits in this conversation rests on proof.`,
    "It changed nothing there and is not answered by itself; if it is the customer's, a person has to answer.",
    `It says: “${shown}”`,
    context.cardLink(pending?.id ?? approved?.id ?? id),
  ].join(" ");
  return alertAction(text, [], `put-aside:${message.key}`, {
    conversationId: id,
    kind: "put-aside",
  });
}
