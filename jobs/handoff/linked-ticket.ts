/**
 * Keeps a ticket and the conversation it was handed over from in step.
 *
 * A hand-over from a channel where no teammate works opens a ticket, and the two are linked: what the customer adds at
 * the origin becomes a note there, what a teammate answers there is relayed to the origin, and both have one owner.
 * Each direction is planned in the turn of the side where something happened and runs as an effect of the other one,
 * under a key of the message it is about: once, and not lost in a crash.
 */

import type { PlanStep } from "#jobs/conversation/turn-context.ts";
import { CHANNEL_TRAITS, isHelpdesk } from "#core/values/channel-traits.ts";
import { type Message, isTeamAnswer } from "#core/values/message.ts";
import { alertAction, repeatHandOver, noteAction, replyAction } from "#jobs/plan/own-actions.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { unconditional, type Plan } from "#jobs/plan/plan.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

type Elsewhere = Plan["elsewhere"][number];

/** A message may be older by its source's clock than our receipt of the first one. */
const CLOCKS_APART_MS = 300_000;

/** Adds what the other side of a hand-over must learn of this turn's news, whether bot or people own it. */
export const addLinkedTicket: PlanStep = (plan, { context, snapshot, changes }) => {
  const { linked, state } = snapshot;
  if (linked === null) return plan;
  if (!isHelpdesk(state.conversation.channel))
    return {
      ...plan,
      elsewhere: [...plan.elsewhere, ...notesForLinked(context, snapshot, changes)],
    };
  const { relays, lost } = relaysToOrigin(context, snapshot, changes);
  return {
    ...plan,
    bundles: [...plan.bundles, ...lost],
    elsewhere: [...plan.elsewhere, ...relays, ...ownerNotes(snapshot, changes)],
  };
};

/** While people own the conversation, its origin passes on what the customer adds. */
function notesForLinked(
  { guard }: JobContext,
  { linked, state }: ConversationSnapshot,
  changes: ConversationChanges,
): readonly Elsewhere[] {
  if (linked === null || !isHelpdesk(linked.conversation.channel)) return [];
  if (changes.ownership.owner !== "human") return [];
  const ignored = new Set(changes.ignored.map(({ message }) => message.key));
  const { channel, id } = state.conversation;
  return changes.newMessages
    .filter((message) => message.author.kind === "requester" && !ignored.has(message.key))
    .map((message) => {
      // Where they write in a window, the channel knows them by an id, and the ticket by their name.
      const who = CHANNEL_TRAITS[channel].isOneWindow ? "The customer" : message.author.name;
      const text = `${who} wrote again by ${channel}:\n\n${guard.mask(message.text)}`;
      return {
        conversationId: id,
        bundle: unconditional([
          repeatHandOver({
            origin: state.conversation,
            linked: linked.conversation,
            text,
            message,
          }),
        ]),
      };
    });
}

/** A teammate wrote it for the customer, so it goes out unchanged and without another approval, once. */
function relaysToOrigin(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): { readonly relays: readonly Elsewhere[]; readonly lost: Plan["bundles"] } {
  const { linked } = snapshot;
  const answers = changes.newMessages.filter((message) => isForOrigin(message, snapshot));
  if (linked === null || answers.length === 0) return { relays: [], lost: [] };
  const asked = snapshot.linkedMessages
    .map(({ message }) => message)
    .findLast((message) => message.author.kind === "requester" && message.answerTo !== null);
  const to = asked?.answerPrivatelyTo ?? asked?.answerTo ?? null;
  if (asked === undefined || to === null)
    return {
      relays: [],
      lost: answers.map((message) => relayFailedAlert(context, snapshot, message)),
    };
  const relays = answers.map((message) => ({
    conversationId: linked.conversation.id,
    bundle: unconditional(
      [
        replyAction({
          conversation: linked.conversation,
          to,
          text: message.text,
          answers: [asked.key],
          automatic: false,
          place: `relay:${message.key}`,
        }),
      ],
      "teammate",
    ),
  }));
  return { relays, lost: [] };
}

/** What was said in the ticket before the customer wrote at the origin was about something else. */
function isForOrigin(message: Message, { linkedMessages }: ConversationSnapshot): boolean {
  if (!isTeamAnswer(message)) return false;
  const [first] = linkedMessages;
  return (
    first === undefined ||
    Date.parse(message.sentAt) >= first.receivedAt.getTime() - CLOCKS_APART_MS
  );
}

function relayFailedAlert(
  context: JobContext,
  { state }: ConversationSnapshot,
  message: Message,
): Plan["bundles"][number] {
  const text = `${message.author.name}'s answer could not be passed on: nothing is known of where the customer wrote that may be answered. ${context.cardLink(state.conversation.id)}`;
  return unconditional([alertAction(text, [], `relay:${message.key}`)]);
}

/**
 * The owner of the ticket owns the origin too. The origin's next turn reads that itself; the note tells the team, and
 * as an effect of the origin it makes sure that the turn comes, also after a crash.
 */
function ownerNotes(
  { linked, state }: ConversationSnapshot,
  changes: ConversationChanges,
): readonly Elsewhere[] {
  const assigned = changes.newSignals.findLast(({ kind }) => kind === "assigned");
  const { owner, handedBack } = changes.ownership;
  if (linked === null || assigned === undefined) return [];
  if (!handedBack && !(owner === "human" && linked.owner === "bot")) return [];
  const { channel } = linked.conversation;
  const text = handedBack
    ? `Deskhand has it again and goes on answering the customer by ${channel}.`
    : `People have it now: Deskhand sends nothing more by ${channel}, and public comments here are passed on there.`;
  const note = noteAction(state.conversation, text, assigned.key);
  return [{ conversationId: linked.conversation.id, bundle: unconditional([note]) }];
}
