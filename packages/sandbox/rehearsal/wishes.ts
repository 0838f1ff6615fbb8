/** Collects the requests of a turn from the customer's messages. */
import {
  corrects,
  type Intent,
  intentOf,
  withdraws,
  STREET,
  addressIn,
  amountIn,
  lastOrderIdIn,
  orderIdsIn,
  withoutAddress,
} from "./intents.ts";
import { isVague } from "./pages.ts";
import type { Transcript } from "./transcript.ts";

/** One request of the customer in this turn. */
export interface RequestPhrase {
  readonly intent: Intent;
  /** Null when no number was found: the plan then looks at the list of orders. */
  readonly orderId: string | null;
  readonly amount: string | null;
  readonly address: string | null;
  /** The text it was read from, for searching and for matching items. */
  readonly text: string;
  /** What was told before it and asks for nothing itself. */
  readonly told?: string;
}

/** Intents that are about one order. */
const ABOUT_ORDER: ReadonlySet<Intent> = new Set([
  "order_status",
  "refund",
  "return",
  "invoice",
  "deadline",
  "address",
  "payments",
  "cancel",
]);
const SMALL_TALK: ReadonlySet<Intent> = new Set(["greeting", "thanks"]);

/** All requests in the new messages. A later message corrects an earlier one; small talk counts only when alone. */
export function requestPhrasesOf(transcript: Transcript): readonly RequestPhrase[] {
  const pending = pendingQuestion(transcript);
  let wishes: readonly RequestPhrase[] = [];
  for (const text of transcript.unread) wishes = addMessage(wishes, text, transcript, pending);
  wishes = withSubject(wishes, transcript);
  const some = wishes.filter(({ intent }) => !SMALL_TALK.has(intent));
  const named = some.filter(
    ({ intent, text, told = "" }) => intent !== "faq" || !isVague(`${told} ${text}`),
  );
  const asked = named.length > 0 ? named : some;
  const known = (asked.length > 0 ? asked : wishes.slice(-1)).map((wish) =>
    withKnownOrder(wish, transcript),
  );
  // What is sent back is refunded when it has arrived.
  const returned = known.flatMap(({ intent, orderId }) => (intent === "return" ? [orderId] : []));
  return known.filter(({ intent, orderId }) => intent !== "refund" || !returned.includes(orderId));
}

/** Whether a text asks for anything, small talk aside. */
export function asksSomething(text: string): boolean {
  return clausesOf(text).some(({ intent }) => intent !== null && !SMALL_TALK.has(intent));
}

/** The words with which the customer takes back all that was asked; null where something is asked still. */
export function wordsTakenBack(transcript: Transcript): string | null {
  if (requestPhrasesOf(transcript).length > 0) return null;
  return transcript.unread.flatMap(clausesOf).findLast(({ text }) => withdraws(text))?.text ?? null;
}

/** The customer's own words for this, as they stand in the new messages: those that name its order, where any do. */
export function wordsFor(
  { intent, orderId }: RequestPhrase,
  { unread }: Transcript,
): string | null {
  const asked = unread.flatMap(clausesOf).filter((clause) => clause.intent === intent);
  const named = asked.findLast(({ ids }) => orderId !== null && ids.includes(orderId));
  return (named ?? asked.at(-1))?.text ?? null;
}

/** What a proposal's label says is done, and what is asked for by it. */
const LABELLED: readonly (readonly [RegExp, Intent])[] = [
  [/^Refund/, "refund"],
  [/password reset link/, "password"],
];

/** Whoever asks, tells, denies, sets a condition or speaks for others asks for nothing in these rules' eyes; "does not work" denies nothing. */
const NO_WISH =
  /["“”„:]|\b(?:if|unless|when|whether|says?|said|wrote|writes|told|(?:never|not)(?! (?:work|fit|charge|start|turn on)\b)|don't|didn't|husband|wife|friend|mail from)\b/i;

/** The customer's sentence that asks for what this label says, where all they wrote is plain; null for none. */
export function plainWish(label: string, own: string): string | null {
  const intent = LABELLED.find(([labelled]) => labelled.test(label))?.[1];
  const clauses = clausesOf(own);
  if (intent === undefined || clauses.some(({ text }) => isDoubtful(text))) return null;
  return clauses.findLast((clause) => clause.intent === intent)?.text ?? null;
}

function isDoubtful(text: string): boolean {
  return (
    NO_WISH.test(text) || (text.endsWith("?") && !/^(?:can|could|will|would) you\b/i.test(text))
  );
}

/** True for what can only be looked up for a known customer. */
export function isAboutOrder({ intent }: RequestPhrase): boolean {
  return ABOUT_ORDER.has(intent);
}

/**
 * Some customers put the request into the subject and only "see above" into the mail: then the subject is the request.
 */
function withSubject(
  wishes: readonly RequestPhrase[],
  transcript: Transcript,
): readonly RequestPhrase[] {
  const { subject, earlier, unread } = transcript;
  const vague = wishes.every(
    ({ intent, text }) => SMALL_TALK.has(intent) || (intent === "faq" && !text.includes("?")),
  );
  const isTakenBack = unread.some(withdraws);
  if (!vague || isTakenBack || earlier.length > 0 || subject === "") return wishes;
  const named = addMessage([], subject, transcript, null).filter(({ intent }) => intent !== "faq");
  return named.length === 0
    ? wishes
    : named.map((wish) => ({ ...wish, text: [wish.text, ...unread].join(" ") }));
}

/** The question our last reply asked, read from its text. */
interface Pending {
  readonly intent: Intent;
  readonly orderId: string | null;
  readonly wantsAddress: boolean;
}

function pendingQuestion({ earlier }: Transcript): Pending | null {
  const last = earlier.findLast(({ source }) => source === "you" || source === "teammate");
  if (last?.source !== "you") return null;
  if (/what is the (?:full )?new address/i.test(last.text))
    return { intent: "address", orderId: lastOrderIdIn([last.text]), wantsAddress: true };
  if (!/which order/i.test(last.text)) return null;
  const question =
    /(?<![^.!?\n])[^.!?\n]*which order[^?]{0,300}\?/i.exec(last.text)?.[0] ?? last.text;
  const intent = intentOf(question.replace(/\?$/, ""), true) ?? "order_status";
  return { intent, orderId: null, wantsAddress: false };
}

type Clause = ReturnType<typeof clausesOf>[number];

function addMessage(
  before: readonly RequestPhrase[],
  text: string,
  transcript: Transcript,
  pending: Pending | null,
): readonly RequestPhrase[] {
  const bare = before.some(({ address }) => address !== null) ? STREET : null;
  // The numbers of an address are not order numbers, so it is read first and removed.
  const written = addressIn(text, pending?.wantsAddress === true ? /^/ : bare);
  const rest = withoutAddress(text, written);
  const clauses = pending === null ? clausesOf(rest) : clausesOf(rest).map(asAnswer);
  if (clauses.some((clause) => withdraws(clause.text))) return addClauses([], clauses, null);
  const wishes = addClauses(before, clauses, pending ?? inherited(transcript));
  const completed = completeOrders(wishes, clauses);
  if (written !== null) return withAddress(completed, written, pending);
  return completed.length > before.length || clauses.length === 0 || before.length > 0
    ? completed
    : [fallback(rest, clauses, pending)];
}

/** After a question of ours, text that asks nothing itself is the answer to it, however vague. */
function asAnswer(clause: Clause): Clause {
  return clause.intent === "faq" && !clause.text.includes("?")
    ? { ...clause, intent: null }
    : clause;
}

/** When nothing is recognised: an unclear answer to our question, else a question for the help pages. */
function fallback(
  text: string,
  clauses: readonly Clause[],
  pending: Pending | null,
): RequestPhrase {
  const question = clauses.findLast((clause) => !isVague(clause.text))?.text ?? text;
  const intent = pending?.intent ?? "faq";
  const orderId = pending?.orderId ?? null;
  return { intent, orderId, amount: null, address: null, text: question, told: text };
}

/** "What about order 456?" repeats the last request, but only look-ups: a refund has to be requested again. */
function inherited({ earlier }: Transcript): Pending | null {
  const intents = earlier
    .filter(({ source }) => source === "customer")
    .flatMap(({ text }) => clausesOf(text).map(({ intent }) => intent))
    .filter((intent) => intent === "payments" || intent === "order_status");
  return { intent: intents.at(-1) ?? "order_status", orderId: null, wantsAddress: false };
}

/** From a line such as "Best regards" to the end, where only short lines follow. */
const SIGNATURE =
  /\n[ \t]{0,4}(?:best|kind|warm|many thanks|thanks|thank you|regards|cheers|sincerely|yours)\b[^\n?]{0,30}(?:\n[^\n?]{0,40}){0,4}$/i;

function clausesOf(text: string) {
  const unsigned = text.trimEnd().replace(SIGNATURE, "");
  const greeted = unsigned.replace(
    /^\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b(?:[^\n,.!?]{0,30}[,.!\n]|\s+(?=\w))/i,
    "",
  );
  return (greeted.trim() === "" ? text : greeted)
    .split(
      /(?<=[.?!])\s+|\n+|;\s+|,\s{1,20}also\s+|,?\s{1,20}and (?:also|then)\s+|,?\s{1,20}and\s+(?=(?:please|refund|where|what|when|how|can|could|reset|change|i|my|order|#|\d)\b)/i,
    )
    .map((part) => part.trim())
    .filter((part) => /\w/.test(part))
    .map((part) => {
      const ids = orderIdsIn(part);
      return { text: part, ids, intent: withdraws(part) ? null : intentOf(part, ids.length > 0) };
    });
}

function addClauses(
  before: readonly RequestPhrase[],
  clauses: readonly Clause[],
  pending: Pending | null,
): readonly RequestPhrase[] {
  let wishes = before;
  for (const clause of clauses) {
    const previous = wishes.findLast(({ intent }) => ABOUT_ORDER.has(intent));
    if (previous !== undefined && corrects(clause.text) && mends(clause, previous))
      wishes = wishes.map((wish) => (wish === previous ? mended(wish, clause) : wish));
    else wishes = merge(wishes, newWishes(clause, clauses, previous, pending));
  }
  return wishes;
}

function mends({ intent, ids, text }: Clause, previous: RequestPhrase): boolean {
  const same = intent === null || intent === previous.intent || intent === "order_status";
  return same && (ids.length > 0 || amountIn(text) !== null);
}

function mended(wish: RequestPhrase, { ids, text }: Clause): RequestPhrase {
  return {
    ...wish,
    orderId: ids.at(-1) ?? wish.orderId,
    amount: wish.intent === "refund" ? (amountIn(text) ?? wish.amount) : wish.amount,
    text: `${wish.text} ${text}`,
  };
}

function newWishes(
  { text, intent, ids }: Clause,
  clauses: readonly Clause[],
  previous: RequestPhrase | undefined,
  pending: Pending | null,
): readonly RequestPhrase[] {
  const wish = (kind: Intent, orderId: string | null): RequestPhrase => ({
    intent: kind,
    orderId,
    amount: kind === "refund" ? amountIn(text) : null,
    address: null,
    text,
    told: clauses.flatMap((other) => (other.intent === null ? [other.text] : [])).join(" "),
  });
  if (intent !== null) {
    if (!ABOUT_ORDER.has(intent) || ids.length === 0) return [wish(intent, null)];
    return ids.map((id) => wish(intent, id));
  }
  // A number next to a request without one belongs to it: "My order 789 broke. I want my money back."
  const belongs = clauses.some(
    (other) => other.intent !== null && ABOUT_ORDER.has(other.intent) && other.ids.length === 0,
  );
  if (ids.length === 0 || belongs) return [];
  return ids.map((id) => wish(previous?.intent ?? pending?.intent ?? "order_status", id));
}

/** The same request twice is one; the later text fills in what the earlier left open. */
function merge(
  wishes: readonly RequestPhrase[],
  added: readonly RequestPhrase[],
): readonly RequestPhrase[] {
  return added.reduce<readonly RequestPhrase[]>((all, wish) => {
    const index = all.findIndex(
      ({ intent, orderId, text }) =>
        intent === wish.intent &&
        (orderId === wish.orderId || orderId === null || wish.orderId === null) &&
        (intent !== "faq" || text === wish.text),
    );
    const earlier = all[index];
    if (earlier === undefined) return [...all, wish];
    const merged: RequestPhrase = {
      intent: wish.intent,
      orderId: wish.orderId ?? earlier.orderId,
      amount: wish.amount ?? earlier.amount,
      address: wish.address ?? earlier.address,
      text: `${earlier.text} ${wish.text}`,
    };
    return all.with(index, merged);
  }, wishes);
}

/** Requests without a number take the one in the same message, when there is exactly one. */
function completeOrders(
  wishes: readonly RequestPhrase[],
  clauses: readonly Clause[],
): readonly RequestPhrase[] {
  const ids = new Set(clauses.flatMap((clause) => [...clause.ids]));
  const [only] = ids;
  if (only === undefined || ids.size > 1) return wishes;
  return wishes.map((wish) =>
    ABOUT_ORDER.has(wish.intent) && wish.orderId === null ? { ...wish, orderId: only } : wish,
  );
}

function withAddress(
  wishes: readonly RequestPhrase[],
  address: string,
  pending: Pending | null,
): readonly RequestPhrase[] {
  const index = wishes.findLastIndex(({ intent }) => intent === "address");
  const wish = wishes[index];
  if (wish !== undefined) return wishes.with(index, { ...wish, address });
  // When the address comes with only a number: "456: ship it to …" would otherwise read as an order look-up.
  const orderId = pending?.orderId ?? wishes.findLast((other) => other.orderId !== null)?.orderId;
  return [
    ...wishes.filter(({ intent }) => intent !== "order_status" && intent !== "faq"),
    { intent: "address", orderId: orderId ?? null, amount: null, address, text: address },
  ];
}

/** "it" and "that one" mean the order mentioned last, in this turn or before it. */
function withKnownOrder(
  wish: RequestPhrase,
  { unread, subject, earlier }: Transcript,
): RequestPhrase {
  if (wish.orderId !== null || !ABOUT_ORDER.has(wish.intent)) return wish;
  const inTurn = new Set(unread.flatMap((text) => [...orderIdsIn(withoutAddress(text))]));
  const [only] = inTurn;
  if (only !== undefined && inTurn.size === 1) return { ...wish, orderId: only };
  const [inSubject] = orderIdsIn(subject);
  if (inSubject !== undefined) return { ...wish, orderId: inSubject };
  if (!/\b(?:it|that|this|that one|this one|the order|the (?:parcel|package))\b/i.test(wish.text))
    return wish;
  const spoken = earlier.filter(({ source }) => source !== "team note").map(({ text }) => text);
  const named = spoken.map((text) => orderIdsIn(text)).findLast((ids) => ids.length > 0) ?? [];
  // After a list of orders "it" is none of them.
  return { ...wish, orderId: named.length === 1 ? (named[0] ?? null) : null };
}
