/** How far one request has got, and the fixed sentences of the rehearsal model. */
import type { Call, Transcript } from "./transcript.ts";

/** How far one request has got: a look-up to make, a part of the reply, a question, or nothing the rules can do. */
export type Answer =
  | { readonly kind: "call"; readonly call: Call }
  | { readonly kind: "part"; readonly text: string; readonly topic: string }
  /** A part that says nothing was found in an account. */
  | { readonly kind: "missing"; readonly text: string; readonly topic: string }
  | { readonly kind: "question"; readonly text: string; readonly topic: string }
  | { readonly kind: "escalate"; readonly reason: string };

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
