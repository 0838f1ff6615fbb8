/** Messages that customers write during a fault; their answers can be told apart. */
import { ask } from "#test/support/http-request.ts";
import { until } from "#test/support/waiting.ts";
import { untilFound } from "./inside.ts";
import type { Installation } from "./installation.ts";
import type { ChatTries, Messages } from "./messages.ts";

export const ANN = "ann@customer.test";
export const BOB = "bob@elsewhere.test";
export const CARA = "cara@customer.test";

/** Where customers write in chats: an installation or several processes. */
type Chats = Pick<Messages, "chat">;

/** How a message is sent, and how its answer is known. */
type Sending = NonNullable<Parameters<Messages["chat"]>[3]>;

/** The orders that are asked about, with the customers whose they are. */
const ORDERS = {
  "789": "u123",
  "1001": "u456",
  "2001": "u789",
  "456": "u123",
  "1002": "u456",
  "123": "u123",
  "1003": "u456",
} as const;
export type Order = keyof typeof ORDERS;

/** Of Ann's, and those that the rehearsal model is asked about in turn. */
const HERS = ["789", "456", "123"] as const;
const IN_TURN = ["789", "1001", "2001", "456", "1002", "123"] as const;

/** Whose order it is asks in this chat where it is, which the rehearsal model answers by itself with the order's name. */
export function whereIs(
  { chat }: Chats,
  name: string,
  order: Order,
  { and = "", ...sending }: Sending & { readonly and?: string } = {},
): Promise<ChatTries> {
  return chat(ORDERS[order], name, `Where is my order ${order}?${and}`, {
    answer: new RegExp(`Order ${order}`),
    ...sending,
  });
}

/** Questions in chats of their own, all at once. Resolves when each was accepted; throws when one never is. */
export function chats(to: Chats, name: string, count: number): Promise<readonly ChatTries[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      whereIs(to, `${name}-${index}-chat`, IN_TURN[index % IN_TURN.length] ?? "789"),
    ),
  );
}

/** Three questions in one chat, each written when the one before was accepted: their order has to hold. */
export async function chatInOrder(to: Chats, name: string): Promise<void> {
  for (const order of HERS) await whereIs(to, `${name}-in-order`, order);
}

/** What Bob asks for in a chat, of his cable (1002) or his case (1003). */
const SMALL = { "1002": 9, "1003": 8 } as const;

/** A small refund that is asked for in this chat, and has to be there. Policy approves the first by itself. */
export function refundInChat(
  { chat, wantRefund }: Pick<Messages, "chat" | "wantRefund">,
  name: string,
  order: keyof typeof SMALL = "1002",
  sending: Sending = {},
): Promise<ChatTries> {
  wantRefund(order, SMALL[order]);
  return chat("u456", name, `Please refund order ${order}, it is broken`, {
    answer: new RegExp(`${SMALL[order]}\\.00 USD`),
    ...sending,
  });
}

/** Mails that end as cards in front of people. */
export async function mails(
  installation: Installation,
  name: string,
  count: number,
): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await installation.mail(ANN, `${name} ${index}`, "Where is my order 456?");
}

/** Ann's headphones broke: a refund that a person decides on a card that says {@link REFUND_CARD}. */
export async function askRefund(installation: Installation): Promise<void> {
  await installation.mail(ANN, "Broken", "My headphones broke, please refund order 789");
  installation.wantRefund("789", 120);
}

export const REFUND_CARD = "Refund 120.00 USD";

/** The click is in the database, so that a process killed now has to remember it. */
export function approvalCounts({ databaseUrl }: Installation): Promise<void> {
  const approved = "select 1 from approval where state = 'approved'";
  return untilFound(databaseUrl, "the click to count", approved);
}

/** From now on the shop fails in this way. */
export async function shopFault(installation: Installation, fault: unknown): Promise<void> {
  await installation.deskhand().shop("/_sandbox/faults", fault);
}

/** The shop works again. */
export async function shopWorks(installation: Installation): Promise<void> {
  const { shop } = installation.deskhand().endpoints;
  await ask(`${shop?.url}/_sandbox/faults`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${shop?.key}` },
  });
}

/** Turns one of the sandbox's switches for Zendesk. */
export async function zendeskFault(
  installation: Installation,
  kind: "faults" | "webhook-faults",
  body: unknown,
): Promise<void> {
  const { zendesk } = installation.deskhand().endpoints;
  await ask(`${zendesk?.url}/_sandbox/${kind}`, {
    headers: { authorization: `Bearer ${zendesk?.tokens.admin}` },
    body,
  });
}

/** A draft about order 456 is sent to this ticket, and its requester sees it. */
export async function sendToTicket(installation: Installation, ticket: number): Promise<void> {
  const deskhand = installation.deskhand();
  const card = await deskhand.card((text) => text.includes("zendesk") && text.includes("456"));
  await deskhand.press("sam", card, "Send");
  await until("the public answer", async () =>
    (await installation.outside()).shown.some(
      ({ channel, conversation }) => channel === "zendesk" && conversation === String(ticket),
    ),
  );
}

/** Sam approves the card that says this, once it is there. */
export async function approve(installation: Installation, words: string): Promise<void> {
  const card = await installation.deskhand().card((text) => text.includes(words));
  await installation.deskhand().press("sam", card, "Approve");
}

/** A small refund by mail that policy approves by itself: money and its reply. One of it per installation. */
export async function smallRefund(installation: Installation): Promise<void> {
  installation.wantRefund("1002", 9);
  await installation.mail(BOB, "Cable", "Please refund order 1002, it is broken");
}
