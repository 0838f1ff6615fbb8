import type { Message } from "#core/message.ts";
import { noteAction, replyAction } from "./actions.ts";
import { sentByHand, undoneBundles } from "./by-hand.ts";
import type { Parts } from "./parts.ts";
import { keysOf, NOTHING, unconditional, type Plan, type SentByHand } from "./plan.ts";
import type { Situation } from "./situation.ts";
import type { View } from "./view.ts";

type Elsewhere = Plan["elsewhere"][number];

/**
 * What a turn does while people own the conversation: nothing to the customer. What waits is withdrawn, new customer
 * messages reach the linked conversation as notes, and what a teammate answers there is relayed to where the customer
 * wrote.
 */
export function planForPeople(parts: Parts, view: View, situation: Situation): Plan {
  const { reason } = situation.ownership;
  const sent = sentByHand(parts, view, situation);
  return {
    ...NOTHING,
    outcomes: outcomesFor(keysOf(situation.open), sent, reason),
    bundles: undoneBundles(parts, view, sent),
    voids: `Withdrawn: ${reason}. People answer this conversation now.`,
    sentByHand: sent,
    elsewhere: [...notesForLinked(view, situation), ...relays(view, situation)],
  };
}

function outcomesFor(
  open: readonly string[],
  sent: SentByHand | null,
  reason: string,
): Plan["outcomes"] {
  const answered = open.filter((key) => sent?.answers.includes(key) === true);
  const left = open.filter((key) => !answered.includes(key));
  return [
    ...(sent === null || answered.length === 0
      ? []
      : [
          {
            keys: answered,
            outcome: "answered" as const,
            reason: `sent by ${sent.by} in ${sent.place}`,
          },
        ]),
    ...(left.length === 0
      ? []
      : [{ keys: left, outcome: "escalated" as const, reason: `with people: ${reason}` }]),
  ];
}

/** The origin of a hand-over passes what the customer adds on to where people work. */
function notesForLinked({ linked, state }: View, situation: Situation): readonly Elsewhere[] {
  if (linked === null || linked.conversation.channel !== "zendesk") return [];
  if (state.conversation.channel === "zendesk") return [];
  const ignored = new Set(situation.ignored.map(({ message }) => message.key));
  return situation.newMessages
    .filter((message) => message.author.kind === "requester" && !ignored.has(message.key))
    .map((message) => {
      const text = `${message.author.name} wrote again by ${state.conversation.channel}:\n\n${message.text}`;
      const note = noteAction(linked.conversation, text, message.key);
      return { conversationId: linked.conversation.id, bundle: unconditional([note]) };
    });
}

/** A person wrote it for the customer, so it goes out unchanged and without a further approval, once. */
function relays(view: View, situation: Situation): readonly Elsewhere[] {
  const { linked, state } = view;
  if (linked === null || state.conversation.channel !== "zendesk") return [];
  const asked = view.linkedMessages
    .map(({ message }) => message)
    .findLast((message) => message.author.kind === "requester" && message.answerTo !== null);
  if (asked === undefined || asked.answerTo === null) return [];
  const to = asked.answerPrivatelyTo ?? asked.answerTo;
  return situation.newMessages.filter(isPublicAnswer).map((message) => ({
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
}

function isPublicAnswer(message: Message): boolean {
  return message.author.kind === "teammate" && message.visibility === "public";
}
