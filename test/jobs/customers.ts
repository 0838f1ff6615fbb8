/** Customers for tests of cases: people who are not each other, and one person on two channels. */
import type { BoundRequester } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";

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
