/** The sandbox's past: the same for the same seed, about the sample shop, readable as past tickets and by Zendesk's API. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { z } from "zod";
import { PastTicket } from "#core/values/rehearsal.ts";
import { solvedTickets } from "#sandbox/history/index.ts";
import { pastTicketOf, zendeskEntryOf } from "#sandbox/history/past-tickets.ts";
import { ORDERS } from "#sandbox/world.ts";
import { trial } from "#test/sandbox/zendesk/client.ts";

const UNTIL = new Date("2026-11-20T08:00:00Z");
const tickets = solvedTickets({ until: UNTIL });

describe("the past of the sandbox", () => {
  test("each is a past ticket of a customer about an own order, answered after it was asked, without an open gap", () => {
    for (const ticket of tickets) {
      const past = PastTicket.parse(pastTicketOf(ticket));
      const words = [past.subject, past.answer.text, ...past.messages.map(({ text }) => text)];
      assert.doesNotMatch(words.join("\n"), /[{}]|undefined|null/);
      assert.ok(ticket.answeredAt > ticket.askedAt && ticket.askedAt < UNTIL);
      for (const { order } of ticket.actions) {
        const owner = ORDERS.find(({ id }) => id === order)?.customerId;
        assert.ok(order === null || owner === ticket.customer.id);
      }
    }
  });

  test("the sandbox's Zendesk shows them as solved, with their times, and tells no webhook", async (context) => {
    const desk = await trial(context);
    const told: string[] = [];
    const listener = createServer((request, response) => {
      told.push(request.url ?? "");
      response.end();
    }).listen(0, "127.0.0.1");
    await once(listener, "listening");
    context.after(() => listener.close());
    const address = z.object({ port: z.int() }).parse(listener.address());
    desk.zendesk.setWebhook(`http://127.0.0.1:${address.port}/hook`, [
      "zen:event-type:ticket.created",
    ]);
    const [refund] = tickets.filter(({ actions }) => actions.length > 0).map(zendeskEntryOf);
    assert.ok(refund);
    const added = await desk.control("POST", "/history", { tickets: [refund] });
    assert.equal(added.status, 201);
    const [id] = z.object({ tickets: z.array(z.int()) }).parse(added.body).tickets;
    const { body } = await desk.call("admin", "GET", `/tickets/${id}`);
    const { ticket } = z
      .object({ ticket: z.looseObject({ status: z.string(), created_at: z.string() }) })
      .parse(body);
    assert.equal(ticket.status, "solved");
    assert.equal(
      Date.parse(ticket.created_at),
      Math.floor(Date.parse(refund.askedAt) / 1000) * 1000,
    );
    const comments = await desk.call("admin", "GET", `/tickets/${id}/comments`);
    const { comments: said } = z
      .object({ comments: z.array(z.object({ body: z.string(), public: z.boolean() })) })
      .parse(comments.body);
    assert.deepEqual(
      said.map((one) => one.public),
      [true, false, true],
    );
    assert.match(said[1]?.body ?? "", /^Done in the shop: /);
    await desk.zendesk.webhooksIdle();
    assert.deepEqual(told, []);
    const refused = await desk.control("POST", "/history", {
      tickets: [{ ...refund, teammate: "stranger@ourshop.test" }],
    });
    assert.equal(refused.status, 400);
  });
});
