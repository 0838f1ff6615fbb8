import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { annAsks, commentsOf, Ticket, ticketOf, trial, update } from "./client.ts";

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

test("handing a ticket to a group the assignee is not in drops the assignee", async (context) => {
  const desk = await trial(context);
  const { users, groups } = desk.zendesk;
  const id = await annAsks(desk);
  await update(desk, "lee", id, { assignee_id: users.dana });
  const back = await update(desk, "lee", id, { group_id: groups.bot });
  assert.deepEqual([back.ticket.group_id, back.ticket.assignee_id], [groups.bot, null]);
  await update(desk, "lee", id, { assignee_id: users.dana });
  const kept = await update(desk, "lee", id, { group_id: groups.sensitive });
  assert.deepEqual([kept.ticket.group_id, kept.ticket.assignee_id], [groups.sensitive, users.dana]);
});

test("an assignee outside the group asked for, an end user and an unknown group are refused", async (context) => {
  const desk = await trial(context);
  const { users, groups } = desk.zendesk;
  const id = await annAsks(desk);
  for (const ticket of [
    { assignee_id: users.dana, group_id: groups.bot },
    { assignee_id: users.ann },
    { group_id: 1 },
  ]) {
    const answer = await desk.call("lee", "PUT", `/tickets/${id}`, { ticket });
    assert.equal(answer.status, 422);
    Invalid.parse(answer.body);
  }
  assert.equal((await ticketOf(desk, id)).status, "new");
});

test("a customer's comment reopens a pending and a solved ticket, a teammate's does not", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  for (const status of ["pending", "hold", "solved"]) {
    await update(desk, "dana", id, { status, assignee_id: desk.zendesk.users.dana });
    await update(desk, "dana", id, { comment: { body: "a note", public: false } });
    assert.equal((await ticketOf(desk, id)).status, status);
    await desk.call("ann", "PUT", `/requests/${id}`, {
      request: { comment: { body: "Still broken" } },
    });
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

test("a follow-up of a closed ticket names its parent and inherits its tags", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  await update(desk, "dana", id, { assignee_id: desk.zendesk.users.dana, tags: ["lamp"] });
  const request = {
    subject: "Again",
    comment: { body: "It is late again" },
    via_followup_source_id: id,
  };
  assert.equal((await desk.call("ann", "POST", "/requests", { request })).status, 400);
  await update(desk, "dana", id, { status: "closed" });
  const made = await desk.call("ann", "POST", "/requests", { request });
  const next = z
    .object({ request: z.looseObject({ id: z.number(), followup_source_id: z.number() }) })
    .parse(made.body).request;
  assert.equal(next.followup_source_id, id);
  const ticket = await ticketOf(desk, next.id);
  assert.deepEqual([ticket.via.source.rel, ticket.tags], ["follow_up", ["lamp"]]);
  assert.deepEqual((await ticketOf(desk, id)).followup_ids, [next.id]);
});

test("a public comment by a teammate notifies the requester, a note and a silenced ticket do not", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const types = async (ticket: Record<string, unknown>): Promise<string[]> =>
    (await update(desk, "dana", id, ticket)).audit.events.map((event) => event.type);
  assert.ok((await types({ comment: { body: "Hello", public: true } })).includes("Notification"));
  assert.ok(!(await types({ comment: { body: "psst", public: false } })).includes("Notification"));
  await update(desk, "bot", id, { tags: ["deskhand_linked"] });
  assert.ok(
    !(await types({ comment: { body: "Hello again", public: true } })).includes("Notification"),
  );
});

test("merging closes the source, notes both tickets privately and answers that a job is queued", async (context) => {
  const desk = await trial(context);
  const [target, source] = [await annAsks(desk, "First"), await annAsks(desk, "Second")];
  const answer = await desk.call("lee", "POST", `/tickets/${target}/merge`, { ids: [source] });
  const { job_status: job } = z
    .object({ job_status: z.looseObject({ id: z.string(), status: z.string() }) })
    .parse(answer.body);
  assert.equal(job.status, "queued");
  assert.equal((await ticketOf(desk, source)).status, "closed");
  assert.equal((await ticketOf(desk, target)).status, "new");
  for (const id of [source, target]) {
    const last = (await commentsOf(desk, id)).at(-1);
    assert.equal(last?.public, false);
    assert.deepEqual(
      z.looseObject({ source: z.looseObject({ rel: z.string() }) }).parse(last?.["via"]).source.rel,
      "merge",
    );
  }
  assert.equal(
    (await desk.call("lee", "POST", `/tickets/${target}/merge`, { ids: [source] })).status,
    422,
  );
});

test("only the requester rates, only when solved, and a second rating replaces the first", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const rate = (who: "ann" | "bob" | "dana", score: string) =>
    desk.call(who, "POST", `/tickets/${id}/satisfaction_rating`, {
      satisfaction_rating: { score, comment: "so" },
    });
  assert.equal((await rate("ann", "good")).status, 422);
  await update(desk, "dana", id, { status: "solved", assignee_id: desk.zendesk.users.dana });
  assert.equal((await rate("dana", "good")).status, 403);
  assert.equal((await rate("bob", "good")).status, 403);
  assert.equal((await rate("ann", "good")).status, 200);
  await rate("ann", "bad");
  assert.equal((await ticketOf(desk, id)).satisfaction_rating.score, "bad");
  assert.equal((await ticketOf(desk, id)).status, "solved");
  const listed = await desk.call("admin", "GET", "/satisfaction_ratings");
  const { satisfaction_ratings: ratings } = z
    .looseObject({ satisfaction_ratings: z.array(z.looseObject({ score: z.string() })) })
    .parse(listed.body);
  assert.deepEqual(
    ratings.map((rating) => rating.score),
    ["bad"],
  );
});

test("mail becomes a ticket of the sender; a suspended mail becomes one when it is recovered", async (context) => {
  const desk = await trial(context);
  const mail = {
    from: { name: "Ann Fields", email: "ann@customer.test" },
    subject: "Hi",
    text: "hello",
  };
  const arrived = z
    .object({ ticket_id: z.number() })
    .parse((await desk.control("POST", "/mail", { ...mail, flags: [1] })).body);
  assert.equal((await ticketOf(desk, arrived.ticket_id)).via.channel, "email");
  const [first] = await commentsOf(desk, arrived.ticket_id);
  assert.deepEqual(
    z.looseObject({ flags: z.array(z.number()) }).parse(first?.["metadata"]).flags,
    [1],
  );
  const held = await desk.control("POST", "/mail", {
    ...mail,
    suspended: { cause: "Detected as spam", causeId: 0 },
  });
  const { suspended_id: id } = z.object({ suspended_id: z.number() }).parse(held.body);
  const recovered = await desk.call("dana", "PUT", `/suspended_tickets/${id}/recover`);
  const [ticket] = z.object({ ticket: z.array(Ticket) }).parse(recovered.body).ticket;
  assert.equal(ticket?.via.source.rel, "recovered_from_suspended_tickets");
  const again = await desk.call("dana", "PUT", `/suspended_tickets/${id}/recover`);
  assert.deepEqual(again.body, { error: "RecordNotFound", description: "Not found" });
});
