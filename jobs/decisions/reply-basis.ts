/** What a reply from the console rests on: what its writer saw of the case, and what is known of whom it goes to. */
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { type Finding, UNREAD_LANGUAGE } from "#core/contracts/guard.ts";
import type { Policy } from "#core/contracts/policy.ts";
import { isHelpdesk } from "#core/values/vocabulary.ts";
import {
  type Conversation,
  type Destination,
  isFromRequester,
  type Message,
  newestAnswerable,
} from "#core/values/message.ts";
import { maskOr } from "#core/values/thrown.ts";
import { inWords, shortened } from "#core/values/words.ts";
import { detectedLanguage } from "#guard/languages/detect.ts";
import { pressingVoter } from "#jobs/approval/ballot.ts";
import { refusedAnswer } from "#jobs/approval/refusals.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { type Approval, approvalsWhere } from "#store/approvals/approvals.ts";
import { conversationsOfCase, messagesOfCase } from "#store/console/case.ts";
import {
  caseHeads,
  type ConversationState,
  loadConversation,
} from "#store/conversations/conversations.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import { and, eq, inArray } from "#store/db/drizzle.ts";
import { approval as approvals } from "#store/db/schema.ts";
import { effectsUnderWay } from "#store/effects/ledger.ts";
import { savedReplies } from "#store/knowledge/page-notes.ts";

/** What a reply rests on: what was said, and where the answer goes. */
export interface Thread {
  /** Where the customer wrote, also for the page of the ticket that people have for it. */
  readonly state: ConversationState;
  /** The ticket beside it where people work; null for none. */
  readonly ticket: Conversation | null;
  readonly messages: readonly Message[];
  /** The customer's newest message that can be answered. */
  readonly asked: Message;
  readonly to: Destination;
  /** The customer's name as far as it is known. */
  readonly name: string;
  /** The conversations of its case. */
  readonly members: readonly string[];
  /** What cards of its other conversations wait to answer. */
  readonly covered: readonly string[];
  /** True for what the customer wrote whom it goes to. */
  readonly isTheirs: (message: Message) => boolean;
  /** What the cards say of them, and the team's saved replies: it needs no other source. */
  readonly known: readonly { readonly tool: string; readonly result: unknown }[];
}

/** The thread, or a sentence why nothing can be written to this customer from here. */
export async function readThread(
  context: JobContext,
  transaction: Transaction,
  id: string,
): Promise<Thread | string> {
  const [state, beside] = await sidesOf(transaction, id);
  if (state === null) return "This conversation is not kept any more.";
  return threadFrom(context, transaction, state, beside?.conversation ?? null);
}

/** Where the customer wrote, and the other side of its hand-over. */
async function sidesOf(transaction: Transaction, id: string) {
  const shown = await loadConversation(transaction, id);
  const linked =
    shown?.linkedId == null ? null : await loadConversation(transaction, shown.linkedId);
  return linked !== null && shown !== null && isHelpdesk(shown.conversation.channel)
    ? ([linked, shown] as const)
    : ([shown, linked] as const);
}

/** Whom a reply goes to, for its page; null where it is not known. */
export async function replyGoesTo(transaction: Transaction, id: string) {
  const [state] = await sidesOf(transaction, id);
  if (state === null) return null;
  const stored = await conversationMessages(transaction, state.conversation.id);
  return recipientIn(stored.map(({ message }) => message));
}

/**
 * Whom a reply goes to, and the mark by which a page says that its writer was shown that: none for anyone but who wrote
 * first, which is asked about.
 */
function recipientIn(messages: readonly Message[]) {
  const asked = newestAnswerable(messages);
  const to = asked?.answerPrivatelyTo ?? asked?.answerTo ?? null;
  if (asked === undefined || to === null) return null;
  const markOf = ({ author, answerPrivatelyTo, answerTo }: Message): string =>
    `${author.id} ${(answerPrivatelyTo ?? answerTo)?.label ?? ""}`;
  const first = messages.find((one) => newestAnswerable([one]) !== undefined) ?? asked;
  const mark = markOf(asked);
  return { asked, to, mark, shown: mark === markOf(first) ? mark : "" };
}

/** Why a reply is not sent yet: its writer was not shown whom it goes to, or it is not who wrote first. */
export function whyOther(
  { messages, asked, to }: Pick<Thread, "messages" | "asked" | "to">,
  goesTo: string | undefined,
): DeskAnswer | null {
  const { mark = "", shown = "" } = recipientIn(messages) ?? {};
  if ((goesTo ?? shown) === mark) return null;
  const told = `Your answer goes to ${to.label}: ${asked.author.name} wrote last. Your text stays here: send it again if it is for them.`;
  return { ...refusedAnswer(told), goesTo: mark };
}

async function threadFrom(
  context: JobContext,
  transaction: Transaction,
  state: ConversationState,
  ticket: Conversation | null,
): Promise<Thread | string> {
  const { id } = state.conversation;
  const barrier = whyNotFromHere(context, state);
  if (barrier !== null) return barrier;
  const stored = await conversationMessages(transaction, id);
  const messages = stored.map(({ message }) => message);
  const recipient = recipientIn(messages);
  if (recipient === null) return "It is not known where this customer can be answered.";
  const { asked, to } = recipient;
  const members = (await conversationsOfCase(transaction, id)).map((one) => one.id);
  const cards = await approvalsWhere(transaction, inArray(approvals.conversationId, members));
  // The customer it goes to, of those who wrote here: the present one, or who is answered.
  const customer = state.participants.customer || asked.author.id;
  const isTheirs = ({ author }: Message): boolean => author.id === customer;
  const spoken = messages.filter(isFromRequester);
  return {
    state,
    members,
    covered: cards.flatMap((one) =>
      one.state === "pending" && one.conversationId !== id ? one.answers : [],
    ),
    isTheirs,
    ticket,
    messages,
    asked,
    to,
    name: (await caseHeads(transaction, [id])).get(id)?.name ?? "",
    known: [
      ...knownFromCards(cards, asked, spoken, isTheirs),
      { tool: "page", result: (await savedReplies(transaction)).map(({ body }) => body) },
    ],
  };
}

/**
 * What holds for a text that a teammate writes: in a language of their choice, and without a source for their own name,
 * those of colleagues whom the policy names, and the brand's.
 */
export function teammatesReceipts(
  policy: Pick<Policy, "teammates" | "voiceOf">,
  { channel, brand }: Pick<Conversation, "channel" | "brand">,
  own: string,
) {
  const names = policy.teammates.map(({ address }) => address.replace(/@.*/, ""));
  const { forbidden } = policy.voiceOf(channel, brand);
  return { language: null, forbidden, ourNames: [brand, own, ...names] };
}

/**
 * What is told of a text to its writer. A sentence too short to be of any language, such as "Yes, gladly.", is English in an
 * English text.
 */
export function toldToWriter(findings: readonly Finding[], text: string): readonly Finding[] {
  if (detectedLanguage(text) !== "en") return findings;
  return findings.filter(({ kind, words }) => {
    const language = kind === UNREAD_LANGUAGE && words !== "" ? detectedLanguage(words) : "";
    return language !== null && language !== "en";
  });
}

function whyNotFromHere(
  { targets }: JobContext,
  { conversation: { channel }, participants: { barred } }: ConversationState,
): string | null {
  if (barred !== null) return `Nothing can be written here: ${barred}.`;
  return targets.get(channel)?.supports.includes("reply") === true
    ? null
    : `${channel} is not connected, so nothing can be sent there.`;
}

/** Of a case, more than is said in it while a reply is written. */
const LOOKED_AT = 50;
const TOLD_MAX = 2_000;

/**
 * Why a reply is not sent now: something of the case is being carried out, or there is more in it than its writer's page
 * showed. The cards that end with it where nothing keeps it back.
 */
export async function whyNotNow(
  context: Pick<JobContext, "guard" | "policy">,
  transaction: Transaction,
  members: readonly string[],
  decision: DeskDecision,
): Promise<DeskAnswer | readonly Approval[]> {
  const running = await effectsUnderWay(transaction, members);
  const names = [...new Set(running.map(({ operation }) => inWords(operation)))];
  if (names.length > 0)
    return refusedAnswer(
      `Under way in this case: ${names.join(", ")}. Take it back first, or wait until it is done. Your text stays here.`,
    );
  const advice = "Your text stays here: send it again if it still fits.";
  const { seen } = decision;
  const unread = await whyUnread(context, transaction, members, { seen, advice, isOfAll: true });
  if (unread !== null) return unread;
  const isTheirs = inArray(approvals.conversationId, [...members]);
  const waiting = await approvalsWhere(transaction, and(isTheirs, eq(approvals.state, "pending")));
  const shown = new Set(decision.cards);
  const { voter } = pressingVoter(context, decision.teammate);
  const others = waiting.filter((one) => !shown.has(waitingMark(one, voter)));
  const titles = others.map(
    ({ card, claim }) => `“${card.headline}”${claim === null ? "" : ` (${claim.name} is at it)`}`,
  );
  if (titles.length === 0) return waiting;
  const told = `Your answer ends what waits here: ${titles.join(", ")}. Look at it first. ${advice}`;
  return { ...refusedAnswer(told), cards: waiting.map((one) => waitingMark(one, voter)) };
}

/** A card as a page shows it, which is another one while a colleague is at it. */
function waitingMark({ id, version, claim }: Approval, voter: string): string {
  const isTaken = claim !== null && claim.voter !== voter;
  return [id, version, ...(isTaken ? [claim.voter] : [])].join("@");
}

/**
 * That the customer wrote after the message that a page showed last (`seen`), in their words, or where it is of all, that
 * they or we did; null where not.
 */
export async function whyUnread(
  { guard }: Pick<JobContext, "guard">,
  transaction: Transaction,
  members: readonly string[],
  {
    seen = 0,
    advice,
    isOfAll = false,
  }: {
    readonly seen: number | undefined;
    readonly advice: string;
    readonly isOfAll?: boolean;
  },
): Promise<DeskAnswer | null> {
  const { messages } = await messagesOfCase(transaction, members, {
    before: null,
    most: LOOKED_AT,
  });
  const newer = messages.filter(
    ({ id, message }) =>
      id > seen &&
      message.ignore === null &&
      (isOfAll ? message.visibility === "public" : isFromRequester(message)),
  );
  const last = newer.at(-1);
  if (last === undefined) return null;
  const words = newer.map(({ message }) => maskOr(guard, message.text, "…")).join("\n\n");
  const names = newer.map(({ message }) =>
    isFromRequester(message) ? "The customer" : message.author.name,
  );
  const who = [...new Set(names)].join(" and ");
  const told = `${who} ${who === names[0] ? "has" : "have"} written since: “${shortened(words, TOLD_MAX)}” ${advice}`;
  return { ...refusedAnswer(told), seen: last.id };
}

/**
 * What the cards of a case say of the customer, as for drafts: only what was found for them alone, while they
 * are proven as far as they were then.
 */
function knownFromCards(
  cards: readonly Approval[],
  asked: Message,
  spoken: readonly Message[],
  isTheirs: (message: Message) => boolean,
): readonly { readonly tool: string; readonly result: unknown }[] {
  const level = isTheirs(asked) ? asked.identity.level : 0;
  const authors = new Map(spoken.map((message) => [message.key, isTheirs(message)]));
  return cards
    .filter(({ answers, card }) => {
      const here = answers.map((key) => authors.get(key)).filter((one) => one !== undefined);
      return level >= card.requester.level && here.includes(true) && !here.includes(false);
    })
    .flatMap(({ state, card }) => [
      { tool: "order", result: card.context.orders },
      ...(state === "pending" ? [{ tool: "draft", result: card.draft?.text ?? "" }] : []),
    ]);
}
