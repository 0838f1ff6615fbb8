/** Customers for tests, with what proves who they are, their orders, and what a teammate did with their case. */
import type { BoundRequester, IdentityEvidence } from "#core/values/identity.ts";
import type { Message, Signal } from "#core/values/message.ts";
import type { OrderFacts } from "#core/values/action.ts";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";

/** A customer of the shop with proven identity; each id is another person. */
export function customerCalled(id: string): BoundRequester {
  return {
    level: 2,
    customerId: id,
    emailOnFile: `${id}@customer.test`,
    name: id,
    reason: "signed",
  };
}

/** A teammate as a desk tells them: by address, and by the name in front of it unless said otherwise. */
export function teammate(email: string, more: Partial<DeskTeammate> = {}): DeskTeammate {
  return { id: email, name: email.split("@")[0] ?? email, email, eligible: true, ...more };
}

/** Lea, who may decide everything. */
export const LEA = teammate("lea@ourshop.test", { name: "Lea" });

/** Somebody who is bound to no customer of the shop, not even by an address unless said otherwise. */
export function stranger(
  more: Partial<BoundRequester> & { readonly reason: string },
): BoundRequester {
  return { level: 0, customerId: null, emailOnFile: null, name: null, ...more };
}

/** What a message proves: an address, or nothing where none is given. */
export function proof(
  level: IdentityEvidence["level"],
  method: string,
  reason: string,
  email: string | null = null,
): IdentityEvidence {
  return {
    level,
    method,
    reason,
    handle: email === null ? { kind: "none" } : { kind: "email", email },
  };
}

/** An order of Ann's that was paid in US dollars and delivered, as a decision rests on it. */
export function deliveredFacts(
  orderId: string,
  minor: number,
  more: Partial<OrderFacts> = {},
): OrderFacts {
  return {
    orderId,
    customerId: "u123",
    status: "delivered",
    paid: { minor, currency: "USD" },
    refunded: { minor: 0, currency: "USD" },
    refundCount: 0,
    deliveredOn: "2026-11-08",
    ...more,
  };
}

/** A teammate gives the conversation to people or to the bot. */
export function assigned(
  to: "human" | "bot",
  key: string,
  at: string,
  { actor, assignee = to }: { readonly actor: string; readonly assignee?: string },
): Extract<Signal, { kind: "assigned" }> {
  return { kind: "assigned", key, at, to, assignee, actor, automatic: false };
}

/** Ann in the chat, signed in; the same person as in her mails. */
export const ANN_IN_CHAT: Partial<Message> = {
  author: { kind: "requester", id: "chat:u123", name: "Ann" },
  identity: {
    level: 2,
    method: "chat-token",
    reason: "signed in",
    handle: { kind: "customer", customerId: "u123" },
  },
  answerTo: { label: "chat", audience: "private", address: {} },
};
