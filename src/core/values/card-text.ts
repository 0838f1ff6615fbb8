/** What a card says beside its proposal, the same on every desk. It may contain customer text: a desk shows it literally. */
import type { CardContext, Citation, OrderOnCard, Records } from "./card-context.ts";
import { dayText } from "./moment.ts";
import { formatMoney } from "./money.ts";
import type { Button, Card } from "#core/contracts/approval-desk.ts";
import type { DelicateTopic } from "#core/contracts/guard.ts";
import { counted, excerpt, inWords, shortened } from "./words.ts";
const CITATIONS_SHOWN = 8;
const SUBJECT_MAX = 60;
const ORDERS_SHOWN = 2;
const QUOTE_SHOWN = 90;

/** The sender in about three words, with a tick for a known customer only. */
export function senderText({ standing, level }: Card["requester"]): string {
  return standing === undefined ? (level >= 2 ? "Verified" : "Not verified") : STANDINGS[standing];
}

const STANDINGS = {
  confirmed: "✅ Confirmed by code",
  signed_in: "✅ Signed-in customer",
  known: "✅ Known customer",
  stranger: "Stranger, address is genuine",
  claimed: "Not verified",
  unknown: "Unknown sender",
} as const;

/** Why a card comes before others: anger, messages without an answer, an important customer; empty when nothing does. */
export function urgencyText({ isAngry, messageNumber, isImportant }: CardContext): string {
  return [
    isAngry ? "😠 Angry" : "",
    messageNumber > 1 ? `${ordinal(messageNumber)} message without an answer` : "",
    isImportant ? "⭐ Important customer" : "",
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

function ordinal(count: number): string {
  const isTeen = count % 100 >= 11 && count % 100 <= 13;
  const ending = isTeen ? "th" : (["th", "st", "nd", "rd"][count % 10] ?? "th");
  return `${count}${ending}`;
}

/**
 * One line for each order the card is about, from the look-ups of its turn: "Order 2001 · phone · paid 640.00 USD ·
 * shipped 20 Nov, due 23 Nov, not delivered · nothing refunded".
 */
export function orderLines({ orders, since }: CardContext): readonly string[] {
  const more = orders.length - ORDERS_SHOWN;
  return [
    ...orders.slice(0, ORDERS_SHOWN).map((order) => `📦 ${orderText(order, since)}`),
    ...(more > 0 ? [`📦 and ${more} more ${more === 1 ? "order" : "orders"}`] : []),
  ];
}

/** An order in one line; `since` is the moment that decides which years are written. */
export function orderText(order: OrderOnCard, since: string | null): string {
  const { orderId, item, paid, paidBy, refunded } = order;
  return [
    `Order ${orderId}`,
    item,
    `paid ${formatMoney(paid)}${paidBy === "" ? "" : ` by ${paidBy}`}`,
    deliveryText(order, since),
    refunded.minor === 0 ? "nothing refunded" : `${formatMoney(refunded)} refunded`,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

/** Where an order is: "shipped 20 Nov, due 23 Nov, not delivered"; `since` decides which years are written. */
export function deliveryText(
  { status, shippedOn, dueOn, deliveredOn }: OrderOnCard,
  since: string | null,
): string {
  const day = (on: string): string => dayText(on, new Date(since ?? on));
  if (deliveredOn !== null) return `delivered ${day(deliveredOn)}`;
  if (isOver(status)) return status;
  const due = dueOn === null ? "" : `due ${day(dueOn)}`;
  const left =
    shippedOn === null
      ? [beforeShipping(status), due]
      : [`shipped ${day(shippedOn)}`, due, "not delivered"];
  return left.filter((part) => part !== "").join(", ");
}

/** A state after which nothing is delivered any more, or all is. */
function isOver(status: string): boolean {
  return /^(?:delivered|cancell?ed|returned|refunded|lost)\b/i.test(status);
}

function beforeShipping(status: string): string {
  if (status === "") return "not delivered";
  return /^(?:shipped|dispatched)\b/i.test(status)
    ? `${status}, not delivered`
    : `${status}, not shipped`;
}

/**
 * What the records hold about the customer: one line for all of it, and one for each open conversation that warns of
 * nothing (`openWarnings` has the others). Empty when nothing is open and nothing was refunded.
 */
export function recordLines(records: Records | null): readonly string[] {
  if (records === null) return [];
  if (records.kind === "unproven") return ["🗂 Records not looked up: the sender is not verified"];
  const { openCount, open, refundDays, refundCount, refunded } = records;
  const others = open.filter((one) => !isUrgent(one));
  const more = openCount - open.length;
  const conversations = openCount === 0 ? "" : counted(openCount, "other open conversation");
  const refunds =
    refundCount === 0
      ? ""
      : `${counted(refundCount, "refund")} in ${refundDays} days, ${refunded.join(" + ")}`;
  const summary = [conversations, refunds].filter((part) => part !== "").join(" · ");
  return [
    ...(summary === "" ? [] : [`🗂 ${summary}`]),
    ...others.map((one) => `• ${openText(one)}`),
    ...(more > 0 ? [`• and ${more} more`] : []),
  ];
}

/** How many other open conversations a card names. */
export const OPEN_SHOWN_MAX = 3;

/** How a card and a list name a delicate topic. */
export function delicateText(topic: DelicateTopic): string {
  return DELICATE_WORDS.get(topic) ?? inWords(topic);
}

/** Topics whose own name says too little. */
const DELICATE_WORDS: ReadonlyMap<string, string> = new Map([
  ["legal", "legal threat"],
  ["self_harm", "self-harm"],
  ["vip", "important customer"],
]);

/** What else is open and warns: about the same order, or delicate. */
export function openWarnings(records: Records | null): readonly string[] {
  const open = records?.kind === "known" ? records.open.filter(isUrgent) : [];
  return open.map(
    (one) =>
      `${one.isSameOrder ? "Same order in another open case" : "Also open"}: ${openText(one)}`,
  );
}

function isUrgent({ isSameOrder, delicate }: OpenOnCard): boolean {
  return isSameOrder || delicate !== "";
}

type OpenOnCard = Extract<Records, { kind: "known" }>["open"][number];

function openText({ channel, called, subject, isWithPeople, delicate }: OpenOnCard): string {
  const about = subject === "" ? "" : ` “${shortened(subject, SUBJECT_MAX)}”`;
  if (delicate !== "") return `${delicate} (${channel} ${called})${about}`;
  return `${channel} ${called}${about}${isWithPeople ? ", with people" : ""}`;
}

/** The citations that still apply to a text: after an edit some quoted text may be gone. */
export function citationsIn(text: string, footnotes: readonly Citation[]): readonly Citation[] {
  return footnotes
    .map(({ source, words, quote }) => ({
      source,
      quote,
      words: words.filter((said) => saidEnd(text, said) !== null),
      wasQuoted: words.length > 0,
    }))
    .filter(({ words, wasQuoted }) => words.length > 0 || !wasQuoted)
    .slice(0, CITATIONS_SHOWN);
}

/**
 * A text with a small number after each cited part, for display only, never sent. When consecutive cited parts of a
 * sentence have the same source, only the last one gets the number.
 */
export function withNumbers(text: string, footnotes: readonly Citation[]): string {
  const places = footnotes
    .filter(isMarked)
    .flatMap(({ words }, index) =>
      words.flatMap((said) => {
        const end = saidEnd(text, said);
        return end === null ? [] : [{ end, number: superscript(index + 1) }];
      }),
    )
    .toSorted((one, other) => one.end - other.end);
  const shown = places.filter(({ end, number }, index) => {
    const next = places[index + 1];
    return next?.number !== number || /[.!?]\s|\n/.test(text.slice(end, next.end));
  });
  return shown.reduceRight(
    (all, { end, number }) => all.slice(0, end) + number + all.slice(end),
    text,
  );
}

/** Where the text first ends, but never within a number or a word: “5.00” does not match in 15.00. */
function saidEnd(text: string, said: string): number | null {
  for (let from = text.indexOf(said); from >= 0; from = text.indexOf(said, from + 1)) {
    const end = from + said.length;
    const before = text.slice(0, from).match(/[\p{L}\p{N}]$/u) !== null;
    const after = /^[\p{L}\p{N}]/u.test(text.slice(end, end + 2));
    if (!(before && /^[\p{L}\p{N}]/u.test(said)) && !(after && /[\p{L}\p{N}]$/u.test(said)))
      return end;
  }
  return null;
}

/**
 * One line for each number, with the evidence for the text it follows and the passage of a page; then a line for each
 * source that no part of the text is marked with.
 */
export function citationLines(footnotes: readonly Citation[]): readonly string[] {
  const said = ({ source, quote }: Citation): string =>
    quote === "" ? source : `${source}: “${shortened(quote, QUOTE_SHOWN)}”`;
  return [
    ...footnotes.filter(isMarked).map((note, index) => `${superscript(index + 1)} ${said(note)}`),
    ...footnotes.filter((note) => !isMarked(note)).map((note) => `See also ${said(note)}`),
  ];
}

function isMarked({ words }: Citation): boolean {
  return words.length > 0;
}

function superscript(number: number): string {
  return String(number).replaceAll(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(Number(digit)));
}

/** The beginning of a text in quotation marks; empty for a text of white space alone. */
export function quotedExcerpt(text: string, max: number): string {
  const line = excerpt(text, max);
  return line === "" ? "" : `“${line}”`;
}

/** What the buttons of a card are called; the words of approve are the card's own. */
export const BUTTON_LABELS: Readonly<Record<Exclude<Button, "approve">, string>> = {
  edit: "Edit",
  reject: "Reject",
  escalate: "Escalate",
  undo: "Undo",
  dismiss: "Dismiss",
  claim: "Claim",
  release: "Give back",
  redo: "Redo",
  take_over: "Take over",
  join: "Same case",
  keep_apart: "Keep apart",
  separate: "Separate",
  thumbs_up: "👍 I would send it",
  thumbs_down: "👎 I would not",
  harmless: "Harmless",
};
