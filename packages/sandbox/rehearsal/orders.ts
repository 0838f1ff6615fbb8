/** Finds the order a request is about and answers questions about orders and payments. */
import { orderClaimsIn } from "#guard/input/order-claims.ts";
import { answerFromPages, quoteFrom } from "./pages.ts";
import {
  type Answer,
  OFFER_PERSON,
  type SeenOrder,
  type Transcript,
  beforehand,
  listed,
  lookAtOrder,
  lookAtOrders,
  lookAtPages,
  lookAtPayments,
  PROPOSALS,
  noOrders,
  orderNotFound,
  sentence,
} from "./transcript.ts";
import { type RequestPhrase, wordsFor } from "./wishes.ts";
import { literally, oneLine } from "#core/values/words.ts";
import { decisionGround } from "#core/contracts/policy.ts";
import { ORDER_NOT_FOUND } from "#core/contracts/tool.ts";

const DESCRIBED_MAX = 4;

/** Which order a request is about: one, several candidates, or an answer that comes first. */
type Meant =
  | { readonly kind: "one"; readonly order: SeenOrder }
  | { readonly kind: "several"; readonly orders: readonly SeenOrder[] }
  | { readonly kind: "answer"; readonly answer: Answer };

/** Finds the order by its number, else by what was bought, else as the only candidate. */
function orderMeant(
  wish: RequestPhrase,
  transcript: Transcript,
  isCandidate: (order: SeenOrder) => boolean,
): Meant {
  if (wish.orderId !== null) {
    const seen = lookAtOrder(transcript, { order_id: wish.orderId });
    if (seen.kind !== "seen") return { kind: "answer", answer: beforehand(seen) };
    return seen.value === null
      ? { kind: "answer", answer: neutral(orderNotFound(wish.orderId, transcript)) }
      : { kind: "one", order: seen.value };
  }
  const list = lookAtOrders(transcript);
  if (list.kind !== "seen") return { kind: "answer", answer: beforehand(list) };
  if (list.value.length === 0) return { kind: "answer", answer: withoutOrders(wish, transcript) };
  const said = `${transcript.subject} ${wish.text}`;
  const named = list.value.filter((order) => namesItem(said, order.item));
  const [item] = named;
  if (item !== undefined && named.length === 1) return { kind: "one", order: item };
  const candidates = list.value.filter(isCandidate);
  const [only] = candidates;
  return only !== undefined && candidates.length === 1
    ? { kind: "one", order: only }
    : { kind: "several", orders: candidates };
}

/** Answers a request about one order; where several could be, a question names them, once. */
function aboutOneOrder(
  asked: string,
  answer: (order: SeenOrder, wish: RequestPhrase, transcript: Transcript) => Answer,
  isCandidate: (order: SeenOrder, transcript: Transcript) => boolean = () => true,
) {
  return (wish: RequestPhrase, transcript: Transcript): Answer => {
    const meant = orderMeant(wish, transcript, (order) => isCandidate(order, transcript));
    if (meant.kind === "answer") return meant.answer;
    if (meant.kind === "one") return answer(meant.order, wish, transcript);
    const named = namesOf(meant.orders);
    const choices = named === "" ? "Please send its number." : `I can see ${named}.`;
    const topic = wish.intent === "invoice" ? "payments" : wish.intent;
    return question(transcript, { text: `${asked} ${choices}`, topic });
  };
}

/** Who has no order and speaks of none of theirs asks about something else, whatever word of an order stands in it. */
const OWN_ORDER =
  /\b(?:my|our|the|this|that) (?:\w+ ){0,2}(?:orders?|refunds?|money|invoices?|payments?)\b|\b(?:my|our) (?:\w+ ){0,2}(?:parcels?|packages?|deliver(?:y|ies)|things?|stuff)\b|\b(?:i|we)(?:['’]ve| have| was| were)? (?:\w+ )?(?:ordered|bought|paid|charged|returned|received|got)\b|^\W*(?:where|when)(?:['’]s| is| are| does| will)? (?:it|my|our|the)\b/i;

function neutral(text: string): Missing {
  return { kind: "missing", text, topic: "order_status" };
}

type Missing = Extract<Answer, { kind: "missing" }>;

/** Where an order is and what was paid for it stands on no page. */
function withoutOrders(wish: RequestPhrase, transcript: Transcript): Answer {
  if (!OWN_ORDER.test(wish.text)) return answerFromPages(transcript, wish.text);
  const none = neutral(noOrders(transcript));
  const isLookUp = wish.intent === "order_status" || wish.intent === "payments";
  return isLookUp ? none : withPages(none, wish, transcript);
}

/** Who cannot be found here and asks something reads what holds for all customers, too. */
function withPages(missing: Missing, { text }: RequestPhrase, transcript: Transcript): Answer {
  if (!transcript.unread.some((message) => message.includes("?"))) return missing;
  const pages = answerFromPages(transcript, text);
  if (pages.kind === "call") return pages;
  return pages.kind === "part" ? { ...missing, text: `${missing.text}\n\n${pages.text}` } : missing;
}

/** "lamp" matches "desk lamp": an item's last word says what it is. */
function namesItem(text: string, item: string): boolean {
  const words = text.toLowerCase();
  const noun = item.toLowerCase().split(" ").at(-1) ?? "";
  return words.includes(item.toLowerCase()) || new RegExp(`\\b${literally(noun)}s?\\b`).test(words);
}

/** A parcel the carrier counts as delivered, so none of those that are still on their way. */
const SAID_DELIVERED = /\b(?:says?|said|shows?|marked|tracking)\b[^.?!]{0,300}\bdelivered\b/i;

/** Where an order is. Without a number: all that are still on their way. */
export function answerStatus(wish: RequestPhrase, transcript: Transcript): Answer {
  if (wish.orderId === null && SAID_DELIVERED.test(wish.text))
    return { kind: "escalate", reason: "A parcel counts as delivered; which order is not said." };
  const meant = orderMeant(wish, transcript, ({ delivered_on }) => delivered_on === null);
  if (meant.kind === "answer") return meant.answer;
  if (meant.kind === "one" && isMissing(meant.order, wish, transcript))
    return answerMissing(meant.order, transcript);
  const orders = meant.kind === "one" ? [meant.order] : meant.orders.slice(0, DESCRIBED_MAX);
  const text =
    orders.length === 0
      ? "I see no order of yours that is still on its way. If you mean an older one, please send its number."
      : orders.map((order) => statusOf(order, whereabouts(order, transcript))).join("\n");
  return { kind: "part", text, topic: "order_status" };
}

/** Shipped, said not to have come, and not expected on a later day. */
function isMissing(
  { shipped_on, due_on, delivered_on }: SeenOrder,
  { text }: RequestPhrase,
  { today }: Transcript,
): boolean {
  const isExpected = due_on !== null && delivered_on === null && due_on >= today;
  return (
    shipped_on !== null &&
    !isExpected &&
    orderClaimsIn(text).some(({ kind }) => kind === "not_arrived")
  );
}

const LOST_PAGE = "missing parcel: a package that is lost and has not arrived";
const DELIVERED_PAGE = "missing parcel: it says delivered but I do not have it, ask neighbours";

/** What the shop knows of a parcel that did not come, what the help pages say is done then, and the offer of a person. */
function answerMissing(order: SeenOrder, transcript: Transcript): Answer {
  const query = order.delivered_on === null ? LOST_PAGE : DELIVERED_PAGE;
  return withQuote(transcript, query, (quote) => {
    if (quote === null)
      return {
        kind: "escalate",
        reason: "A parcel is missing, and no help page says what is done.",
      };
    const text = `${statusOf(order, lastSeen(order))} ${quote}. ${OFFER_PERSON}`;
    return { kind: "part", text, topic: "order_status" };
  });
}

/** What is said with the beginning of the page that is found first; null where none is. */
function withQuote(
  transcript: Transcript,
  query: string,
  say: (quote: string | null) => Answer,
): Answer {
  const pages = lookAtPages(transcript, { queries: [query] });
  if (pages.kind === "call") return pages;
  return say(pages.kind === "seen" ? quoteFrom(pages.value.slice(0, 1)) : null);
}

/** Where a missing parcel is by the shop's records, without the promise that it is on its way. */
function lastSeen({ shipped_on, delivered_on }: SeenOrder): string {
  return delivered_on === null
    ? `was shipped on ${shipped_on}, and no delivery of it has been recorded.`
    : `was delivered on ${delivered_on}, as the carrier has recorded it.`;
}

/** One sentence on an order and where it is, with every fact as the tool returned it. */
function statusOf(order: SeenOrder, where: string): string {
  const name = `Order ${calledBy(order.order_id, [order.item])}`;
  const refunded = /^(?:0(?:\.0+)?\s|\s*$)/.test(order.refunded)
    ? ""
    : ` ${order.refunded} of it has been refunded.`;
  return `${name} ${where}${refunded}`;
}

/** Weeks after a parcel was to be here nobody can say that it is on its way. */
const LATE_MS = 28 * 86_400_000;

function whereabouts(order: SeenOrder, { today }: Transcript): string {
  const { status, shipped_on, due_on, delivered_on } = order;
  if (status === "delivered")
    return delivered_on === null ? "has been delivered." : `was delivered on ${delivered_on}.`;
  if (status === "shipped") {
    const expected = due_on ?? shipped_on ?? today;
    if (shipped_on !== null && Date.parse(today) - Date.parse(expected) > LATE_MS)
      return `${lastSeen(order)} ${OFFER_PERSON}`;
    const since = shipped_on === null ? "has been shipped" : `was shipped on ${shipped_on}`;
    return due_on === null
      ? `${since} and is on its way to you.`
      : `${since} and is due on ${due_on}.`;
  }
  if (status === "processing")
    return "is being prepared in our warehouse (processing) and has not been shipped yet.";
  return status.trim() === ""
    ? "is in your account, and its record does not say where it is."
    : `has the status "${status}".`;
}

/** What was paid and what was refunded. */
export const answerPayments = aboutOneOrder(
  "Which order is your question about the payment for?",
  ({ order_id: id }, _wish, transcript) => {
    const seen = lookAtPayments(transcript, { order_id: id });
    if (seen.kind !== "seen") return beforehand(seen);
    if (seen.value === null) return neutral(orderNotFound(id, transcript));
    const paid = seen.value.payments.map(
      ({ amount, method, paid_on }) =>
        `Order ${id} was paid by ${method} on ${paid_on}: ${amount}.`,
    );
    const back = seen.value.refunds.map(
      ({ amount, refunded_on }) => `${amount} of it was refunded on ${refunded_on}.`,
    );
    const text =
      paid.length === 0 ? `I see no payment for order ${id}.` : [...paid, ...back].join(" ");
    return { kind: "part", text, topic: "payments" };
  },
);

/** "order 123 (kettle, 25.00 USD), order 456 (…)", for questions that list the choices. */
function namesOf(orders: readonly SeenOrder[]): string {
  return listed(
    orders.map(({ order_id, item, amount }) => `order ${calledBy(order_id, [item, amount])}`),
  );
}

/** "123 (kettle, 25.00 USD)", without what the record does not have. */
function calledBy(orderId: string, facts: readonly string[]): string {
  const known = facts.map((fact) => fact.trim()).filter((fact) => fact !== "");
  return known.length === 0 ? orderId : `${orderId} (${known.join(", ")})`;
}

// Requests for changes: refunds, addresses and password resets.

const REASON_CHARACTERS_MAX = 200;
const REFUND_PAGE = "refund policy: how many days after delivery";
const ADDRESS_PAGE = "change the shipping address of an order";

/** A refund. Without a clear order it asks once and names those that can still be refunded. */
export const answerRefund = aboutOneOrder(
  "Which order would you like refunded?",
  (order, wish, transcript) => {
    const { order_id, item } = order;
    const reason = oneLine(wish.text).slice(0, REASON_CHARACTERS_MAX).trim();
    const input = { order_id, amount: wish.amount, reason, asked_with: wordsFor(wish, transcript) };
    return changed(order, transcript, {
      proposal: PROPOSALS.refund(transcript, input),
      done: (label) =>
        `I have refunded ${/\d[\d.]{0,20} [A-Z]{3}/.exec(label)?.[0] ?? "the amount"} for order ${calledBy(order_id, [item])} to your original payment method.`,
      no: "refund",
      page: { query: REFUND_PAGE, topic: "refund" },
    });
  },
  ({ refundable, refund_until }, { today }) =>
    !/^0(?:\.0+)?\s/.test(refundable) && (refund_until ?? today) >= today,
);

/** What is mailed for one order to the address on file. */
const MAILED = {
  return: {
    asked: "Which order would you like to return?",
    done: "I have started the return of order",
    no: "start a return of",
    page: { query: REFUND_PAGE, topic: "refund" },
  },
  invoice: {
    asked: "Which order shall I send the invoice for?",
    done: "I have sent the invoice for order",
    no: "send the invoice for",
    page: { query: "invoice", topic: "payments" },
  },
} as const;

/** The label for sending one order back, or its invoice once more. */
export function answerMailed(kind: keyof typeof MAILED) {
  const { asked, done, no, page } = MAILED[kind];
  return aboutOneOrder(asked, (order, wish, transcript) => {
    const { order_id, item } = order;
    const input = { order_id, asked_with: wordsFor(wish, transcript) };
    return changed(order, transcript, {
      proposal: PROPOSALS[kind](transcript, input),
      done: () =>
        `${done} ${calledBy(order_id, [item])}. It comes by mail to the e-mail address on file for your account.`,
      no,
      page,
    });
  });
}

/** Until when one order can be given back, where its record says so, else what the pages say. */
export function answerDeadline(wish: RequestPhrase, transcript: Transcript): Answer {
  const meant = orderMeant(wish, transcript, () => false);
  if (meant.kind === "answer") return meant.answer;
  if (meant.kind === "several" || meant.order.refund_until === null)
    return answerFromPages(transcript, wish.text);
  const { order_id, item, refund_until } = meant.order;
  const text = `The last day to return order ${calledBy(order_id, [item])} or to ask for a refund of it ${refund_until < transcript.today ? "was" : "is"} ${refund_until}.`;
  return { kind: "part", text, topic: "refund" };
}

/** Another shipping address for one order. */
export const answerAddress = aboutOneOrder(
  "Which order is the new address for?",
  (order, { address }, transcript) => {
    const { order_id } = order;
    if (address === null) {
      const text = `What is the full new address for order ${order_id}?`;
      return question(transcript, { text, topic: "address" });
    }
    return changed(order, transcript, {
      proposal: PROPOSALS.address(transcript, { order_id, new_address: address }),
      done: () => `I have changed the shipping address of order ${order_id} to ${address}.`,
      no: "change the shipping address of",
      page: { query: ADDRESS_PAGE, topic: "address" },
    });
  },
  ({ shipped_on }) => shipped_on === null,
);

const NO_ACCOUNT_HERE = "I don't know yet whose account this is.";
const NO_ACCOUNT_OF_ADDRESS =
  "I can't find an account for your address. Please write from the e-mail address of your account.";

/** Requests a link to the address on file; the reply never contains the address. */
export function answerPassword(wish: RequestPhrase, transcript: Transcript): Answer {
  const proposal = PROPOSALS.password(transcript, { asked_with: wordsFor(wish, transcript) });
  if (proposal.kind !== "seen") return beforehand(proposal);
  const { value } = proposal;
  const topic = "password";
  if (value.status === "proposed")
    return {
      kind: "part",
      text: "I have sent a password reset link to the e-mail address on file for your account. Please check your spam folder too if you don't see it.",
      topic,
    };
  if (value.status === "impossible") {
    const text = `${transcript.inChat ? NO_ACCOUNT_HERE : NO_ACCOUNT_OF_ADDRESS} ${OFFER_PERSON}`;
    return withPages({ kind: "missing", text, topic }, wish, transcript);
  }
  const text = `I'm sorry, I can't send a password reset link now. ${sentence(value.reason)} ${OFFER_PERSON}`;
  return { kind: "part", text, topic };
}

/** What is said of one change, as it came out. */
interface Change {
  readonly proposal: ReturnType<typeof PROPOSALS.refund>;
  readonly done: (label: string) => string;
  readonly no: string;
  readonly page: { readonly query: string; readonly topic: string };
}

/** What was done; or a refusal with its reason, what the help pages say about it, and the offer of a person. */
function changed(
  { order_id, item }: SeenOrder,
  transcript: Transcript,
  { proposal: seen, done, no: what, page }: Change,
): Answer {
  if (seen.kind !== "seen") return beforehand(seen);
  const proposal = seen.value;
  const { topic } = page;
  if (proposal.status === "proposed") return { kind: "part", text: done(proposal.label), topic };
  const no = `I'm sorry, I can't ${what} order ${calledBy(order_id, [item])}.`;
  // The tool found no order although the look-up before did: it is gone or no longer this customer's.
  const isOrderMissing =
    proposal.status === "denied"
      ? decisionGround(proposal).name === "order"
      : proposal.reason === ORDER_NOT_FOUND;
  if (isOrderMissing) return { kind: "missing", text: orderNotFound(order_id, transcript), topic };
  const reason = sentence(proposal.reason);
  if (proposal.status === "impossible") return { kind: "part", text: `${no} ${reason}`, topic };
  return withQuote(transcript, page.query, (quote) => {
    const text = [no, reason, ...(quote === null ? [] : [`${quote}.`]), OFFER_PERSON].join(" ");
    return { kind: "part", text, topic };
  });
}

function question(
  { askedBefore }: Transcript,
  asked: { readonly text: string; readonly topic: string },
): Answer {
  return askedBefore
    ? { kind: "escalate", reason: "It is still unclear what is meant after asking back." }
    : { kind: "question", ...asked };
}
