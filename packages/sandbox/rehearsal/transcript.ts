/** Reads a chat completions request back into a conversation. */
import { z } from "zod";
import { readBlocks } from "#agent/data-marking.ts";
import { CODE_TOOL, HEADINGS, promptDay } from "#agent/prompt.ts";
import { canonical, jsonOrNull } from "#core/values/canonical-json.ts";

/** The part of a chat completions request the rules read. */
export const CompletionRequest = z.object({
  model: z.string(),
  messages: z.array(
    z.discriminatedUnion("role", [
      z.object({ role: z.literal("system"), content: z.string() }),
      z.object({ role: z.literal("user"), content: z.string() }),
      z.object({
        role: z.literal("assistant"),
        content: z.string().nullish(),
        tool_calls: z
          .array(
            z.object({
              id: z.string(),
              function: z.object({ name: z.string(), arguments: z.string() }),
            }),
          )
          .default([]),
      }),
      z.object({ role: z.literal("tool"), tool_call_id: z.string(), content: z.string() }),
    ]),
  ),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
});
export type CompletionRequest = z.infer<typeof CompletionRequest>;

/** The rules need no more of a message, and patterns stay fast on it however long it is. */
const TEXT_CHARACTERS_MAX = 4_000;

/** A tool call the rules make. */
export interface Call {
  readonly name: string;
  readonly input: Readonly<
    Record<string, string | true | null | readonly string[] | Readonly<Record<string, string>>>
  >;
}

/** The conversation as the prompt gives it: the rules see nothing else, as a real model sees nothing else. */
export type Transcript = ReturnType<typeof readTranscript>;

const STILL_OPEN = "customer, still open";

/** Parses the prompt's own format. */
export function readTranscript(request: CompletionRequest) {
  const first = request.messages.find(({ role }) => role === "user")?.content ?? "";
  const [before = "", after = ""] = first.split(HEADINGS.unread);
  const blocks = readBlocks(before);
  const results = resultsOf(request);
  return {
    /** ISO date. */
    today: promptDay(before),
    subject: blocks.find(({ source }) => source === "subject")?.text ?? "",
    earlier: blocks.filter(({ source }) => source !== "subject" && source !== STILL_OPEN),
    /** Texts of the new messages, oldest first. */
    unread: [...blocks.filter(({ source }) => source === STILL_OPEN), ...readBlocks(after)]
      .filter(({ source }) => [STILL_OPEN, "customer", "other person"].includes(source))
      .map(({ text }) => text.slice(0, TEXT_CHARACTERS_MAX)),
    askedBefore: after.includes(HEADINGS.askedBefore),
    /** True when the writer is not known well enough to see anything of an account. */
    unverified: after.includes(HEADINGS.unverified),
    /** True in a chat, where a customer signs in instead of writing from an address. */
    inChat: after.includes(HEADINGS.inChat),
    code: codeIn(after),
    offered: new Set(request.tools.map((tool) => tool.function.name)),
    /** What a call returned: its JSON, or `null` when it returned only text (an error, something withheld). */
    result(call: Call) {
      const key = keyOf(call.name, call.input);
      return results.has(key)
        ? ({ made: true, value: results.get(key) } as const)
        : ({ made: false } as const);
    },
  };
}

/** The outcome of a code in the new messages; null when there was none. */
function codeIn(text: string): "right" | "wrong" | null {
  if (text.includes(HEADINGS.codeRight)) return "right";
  return text.includes(HEADINGS.codeWrong) ? "wrong" : null;
}

function resultsOf({ messages }: CompletionRequest): ReadonlyMap<string, unknown> {
  const keys = new Map<string, string>();
  const results = new Map<string, unknown>();
  for (const message of messages) {
    if (message.role === "assistant")
      for (const call of message.tool_calls)
        keys.set(call.id, keyOf(call.function.name, jsonOrNull(call.function.arguments)));
    if (message.role !== "tool") continue;
    const key = keys.get(message.tool_call_id);
    if (key !== undefined)
      results.set(key, jsonOrNull(readBlocks(message.content)[0]?.text ?? "null"));
  }
  return results;
}

function keyOf(name: string, input: unknown): string {
  return `${name} ${canonical(input)}`;
}

// The tool results in it, and what is said of them in fixed sentences.

/** An order as the tools return it. */
export const SeenOrder = z.object({
  order_id: z.string(),
  item: z.string(),
  status: z.string(),
  amount: z.string(),
  refunded: z.string(),
  refundable: z.string(),
  shipped_on: z.string().nullable().default(null),
  due_on: z.string().nullable().default(null),
  delivered_on: z.string().nullable().default(null),
  refund_until: z.string().nullable().default(null),
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
  .object({ hits: z.array(PassageSeen), around: z.array(PassageSeen) })
  .transform(({ hits, around }) => [...hits, ...around]);
const ProposalSeen = z.discriminatedUnion("status", [
  z.object({ status: z.literal("proposed"), label: z.string() }),
  z.object({ status: z.literal("denied"), rule: z.string(), reason: z.string() }),
  z.object({ status: z.literal("impossible"), reason: z.string() }),
]);
export type ProposalSeen = z.infer<typeof ProposalSeen>;
export type PassageSeen = z.infer<typeof PassageSeen>;

/** The state of one result: still to be requested, returned without anything usable, or here. */
type ToolReading<T> =
  | { readonly kind: "call"; readonly call: Call }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "seen"; readonly value: T };

/** Reads what this tool gave, by its input. */
function reading<T>(name: string, schema: z.ZodType<T>) {
  return (transcript: Transcript, input: Call["input"] = {}): ToolReading<T> => {
    const call = { name, input };
    if (!transcript.offered.has(name))
      return { kind: "failed", reason: `This needs ${name}, which is not available here.` };
    const result = transcript.result(call);
    if (!result.made) return { kind: "call", call };
    const parsed = schema.safeParse(result.value);
    return parsed.success
      ? { kind: "seen", value: parsed.data }
      : { kind: "failed", reason: `${name} gave nothing that can be used.` };
  };
}

/** One order by its number; null when there is none for this customer. */
export const lookAtOrder = reading("get_order_status", OrderSeen);
/** All orders; empty when there are none for this customer. */
export const lookAtOrders = reading("list_orders", OrdersSeen);
/** Payments and refunds of one order; null when there is none for this customer. */
export const lookAtPayments = reading("get_payments", PaymentsSeen);
/** What the help pages say, best first. */
export const lookAtPages = reading("search_faq", PassagesSeen);
/** The outcome of a change that is proposed by its tool. */
export const PROPOSALS = {
  refund: reading("issue_refund", ProposalSeen),
  address: reading("change_address", ProposalSeen),
  return: reading("start_return", ProposalSeen),
  invoice: reading("resend_invoice", ProposalSeen),
  password: reading("reset_password", ProposalSeen),
  code: reading(CODE_TOOL, ProposalSeen),
} as const;

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
