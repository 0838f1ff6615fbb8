import type { Message } from "#core/message.ts";
import { noteAction, replyAction } from "./actions.ts";
import { keysOf, NOTHING, unconditional, type Plan } from "./plan.ts";
import type { Situation } from "./situation.ts";
import type { View } from "./view.ts";

type Elsewhere = Plan["elsewhere"][number];

/**
 * What a turn does while people own the conversation: nothing to the customer. What waits is withdrawn, new customer
 * messages reach the linked conversation as notes, and what a teammate answers there is relayed to where the customer
 * wrote.
 */
export function planForPeople(view: View, situation: Situation): Plan {
  const { reason } = situation.ownership;
  const open = keysOf(situation.open);
  return {
    ...NOTHING,
    outcomes:
      open.length === 0
        ? []
        : [{ keys: open, outcome: "escalated", reason: `with people: ${reason}` }],
    voids: `Withdrawn: ${reason}. People answer this conversation now.`,
    elsewhere: [...notesForLinked(view, situation), ...relays(view, situation)],
  };
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
