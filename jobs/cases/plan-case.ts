/** Adds to a finished plan what concerns its case. Pure. */
import { type Message, calledBy } from "#core/values/message.ts";
import { SETTLED_EVERYWHERE } from "#core/values/vocabulary.ts";
import { ReplyArguments } from "#core/values/action.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { noteAction } from "#jobs/plan/own-actions.ts";
import { unconditional, type Plan, NO_CASE, type CoveredConversation } from "#jobs/plan/plan.ts";
import { conversationAfter } from "#jobs/conversation/changes.ts";
import { type TurnContext, messagesHere } from "#jobs/conversation/turn-context.ts";
import {
  factsFrom,
  ordersAboutNow,
  ordersChangedBy,
  ordersNamedIn,
  ordersSeenIn,
} from "./facts.ts";
import { mayHaveCase, type WholeCase } from "./whole-case.ts";

/**
 * The plan with what later conversations are compared with, and with the cards of the case that it ends. A plan that is
 * tried again later leaves every other card as it is.
 */
export function withCase(
  plan: Plan,
  { known, requester }: Pick<WholeCase, "known" | "requester">,
  result: TurnResult | null,
): Plan {
  if (plan.retry !== null) return plan;
  const { changes, snapshot } = known;
  if (!mayHaveCase(known, requester) || requester.customerId === null)
    return { ...plan, case: { ...NO_CASE, leaves: snapshot.caseMember !== null } };
  const own = messagesHere(known);
  const newest = own.at(-1);
  if (newest === undefined) return plan;
  const { customerId } = requester;
  const orders = ordersConcerned(known, own, result);
  const place = {
    customerId,
    brand: changes.brand,
    orders: [...orders],
    topic: comparedTopic(result),
    writtenAt: new Date(newest.sentAt),
  };
  const words = own.map(({ text }) => text).join("\n");
  const aboutNow = ordersAboutNow(words, place.orders);
  const answered = keysAnsweredBy(plan);
  const answeredAlone = plan.card === null && plan.owner === null && plan.bundles.length > 0;
  return {
    ...plan,
    case: {
      entry: { ...place, authorId: newest.author.id, waits: !answeredAlone },
      facts: factsFrom({ ...place, orders: aboutNow, isPrivate: true }, words),
      leaves: false,
      covers: known.covers,
    },
    elsewhere: [
      ...plan.elsewhere,
      ...known.covers
        .filter(({ keys }) => keys.every((key) => answered.has(key)))
        .flatMap((cover) => noteFor(known, cover)),
    ],
  };
}

/** A question to the shop that no page answered may be about anything. */
function comparedTopic(result: TurnResult | null): string {
  if (result === null) return "";
  const isUnanswered = result.ending.kind === "escalate" && result.topic === "faq";
  return isUnanswered ? "" : result.topic;
}

/** The orders that the customer's words in this conversation name, and those an action would change. */
function ordersConcerned(
  { changes, snapshot }: TurnContext,
  own: readonly Message[],
  result: TurnResult | null,
): readonly string[] {
  if (result === null) return [];
  const author = own.at(-1)?.author.id;
  const earlier = changes.history.filter((message) => message.author.id === author);
  const text = [...earlier, ...own].map((message) => message.text).join("\n");
  const known = (snapshot.caseMember?.orders ?? []).map((id) => ({ id, item: "" }));
  const named = ordersNamedIn(text, [...known, ...ordersSeenIn(result)]);
  // Of a whole case the action may be what another conversation asks for.
  const changed = snapshot.caseOthers.length === 0 ? ordersChangedBy(result) : [];
  return [...new Set([...named, ...changed])];
}

/** Where people read notes beside the conversation, one says where it is answered. */
function noteFor(
  { context, snapshot, changes, turnId }: TurnContext,
  { conversation }: CoveredConversation,
): Plan["elsewhere"] {
  const channel = context.channels.get(conversation.channel);
  if (channel === undefined || !channel.supports.includes("note")) return [];
  const here = conversationAfter(snapshot, changes);
  const text = `Also covered in ${here.channel} ${calledBy(here)}: the customer wrote there about the same, and one answer for both goes there. ${context.cardLink(here.id)}`;
  const note = noteAction(conversation, text, `covered:${here.id}:${turnId}`);
  return [{ conversationId: conversation.id, bundle: unconditional([note]) }];
}

/** Keys of the messages that this plan answers, settles or has on its card. */
export function keysAnsweredBy({ card, outcomes, bundles, sentByHand }: Plan): ReadonlySet<string> {
  const replies = bundles
    .flatMap(({ actions }) => actions)
    .filter(({ action }) => action.operation === "reply")
    .flatMap(({ action }) => ReplyArguments.parse(action.arguments).answers);
  const settled = outcomes
    .filter(({ outcome }) => SETTLED_EVERYWHERE.some((each) => each === outcome))
    .flatMap(({ keys }) => keys);
  return new Set([
    ...(card?.answers ?? []),
    ...settled,
    ...replies,
    ...(sentByHand?.answers ?? []),
  ]);
}
