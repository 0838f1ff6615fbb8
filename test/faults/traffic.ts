/** Messages that customers write during a fault; their answers can be told apart. */
import { ask } from "#test/support/http-request.ts";
import { until } from "#test/support/waiting.ts";
import { untilFound } from "./inside.ts";
import type { Installation } from "./installation.ts";
import type { ChatTries } from "./messages.ts";

export const ANN = "ann@customer.test";
export const BOB = "bob@elsewhere.test";
export const CARA = "cara@customer.test";

/** Questions the rehearsal model answers by itself, each with what its answer has to say. */
const QUESTIONS = [
  { user: "u123", text: "Where is my order 789?", answer: /789/ },
  { user: "u456", text: "Where is my order 1001?", answer: /1001/ },
  { user: "u789", text: "Where is my order 2001?", answer: /2001/ },
  { user: "u123", text: "Where is my order 456?", answer: /456/ },
  { user: "u456", text: "Where is my order 1002?", answer: /1002/ },
  { user: "u123", text: "Where is my order 123?", answer: /123/ },
] as const;

/** Each question in a chat of its own, all at once. Resolves when each was accepted; throws when one never is. */
export function chats(
  installation: Installation,
  name: string,
  count: number,
): Promise<readonly ChatTries[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const { user, text, answer } = QUESTIONS[index % QUESTIONS.length] ?? QUESTIONS[0];
      return installation.chat(user, `${name}-${index}-chat`, text, { answer });
    }),
  );
}

/** Three questions in one chat, each written when the one before was accepted: their order has to hold. */
export async function chatInOrder(installation: Installation, name: string): Promise<void> {
  for (const order of ["789", "456", "123"])
    await installation.chat("u123", `${name}-in-order`, `Where is my order ${order}?`, {
      answer: new RegExp(`Order ${order}`),
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
