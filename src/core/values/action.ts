/**
 * Room: The value types of the domain: messages, actions, approvals, money, identity, metrics, traces.
 * In: parsed data and other values.
 * Out: zod schemas with their types, and pure functions over them.
 * May touch: nothing.
 * This file: actions, their arguments and where their values come from, proposals, and the seal and keys computed from
 * them.
 */

import { inWords } from "#core/values/words.ts";
import { z } from "zod";
import { digest, JsonObject } from "./canonical-json.ts";
import { Destination } from "./message.ts";
import { Money } from "./money.ts";
import { TargetName } from "./vocabulary.ts";

/**
 * Who wrote a text that a turn read: the operator (help pages, procedures, the shop's records, our own answers and the
 * team's), the requester where it is proven who that is, or anybody else.
 */
export type Provenance = "own" | "requester" | "third_party";

/** A value of an action that is in no record: the argument, and the text it was taken from ("" for none). */
export const UnprovenValue = z.strictObject({ argument: z.string(), words: z.string().max(500) });
export type UnprovenValue = z.infer<typeof UnprovenValue>;

/**
 * Where an action comes from, determined by code. Only what the requester asks for in their own new text, with values
 * from records, may be allowed without a person: quoted, attached and looked-up text can say anything.
 */
export const Origin = z.strictObject({
  /** True when a sentence of the requester's own asks for exactly this (src/agent/wishes.ts). */
  asked: z.boolean(),
  /** That sentence, masked; left out where none was quoted. */
  wish: z.string().optional(),
  /** True where a second reading found that sentence asking for this; left out where none was needed. */
  read: z.literal(true).optional(),
  /** True where that sentence could not be read a second time. */
  unread: z.literal(true).optional(),
  unproven: z.array(UnprovenValue).max(20),
});
export type Origin = z.infer<typeof Origin>;

// Actions.

/**
 * One outward effect. The target parses the arguments of its operations again before it acts, so a new tool needs no
 * new type here.
 */
export const Action = z.strictObject({
  target: TargetName,
  /** `reply`, `note`, `refund`, `cancel_order`, `start_return`, `change_address`, `reset_password`, `create_ticket`, `assign`, `post` … */
  operation: z.string().regex(/^[a-z][a-z_]{1,40}$/),
  arguments: JsonObject,
});
export type Action = z.infer<typeof Action>;

/**
 * What a customer reads. The text is complete as it will be sent, including the signature: the plain part is these
 * bytes.
 */
export const ReplyArguments = z.strictObject({
  conversationId: z.string().min(1),
  to: Destination,
  subject: z.string(),
  text: z.string().min(1).max(60_000),
  /**
   * Keys of the messages this answers, which are closed once it is sent; part of the reply's business identity. Empty
   * for a notice that answers nothing, such as that the team is away until tomorrow.
   */
  answers: z.array(z.string()),
  /** True when no person read it before it was sent: the text then says so, and mail marks it as automatic. */
  automatic: z.boolean(),
});
export type ReplyArguments = z.infer<typeof ReplyArguments>;

const Answering = z.looseObject({ answers: ReplyArguments.shape.answers });

/**
 * Keys of the messages that an action answers; none for everything but replies. A reply with another argument that
 * cannot be sent still says what it was for, so that it can be ended.
 */
export function keysAnswered({ operation, arguments: given }: Action): readonly string[] {
  return operation === "reply" ? (Answering.safeParse(given).data?.answers ?? []) : [];
}

/** An internal comment for the team, on a conversation of a channel that has them. */
export const NoteArguments = z.strictObject({
  conversationId: z.string().min(1),
  externalId: z.string().min(1),
  text: z.string().min(1).max(60_000),
});
export type NoteArguments = z.infer<typeof NoteArguments>;

/** A refund of one order to its original payment method. */
export const RefundArguments = z.strictObject({
  orderId: z.string().min(1),
  amount: Money,
  reason: z.string().max(500),
});
export type RefundArguments = z.infer<typeof RefundArguments>;

export const ChangeAddressArguments = z.strictObject({
  orderId: z.string().min(1),
  address: z.string().min(5).max(500),
});
export type ChangeAddressArguments = z.infer<typeof ChangeAddressArguments>;

/** The cancellation of an order that has not left yet, with what goes back to its original payment method. */
export const CancelOrderArguments = z.strictObject({ orderId: z.string().min(1), amount: Money });
export type CancelOrderArguments = z.infer<typeof CancelOrderArguments>;

/** A return, an exchange or an invoice: it is about one order, and whatever is mailed goes to the address on file. */
export const OrderArguments = z.strictObject({ orderId: z.string().min(1) });
export type OrderArguments = z.infer<typeof OrderArguments>;

export const ResetPasswordArguments = z.strictObject({ customerId: z.string().min(1) });
export type ResetPasswordArguments = z.infer<typeof ResetPasswordArguments>;

/**
 * Requests a one-time code, for the address as the customer gave it: whether the shop knows it is looked up on sending.
 */
export const SendCodeArguments = z.strictObject({
  /** Identifies the challenge, so that a retried send finds it and sends the same code. */
  challengeId: z.string().min(1).max(100),
  conversationId: z.string().min(1),
  /** The claimed address; the mail goes to the matching address on file, or nowhere. */
  address: z.string().min(3).max(254),
  /** Keys of the messages that asked: only their author can enter the code. */
  answers: z.array(z.string()).min(1),
});
export type SendCodeArguments = z.infer<typeof SendCodeArguments>;

/** A mail of our own that answers nothing. `to` is an address on file, never one from a message. */
export const NoticeArguments = z.strictObject({
  to: z.string().min(3).max(254),
  subject: z.string().min(1).max(200),
  text: z.string().min(1).max(10_000),
});
export type NoticeArguments = z.infer<typeof NoticeArguments>;

/** What a team sorts its work by. Null means unspecified: a channel omits such a value and any it has no field for. */
export const Triage = z.strictObject({
  /** The topic the turn found: `refund`, `order_status` … */
  intent: z.string().nullable(),
  /** ISO 639-1 code. */
  language: z.string().nullable(),
  priority: z.enum(["low", "normal", "high", "urgent"]).nullable(),
  /** Why people have it. */
  reason: z.string().nullable(),
});
export type Triage = z.infer<typeof Triage>;

const UNSORTED: Triage = { intent: null, language: null, priority: null, reason: null };

/** A teammate who takes a conversation by name. Without an address they can be named, but not looked up. */
export const Assignee = z.strictObject({ name: z.string().min(1), email: z.string().nullable() });
export type Assignee = z.infer<typeof Assignee>;

/** A hand-over to people: opens a conversation where the team works, linked to the original. */
export const CreateTicketArguments = z.strictObject({
  conversationId: z.string().min(1),
  group: z.enum(["tier2", "sensitive"]),
  subject: z.string().min(1).max(200),
  /** Internal: reason, summary, what was tried, links. */
  summary: z.string().min(1).max(20_000),
  requester: z.strictObject({ name: z.string(), email: z.string().nullable() }),
  /** What the customer wrote, so that the team reads the original text. */
  firstMessage: z.string(),
  /**
   * The earlier ticket of this conversation: the hand-over continues there, or opens a new one when that is closed for
   * good. `reassign` assigns it to the group again; otherwise its assignee keeps it.
   */
  earlier: z
    .strictObject({ externalId: z.string().min(1), reassign: z.boolean() })
    .nullable()
    .default(null),
  triage: Triage.default(UNSORTED),
  /** The teammate who takes it by name; left out when it is for the group. */
  taker: Assignee.exactOptional(),
});
export type CreateTicketArguments = z.infer<typeof CreateTicketArguments>;

/** Hands an existing conversation to a group on a channel where teammates work, with an internal note. */
export const AssignArguments = z.strictObject({
  conversationId: z.string().min(1),
  externalId: z.string().min(1),
  group: z.enum(["tier2", "sensitive"]),
  note: z.string().min(1).max(20_000),
  triage: Triage.default(UNSORTED),
  /** The teammate who takes it by name; left out when it is for the group. */
  taker: Assignee.exactOptional(),
});
export type AssignArguments = z.infer<typeof AssignArguments>;

/** The order facts a proposal relies on. Read again right before the commit; a change voids the approval. */
export const OrderFacts = z.strictObject({
  orderId: z.string(),
  customerId: z.string(),
  status: z.string(),
  paid: Money,
  refunded: Money,
  refundCount: z.int().min(0),
  deliveredOn: z.iso.date().nullable(),
});
export type OrderFacts = z.infer<typeof OrderFacts>;

/** A change in a system of your own, with everything its declaration fills into the request, proven by code beforehand. */
export const SystemArguments = z.strictObject({
  /** The connection's name, as cards show it. */
  system: z.string().min(1),
  /** The inputs; an amount of money is written as the system takes it. */
  input: JsonObject,
  /** Values of the record the change is about, by their path, as they were when it was proposed. */
  record: JsonObject,
  /** What was known of the requester; only what was known is in it. */
  requester: z.record(z.string(), z.string()),
  /** What moves, and the record read as an order; null where no money moves. */
  money: z.strictObject({ amount: Money, order: OrderFacts }).nullable(),
  /** False when nothing can tell afterwards whether it happened: then a person decides, whatever the policy says. */
  findable: z.boolean(),
});
export type SystemArguments = z.infer<typeof SystemArguments>;

/** One action of a proposal with its key, made from business identity before the first try. */
export const PlannedAction = z.strictObject({
  key: z.string().min(1).max(500),
  action: Action,
  /** What a teammate reads on the card: "Refund 120.00 USD to the original payment method, order 789". */
  label: z.string().min(1),
  /** Facts it relies on; empty for a reply. */
  facts: z.array(OrderFacts),
});
export type PlannedAction = z.infer<typeof PlannedAction>;

export { EffectState } from "#gate/kernel/states.ts";

/** An ordered bundle. Each action starts when all before it are done; the reply, if any, comes last. */
export const Proposal = z.strictObject({ actions: z.array(PlannedAction).min(1).max(10) });
export type Proposal = z.infer<typeof Proposal>;

/** A reply's business identity: the conversation, the messages it answers, and where it goes when there are two. */
export function replyKey(
  conversationId: string,
  answers: readonly string[],
  place = "answer",
): string {
  return `reply:${conversationId}:${digest([answers.toSorted(), place]).slice(0, 32)}`;
}

/** Where a notice goes that nothing can be looked up right now. */
export const UNAVAILABLE_PLACE = "unavailable";

/** True for a text after which the messages it refers to, if any, still need an answer. */
export function leavesOpen(
  key: string,
  { conversationId, answers }: Pick<ReplyArguments, "conversationId" | "answers">,
): boolean {
  return answers.length === 0 || key === replyKey(conversationId, answers, UNAVAILABLE_PLACE);
}

/**
 * A refund's business identity: the order, and how many refunds it had when this one was proposed. Requests on several
 * channels are one refund; after a partial refund a second is possible.
 */
export function refundKey(orderId: string, refundCount: number): string {
  return `refund:shop:${orderId}:${refundCount}`;
}

/** The amount that an action gives back: of a refund, a cancellation or a connected change, null for everything else. */
export function amountMoved({ target, operation, arguments: given }: Action): Money | null {
  if (target === "system") return SystemArguments.parse(given).money?.amount ?? null;
  if (operation === "refund") return RefundArguments.parse(given).amount;
  return operation === "cancel_order" ? CancelOrderArguments.parse(given).amount : null;
}

/** What a reply may say that an action is about. */
export interface ToldAction {
  readonly amount: Money | null;
  /** The order's number, or the ids of its record and on its label, as `plainId` writes them; none where it names none. */
  readonly names: readonly string[];
  /** The one of these that customers know; null where it is not told apart. */
  readonly name: string | null;
  readonly facts: readonly OrderFacts[];
  /** What a connected change is made with; empty for any other. */
  readonly input: readonly unknown[];
}

const Told = z.looseObject({
  orderId: z.string().optional().catch(undefined),
  amount: Money.optional().catch(undefined),
});

/** What an action is about, by its arguments, and by the label of a connected one, which its system's record filled in. */
export function toldAction({ action, label, facts }: PlannedAction): ToldAction {
  if (action.target === "system") {
    const connected = SystemArguments.safeParse(action.arguments).data;
    if (connected !== undefined) return toldChange(connected, label);
  }
  const { orderId, amount = null } = Told.parse(action.arguments);
  const names = orderId === undefined ? [] : [plainId(orderId)];
  return { amount, names, name: orderId ?? null, facts, input: [] };
}

function toldChange({ money, record, input }: SystemArguments, label: string): ToldAction {
  const labelled = label.match(/[\p{L}\p{N}][\p{L}\p{N}_-]*/gu) ?? [];
  const { amount = null, order = null } = money ?? {};
  const facts = order === null ? [] : [order];
  const own = [...idsIn(record), ...facts.map(({ orderId }) => orderId)].map(plainId);
  const names = [...labelled.filter((word) => /\d/.test(word)).map(plainId), ...own];
  const called = /\border #?([\w-]*\d[\w-]*)/i.exec(label)?.[1];
  const name = called ?? labelled.find((word) => own.includes(plainId(word))) ?? null;
  return { amount, names, name, facts, input: Object.values(input) };
}

/** A number or id as it is compared: people write it with and without its sign. */
export function plainId(id: string): string {
  return id.toLowerCase().replace(/^#/, "");
}

function idsIn(value: unknown): readonly string[] {
  if (typeof value === "string" || typeof value === "number")
    return /^#?(?=[a-z_-]*\d)[\w-]+$/i.test(String(value)) ? [String(value)] : [];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(idsIn) : [];
}

/** The names of all built-in tools, also of those that are not offered; a connected tool needs another one. */
export const BUILT_IN_TOOLS: readonly string[] = [
  "search_faq",
  "get_order_status",
  "list_orders",
  "get_payments",
  "get_customer",
  "issue_refund",
  "cancel_order",
  "start_return",
  "exchange_item",
  "resend_invoice",
  "change_address",
  "reset_password",
  "send_code",
  "create_support_ticket",
  "escalate",
  "reply",
  "open_procedure",
];

/** Operations that Deskhand itself brings; a connected one needs another name. */
export const BUILT_IN_OPERATIONS: readonly string[] = [
  "alert",
  "assign",
  "cancel_order",
  "change_address",
  "create_ticket",
  "digest",
  "exchange_item",
  "note",
  "notice",
  "post",
  "refund",
  "reply",
  "resend_invoice",
  "reset_password",
  "send_code",
  "start_return",
];

/** The order an action is about, as the policy sees it: its own facts, or those a connected change carries. */
export function actionOrder({ action, facts }: PlannedAction): OrderFacts | null {
  if (action.target === "system")
    return SystemArguments.parse(action.arguments).money?.order ?? null;
  return facts[0] ?? null;
}

/** False when nothing can tell afterwards whether this action happened. Every built-in one can be found out about. */
export function isFindable({ target, arguments: given }: Action): boolean {
  return target !== "system" || SystemArguments.parse(given).findable;
}

/** How many refunds the order had when the refund with this key was proposed; null for a key of another kind. */
export function refundCountIn(key: string, orderId: string): number | null {
  const prefix = refundKey(orderId, 0).slice(0, -1);
  const count = key.startsWith(prefix) ? key.slice(prefix.length) : "";
  return /^\d{1,9}$/.test(count) ? Number(count) : null;
}

const CHANGE_NAMES: ReadonlyMap<string, string> = new Map([
  ["cancel_order", "cancellation"],
  ["start_return", "return"],
  ["exchange_item", "exchange"],
  ["resend_invoice", "invoice"],
]);

/** What people call a change that stands before "of order 456"; an operation without a word of its own by its name. */
export function changeName(operation: string): string {
  return CHANGE_NAMES.get(operation) ?? inWords(operation);
}

/** At the end of the key of a reply that a teammate wrote: its arguments stay what processes of an older version read. */
export const BY_HAND = ":by-hand";
