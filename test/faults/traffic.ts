/** Messages that customers write during a fault; their answers can be told apart. */
import type { ChatTries, Installation } from "./installation.ts";

const ANN = "ann@customer.test";

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

/** Sam approves the card that says this, once it is there. */
export async function approve(installation: Installation, words: string): Promise<void> {
  const card = await installation.deskhand().card((text) => text.includes(words));
  await installation.deskhand().press("sam", card, "Approve");
}

/** A small refund by mail that policy approves by itself: money and its reply. One of it per installation. */
export async function smallRefund(installation: Installation): Promise<void> {
  installation.wantRefund("1002", 9);
  await installation.mail("bob@elsewhere.test", "Cable", "Please refund order 1002, it is broken");
}
