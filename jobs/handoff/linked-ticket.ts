/**
 * A linked ticket and its origin are kept in step: what the customer adds at the origin becomes a note there, what a
 * teammate answers there is relayed to the origin, and both have one owner. Each direction is planned in the turn of
 * the side where something happened and runs as an effect of the other one, under a key of the message it is about:
 * once, and not lost in a crash.
 */

import { ReplyArguments } from "#core/values/action.ts";
import {
  inKinds,
  isOfOneWriter,
  isTeamAnswer,
  type Message,
  newestAnswerable,
} from "#core/values/message.ts";
import { isHelpdesk } from "#core/values/vocabulary.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { type ConversationChanges, FILE_MIN } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { PlanStep } from "#jobs/conversation/turn-context.ts";
import { alertAction, noteAction, repeatHandOver, replyAction } from "#jobs/plan/own-actions.ts";
import { type Plan, unconditional } from "#jobs/plan/plan.ts";
import { seenText } from "#text/normalize.ts";
import { maskedMessage } from "./messages.ts";

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
  { guard, cardLink }: JobContext,
  { linked, state }: ConversationSnapshot,
  changes: ConversationChanges,
): readonly Elsewhere[] {
  if (linked === null || !isHelpdesk(linked.conversation.channel)) return [];
  if (changes.ownership.owner !== "human") return [];
  const ignored = new Set(changes.ignored.map(({ message }) => message.key));
  const origin = state.conversation;
  return changes.newMessages
    .filter((message) => message.author.kind === "requester" && !ignored.has(message.key))
    .map((message) => ({
      conversationId: origin.id,
      bundle: unconditional([
        repeatHandOver({
          origin,
          linked: linked.conversation,
          message: maskedMessage(guard, message),
          link: cardLink(origin.id),
        }),
      ]),
    }));
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
  const said = snapshot.linkedMessages.map(({ message }) => message);
  const asked = isOfOneWriter(said) ? newestAnswerable(said) : undefined;
  const to = asked?.answerPrivatelyTo ?? asked?.answerTo ?? null;
  const lost = answers.flatMap((message) => {
    const loss = lossOf(message, said, to !== null);
    return loss === "" ? [] : [relayAlert(context, snapshot, message, loss)];
  });
  if (asked === undefined || to === null) return { relays: [], lost };
  const relays = answers.filter(fitsReply).map((message) => ({
    conversationId: linked.conversation.id,
    bundle: unconditional(
      [
        replyAction({
          conversation: linked.conversation,
          to,
          text: relayedText(message),
          answers: [asked.key],
          automatic: false,
          place: `relay:${message.key}`,
        }),
      ],
      "teammate",
    ),
  }));
  return { relays, lost };
}

function relayedText({ written, text }: Message): string {
  return written ?? text;
}

/** True for a text that a reply can hold. */
function fitsReply(message: Message): boolean {
  return ReplyArguments.shape.text.safeParse(seenText(relayedText(message)).trim()).success;
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

/** What of an answer does not reach the customer, and why; empty where all of it does. */
function lossOf(message: Message, said: readonly Message[], mayReply: boolean): string {
  if (!fitsReply(message))
    return "could not be passed on: it has no words or too many. Pictures, files and what a mail quotes are not passed on.";
  if (!mayReply)
    return isOfOneWriter(said)
      ? "could not be passed on: nothing is known of where the customer wrote that may be answered."
      : "could not be passed on: several people wrote where the customer did, and it was not sent to any of them. Answer there.";
  // A small picture is the logo of a signature.
  const files = message.attachments.filter(
    ({ mediaType, bytes }) => !mediaType.startsWith("image/") || bytes >= FILE_MIN,
  );
  const left = [
    ...(files.length === 0 ? [] : [`its ${inKinds(files)}`]),
    ...(isQuoteLeft(message) ? ["what its mail quotes"] : []),
  ];
  return left.length === 0 ? "" : `is passed on without ${left.join(" and ")}.`;
}

function isQuoteLeft(message: Message): boolean {
  const told = new Set(wordsOf(relayedText(message)));
  const quoted = message.segments.filter(({ kind }) => kind === "quoted" || kind === "forwarded");
  return quoted.some(({ text }) => wordsOf(text).some((word) => !told.has(word)));
}

function wordsOf(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}

function relayAlert(
  context: JobContext,
  { state }: ConversationSnapshot,
  message: Message,
  loss: string,
): Plan["bundles"][number] {
  const text = `${message.author.name}'s answer ${loss} ${context.cardLink(state.conversation.id)}`;
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
    : `People have it now: Deskhand sends nothing more by ${channel}, and public comments here are passed on there, without files.`;
  const note = noteAction(state.conversation, text, assigned.key);
  return [{ conversationId: linked.conversation.id, bundle: unconditional([note]) }];
}
