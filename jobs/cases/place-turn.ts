/**
 * Places a turn among the customer's other conversations, in the transaction that saves it, and adds to its plan what
 * concerns its case.
 */

import { CASE_DAYS, placeInCase, surelyOne } from "#core/cases/same-case.ts";
import {
  askAbout,
  joinConversations,
  keepWaiting,
  lockCustomer,
  rememberEntry,
  sizesOfCases,
} from "#store/cases/changes.ts";
import {
  MEMBERS_MAX,
  openElsewhere,
  type OtherMember,
  OTHERS_MAX,
  readOthers,
} from "#store/cases/members.ts";
import { type Reader, type Transaction, within } from "#store/db/database.ts";
import { type JobContext, StaleTurnError } from "#jobs/context/job-context.ts";
import { claimProofs, type ConversationSnapshot, isPassedOn } from "#jobs/conversation/snapshot.ts";
import {
  type CoveredConversation,
  NO_CASE,
  type Plan,
  type PlannedCase,
  unconditional,
} from "#jobs/plan/plan.ts";
import { daysBefore } from "#core/values/moment.ts";
import { calledBy, type Message } from "#core/values/message.ts";
import { SETTLED_EVERYWHERE } from "#core/values/vocabulary.ts";
import { keysAnswered, toldAction } from "#core/values/action.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { noteAction } from "#jobs/plan/own-actions.ts";
import { conversationAfter } from "#jobs/conversation/changes.ts";
import { messagesHere, type TurnContext } from "#jobs/conversation/turn-context.ts";
import {
  factsFrom,
  factsOfOther,
  isLive,
  openIn,
  ordersAboutNow,
  ordersNamedIn,
  ordersSeenIn,
} from "./facts.ts";
import type { Telling } from "#jobs/webhooks/events.ts";
import { markMoneyCards, type News, newsOf } from "./mark-cards.ts";
import { mayHaveCase, type WholeCase } from "./whole-case.ts";

/** What saving a turn knows when its place in a case is looked for. */
interface PlacedTurn {
  readonly conversationId: string;
  readonly snapshot: ConversationSnapshot;
  readonly plan: Plan;
  /** The newest message it is about. */
  readonly news: News;
  /** The customer's other conversations that wait, as the turn's own commit found them. */
  readonly waiting: readonly string[];
  readonly now: Date;
}

/** The turn belongs to a case it did not know of: it is joined, and planned again with the whole case. */
export class CaseFound extends StaleTurnError {
  override readonly atOnce = true;
  /** What to join, as it was when it was found. */
  readonly joined: {
    readonly conversationId: string;
    readonly other: string;
    readonly entry: NonNullable<PlannedCase["entry"]>;
    readonly reasons: readonly string[];
  };

  constructor(joined: CaseFound["joined"]) {
    super(`it is one case with ${joined.other}`);
    this.joined = joined;
  }
}

/**
 * Compares the turn with what else waits for its customer. What is surely the same and still waits is joined and
 * planned again as one case; what has ended is linked; what may be the same is asked about on the card. Throws
 * `StaleTurnError` when the case has moved on since the plan was made.
 */
export async function placeTurn(
  telling: Telling,
  transaction: Transaction,
  turn: PlacedTurn,
): Promise<void> {
  const { snapshot, plan, waiting, now } = turn;
  const { entry, facts } = plan.case;
  if (entry === null || facts === null || waiting.length === 0) return;
  const others = await readOthers(transaction, waiting, entry.customerId, now);
  await forgetEnded(transaction, turn, others);
  const written = {
    conversation: snapshot.state.conversation,
    writtenAt: entry.writtenAt,
    news: turn.news,
    topic: plan.owner?.reason.delicate ?? null,
    orders: [...facts.orders, ...facts.calledOrders],
    now,
  };
  await markMoneyCards(telling, transaction, written, others);
  const caseId = snapshot.caseMember?.caseId ?? null;
  const near = nearOnes(others, now);
  const isMine = ({ member }: OtherMember): boolean => caseId !== null && member.caseId === caseId;
  refuseMoved(snapshot, near.filter(isMine));
  if (snapshot.caseMember?.keptApart === true) return;
  const joinable = await joinableWith(transaction, caseId, near);
  const { kind, other, reasons } = placeInCase(facts, joinable.map(comparable));
  if (other === null) return;
  if (kind === "same") await join(transaction, turn, { found: other.found, entry, reasons });
  else await askOnCard(transaction, turn, { found: other.found, reasons });
}

/** Those that may be of one case: the newest within its days. The others are read for their cards alone. */
function nearOnes(others: readonly OtherMember[], now: Date): readonly OtherMember[] {
  const since = daysBefore(now, CASE_DAYS);
  return others.filter(({ member }) => member.writtenAt > since).slice(0, OTHERS_MAX);
}

/** Those that are not of the case yet, and with which it would not grow beyond what is read of one. */
async function joinableWith(
  reader: Reader,
  caseId: string | null,
  others: readonly OtherMember[],
): Promise<readonly OtherMember[]> {
  const apart = others.filter(
    ({ member }) => !member.keptApart && (caseId === null || member.caseId !== caseId),
  );
  if (apart.length === 0) return [];
  const cases = [caseId, ...apart.map(({ member }) => member.caseId)].filter((id) => id !== null);
  const sizes = await within(reader, (transaction) =>
    sizesOfCases(transaction, [...new Set(cases)]),
  );
  const caseSize = (id: string | null): number => (id === null ? 1 : (sizes.get(id) ?? 1));
  return apart.filter(({ member }) => caseSize(caseId) + caseSize(member.caseId) <= MEMBERS_MAX);
}

function comparable(found: OtherMember) {
  const { conversationId, caseId } = found.member;
  return { found, conversationId, caseId, facts: factsOfOther(found) };
}

/** What still waits is planned again together; what has ended is only linked. */
async function join(
  transaction: Transaction,
  { conversationId }: PlacedTurn,
  same: {
    readonly found: OtherMember;
    readonly entry: CaseFound["joined"]["entry"];
    readonly reasons: readonly string[];
  },
): Promise<void> {
  const { found, entry, reasons } = same;
  const other = found.member.conversationId;
  if (isLive(found)) throw new CaseFound({ conversationId, other, entry, reasons });
  await joinConversations(transaction, [conversationId, other], reasons);
}

/** Only a card can ask, and only while there is something to join. */
async function askOnCard(
  transaction: Transaction,
  { conversationId, snapshot, plan }: PlacedTurn,
  { found, reasons }: { readonly found: OtherMember; readonly reasons: readonly string[] },
): Promise<void> {
  const asks = plan.card?.content.kind === "proposal" && snapshot.caseMember?.caseId == null;
  if (asks && isLive(found))
    await askAbout(transaction, conversationId, found.member.conversationId, reasons);
}

/**
 * What went to another customer, or has no card and is older than a case lasts or than as many as are read of one, need
 * not be looked at again.
 */
async function forgetEnded(
  transaction: Transaction,
  { plan, conversationId, waiting }: PlacedTurn,
  others: readonly OtherMember[],
): Promise<void> {
  const { entry } = plan.case;
  if (entry === null || others.length === waiting.length) return;
  const left = waiting.filter((id) => others.some(({ member }) => member.conversationId === id));
  const own = entry.waits ? [conversationId] : [];
  await keepWaiting(transaction, entry.customerId, [...left, ...own]);
}

/** What came in elsewhere in the case since the turn was begun may change its answer. */
function refuseMoved({ caseOthers }: ConversationSnapshot, members: readonly OtherMember[]): void {
  const seen = new Set(caseOthers.flatMap(openIn).map(({ key }) => key));
  const moved = members.some(
    (other) => other.state.owner === "bot" && openIn(other).some(({ key }) => !seen.has(key)),
  );
  if (moved) throw new StaleTurnError("more was said in the case");
}

/** Joins what a turn found, in a commit of its own: the turn's commit was taken back. */
export async function joinFound(
  { store, clock }: Pick<JobContext, "store" | "clock">,
  { joined: { conversationId, other, entry, reasons } }: CaseFound,
  snapshot: ConversationSnapshot,
): Promise<void> {
  await store.run(async (transaction) => {
    await claimProofs(transaction, snapshot);
    await lockCustomer(transaction, entry.customerId);
    await rememberEntry(transaction, conversationId, entry, clock.now());
    await joinConversations(transaction, [conversationId, other], reasons);
  });
}

/** Cards elsewhere say now that the customer wrote: the turn is planned again with them as they are. */
class CardsMarked extends StaleTurnError {
  override readonly atOnce = true;
}

/**
 * Tells what waits elsewhere for the customer before the model is asked, which may take long: cards that would change
 * something of theirs say that they wrote again, so that what they have just taken back is not paid meanwhile; and where
 * their words alone show that it is one case, it is joined. What only a look-up shows is found when the turn is saved.
 * Throws `StaleTurnError` once something was marked or joined. Gives back the turn, which knows from then on whether
 * anything of this customer's is open elsewhere.
 */
export async function tellElsewhere(whole: WholeCase): Promise<WholeCase> {
  const { known, requester } = whole;
  const { context, snapshot } = known;
  const { id } = snapshot.state.conversation;
  const { customerId } = requester;
  if (!snapshot.mayBeOpen || customerId === null || !mayHaveCase(known, requester)) return whole;
  const written = writtenHere(known, customerId);
  if (written === null) return whole;
  const now = context.clock.now();
  const { others, mayBeOpen } = await openElsewhere(context.store, { customerId, id, now });
  await markBeforehand(known, written.place.writtenAt, others);
  await joinBeforehand(known, written, nearOnes(others, now));
  return { ...whole, known: { ...known, snapshot: { ...snapshot, mayBeOpen } } };
}

async function markBeforehand(
  { context, snapshot, changes }: TurnContext,
  writtenAt: Date,
  others: readonly OtherMember[],
): Promise<void> {
  const { conversation } = snapshot.state;
  const news = newsOf(context, snapshot, changes.open);
  const now = context.clock.now();
  const written = { conversation, writtenAt, news, topic: null, orders: [], now };
  const waiting = others.filter(({ pending }) => pending !== null);
  if (waiting.length === 0) return;
  const marked = await context.store.run(async (transaction) => {
    await claimProofs(transaction, snapshot);
    return markMoneyCards(context, transaction, written, waiting);
  });
  if (marked > 0) throw new CardsMarked("cards of the same customer say now that they wrote");
}

async function joinBeforehand(
  { context, snapshot, changes }: TurnContext,
  { place, words }: NonNullable<ReturnType<typeof writtenHere>>,
  others: readonly OtherMember[],
): Promise<void> {
  const { id } = snapshot.state.conversation;
  const { caseId = null, orders: before = [], keptApart = false } = snapshot.caseMember ?? {};
  if (keptApart || isPassedOn(snapshot.state.participants, changes.participants)) return;
  for (const other of await joinableWith(context.store, caseId, others.filter(isLive))) {
    const { conversationId, orders: theirs } = other.member;
    const shared = ordersNamedIn(
      words,
      theirs.map((order) => ({ id: order, item: "" })),
    );
    const facts = factsFrom({ ...place, orders: shared, topic: "", isPrivate: true }, words);
    const reasons = surelyOne(facts, factsOfOther(other));
    if (reasons === null) continue;
    // What it was about before is kept; only the comparison is of what is written now.
    const orders = [...new Set([...before, ...shared])];
    const entry = { ...place, orders, topic: "", waits: true };
    const joined = new CaseFound({ conversationId: id, other: conversationId, entry, reasons });
    await joinFound(context, joined, snapshot);
    throw joined;
  }
}

/** Who wrote what this turn answers here, when, and in which words; null where nothing was. */
function writtenHere(known: TurnContext, customerId: string) {
  const own = messagesHere(known);
  const newest = own.at(-1);
  if (newest === undefined) return null;
  const { brand } = known.changes;
  const writtenAt = new Date(newest.sentAt);
  const place = { customerId, authorId: newest.author.id, brand, writtenAt };
  return { own, place, words: own.map(({ text }) => text).join("\n") };
}

// What a finished plan gets of its case.

/**
 * The plan with what later conversations are compared with, and with the cards of the case that it ends. A plan that is
 * tried again later ends none: they say until then that the customer has written since.
 */
export function withCase(
  plan: Plan,
  { known, requester }: Pick<WholeCase, "known" | "requester">,
  result: TurnResult | null,
): Plan {
  const isAgain = plan.retry !== null;
  if (!mayHaveCase(known, requester) || requester.customerId === null) {
    const leaves = !isAgain && known.snapshot.caseMember !== null;
    return { ...plan, case: { ...NO_CASE, leaves } };
  }
  const written = writtenHere(known, requester.customerId);
  if (written === null) return plan;
  const { own, words } = written;
  const orders = [...ordersConcerned(known, own, result)];
  const place = { ...written.place, topic: comparedTopic(result) };
  const answered = keysAnsweredBy(plan);
  const endedAlone = plan.card === null && plan.owner === null && !isAgain;
  const covers = isAgain ? [] : known.covers;
  return {
    ...plan,
    case: {
      entry: { ...place, orders, waits: !endedAlone },
      facts: factsFrom({ ...place, orders: ordersAboutNow(words, orders), isPrivate: true }, words),
      leaves: false,
      covers,
    },
    elsewhere: [
      ...plan.elsewhere,
      ...covers
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
  const actions = snapshot.caseOthers.length === 0 ? result.actions : [];
  const changed = actions.flatMap(({ planned }) =>
    planned.action.target === "system"
      ? (toldAction(planned).name ?? [])
      : planned.facts.map(({ orderId }) => orderId),
  );
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
    .flatMap(({ action }) => keysAnswered(action));
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
