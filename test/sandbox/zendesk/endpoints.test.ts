/** The endpoints as a whole, and what Zendesk does by itself that no other file of these tests is about. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EVENT_TYPES } from "#sandbox/zendesk/webhooks/events.ts";
import { listen } from "#test/zendesk/servers.ts";
import { annAsks, trial } from "./client.ts";

test("an endpoint that refuses a hundred events gets no more until five seconds later, and then one", async (context) => {
  const desk = await trial(context);
  const asked: string[] = [];
  const server = await listen((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(500).end();
  });
  context.after(server.close);
  desk.zendesk.setWebhook(server.url, EVENT_TYPES);
  // A new request is two events: that it was made, and its first comment.
  await Promise.all(Array.from({ length: 50 }, () => annAsks(desk)));
  await desk.zendesk.webhooksIdle();
  assert.equal(asked.length, 100);
  await annAsks(desk);
  await desk.zendesk.webhooksIdle();
  assert.equal(asked.length, 100);
  desk.clock.ms += 5_000;
  await annAsks(desk);
  await desk.zendesk.webhooksIdle();
  assert.equal(asked.length, 101);
});
