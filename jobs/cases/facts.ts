/**
 * Room: cases: conversations of one customer about one matter, decided together.
 * In: a turn with its bound customer, the other conversations of that customer, and clicks about a case.
 * Out: what a turn adds to its plan for them: messages it answers too, cards it ends, what is written down.
 * May touch: the database only.
 * This file: reads from a turn, or from what is stored, the facts by which conversations are compared, and what is
 * decided elsewhere in a case. Pure.
 */
import { PROVEN_LEVEL } from "#core/values/identity.ts";
import { z } from "zod";
import type { CaseFacts } from "#core/cases/same-case.ts";
import { type Message, isFromRequester } from "#core/values/message.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { OtherMember } from "#store/cases/members.ts";
import {
  calledOrders,
  earlierContactIn,
  tellingWords,
  namedOrders,
  standsIn,
} from "#text/about-text.ts";

/** An order of the customer's own, as a look-up gave it. */
export interface OwnOrder {
  readonly id: string;
  readonly item: string;
}

/** Text behind this length tells no more about what it is about. */
const CHARACTERS_MAX = 4_000;

/** The facts of messages with this text. `orders` are those it names, resolved. */
export function factsFrom(
  known: Pick<CaseFacts, "customerId" | "isPrivate" | "brand" | "writtenAt" | "orders" | "topic">,
  text: string,
): CaseFacts {
  const words = text.slice(0, CHARACTERS_MAX);
  return {
    ...known,
    calledOrders: calledOrders(words),
    words: tellingWords(words),
    refersBack: earlierContactIn(words),
  };
}

/**
 * The customer's own orders that a text names: by number, or by what was bought where only one of their orders holds
 * it.
 */
export function ordersNamedIn(text: string, own: readonly OwnOrder[]): readonly string[] {
  const words = text.slice(0, CHARACTERS_MAX);
  const ids = (those: readonly OwnOrder[]) => [...new Set(those.map(({ id }) => id))];
  const byNumber = namedOrders(words, ids(own));
  if (byNumber.length > 0) return byNumber;
  const isOnlyOne = ({ id, item }: OwnOrder): boolean =>
    own.every((other) => other.id === id || other.item !== item);
  return ids(own.filter((order) => standsIn(words, order.item) && isOnlyOne(order)));
}

const SeenOrder = z.looseObject({ order_id: z.string(), item: z.string() });
const Look = z.union([
  z.looseObject({ order: SeenOrder }).transform(({ order }) => [order]),
  z.looseObject({ orders: z.array(SeenOrder) }).transform(({ orders }) => orders),
]);

/** The orders that the turn's look-ups gave: tools show a customer's own orders and no others. */
export function ordersSeenIn({
  toolResults,
}: Pick<TurnResult, "toolResults">): readonly OwnOrder[] {
  const seen = toolResults.flatMap(({ result }) => Look.safeParse(result).data ?? []);
  return [...new Map(seen.map(({ order_id: id, item }) => [id, { id, item }])).values()];
}

/** The facts of another conversation, from what its own turn wrote down and what waits in it. */
export function factsOfOther(other: OtherMember): CaseFacts {
  const { customerId, brand, writtenAt, orders, topic } = other.member;
  const open = openIn(other);
  const [newest] = other.stored
    .map(({ message }) => message)
    .filter((message) => isBoundTo(other.member, message))
    .slice(-1);
  const read = open.length > 0 || newest === undefined ? open : [newest];
  const words = read.map(({ text }) => text).join("\n");
  const aboutNow = ordersAboutNow(words, orders);
  return factsFrom(
    { customerId, isPrivate: true, brand, writtenAt, orders: aboutNow, topic },
    words,
  );
}

/**
 * Of the orders a conversation has been about, those its newest words name; all of them where the words name none. In a
 * long conversation about several orders, only what is asked now can be the same case as a message elsewhere.
 */
export function ordersAboutNow(words: string, orders: readonly string[]): readonly string[] {
  const named = namedOrders(words.slice(0, CHARACTERS_MAX), orders);
  return named.length > 0 ? named : orders;
}

/** True for a public message of the very author that was bound to the customer, and proven. */
export function isBoundTo({ authorId }: OtherMember["member"], message: Message): boolean {
  return (
    isFromRequester(message) &&
    message.ignore === null &&
    message.author.id === authorId &&
    message.identity.level >= PROVEN_LEVEL
  );
}

/** The customer's messages there that have no outcome and that no reply under way answers. */
export function openIn({ member, stored, underWay }: OtherMember): readonly Message[] {
  return stored
    .filter(({ message, outcome }) => outcome === null && isBoundTo(member, message))
    .map(({ message }) => message)
    .filter(({ key }) => !underWay.includes(key));
}

/** True while something in it waits: a message, a reply under way, or people who have it. */
export function isLive(other: OtherMember): boolean {
  return openIn(other).length > 0 || other.underWay.length > 0 || other.isWithPeople;
}

// What of a conversation is decided in another one of its case.

type Case = Pick<ConversationSnapshot, "caseMember" | "caseOthers">;

/** Keys of messages, of this conversation or others, that a card or a reply elsewhere in the case answers. */
function keysElsewhere({ caseOthers }: Case) {
  return {
    waiting: new Set(caseOthers.flatMap(({ pending }) => pending?.answers ?? [])),
    underWay: new Set(caseOthers.flatMap(({ underWay }) => underWay)),
  };
}

/**
 * The open messages that this conversation has to see to: none while all of them wait on a card elsewhere in the case,
 * and all of them once one does not, because the conversation written in last answers for the whole case. What a
 * reply under way answers is left to that reply.
 */
export function leftToHere(
  snapshot: Case,
  open: readonly Message[],
  edited: readonly Message[],
): readonly Message[] {
  const { waiting, underWay } = keysElsewhere(snapshot);
  const left = open.filter(({ key }) => !underWay.has(key));
  const isElsewhere = ({ key }: Message): boolean =>
    waiting.has(key) && edited.every((message) => message.key !== key);
  return left.every(isElsewhere) ? [] : left;
}

/** True for a message that waits on a card, or is answered, elsewhere in the case. */
export function isCoveredElsewhere(snapshot: Case, { key }: Pick<Message, "key">): boolean {
  const { waiting, underWay } = keysElsewhere(snapshot);
  return waiting.has(key) || underWay.has(key);
}

/**
 * True when a teammate joined this conversation with one whose card still waits: one card is to answer both. What its
 * turn knew of, whether it answers it or left it there, is no news to it.
 */
export function hasCaseNews(snapshot: Case & Pick<ConversationSnapshot, "pending">): boolean {
  const { pending, caseOthers } = snapshot;
  if (pending === null || pending.kind !== "proposal") return false;
  const seen = new Set([...pending.answers, ...(pending.card.seenElsewhere ?? [])]);
  return caseOthers.some(
    (other) =>
      other.state.owner === "bot" &&
      openIn(other).some(
        ({ key }) => !seen.has(key) && other.pending?.answers.includes(key) === true,
      ),
  );
}
