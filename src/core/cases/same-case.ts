/**
 * Room: cases, as a decision over facts: which conversations of one customer belong together.
 * In: what is known of each conversation: customer, orders, time, words.
 * Out: whether two are one case, with the reasons; how many messages of a case wait for an answer.
 * May touch: nothing.
 * A case is what one customer asks about one order or one matter within seven days, in however many conversations. Pure:
 * the same facts give the same verdict and reasons.
 */
import { bySentAt } from "#core/values/message.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#core/values/moment.ts";

/** Conversations further apart than this are never one case. */
export const CASE_DAYS = 7;

/** What was written so soon after something else belongs to it, unless it is about something else. */
const BURST_MS = 2 * MINUTE_MS;

/** What is known of a conversation's unanswered messages when it is compared with another. */
export interface CaseFacts {
  /** The proven customer; null when it is not proven who writes, and then it belongs to no case. */
  readonly customerId: string | null;
  /** False when others than the customer may read the answer: such a conversation belongs to no case. */
  readonly isPrivate: boolean;
  readonly brand: string;
  /** When the customer wrote there last. */
  readonly writtenAt: Date;
  /** The customer's own orders that the conversation names, as the shop's look-ups resolved them. */
  readonly orders: readonly string[];
  /** Numbers the text calls an order, whosever they are. */
  readonly calledOrders: readonly string[];
  /** The turn's topic; empty when there is none. */
  readonly topic: string;
  /** The words that tell the text from others. */
  readonly words: ReadonlySet<string>;
  /** How the text refers to something its writer wrote before. */
  readonly refersBack: "clearly" | "perhaps" | "no";
}

/** Whether two conversations belong to one case, and why, in words for the team. */
interface CaseVerdict {
  /** `unsure`: a teammate is asked. */
  readonly kind: "same" | "unsure" | "apart";
  readonly reasons: readonly string[];
}

/** A conversation that a new message is compared with. */
export interface OtherConversation {
  readonly conversationId: string;
  /** The case it belongs to already; null when it belongs to none. */
  readonly caseId: string | null;
  readonly facts: CaseFacts;
}

/**
 * Compares a conversation with the customer's others that wait. The newest that is surely the same counts, else the
 * newest that may be; the conversation that showed it is told with the verdict.
 */
export function placeInCase<Other extends OtherConversation>(
  facts: CaseFacts,
  others: readonly Other[],
) {
  const possible = others
    .filter((other) => barrierBetween(facts, other.facts) === null)
    .toSorted((a, b) => b.facts.writtenAt.getTime() - a.facts.writtenAt.getTime());
  const waiting = new Set(
    possible
      .filter((other) => mayBeMeant(facts, other.facts))
      .map(({ caseId, conversationId }) => caseId ?? conversationId),
  );
  const judged = possible.map((other) => ({
    other,
    ...compareCases(facts, other.facts, { isOnlyOne: waiting.size === 1 }),
  }));
  const found =
    judged.find(({ kind }) => kind === "same") ?? judged.find(({ kind }) => kind === "unsure");
  return found ?? { kind: "apart" as const, other: null, reasons: [] };
}

/**
 * Why two conversations are one case whatever a turn finds out about them, so that they can be joined before it: both
 * name an order, or they say almost the same. Null where only a turn can tell.
 */
export function surelyOne(newer: CaseFacts, older: CaseFacts): readonly string[] | null {
  if (barrierBetween(newer, older) !== null) return null;
  const verdict = byOrders(newer, older) ?? bySameWords(newer, older);
  return verdict?.kind === "same" ? verdict.reasons : null;
}

/**
 * The verdict on two conversations. `isOnlyOne` says that nothing else of this customer waits, so that "still no answer"
 * can mean only this one.
 */
function compareCases(
  newer: CaseFacts,
  older: CaseFacts,
  { isOnlyOne }: { readonly isOnlyOne: boolean },
): CaseVerdict {
  const barrier = barrierBetween(newer, older);
  if (barrier !== null) return { kind: "apart", reasons: [barrier] };
  const verdict = byOrders(newer, older) ?? byMatter(newer, older) ?? bySameWords(newer, older);
  return verdict ?? byWords(newer, older, isOnlyOne);
}

/** Why the two can never be one case; null when nothing forbids it. */
function barrierBetween(newer: CaseFacts, older: CaseFacts): string | null {
  if (newer.customerId === null || newer.customerId !== older.customerId)
    return "it is not proven that the same customer wrote both";
  if (!newer.isPrivate || !older.isPrivate) return "others may read one of them";
  if (!isSameBrand(newer.brand, older.brand)) return "they are with different brands";
  return gapMs(newer, older) > CASE_DAYS * DAY_MS ? `more than ${CASE_DAYS} days apart` : null;
}

/** A channel without brands speaks for the brand that has no name of its own. */
export function isSameBrand(one: string, other: string): boolean {
  return (one || UNNAMED_BRAND) === (other || UNNAMED_BRAND);
}

const UNNAMED_BRAND = "default";

function gapMs(one: CaseFacts, other: CaseFacts): number {
  return Math.abs(one.writtenAt.getTime() - other.writtenAt.getTime());
}

/** Orders that both name, or that each names alone, decide; null when one of them names none. */
function byOrders(newer: CaseFacts, older: CaseFacts): CaseVerdict | null {
  const shared = newer.orders.filter((order) => older.orders.includes(order));
  if (shared.length > 0)
    return { kind: "same", reasons: [`both are about order ${shared.join(", ")}`] };
  const [mine, theirs] = [newer, older].map(
    ({ orders, calledOrders }) => new Set([...orders, ...calledOrders]),
  );
  if (mine === undefined || theirs === undefined || mine.size === 0 || theirs.size === 0)
    return null;
  const called = [...mine].filter((number) => theirs.has(number));
  return called.length > 0
    ? { kind: "unsure", reasons: [`both name ${called.join(", ")}`] }
    : {
        kind: "apart",
        reasons: [`one names ${[...mine].join(", ")}, the other ${[...theirs].join(", ")}`],
      };
}

/** What a topic is about. A topic that tells nothing conflicts with none. */
function topicMatter({ topic }: CaseFacts): "order" | "account" | "question" | "any" {
  if (/^(?:refund|order|address|payment|shipping|delivery|return|cancel)/.test(topic))
    return "order";
  if (/^(?:password|account|login)/.test(topic)) return "account";
  return /^(?:faq|greeting|thanks)/.test(topic) ? "question" : "any";
}

/** An order and a password are two matters, whatever the words. */
function byMatter(newer: CaseFacts, older: CaseFacts): CaseVerdict | null {
  const matters = new Set([topicMatter(newer), topicMatter(older)]);
  return matters.has("account") && matters.size === 2 && !matters.has("any")
    ? { kind: "apart", reasons: ["one is about an order or the shop, the other about the account"] }
    : null;
}

const WORDS_MIN = 4;
const ALIKE = 0.6;
const RATHER_ALIKE = 0.35;
const CONTAINED = 0.85;

function bySameWords(newer: CaseFacts, older: CaseFacts): CaseVerdict | null {
  const { share, contained } = likeness(newer.words, older.words);
  return share >= ALIKE || contained >= CONTAINED
    ? { kind: "same", reasons: ["they say almost the same"] }
    : null;
}

function byWords(newer: CaseFacts, older: CaseFacts, isOnlyOne: boolean): CaseVerdict {
  const { share } = likeness(newer.words, older.words);
  // What a customer asks the shop in general is no part of what they ask about an order.
  if (topicMatter(newer) === "question") return APART;
  const { sure, hints } = signsIn(newer, older, { isOnlyOne, share });
  if (sure !== null) return { kind: "same", reasons: [sure] };
  return hints.length > 0 ? { kind: "unsure", reasons: hints } : APART;
}

const APART: CaseVerdict = {
  kind: "apart",
  reasons: ["nothing says that they belong together"],
};

/** What the words and the time between two conversations say, each as a reason that holds or not. */
function signsIn(
  newer: CaseFacts,
  older: CaseFacts,
  { isOnlyOne, share }: { readonly isOnlyOne: boolean; readonly share: number },
) {
  const gap = gapMs(newer, older);
  const isBurst = gap <= BURST_MS && mayContinue(newer, older);
  const refers = newer.refersBack === "clearly";
  const sure: readonly (readonly [boolean, string])[] = [
    [refers, "it refers to an earlier message, and nothing else of this customer waits"],
    [isBurst, "they were written within two minutes of each other"],
  ];
  const hints: readonly (readonly [boolean, string])[] = [
    [refers, "it refers to an earlier message, and more than one thing waits"],
    [share >= RATHER_ALIKE, "they use many of the same words"],
    [newer.refersBack === "perhaps" && gap <= DAY_MS, "it may refer to the earlier message"],
    [isOnlyOne && gap <= HOUR_MS, "they were written within an hour"],
    [isSameTopic(newer, older) && gap <= DAY_MS, "they have the same topic"],
  ];
  return {
    /** The reason that joins them; null when there is none. */
    sure:
      isOnlyOne && mayBeMeant(newer, older) ? (sure.find(([holds]) => holds)?.[1] ?? null) : null,
    /** Reasons to ask a teammate. */
    hints: hints.flatMap(([holds, reason]) => (holds ? [reason] : [])),
  };
}

/** A question to the shop, or a password, is not what "still no answer" to something else can mean. */
function mayBeMeant(newer: CaseFacts, older: CaseFacts): boolean {
  return ["any", "order", topicMatter(newer)].includes(topicMatter(older));
}

/** True when the newer one names no order, and no topic that the older one does not have. */
function mayContinue(newer: CaseFacts, older: CaseFacts): boolean {
  const names = newer.orders.length + newer.calledOrders.length;
  const isOpen = topicMatter(newer) === "any" || newer.topic === older.topic;
  return names === 0 && isOpen;
}

function isSameTopic(newer: CaseFacts, older: CaseFacts): boolean {
  return topicMatter(newer) === "order" && newer.topic === older.topic;
}

/** How much of their words two texts share: of all words, and of the shorter text's. Zero for texts too short to tell. */
function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>) {
  const smaller = Math.min(one.size, other.size);
  if (smaller < WORDS_MIN) return { share: 0, contained: 0 };
  const common = [...one].filter((word) => other.has(word)).length;
  return {
    share: common / (one.size + other.size - common),
    contained: smaller > WORDS_MIN ? common / smaller : 0,
  };
}

/** One message of a case, as far as counting needs it. */
export interface CaseMessage {
  readonly author: { readonly kind: "requester" | "teammate" | "bot" | "system" };
  readonly visibility: "public" | "internal";
  readonly sentAt: string;
}

/**
 * The how many-th message in a row the customer has written about this case without an answer in between, over all its
 * conversations: 1 for the first, 3 for "the third mail". `asked` are the messages an answer is due to now.
 */
export function unansweredNumber(
  earlier: readonly CaseMessage[],
  asked: readonly CaseMessage[],
): number {
  const before = earlier.filter(({ visibility }) => visibility === "public").toSorted(bySentAt);
  const answered = before.findLastIndex(({ author }) => ["teammate", "bot"].includes(author.kind));
  const unanswered = before
    .slice(answered + 1)
    .filter(({ author }) => author.kind === "requester").length;
  return Math.max(1, unanswered + asked.length);
}
