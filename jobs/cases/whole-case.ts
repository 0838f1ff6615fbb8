/** Gives a turn the whole case: what is open in its other conversations, and what was said there. Pure. */

import { isSameBrand } from "#core/cases/same-case.ts";
import { type BoundRequester, PROVEN_LEVEL, weakerProof } from "#core/values/identity.ts";
import { bySentAt, calledBy, type Message } from "#core/values/message.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import { type OtherMember, openMatters } from "#store/cases/members.ts";
import { inspectKnowing, type TurnContext, messagesHere } from "#jobs/conversation/turn-context.ts";
import { isPassedOn } from "#jobs/conversation/snapshot.ts";
import { calledOrders, namedOrders } from "#text/about-text.ts";
import { factsOfOther, isBoundTo, openIn } from "./facts.ts";
import type { FindOpenMatters } from "#core/cases/open-matter.ts";

/** A turn with the messages of its whole case, and the others it belongs to. */
export interface WholeCase {
  readonly known: TurnContext;
  readonly requester: BoundRequester;
  /** The other conversations, as far as they are this very customer's. */
  readonly others: readonly OtherMember[];
}

/**
 * The turn with the open messages of the case's other conversations before its own. Only what is proven to be of the
 * customer this turn is bound to counts, and only where no other person reads the answer. The lowest proof among the
 * messages is the requester's level. What the guard would stop, or doubts where it does not doubt this conversation, stays
 * where it was written, and so does everything else where it doubts this conversation.
 */
export function withWholeCase(given: TurnContext, requester: BoundRequester): WholeCase {
  const others = otherMembers(given, requester);
  const opened = others.filter(mayBeCovered).flatMap((other) => {
    const open = openIn(other);
    const { conversation } = other.state;
    const keys = open.map(({ key }) => key);
    return open.length === 0 ? [] : [{ open, conversation, pending: other.pending, keys }];
  });
  const covers = opened.filter(({ open }) => isDoubtedAlike(open, given));
  const keysOpened = new Set(opened.flatMap(({ keys }) => keys));
  const earlier = others
    .flatMap(({ member, stored }) =>
      shownTo(
        member.authorId,
        stored.map(({ message }) => message),
      ).filter((message) => wasSaidIn(member, message)),
    )
    .filter(({ key }) => !keysOpened.has(key));
  const alone = { known: { ...given, earlier }, requester, others };
  if (covers.length === 0) return alone;
  const messages = covers.flatMap(({ open }) => open);
  // The newest of this conversation stays last, since the answer goes to it.
  const unread = [
    ...[...messages, ...given.unread.slice(0, -1)].toSorted(bySentAt),
    ...given.unread.slice(-1),
  ];
  const guard = inspectKnowing(given.context.guard, unread, given.saidHarmless);
  if (guard.verdict === "block") return alone;
  const { level, actingLevel } = messages
    .map(({ identity }) => identity)
    .reduce<Pick<BoundRequester, "level" | "actingLevel">>(weakerProof, requester);
  return {
    known: { ...given, earlier, unread, guard, covers },
    requester: { ...requester, level, ...(actingLevel === undefined ? {} : { actingLevel }) },
    others,
  };
}

/**
 * True where the guard doubts these messages as much as the turn's own: together with them, the turn would have no tools
 * that change something although its own messages are in order, or because of its own take them from these.
 */
function isDoubtedAlike(
  open: readonly Message[],
  { context, guard, saidHarmless }: TurnContext,
): boolean {
  const theirs = inspectKnowing(context.guard, open, saidHarmless);
  return (theirs.verdict === "allow") === (guard.verdict === "allow");
}

/** The case's other conversations, where this turn may know of them. */
function otherMembers(
  { snapshot, changes, unread }: TurnContext,
  requester: BoundRequester,
): readonly OtherMember[] {
  const { caseMember, caseOthers, state: before } = snapshot;
  if (caseMember === null || caseMember.keptApart || !mayHaveCase({ changes, unread }, requester))
    return [];
  if (isPassedOn(before.participants, changes.participants)) return [];
  return caseOthers.filter(
    ({ member, state }) =>
      member.customerId === requester.customerId &&
      !member.keptApart &&
      isSameBrand(member.brand, changes.brand) &&
      state.participants.barred === null &&
      isStillOf(state.participants.customer, member.authorId),
  );
}

/** False for a conversation that was given to another customer since this one last wrote there. */
function isStillOf(customer: string, authorId: string): boolean {
  return customer === "" || customer === authorId;
}

/**
 * True when the turn's answer reaches its proven customer alone. A person who gave the conversation back to the bot
 * wants it answered by itself.
 */
export function mayHaveCase(
  { changes, unread }: Pick<TurnContext, "changes" | "unread">,
  requester: BoundRequester,
): boolean {
  const { participants, ownership } = changes;
  return (
    requester.customerId !== null &&
    requester.level >= PROVEN_LEVEL &&
    unread.every(
      ({ answerTo, identity }) => answerTo?.audience !== "shared" && identity.level >= PROVEN_LEVEL,
    ) &&
    (participants.reach?.copies ?? []).length === 0 &&
    (participants.customer === "" || unread.at(-1)?.author.id === participants.customer) &&
    !ownership.handedBack
  );
}

/** A card about a stopped message, and a conversation with people, are not decided anywhere else. */
function mayBeCovered({ state, linkedOwner, pending }: OtherMember): boolean {
  return (
    state.owner === "bot" &&
    linkedOwner !== "human" &&
    (pending === null || pending.kind === "proposal")
  );
}

/**
 * Why people answer this too: they have another conversation of the case; null when they have none, or when what is
 * asked now names orders and none that theirs was ever about.
 */
export function whyWithPeople({ known, others }: WholeCase): string | null {
  const theirs = others.find((other) => other.isWithPeople && !namesOthersOnly(known, other));
  if (theirs === undefined) return null;
  return withPeopleThere(theirs);
}

/** Where people have the case already. */
export function withPeopleThere({ state: { conversation } }: Pick<OtherMember, "state">): string {
  return `people have this case already, in ${conversation.channel} ${calledBy(conversation)}`;
}

function namesOthersOnly(known: TurnContext, other: OtherMember): boolean {
  const words = messagesHere(known)
    .map(({ text }) => text)
    .join("\n");
  const { orders } = other.member;
  const called = calledOrders(words);
  const theirs = factsOfOther(other).calledOrders;
  const isTheirs = (id: string): boolean => orders.includes(id) || theirs.includes(id);
  return (
    orders.length > 0 &&
    called.length > 0 &&
    !called.some(isTheirs) &&
    namedOrders(words, orders).length === 0
  );
}

/**
 * What the agent is given of the case. All of it is proven to be one customer's, so it reads as one author's, whatever
 * that author is called on each channel.
 */
export function textsOfCase({
  known,
  requester,
}: WholeCase): Pick<TurnInput, "history" | "unread"> {
  const { changes, unread, covers, earlier } = known;
  const history = visibleHistory(changes.history, unread, requester);
  const author = unread.at(-1)?.author;
  if (author === undefined || covers.length + earlier.length === 0) return { history, unread };
  const covered = new Set(covers.flatMap(({ keys }) => keys));
  const asOne = (message: Message): Message =>
    message.author.kind === "requester" ? { ...message, author } : message;
  return {
    history: [...earlier.map(asOne), ...history].toSorted(bySentAt),
    unread: unread.map((message) => (covered.has(message.key) ? asOne(message) : message)),
  };
}

/** The customer's own messages there, and what we said in public. */
function wasSaidIn(member: OtherMember["member"], message: Message): boolean {
  const { author, visibility } = message;
  const isOurs = author.kind === "bot" || author.kind === "teammate";
  return isBoundTo(member, message) || (isOurs && visibility === "public");
}

// What a turn may be told of its customer's orders beside what the shop knows.

/**
 * Finds what is open about orders of the turn's proven customer, with one statement for each look-up; left out where
 * nothing is open anywhere, and where others than the customer read the answer. What this turn answers itself is not
 * told: its cards end with the turn.
 */
export function openMattersSearch({
  known,
  requester,
}: Pick<WholeCase, "known" | "requester">): Pick<TurnInput, "openMatters"> {
  const { context, snapshot, covers } = known;
  const { customerId } = requester;
  if (!snapshot.mayBeOpen || customerId === null || !mayHaveCase(known, requester)) return {};
  const except = [
    snapshot.state.conversation.id,
    ...covers.map(({ conversation }) => conversation.id),
  ];
  const find: FindOpenMatters = (orderIds) =>
    openMatters(context.store, { customerId, orderIds, except });
  return { openMatters: find };
}

// Which earlier messages the current author may hear about.

/**
 * The earlier messages that the current author may see. Where answers go to one person, a new author starts with their
 * own messages only: what others wrote and were told stays private. The same holds for a message in a customer's name
 * that does not prove to be theirs: it starts with what was said before that customer was proven. Where others now read
 * along, what was answered while they did not is left out, since it may hold account data.
 */
function visibleHistory(
  history: readonly Message[],
  unread: readonly Message[],
  requester: Pick<BoundRequester, "level">,
): readonly Message[] {
  const newest = unread.at(-1);
  if (newest?.answerTo?.audience === "shared") {
    const wasPrivate = history.some(
      ({ author, answerTo }) => author.kind === "requester" && answerTo?.audience === "private",
    );
    return history.filter(
      (message) => mayBeShown(message) && (!wasPrivate || message.author.kind === "requester"),
    );
  }
  const known = requester.level < PROVEN_LEVEL ? beforeProof(history) : history;
  return shownTo(newest?.author.id, known);
}

/** Where another customer wrote too, only this author's own messages: it is not known which customer ours answered. */
function shownTo(authorId: string | undefined, messages: readonly Message[]): readonly Message[] {
  const joined = messages.some(
    ({ author }) => author.kind === "requester" && author.id !== authorId,
  );
  return messages.filter((message) =>
    joined ? message.author.id === authorId : mayBeShown(message),
  );
}

/** Without what a proven customer wrote, and without what they and we have said since. */
function beforeProof(history: readonly Message[]): readonly Message[] {
  const proven = ({ author, identity }: Message): boolean =>
    author.kind === "requester" && identity.level >= PROVEN_LEVEL;
  const first = history.findIndex(proven);
  if (first === -1) return history;
  return history.filter(
    (message, index) => index < first || (message.author.kind === "requester" && !proven(message)),
  );
}

/** What we told one person privately is not shown to the next author in a shared channel. */
function mayBeShown(message: Message): boolean {
  return message.author.kind !== "bot" || message.visibility === "public";
}

/** A member who asks in a shared channel gets account data only in private. */
export function answerAudience(
  unread: readonly Message[],
  requester: BoundRequester,
): "private" | "shared" {
  const newest = unread.at(-1);
  if (newest?.answerTo?.audience !== "shared") return "private";
  return requester.level >= PROVEN_LEVEL && newest.answerPrivatelyTo !== null
    ? "private"
    : "shared";
}
