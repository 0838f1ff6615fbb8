/** Faults of input: repeated events, events in the wrong order, and unexpected content. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { FaultCase } from "#test/faults/case.ts";
import {
  CARA,
  chatInOrder,
  chats,
  sendToTicket,
  whereIs,
  zendeskFault,
  type Order,
} from "#test/faults/traffic.ts";
import type { Deskhand } from "#test/support/deskhand.ts";

const redelivered: FaultCase = {
  id: 21,
  name: "deliveries come three times and in the wrong order",
  async run(context) {
    const installation = await context.install();
    await zendeskFault(installation, "webhook-faults", { duplicate: 8, reverse: 4 });
    // The first one arrives twice more while it is worked on, and again when its successor has been answered.
    const [first, second] = [randomUUID(), randomUUID()];
    const write = (id: string, order: Order) =>
      whereIs(installation, "delivered-again", order, { id });
    await Promise.all([write(first, "789"), write(first, "789"), write(first, "789")]);
    await write(second, "456");
    await Promise.all([write(first, "789"), write(second, "456"), write(first, "789")]);
    // One request for a refund that comes three times: one refund has to be there.
    installation.wantRefund("1002", 9);
    const sending = { id: randomUUID(), answer: /9\.00 USD/ };
    const refund = () =>
      installation.chat("u456", "refund-again", "Please refund order 1002, it is broken", sending);
    await Promise.all([refund(), refund(), refund()]);
    const ticket = await installation.ticket("Lamp", "Where is my order 456?", { answer: /456/ });
    await sendToTicket(installation, ticket);
    await installation.judge();
  },
};

/** Texts that break code that expects harmless text. */
const ODD_TEXTS = [
  "Where is my order 789?\u0000 And what came after it?",
  "\ud83d half an emoji, where is order 789?",
  "👩‍👩‍👧‍👦".repeat(400),
  "\u202e?987 redro ym si erehW",
  "a\u0301".repeat(5_000),
  "x".repeat(20_000),
  "' ; drop table message; -- {{7*7}} ${7*7} <script>alert(1)</script>",
  '{"a":'.repeat(500),
] as const;

/** Bodies that are no message, each with the status it must get. */
const ODD_BODIES = [
  "",
  "{",
  "null",
  "[]",
  '"text"',
  JSON.stringify({ user_id: "u123" }),
  JSON.stringify({ user_id: "u123", message: "x".repeat(20_001) }),
  JSON.stringify({ user_id: "u123", message: "x".repeat(80_000) }),
  JSON.stringify({ user_id: { $gt: "" }, message: ["x"] }),
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
] as const;

const oddPayloads: FaultCase = {
  id: 40,
  name: "NUL, halves of emoji, oversize and other odd payloads",
  async run(context) {
    const installation = await context.install();
    const deskhand = installation.deskhand();
    for (const [index, text] of ODD_TEXTS.entries())
      await installation.chat("u789", `odd-payload-${index}`, text, { triesMost: 1 });
    for (const [index, text] of ODD_TEXTS.entries())
      await installation.mail(CARA, `Odd ${index}`, text);
    await installation.mail(CARA, "Long", "Where is my order? ".repeat(60_000));
    await installation.mail(CARA, `Odd subject ${"😀".repeat(300)}`, "Hello there");
    for (const body of ODD_BODIES) {
      await refused(deskhand, "/support/chat", body);
      await refused(deskhand, "/webhooks/zendesk", body);
    }
    await chats(installation, "neighbour", 3);
    await chatInOrder(installation, "neighbour");
    await installation.judge();
  },
};

/** Refused as the sender's mistake: 5xx would make a source send it again for ever. */
async function refused(deskhand: Deskhand, path: string, body: string): Promise<void> {
  const response = await fetch(`${deskhand.endpoints.app.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  await response.text();
  assert.ok(
    response.status >= 400 && response.status < 500,
    `${path} answered ${response.status} to ${body.slice(0, 60)}`,
  );
}

export const cases: readonly FaultCase[] = [redelivered, oddPayloads];
