/** The sandbox's past: the same for the same seed, about the sample shop, readable as past tickets and by Zendesk's API. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PastTicket } from "#core/values/rehearsal.ts";
import { solvedTickets } from "#sandbox/history/index.ts";
import { CUSTOMERS, ORDERS } from "#sandbox/world.ts";

const UNTIL = new Date("2026-11-20T08:00:00Z");
const tickets = solvedTickets({ until: UNTIL });

describe("the past of the sandbox", () => {
  test("each is a past ticket of a customer about an own order, answered after it was asked, without an open gap", () => {
    for (const { ticket } of tickets) {
      const past = PastTicket.parse(ticket);
      const words = [past.subject, past.answer.text, ...past.messages.map(({ text }) => text)];
      assert.doesNotMatch(words.join("\n"), /[{}]|undefined|null/);
      const asked = new Date(past.messages[0]?.at ?? "");
      assert.ok(new Date(past.answer.at) > asked && asked < UNTIL);
      const owner = CUSTOMERS.find(({ email }) => email === past.customer);
      for (const { orderId } of past.actions ?? []) {
        const order = ORDERS.find(({ id }) => id === orderId);
        assert.ok(orderId === null || order?.customerId === owner?.id);
      }
    }
  });
});
