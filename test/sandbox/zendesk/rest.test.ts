import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { signWebhook } from "#sandbox/zendesk/webhooks.ts";
import { annAsks, commentsOf, ticketOf, trial, update, Written } from "./client.ts";
import { closed, listen } from "#test/support/loopback.ts";

test("a signed-in end user files a request and sees public comments only", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk, "Where is <b>456</b>?");
  await update(desk, "bot", id, { comment: { body: "draft for the team", public: false } });
  await update(desk, "dana", id, { comment: { body: "On its way.", public: true } });
  const seen = await fetch(`${desk.zendesk.url}/hc/requests/${id}`);
  const page = await seen.text();
  assert.match(page, /Where is &lt;b&gt;456&lt;\/b&gt;\?[^]*On its way\./u);
  assert.doesNotMatch(page, /draft for the team/u);
  const [first] = await commentsOf(desk, id);
  assert.match(first?.html_body ?? "", /Where is &lt;b&gt;456&lt;\/b&gt;\?/u);
});

test("another customer's request answers like one that does not exist", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const asBob = async (number: number) => {
    const url = `${desk.zendesk.url}/hc/requests/${number}`;
    const answer = await fetch(url, { headers: { cookie: "customer=bob" } });
    return [answer.status, await answer.text()];
  };
  const [status] = await asBob(id);
  assert.equal(status, 404);
  assert.deepEqual(await asBob(999), await asBob(id));
  const words = new URLSearchParams({ body: "Mine now." });
  const written = await fetch(`${desk.zendesk.url}/hc/requests/${id}/comment`, {
    method: "POST",
    headers: { cookie: "customer=bob" },
    body: words,
  });
  assert.equal(written.status, 404);
  assert.equal((await commentsOf(desk, id)).length, 1);
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

test("several changes of one second share a stamp, so a safe update goes past all but the first", async (context) => {
  const desk = await trial(context);
  const id = await annAsks(desk);
  const { updated_at: stamp } = await ticketOf(desk, id);
  await update(desk, "dana", id, { priority: "high" });
  assert.equal((await ticketOf(desk, id)).updated_at, stamp);
  await update(desk, "bot", id, { priority: "low", safe_update: true, updated_stamp: stamp });
  assert.equal((await ticketOf(desk, id)).priority, "low");
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

const Envelope = z.strictObject({
  type: z.string(),
  account_id: z.number(),
  id: z.uuid(),
  time: z.string(),
  zendesk_event_version: z.literal("2022-11-06"),
  subject: z.string(),
  detail: z.looseObject({
    id: z.string(),
    actor_id: z.string(),
    status: z.string(),
    assignee_id: z.string().nullable(),
  }),
  event: z.looseObject({
    meta: z.object({ sequence: z.object({ id: z.string(), position: z.number() }) }),
  }),
});

interface Received {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

const EVENT_TYPES = ["created", "comment_added", "tags_changed"].map(
  (name) => `zen:event-type:ticket.${name}`,
);

/** Stands for an answer that never comes. */
const SILENCE = 0;

/** A receiver that answers with the statuses given, then 200. */
async function receiver(
  context: TestContext,
  answers: { status: number; retryAfter?: string }[] = [],
) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
      const answer = answers.shift() ?? { status: 200 };
      if (answer.status === SILENCE) return void response.destroy();
      const headers = answer.retryAfter === undefined ? {} : { "retry-after": answer.retryAfter };
      response.writeHead(answer.status, headers).end();
    });
  });
  const port = await listen(server);
  context.after(() => closed(server));
  return { received, url: `http://127.0.0.1:${port}/hook` };
}

const eventsIn = (received: readonly Received[]) =>
  received.map((one) => Envelope.parse(JSON.parse(one.body)));
const names = (received: readonly Received[]) =>
  eventsIn(received).map((event) => event.type.replace("zen:event-type:ticket.", ""));

test("the signature is Zendesk's documented one", () => {
  const secret = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";
  const signature = signWebhook(
    secret,
    "2021-03-25T05:09:27Z",
    '{"event":"ticket.updated","id":123}',
  );
  assert.equal(signature, "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=");
});

test("a new request sends created and comment_added, signed over time and raw body", async (context) => {
  const desk = await trial(context);
  const { received, url } = await receiver(context);
  desk.zendesk.setWebhook(url, EVENT_TYPES);
  const id = await annAsks(desk);
  await desk.zendesk.webhooksIdle();
  assert.deepEqual(names(received).toSorted(), ["comment_added", "created"]);
  for (const { headers, body } of received) {
    const timestamp = String(headers["x-zendesk-webhook-signature-timestamp"]);
    assert.equal(timestamp, "2026-11-20T08:00:00Z");
    assert.equal(
      headers["x-zendesk-webhook-signature"],
      signWebhook(desk.zendesk.webhookSecret, timestamp, body),
    );
    assert.ok(
      headers["x-zendesk-webhook-id"] &&
        headers["x-zendesk-webhook-invocation-id"] &&
        headers["x-zendesk-account-id"],
    );
  }
  const [first] = eventsIn(received);
  assert.equal(first?.subject, `zen:ticket:${id}`);
  assert.deepEqual(
    [first?.detail.id, first?.detail.actor_id, first?.detail.status],
    [String(id), String(desk.zendesk.users.ann), "NEW"],
  );
});

test("409, 503 with a short Retry-After and silence are tried again, each time with a signature of its own", async (context) => {
  const desk = await trial(context);
  const { received, url } = await receiver(context, [
    { status: 409 },
    { status: 503, retryAfter: "0" },
    { status: SILENCE },
    { status: 500 },
  ]);
  const id = await annAsks(desk);
  desk.zendesk.setWebhook(url, EVENT_TYPES);
  await update(desk, "bot", id, { tags: ["x"] });
  await desk.zendesk.webhooksIdle();
  assert.equal(received.length, 4);
  assert.equal(new Set(eventsIn(received).map((event) => event.id)).size, 1);
});
