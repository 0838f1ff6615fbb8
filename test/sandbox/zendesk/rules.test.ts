import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { answerInHelpCenter } from "#test/support/help-center.ts";
import { annAsks, commentsOf, ticketOf, trial, update } from "./client.ts";

const Invalid = z.object({
  error: z.literal("RecordInvalid"),
  description: z.string(),
  details: z.record(z.string(), z.array(z.looseObject({ description: z.string() }))),
});

test("assigning a new ticket opens it and brings the agent's default group", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const { ticket, audit } = await update(desk, "lee", id, { assignee_id: desk.zendesk.users.dana });
  assert.deepEqual([ticket.status, ticket.group_id], ["open", desk.zendesk.groups.tier2]);
  assert.deepEqual(
    audit.events.map((event) => [event["field_name"], event["previous_value"], event["value"]]),
    [
      ["status", "new", "open"],
      ["assignee_id", null, String(desk.zendesk.users.dana)],
      ["group_id", null, String(desk.zendesk.groups.tier2)],
    ],
  );
});

test("a customer's comment reopens a pending and a solved ticket, a teammate's does not", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  for (const status of ["pending", "hold", "solved"]) {
    await update(desk, "dana", id, { status, assignee_id: desk.zendesk.users.dana });
    await update(desk, "dana", id, { comment: { body: "a note", public: false } });
    assert.equal((await ticketOf(desk, id)).status, status);
    await answerInHelpCenter(desk.zendesk.url, "ann", id, "Still broken");
    assert.equal((await ticketOf(desk, id)).status, "open");
  }
});

test("solving wants an assignee, and the refused write leaves nothing behind", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const change = { status: "solved", comment: { body: "Done", public: true } };
  const refused = await desk.call("bot", "PUT", `/tickets/${id}`, { ticket: change });
  assert.equal(refused.status, 422);
  assert.ok(Invalid.parse(refused.body).details["base"]);
  assert.equal((await commentsOf(desk, id)).length, 1);
  const solved = await update(desk, "bot", id, { ...change, assignee_id: desk.zendesk.users.bot });
  assert.equal(solved.ticket.status, "solved");
  assert.equal(solved.ticket.satisfaction_rating.score, "offered");
});

test("a closed ticket takes tags but no comment, and new never comes back", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  await update(desk, "dana", id, { assignee_id: desk.zendesk.users.dana });
  assert.equal(
    (await desk.call("dana", "PUT", `/tickets/${id}`, { ticket: { status: "new" } })).status,
    422,
  );
  await update(desk, "dana", id, { status: "closed" });
  const refused = await desk.call("bot", "PUT", `/tickets/${id}`, {
    ticket: { comment: { body: "late", public: true } },
  });
  assert.equal(refused.status, 422);
  assert.equal(
    Invalid.parse(refused.body).details["status"]?.[0]?.description,
    "Status: closed prevents ticket update",
  );
  assert.deepEqual((await update(desk, "bot", id, { tags: ["late"] })).ticket.tags, ["late"]);
});
