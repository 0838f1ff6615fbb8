/** Reads the tool results the rehearsal model has in its transcript, and what it says of them in fixed sentences. */
import { z } from "zod";
import type { Call, Transcript } from "./transcript.ts";

/** An order as the tools return it. */
export const SeenOrder = z.object({
  order_id: z.string(),
  item: z.string(),
  status: z.string(),
  amount: z.string(),
  refunded: z.string(),
  refundable: z.string(),
  shipped_on: z.string().nullable(),
  due_on: z.string().nullable(),
  delivered_on: z.string().nullable(),
});
export type SeenOrder = z.infer<typeof SeenOrder>;

/** An answer of a tool that may have found nothing, which is null then. */
function foundOr<Found extends z.ZodObject>(found: Found) {
  const missing = z.object({ found: z.literal(false) }).transform(() => null);
  return z.union([missing, found]);
}

const OrderSeen = foundOr(z.object({ found: z.literal(true), order: SeenOrder })).transform(
  (seen) => seen?.order ?? null,
);
const OrdersSeen = foundOr(
  z.object({ found: z.literal(true), orders: z.array(SeenOrder) }),
).transform((seen) => seen?.orders ?? []);
const PaymentsSeen = foundOr(
  z.object({
    found: z.literal(true),
    payments: z.array(z.object({ amount: z.string(), method: z.string(), paid_on: z.string() })),
    refunds: z.array(z.object({ amount: z.string(), refunded_on: z.string() })),
  }),
);
const PassageSeen = z.object({ title: z.string(), text: z.string() });
const PassagesSeen = z
  .object({ passages: z.array(PassageSeen) })
  .transform(({ passages }) => passages);
const ProposalSeen = z.discriminatedUnion("status", [
  z.object({ status: z.literal("proposed"), label: z.string() }),
  z.object({ status: z.literal("denied"), rule: z.string(), reason: z.string() }),
  z.object({ status: z.literal("impossible"), reason: z.string() }),
]);
export type ProposalSeen = z.infer<typeof ProposalSeen>;
export type PassageSeen = z.infer<typeof PassageSeen>;

/** The state of one result: still to be requested, returned without anything usable, or here. */
export type ToolReading<T> =
  | { readonly kind: "call"; readonly call: Call }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "seen"; readonly value: T };

function look<T>(transcript: Transcript, call: Call, schema: z.ZodType<T>): ToolReading<T> {
  if (!transcript.offered.has(call.name))
    return { kind: "failed", reason: `This needs ${call.name}, which is not available here.` };
  const result = transcript.result(call);
  if (!result.made) return { kind: "call", call };
  const parsed = schema.safeParse(result.value);
  return parsed.success
    ? { kind: "seen", value: parsed.data }
    : { kind: "failed", reason: `${call.name} gave nothing that can be used.` };
}

/** One order by its number; null when there is none for this customer. */
export function lookAtOrder(
  transcript: Transcript,
  orderId: string,
): ToolReading<SeenOrder | null> {
  return look(transcript, { name: "get_order_status", input: { order_id: orderId } }, OrderSeen);
}

/** All orders; empty when there are none for this customer. */
export function lookAtOrders(transcript: Transcript): ToolReading<readonly SeenOrder[]> {
  return look(transcript, { name: "list_orders", input: {} }, OrdersSeen);
}

/** Payments and refunds of one order; null when there is none for this customer. */
export function lookAtPayments(
  transcript: Transcript,
  orderId: string,
): ToolReading<z.infer<typeof PaymentsSeen>> {
  return look(transcript, { name: "get_payments", input: { order_id: orderId } }, PaymentsSeen);
}

/** What the help pages say, best first. */
export function lookAtPages(
  transcript: Transcript,
  query: string,
): ToolReading<readonly PassageSeen[]> {
  return look(transcript, { name: "search_faq", input: { query } }, PassagesSeen);
}

/** The outcome of a proposed change. */
export function lookAtProposal(transcript: Transcript, call: Call): ToolReading<ProposalSeen> {
  return look(transcript, call, ProposalSeen);
}

/** How far one request has got: a look-up to make, a part of the reply, a question, or nothing the rules can do. */
export type Answer =
  | { readonly kind: "call"; readonly call: Call }
  | { readonly kind: "part"; readonly text: string; readonly topic: string }
  /** A part that says nothing was found in an account. */
  | { readonly kind: "missing"; readonly text: string; readonly topic: string }
  | { readonly kind: "question"; readonly text: string; readonly topic: string }
  | { readonly kind: "escalate"; readonly reason: string; readonly wantsPerson?: true };

/** What a look-up that gave nothing yet leads to: the call itself, or a person. */
export function beforehand(
  seen:
    | { readonly kind: "call"; readonly call: Call }
    | { readonly kind: "failed"; readonly reason: string },
): Answer {
  return seen.kind === "call" ? seen : { kind: "escalate", reason: seen.reason };
}

/**
 * The neutral answer: the same for an order that is absent, another customer's, or asked for by an unverified writer.
 */
export function orderNotFound(orderId: string, { inChat }: Pick<Transcript, "inChat">): string {
  return inChat
    ? `I can't find order ${orderId} here. Please check the number, or sign in with the account you ordered with.`
    : `I can't find order ${orderId} for your address. Please check the number, or write from the e-mail address you ordered with.`;
}

/** The same for a customer without any order. */
export function noOrders({ inChat }: Pick<Transcript, "inChat">): string {
  return inChat
    ? "I can't find any orders here. Please send the order number, and sign in with the account you ordered with."
    : "I can't find any orders for your address. Please send the order number, and write from the e-mail address you ordered with.";
}

/** What is offered after every no. */
export const OFFER_PERSON =
  "If you would like a person from our team to look at it, just say so and I will pass it on.";

/** What an angry customer reads before the answer. */
export const APOLOGY = "I'm sorry for the trouble you have had.";

/** True for a text that apologises already: a second apology would sound like a machine's. */
export function hasApology(text: string): boolean {
  return /\bsorry\b/i.test(text);
}

/** "a, b and c". */
export function listed(parts: readonly string[]): string {
  return parts.length < 2
    ? (parts[0] ?? "")
    : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** A reason as a sentence of its own. */
export function sentence(reason: string): string {
  const text = reason.trim();
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
