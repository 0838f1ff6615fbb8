/** The short lines of a card: headline, name of the conversation, files, flags. */
import { inKinds, unseen, type Message } from "#core/values/message.ts";
import { amountMoved, type PlannedAction } from "#core/values/action.ts";
import type { Card, Flag, RedraftRequest } from "#core/contracts/approval-desk.ts";
import { type Finding, OTHER_LANGUAGE, UNBACKED } from "#core/contracts/guard.ts";
import { formatMoney } from "#core/values/money.ts";
import { IS_MADE } from "#jobs/webhooks/renew-card.ts";
import { changedOrderIds } from "./card-orders.ts";
import { oneLine, shortened, excerpt, capitalised, inWords } from "#core/values/words.ts";
import type { OrderOnCard } from "#core/values/card-context.ts";

/** The attached files, and whether the bot has read any of them. */
export function attachedFilesText(unread: readonly Message[]): string {
  const attachments = unread.flatMap((message) => message.attachments);
  const read = inKinds(attachments.filter((attachment) => attachment.read === true));
  return [unseen(attachments), read === "" ? "" : `${read}, read by the bot`]
    .filter((words) => words !== "")
    .join("; ");
}

/** A card holds no longer headline, and a shop may name an order as it likes. */
const HEADLINE_MAX = 300;

/** What a headline is made of. */
interface Headlined {
  readonly kind: Card["kind"];
  readonly actions: readonly PlannedAction[];
  readonly orders: readonly OrderOnCard[];
  /** The topic of the turn, in our own words for topics. */
  readonly topic: string;
  /** The title of the help page an answer to a general question rests on; empty for none. */
  readonly page: string;
  /** The customer as the shop knows them; null for everyone else. */
  readonly who: string | null;
}

/**
 * The line a desk shows first, and the line without the person for notifications: what would happen, how much, for what
 * and for whom. It has none of the message's text, only our own words, the shop's records and the title of a page.
 */
export function cardHeadline(headlined: Headlined): {
  readonly headline: string;
  readonly withoutName: string;
} {
  const { kind, actions, who } = headlined;
  const [first] = actions.toSorted(
    (one, other) =>
      (amountMoved(other.action)?.minor ?? -1) - (amountMoved(one.action)?.minor ?? -1),
  );
  const what =
    kind === "blocked"
      ? ["Look at this: suspicious message"]
      : first === undefined
        ? ["Reply", aboutWhat(headlined)]
        : [actionText(first, actions.length - 1), orderName(first, headlined)];
  const parts = what.filter((part) => part !== "");
  return {
    headline: shortened([...parts, personText(who)].join(" · "), HEADLINE_MAX),
    withoutName: shortened(parts.join(" · "), HEADLINE_MAX),
  };
}

/** A label may hold customer text, such as a new address; an operation with its amount does not. */
function actionText({ action }: PlannedAction, others: number): string {
  const amount = amountMoved(action);
  const words = inWords(action.operation);
  const named = capitalised(words);
  const isBack = action.operation === "cancel_order";
  const moved =
    amount === null ? "" : isBack ? `, ${formatMoney(amount)} back` : ` ${formatMoney(amount)}`;
  const what = `${named}${moved}`;
  return others > 0 ? `${what} and ${others} more` : what;
}

/** The item of the order that an action changes, or the order's number where the item is not known. */
function orderName(planned: PlannedAction, { orders }: Headlined): string {
  const [id] = changedOrderIds(planned);
  if (id === undefined) return "";
  return itemText(orders.find(({ orderId }) => orderId === id)?.item ?? "") ?? `order ${id}`;
}

/** "order 456, where is it", or "question: Refund policy". */
function aboutWhat({ topic, orders, page }: Headlined): string {
  const words = TOPIC_WORDS.get(topic) ?? inWords(topic);
  const [order] = orders;
  if (topic === "faq" && page !== "") return `${words}: ${page.slice(0, PAGE_SHOWN)}`;
  return order === undefined ? words : `order ${order.orderId}, ${words}`;
}

/** How a headline says a built-in topic; one of the policy's own is named as it is there. */
const TOPIC_WORDS: ReadonlyMap<string, string> = new Map([
  ["order_status", "where is it"],
  ["refund", "refund"],
  ["cancellation", "cancellation"],
  ["return", "return"],
  ["address", "address"],
  ["password", "password"],
  ["payments", "payment"],
  ["faq", "question"],
  ["greeting", "greeting"],
  ["other", "something else"],
]);

const PAGE_SHOWN = 60;
const NAME_SHOWN = 40;

/** A name that could be a sentence, an address or markup is not shown as one: customers choose their names. */
function personText(who: string | null): string {
  if (who === null) return "not a known customer";
  return PLAIN_NAME.test(who) && who.length <= NAME_SHOWN ? who : "a customer";
}

const PLAIN_NAME = /^\p{L}[\p{L}\p{M}'’-]*(?:\.?[ ][\p{L}\p{M}'’-]+){0,4}\.?$/u;

/** The shop's name of the item; null where it could be anything but one. */
function itemText(item: string): string | null {
  const words = oneLine(item);
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ,.'’"()/+-]*$/u.test(words) && words.length <= NAME_SHOWN
    ? words
    : null;
}

/** What the output check objects to, for a person: with words of the draft where they help to find the place. */
export function findingFlag({ kind, words, reason }: Finding): Flag {
  if (kind === UNBACKED)
    return { text: `Unbacked “${shortened(words, SENTENCE_SHOWN)}”: ${reason}`, about: "unbacked" };
  if (kind !== OTHER_LANGUAGE) return { text: `Check “${words}”: ${reason}`, about: "check" };
  return { text: capitalised(reason), about: "language" };
}

const FLAG_SHOWN = 290;

/** A flag of a length that every card holds. */
export function shortFlag(flag: Flag): Flag {
  return { ...flag, text: flag.text.slice(0, FLAG_SHOWN) };
}

/** Enough of a sentence to find it; the reason behind it must still fit on the line. */
const SENTENCE_SHOWN = 120;

/** What an edit makes out of date: what was found in the draft before, and the amount before. */
const OUTDATED_BY_EDIT: ReadonlySet<Flag["about"]> = new Set([
  "check",
  "unbacked",
  "language",
  "reading",
  "unusual",
]);

/** The text passages the output check objects to, where they occur literally. */
export function markedPassages(text: string, findings: readonly Finding[]): string[] {
  const words = findings.map((finding) => finding.words.trim());
  return [...new Set(words)].filter((marked) => marked !== "" && text.includes(marked));
}

/**
 * The flags after an edit: the new text is checked, and doubts about the origin of an amount that a teammate typed are
 * dropped. `overruled` is the refund before its amount was typed; null when none was typed, and then all doubts about
 * an amount remain.
 */
export function flagsAfterEdit(
  { flags, actions }: Pick<Card, "flags" | "actions">,
  findings: readonly Finding[],
  {
    unusual,
    overruled,
  }: { readonly unusual: Flag | null; readonly overruled: PlannedAction | null },
): Flag[] {
  const isOverruled = ({ about, action }: Flag): boolean =>
    overruled !== null &&
    about === "amount" &&
    (actions.length === 1 || action === overruled.label);
  return [
    ...(unusual === null ? [] : [unusual]),
    ...flags.filter((flag) => !OUTDATED_BY_EDIT.has(flag.about) && !isOverruled(flag)),
    ...findings.map((finding) => shortFlag(findingFlag(finding))),
  ];
}

// The lines of a card about a redraft.

/** The part of an instruction that a card quotes. */
const SHOWN_MAX = 200;

/** The first lines of a card with the new draft. */
export function redraftedLines(
  redo: RedraftRequest,
  by: { readonly isRehearsal: boolean },
): readonly string[] {
  return [
    `Redone by ${redo.name}: “${excerpt(redo.hint, SHOWN_MAX)}”`,
    ...(by.isRehearsal
      ? ["The built-in model cannot follow hints; the draft was redone without it."]
      : []),
    ...lapsedLines(redo),
  ];
}

/** The same when there is no new draft. */
export function notRedraftedLines(redo: RedraftRequest, why: string): readonly string[] {
  return [
    `${requestLine(redo)}, but there is no new draft: ${why}. The one before stands.`,
    ...lapsedLines(redo),
  ];
}

/** The first lines of a card for which another draft is asked for. */
export function requestedLines(redo: RedraftRequest): readonly string[] {
  return [`${requestLine(redo)}. ${IS_MADE}`, ...lapsedLines(redo)];
}

/** Whose approvals do not count any more. */
function lapsedLines({ lapsed }: RedraftRequest): readonly string[] {
  return lapsed.map((name) => `${name}'s approval lapsed.`);
}

/** Who asked for what, as the beginning of a sentence. */
function requestLine({ name, hint }: RedraftRequest): string {
  return `${name} asked for another draft: “${excerpt(hint, SHOWN_MAX)}”`;
}
