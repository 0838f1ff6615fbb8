/** Puts aside messages of unproven authors while a proven request is open. */

import { PROVEN_LEVEL } from "#core/values/identity.ts";
import type { PlanStep } from "#jobs/plan/plan-step.ts";
import { passedOverFor, type Message } from "#core/values/message.ts";
import type { Owner } from "#core/values/vocabulary.ts";
import { maskOr } from "#core/values/thrown.ts";
import type { StoredMessage } from "#store/conversations/messages.ts";
import { alertAction } from "#jobs/plan/own-actions.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { unconditional } from "#jobs/plan/plan.ts";
import type { ConversationSnapshot } from "./snapshot.ts";

/**
 * New messages with an unproven author while a proven request is still open, whatever author they name: an attacker could
 * have written them, so they are no reason to withdraw what waits for the proven one. Among messages read together
 * their order does not matter, because the writer sets the date. A waiting unproven message keeps nothing out.
 */
export function unprovenMessages(
  { state, stored }: ConversationSnapshot,
  fresh: readonly Message[],
  owner: Owner,
): readonly Message[] {
  // People judge for themselves, and where the bot may not write nothing waits.
  if (owner === "human" || state.participants.barred !== null) return [];
  const open = stored.filter(({ outcome }) => outcome === null).map(({ message }) => message);
  const isProven = ({ identity }: Message): boolean => identity.level >= PROVEN_LEVEL;
  if (![...open, ...fresh].some((message) => isRequest(message) && isProven(message))) return [];
  return fresh.filter((message) => isRequest(message) && !isProven(message));
}

function isRequest({ author, visibility, ignore }: Message): boolean {
  return author.kind === "requester" && visibility === "public" && ignore === null;
}

/** True for a stored message that ended this way: it is never history of its conversation. */
export function wasPutAside({ outcome, outcomeReason }: StoredMessage): boolean {
  return outcome === "ignored" && passedOverFor(outcomeReason) === "unproven";
}

/** The part of a message that an alert quotes; the full text is with the conversation. */
const WORDS_MAX = 1_500;

const WITHHELD = "[These words could not be masked, so they are shown only where they came in.]";

/** Alerts the team about what was put aside: the customer may have written it, with a broken signature. */
export const setUnprovenAside: PlanStep = (plan, { context, snapshot, changes }) => {
  const { putAside } = changes;
  if (putAside.length === 0) return plan;
  const told = putAside.map((message) => unconditional([toldOf(context, snapshot, message)]));
  return { ...plan, bundles: [...plan.bundles, ...told] };
};

function toldOf(
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
