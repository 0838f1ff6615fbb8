/** The flags of a card: what the guard, the records and a second model say that a person should look at. */

import { isAmountIn, writesOfReturn } from "#text/about-text.ts";
import { unseen, type Message } from "#core/values/message.ts";
import { type Card, type Flag, plainFlag } from "#core/contracts/approval-desk.ts";
import { findingFlag, markedPassages, shortFlag } from "./card-lines.ts";
import { shortened, capitalised, inWords } from "#core/values/words.ts";
import { type GuardVerdict, isBacked, type Verification } from "#core/contracts/guard.ts";
import { amountMoved, type PlannedAction, type UnprovenValue } from "#core/values/action.ts";
import { deliveryText } from "#core/values/card-text.ts";
import { dayText } from "#core/values/moment.ts";
import { decisionGround } from "#core/contracts/policy.ts";
import { unaskedText } from "#policy/decide.ts";
import { formatMoney, type Money } from "#core/values/money.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { cardCase, firstSent } from "./card-orders.ts";
import type { CardCase, Flagged } from "#jobs/plan/plan.ts";
import type { Citation, OrderOnCard } from "#core/values/card-context.ts";

/** A new address is long, and the line also has to say where it is from. */
const UNPROVEN_MAX = 180;

/** The beginning tells what kind of text it is. */
const HIDDEN_MAX = 120;

/** In order of importance: a desk may show only the first ones. */
export function cardFlags(content: Flagged): Flag[] {
  const { guard, findings, unread, remarks, unusual } = content;
  const files = unseen(unread.flatMap((message) => message.attachments));
  return [
    ...(unusual === null ? [] : [unusual]),
    ...refundWarnings(warned(content)).map(plainFlag),
    ...originFlags(content),
    ...guardFlags(guard),
    ...findings.map(findingFlag),
    ...hiddenFlags(content).map(plainFlag),
    ...(files === "" ? [] : [{ text: files, about: "files" } as const]),
    ...remarks,
  ].map(shortFlag);
}

/**
 * What is odd about a turn by its messages and records, before its card exists: what holds back an answer that would go
 * out by itself, and stands on the card too.
 */
export function turnWarnings({
  unread,
  guard,
  result,
  draft,
}: Pick<Flagged, "unread" | "guard"> & {
  readonly result: Pick<TurnResult, "actions" | "toolResults">;
  readonly draft: string;
}): readonly string[] {
  const { actions, toolResults } = result;
  const planned = actions.map((action) => action.planned);
  const known = cardCase({ unread, toolResults, actions: planned, draft, isImportant: false });
  const files = unseen(unread.flatMap((message) => message.attachments));
  return [
    ...(known.isAngry ? ["the customer is angry"] : []),
    ...known.conflicts,
    ...refundWarnings(warned({ actions, unread, case: known })),
    ...guardFlags(guard).map(({ text }) => text),
    ...(unread.some(({ segments }) => segments.some(isHidden)) ? ["hidden text was left out"] : []),
    ...(files === "" ? [] : [files]),
  ];
}

/** What the warnings of a refund are made from. */
function warned({
  actions,
  unread,
  case: known,
}: Pick<Flagged, "actions" | "unread"> & { readonly case: Pick<CardCase, "orders"> }) {
  return {
    actions: actions.map(({ planned }) => planned),
    orders: known.orders,
    words: unread.map(({ text }) => text).join("\n\n"),
    since: firstSent(unread),
  };
}

/** Hidden text is suspicious even where the guard finds nothing in it. */
function hiddenFlags({ unread, mask }: Flagged): string[] {
  const segments = unread.flatMap((message) => message.segments);
  return segments.filter(isHidden).map(({ kind, text }) => {
    const words = mask(text).replace(/\s+/g, " ").trim();
    const what = kind === "hidden" ? "Hidden text was left out" : "Its HTML says something else";
    return `${what}: “${words.slice(0, HIDDEN_MAX)}${words.length > HIDDEN_MAX ? "…" : ""}”`;
  });
}

function isHidden({ kind }: Message["segments"][number]): boolean {
  return kind === "hidden" || kind === "contradicting";
}

/** Flags what no customer plainly asked for, where that decided, and values that come from no record. */
function originFlags({ actions, mask }: Flagged): Flag[] {
  return actions.flatMap(({ planned: { label, action }, origin, decision }) => {
    const isOneOfMany = actions.length > 1;
    const flag = (words: string, about: Flag["about"]): Flag => ({
      text: isOneOfMany ? `${words} (${label})` : words,
      about,
      ...(isOneOfMany ? { action: label } : {}),
    });
    const isUnasked = !origin.asked && decisionGround(decision).name === "origin";
    return [
      ...(isUnasked ? [flag(unaskedText(origin), "other")] : []),
      ...origin.unproven.map((value) =>
        flag(
          unprovenWords(value, amountMoved(action), mask),
          value.argument === "amount" ? "amount" : "other",
        ),
      ),
    ];
  });
}

/** An amount on record is doubted where the customer names another one: then both are said. */
function unprovenWords(
  { argument, words }: UnprovenValue,
  moved: Money | null,
  mask: Flagged["mask"],
): string {
  const name = capitalised(inWords(argument));
  const value = mask(words).replace(/\s+/g, " ").trim().slice(0, UNPROVEN_MAX);
  const amount = argument === "amount" && moved !== null ? formatMoney(moved) : null;
  if (amount !== null && value !== "" && !isAmountIn(words, amount))
    return `The customer names ${value}, and this is ${amount}`;
  return value === ""
    ? `${name} is not named in the customer's words`
    : `${name} ${value} is from the customer's words, not from a record`;
}

/** As many as a person reads below a draft, and as much of each as a card holds. */
const SOURCES_MAX = 12;
const WORDS_MAX = 12;
const WORDS_CHARACTERS_MAX = 200;
const QUOTE_CHARACTERS_MAX = 190;
const SOURCE_CHARACTERS_MAX = 300;

const READ = "Read against its sources";
const NOT_READ = "Not read against its sources";

/** One flag for the card. A card without it was not read: no model is configured, policy says never, or it comes later. */
export function readingFlag(verification: Verification): Flag {
  return { text: readingLine(verification), about: "reading" };
}

function readingLine(verification: Verification): string {
  const { state, reason, findings, sentences } = verification;
  if (state === "unverified") return `${NOT_READ}: ${reason}. Read every sentence yourself`;
  const share = sentences === undefined ? "" : `, ${readSentencesText(sentences)}`;
  if (isBacked(verification)) return `${READ}${share}: nothing unbacked`;
  return `${READ}${share}: ${findings.length === 1 ? "one sentence is" : `${findings.length} sentences are`} unbacked`;
}

/** "5 of 6 sentences; 1 is courtesy": what goes unread is said. */
function readSentencesText({ all, courtesies }: NonNullable<Verification["sentences"]>): string {
  const read = `${all - courtesies} of ${all} ${all === 1 ? "sentence" : "sentences"}`;
  if (courtesies === 0) return read;
  return `${read}; ${courtesies} ${courtesies === 1 ? "is" : "are"} courtesy`;
}

/**
 * Footnotes from the quotes: the passage of a page with its link, or the record by its name. Empty where nothing was
 * quoted; then the card looks for sources itself.
 */
export function citationsFrom({ backed }: Verification): readonly Citation[] {
  const notes = new Map<string, Citation>();
  for (const { words, source, kind, quote } of backed) {
    if (kind === "customer") continue;
    const passage =
      kind === "page" || kind === "procedure" ? shortened(quote, QUOTE_CHARACTERS_MAX) : "";
    const key = JSON.stringify([source, passage]);
    const before = notes.get(key)?.words ?? [];
    // The end of a long sentence, because its number stands behind it.
    const end = words.trim().slice(-WORDS_CHARACTERS_MAX).toWellFormed();
    notes.set(key, {
      source: source.slice(0, SOURCE_CHARACTERS_MAX).toWellFormed(),
      words: [...before, end].slice(0, WORDS_MAX),
      quote: passage,
    });
  }
  return [...notes.values()].slice(0, SOURCES_MAX);
}

/** The card once its draft was read: sentences without backing are marked, and footnotes come from the quotes. */
export function cardAfterReading(card: Card, verification: Verification): Card {
  const { draft, context } = card;
  if (draft === null) return card;
  const { findings } = verification;
  const notes = citationsFrom(verification);
  return {
    ...card,
    draft: {
      ...draft,
      marks: [...new Set([...draft.marks, ...markedPassages(draft.text, findings)])],
    },
    context: notes.length === 0 ? context : { ...context, citations: [...notes] },
    flags: [
      ...card.flags.filter(({ about }) => about !== "reading"),
      ...[...findings.map(findingFlag), readingFlag(verification)].map(shortFlag),
    ],
  };
}

// What a card says about the guard, and whether the guard holds something back on it. Pure.

const STOPPED = "Guard: ";
const DOUBTED = "Guard, caution (nothing may be changed): ";
const SCORED = "Guard, caution (a person decides on every change): ";

/** The flag for each reason, with the words marked. A message that was said to be harmless keeps its reasons. */
function guardFlags({ verdict, reasons, isOnScore }: GuardVerdict): readonly Flag[] {
  return reasons.map((reason) =>
    verdict === "caution"
      ? { text: `${isOnScore === true ? SCORED : DOUBTED}${reason}`, about: "caution" }
      : { text: `${STOPPED}${reason}`, about: "stopped" },
  );
}

/** True for a card whose message is held back, or whose turn was kept from changing anything. */
export function isHeldBack({ kind, flags }: Pick<Card, "kind" | "flags">): boolean {
  return kind === "blocked" || flags.some(({ about }) => about === "caution");
}

/** Why a message was held back, for those who take it over; empty for every other card. */
export function heldBackText({ kind, flags }: Pick<Card, "kind" | "flags">): string {
  if (kind !== "blocked") return "";
  const reasons = flags
    .filter(({ about }) => about === "stopped")
    .map(({ text }) => text.slice(STOPPED.length));
  return `Held back before any draft was made: ${reasons.join("; ")}.`;
}

// Warnings on the card of a refund, made from records alone.

/** What is known of the case beside the refund. */
interface Known {
  readonly actions: readonly PlannedAction[];
  /** Orders the card is about, as the shop shows them. */
  readonly orders: readonly OrderOnCard[];
  /** What the customer wrote in the messages it answers. */
  readonly words: string;
  /** When the first of them was sent; decides which years are written. */
  readonly since: string | null;
}

/**
 * One sentence for each reason to look twice at a refund: the order is not delivered, is not back although a return is
 * the reason, or was refunded before. That it is in another open case stands with the customer's other conversations.
 * Empty without a refund. Pure.
 */
export function refundWarnings({ actions, orders, words, since }: Known): string[] {
  const refunded = actions
    .filter(({ action }) => action.operation === "refund")
    .flatMap(({ facts }) => facts.map(({ orderId }) => orderId));
  const about = orders.filter(({ orderId }) => refunded.includes(orderId));
  return about.flatMap((order) => [
    ...notDelivered(order, since),
    ...notBack(order, words, since),
    ...refundedBefore(order),
  ]);
}

/** A state after which nothing is delivered any more says so itself. */
function notDelivered(order: OrderOnCard, since: string | null): readonly string[] {
  if (order.deliveredOn !== null || /^(?:delivered|cancell?ed|returned)\b/i.test(order.status))
    return [];
  return [`Order ${order.orderId} is not delivered: ${deliveryText(order, since)}`];
}

/** Without a look-up nothing is known about a return. */
function notBack(order: OrderOnCard, words: string, since: string | null): readonly string[] {
  const { orderId, item, status, deliveredOn, returnSince } = order;
  if (/^returned\b/i.test(status)) return [];
  if (returnSince !== null) {
    const day = dayText(returnSince, new Date(since ?? returnSince));
    return [`Order ${orderId} is to come back since ${day}, and the shop does not say that it has`];
  }
  return writesOfReturn(words) && deliveredOn !== null && item !== ""
    ? [`The customer writes about a return of order ${orderId}, and the shop knows of none`]
    : [];
}

function refundedBefore({ orderId, refunded }: OrderOnCard): readonly string[] {
  return refunded.minor === 0
    ? []
    : [`Order ${orderId} was refunded before: ${formatMoney(refunded)}`];
}
