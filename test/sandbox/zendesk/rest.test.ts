import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import {
  annAsks,
  Audit,
  Comment,
  commentsOf,
  ticketOf,
  trial,
  type Trial,
  update,
  Written,
} from "./client.ts";

/** So that a stale stamp shows although everything happens within a second. */
async function distinctStamps(desk: Trial): Promise<void> {
  await desk.control("PUT", "/settings", { distinctStamps: true });
}

const Paged = z.looseObject({
  comments: z.array(Comment),
  meta: z.object({ has_more: z.boolean(), after_cursor: z.string(), before_cursor: z.string() }),
  links: z.object({ prev: z.string().nullable(), next: z.string().nullable() }),
});

test("a signed-in end user files a request and sees public comments only", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk, "Where is <b>456</b>?");
  await update(desk, "bot", id, { comment: { body: "draft for the team", public: false } });
  await update(desk, "dana", id, { comment: { body: "On its way.", public: true } });
  const seen = await desk.call("ann", "GET", `/requests/${id}/comments`);
  const { comments } = z.looseObject({ comments: z.array(Comment) }).parse(seen.body);
  assert.deepEqual(
    comments.map((comment) => comment.body),
    ["Where is <b>456</b>?", "On its way."],
  );
  assert.match(comments[0]?.html_body ?? "", /Where is &lt;b&gt;456&lt;\/b&gt;\?/u);
});

test("a file that an end user uploaded is with the comment of their request", async (context) => {
  const desk = await trial(context);
  const uploaded = await desk.call("ann", "POST", "/uploads?filename=lamp.txt", "a torn lamp");
  const { token } = z
    .looseObject({ upload: z.looseObject({ token: z.string() }) })
    .parse(uploaded.body).upload;
  const request = { subject: "Torn", comment: { body: "See the file", uploads: [token] } };
  const made = await desk.call("ann", "POST", "/requests", { request });
  assert.equal(made.status, 201);
  const { id } = z
    .looseObject({ request: z.looseObject({ id: z.int() }) })
    .parse(made.body).request;
  const [comment] = await commentsOf(desk, id);
  const Files = z.array(z.looseObject({ file_name: z.string() }));
  assert.deepEqual(
    Files.parse(comment?.["attachments"]).map(({ file_name: name }) => name),
    ["lamp.txt"],
  );
  assert.equal((await desk.call("ann", "POST", "/requests", { request })).status, 422);
});

test("another customer's request answers like one that does not exist", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const foreign = await desk.call("bob", "GET", `/requests/${id}`);
  const absent = await desk.call("bob", "GET", "/requests/999");
  assert.equal(foreign.status, 404);
  assert.deepEqual(foreign.body, { error: "RecordNotFound", description: "Not found" });
  assert.deepEqual(absent.body, foreign.body);
  assert.equal((await desk.call("bob", "PUT", `/requests/${id}`, { request: {} })).status, 404);
  assert.equal((await desk.call("bob", "GET", `/requests/${id}/comments`)).status, 404);
});

test("each kind of refusal has Zendesk's own envelope", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const anonymous = await desk.call(undefined, "GET", `/tickets/${id}`);
  assert.deepEqual(
    [anonymous.status, anonymous.body],
    [401, { error: "Couldn't authenticate you" }],
  );
  const wrong = await desk.call(undefined, "GET", "/tickets", undefined, {
    authorization: "Bearer nonsense",
  });
  assert.equal(z.looseObject({ error: z.string() }).parse(wrong.body).error, "invalid_token");
  const endUser = await desk.call("ann", "GET", `/tickets/${id}`);
  assert.equal(endUser.status, 403);
  assert.equal(
    z.object({ error: z.object({ title: z.string(), message: z.string() }) }).parse(endUser.body)
      .error.title,
    "Forbidden",
  );
  assert.equal(
    (await desk.call("bot", "GET", "/incremental/tickets/cursor?start_time=0")).status,
    403,
  );
  assert.deepEqual((await desk.call("bot", "GET", "/nonsense")).body, {
    error: "InvalidEndpoint",
    description: "Not found",
  });
  assert.equal(
    (await desk.call("bot", "PUT", `/tickets/${id}`, { ticket: { status: "done" } })).status,
    400,
  );
  const broken = await fetch(`${desk.zendesk.url}/api/v2/tickets`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${desk.zendesk.tokens.bot}`,
      "content-type": "application/json",
    },
    body: "{not json",
  });
  assert.equal(broken.status, 422);
});

test("users/me answers 200 without credentials, as the anonymous user", async (context) => {
  const desk = await trial(context);
  const anonymous = await desk.call(undefined, "GET", "/users/me");
  assert.equal(anonymous.status, 200);
  assert.equal(
    z.object({ user: z.looseObject({ id: z.null(), name: z.string() }) }).parse(anonymous.body).user
      .name,
    "Anonymous user",
  );
  const bot = await desk.call("bot", "GET", "/users/me");
  assert.equal(
    z.object({ user: z.looseObject({ id: z.number() }) }).parse(bot.body).user.id,
    desk.zendesk.users.bot,
  );
});

test("one update is one audit with its comment, its changes and the caller's metadata", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const { audit, ticket } = await update(desk, "bot", id, {
    comment: { body: "A note", public: false },
    tags: ["Refund", "refund", "vip"],
    priority: "high",
    metadata: { bot_action_id: "a-1" },
  });
  assert.deepEqual(ticket.tags, ["refund", "vip"]);
  assert.equal(audit.author_id, desk.zendesk.users.bot);
  assert.deepEqual(audit.metadata.custom, { bot_action_id: "a-1" });
  assert.deepEqual(
    audit.events.map((event) => [event.type, event["field_name"], event["value"]]),
    [
      ["Comment", undefined, undefined],
      ["Change", "priority", "high"],
      ["Change", "tags", ["refund", "vip"]],
    ],
  );
  const listed = await desk.call("bot", "GET", `/tickets/${id}/audits`);
  const { audits } = z.looseObject({ audits: z.array(Audit) }).parse(listed.body);
  assert.deepEqual(audits.at(-1)?.metadata.custom, { bot_action_id: "a-1" });
  assert.equal((await commentsOf(desk, id)).at(-1)?.id, audit.events[0]?.id);
});

test("a change that changes nothing leaves no audit and does not move updated_at", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const before = await ticketOf(desk, id);
  desk.clock.ms += 60_000;
  await update(desk, "dana", id, { status: "new", tags: [] });
  assert.equal((await ticketOf(desk, id)).updated_at, before.updated_at);
  const listed = await desk.call("bot", "GET", `/tickets/${id}/audits`);
  assert.equal(z.looseObject({ audits: z.array(Audit) }).parse(listed.body).audits.length, 1);
});

test("comments page by cursor until has_more is false, and by offset otherwise", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk, "first");
  for (const body of ["second", "third"])
    await update(desk, "bot", id, { comment: { body, public: false } });
  const first = Paged.parse(
    (await desk.call("bot", "GET", `/tickets/${id}/comments?page[size]=2`)).body,
  );
  assert.equal(first.meta.has_more, true);
  const response = await fetch(first.links.next ?? "", {
    headers: { authorization: `Bearer ${desk.zendesk.tokens.bot}` },
  });
  const second = Paged.parse(await response.json());
  assert.deepEqual(
    [second.comments.map((comment) => comment.body), second.meta.has_more, second.links.next],
    [["third"], false, null],
  );
  const offset = await desk.call("bot", "GET", `/tickets/${id}/comments?per_page=2&page=2`);
  const page = z
    .looseObject({
      comments: z.array(Comment),
      next_page: z.null(),
      previous_page: z.string(),
      count: z.number(),
    })
    .parse(offset.body);
  assert.deepEqual([page.comments.length, page.count], [1, 3]);
  assert.equal(
    (await desk.call("bot", "GET", `/tickets/${id}/comments?page[size]=101`)).status,
    400,
  );
});

test("a safe update with an old stamp is refused as a whole", async (context) => {
  const desk = await trial(context);
  await distinctStamps(desk);
  const id = await annAsks(desk);
  const { updated_at: stamp } = await ticketOf(desk, id);
  await update(desk, "dana", id, { comment: { body: "I have this one.", public: true } });
  const change = {
    comment: { body: "bot answer", public: true },
    status: "pending",
    safe_update: true,
    updated_stamp: stamp,
  };
  const refused = await desk.call("bot", "PUT", `/tickets/${id}`, { ticket: change });
  assert.equal(refused.status, 409);
  assert.equal(z.looseObject({ error: z.string() }).parse(refused.body).error, "UpdateConflict");
  assert.deepEqual(
    (await commentsOf(desk, id)).map((comment) => comment.author_id),
    [desk.zendesk.users.ann, desk.zendesk.users.dana],
  );
  const fresh = (await ticketOf(desk, id)).updated_at;
  await update(desk, "bot", id, { ...change, updated_stamp: fresh });
  assert.equal((await ticketOf(desk, id)).status, "pending");
});

test("several changes of one second share a stamp, so a safe update goes past all but the first", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const { updated_at: stamp } = await ticketOf(desk, id);
  await update(desk, "dana", id, { priority: "high" });
  assert.equal((await ticketOf(desk, id)).updated_at, stamp);
  await update(desk, "bot", id, { priority: "low", safe_update: true, updated_stamp: stamp });
  assert.equal((await ticketOf(desk, id)).priority, "low");
});

test("a comment without `public` inherits the privacy of the ticket's first comment", async (context) => {
  const desk = await trial(context);
  const open = await annAsks(desk);
  await update(desk, "bot", open, { comment: { body: "unsaid" } });
  assert.equal((await commentsOf(desk, open)).at(-1)?.public, true);
  const made = await desk.call("bot", "POST", "/tickets", {
    ticket: {
      requester_id: desk.zendesk.users.ann,
      subject: "Hand-off",
      comment: { body: "summary", public: false },
    },
  });
  const { ticket } = Written.parse(made.body);
  await update(desk, "dana", ticket.id, { comment: { body: "unsaid" } });
  assert.deepEqual(
    (await commentsOf(desk, ticket.id)).map((comment) => comment.public),
    [false, false],
  );
  assert.equal((await ticketOf(desk, ticket.id)).is_public, false);
  assert.equal((await desk.call("ann", "GET", `/requests/${ticket.id}`)).status, 404);
});

test("an idempotency key gives the same ticket for the same body and refuses another body", async (context) => {
  const desk = await trial(context);
  const body = { ticket: { subject: "Once", comment: { body: "text", public: false } } };
  const key = { "idempotency-key": "k-1" };
  const first = await desk.call("bot", "POST", "/tickets", body, key);
  const again = await desk.call("bot", "POST", "/tickets", body, key);
  assert.equal(first.headers.get("x-idempotency-lookup"), "miss");
  assert.equal(again.headers.get("x-idempotency-lookup"), "hit");
  assert.equal(Written.parse(again.body).ticket.id, Written.parse(first.body).ticket.id);
  const other = await desk.call(
    "bot",
    "POST",
    "/tickets",
    { ticket: { ...body.ticket, subject: "Other" } },
    key,
  );
  assert.equal(other.status, 400);
  assert.equal(
    z.looseObject({ error: z.string() }).parse(other.body).error,
    "IdempotentRequestError",
  );
  desk.clock.ms += 2 * 3_600_000;
  const later = await desk.call("bot", "POST", "/tickets", body, key);
  assert.notEqual(Written.parse(later.body).ticket.id, Written.parse(first.body).ticket.id);
});
