import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { z } from "zod";
import { EVENT_TYPES } from "#sandbox/zendesk/webhooks/events.ts";
import { retryDelayMs, signWebhook } from "#sandbox/zendesk/webhooks/sender.ts";
import { annAsks, commentsOf, trial, update } from "./client.ts";

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
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => new Promise((resolve) => server.close(resolve)));
  // A listening TCP server always has an AddressInfo.
  const { port } = server.address() as AddressInfo;
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

test("a lead's reassignment names its actor, and one change shares one sequence", async (context) => {
  const desk = await trial(context);
  const { received, url } = await receiver(context);
  const id = await annAsks(desk);
  desk.zendesk.setWebhook(url, EVENT_TYPES);
  const { users, groups } = desk.zendesk;
  await update(desk, "lee", id, { assignee_id: users.dana });
  await desk.zendesk.webhooksIdle();
  assert.deepEqual(names(received).toSorted(), [
    "agent_assignment_changed",
    "group_assignment_changed",
    "status_changed",
  ]);
  const events = eventsIn(received);
  assert.deepEqual([...new Set(events.map((event) => event.detail.actor_id))], [String(users.lee)]);
  assert.equal(new Set(events.map((event) => event.event.meta.sequence.id)).size, 1);
  assert.deepEqual(
    events
      .map((event) => event.event.meta.sequence.position)
      .toSorted((left, right) => left - right),
    [1, 2, 3],
  );
  const group = events.find((event) => event.type.endsWith("group_assignment_changed"));
  assert.deepEqual(
    [group?.event["previous"], group?.event["current"]],
    [null, String(groups.tier2)],
  );
});

test("a comment event says who wrote it, whether staff, and whether public", async (context) => {
  const desk = await trial(context);
  const { received, url } = await receiver(context);
  const id = await annAsks(desk);
  desk.zendesk.setWebhook(url, EVENT_TYPES);
  const Said = z.object({
    author: z.object({ id: z.string(), is_staff: z.boolean(), name: z.string() }),
    body: z.string(),
    html_body: z.string(),
    id: z.string(),
    is_public: z.boolean(),
  });
  await update(desk, "bot", id, { comment: { body: "for the team", public: false } });
  await desk.zendesk.webhooksIdle();
  await desk.call("ann", "PUT", `/requests/${id}`, { request: { comment: { body: "And now?" } } });
  await desk.zendesk.webhooksIdle();
  const said = eventsIn(received).map((event) => Said.parse(event.event["comment"]));
  assert.deepEqual(
    said.map(({ author, body, is_public: isPublic }) => [author, body, isPublic]),
    [
      [
        { id: String(desk.zendesk.users.bot), is_staff: true, name: "Deskhand" },
        "for the team",
        false,
      ],
      [
        { id: String(desk.zendesk.users.ann), is_staff: false, name: "Ann Fields" },
        "And now?",
        true,
      ],
    ],
  );
});

test("a merge tells of the source that went into the target", async (context) => {
  const desk = await trial(context);
  const { received, url } = await receiver(context);
  const [target, source] = [await annAsks(desk, "First"), await annAsks(desk, "Second")];
  desk.zendesk.setWebhook(url, EVENT_TYPES);
  await desk.call("lee", "POST", `/tickets/${target}/merge`, { ids: [source] });
  await desk.zendesk.webhooksIdle();
  const merged = eventsIn(received).find((event) => event.type.endsWith(".merged"));
  assert.deepEqual(
    [merged?.detail.id, merged?.event["target_ticket_id"]],
    [String(source), String(target)],
  );
});

test("what was refused sends nothing", async (context) => {
  const desk = await trial(context);
  const { received, url } = await receiver(context);
  const id = await annAsks(desk);
  desk.zendesk.setWebhook(url, EVENT_TYPES);
  await desk.call("bot", "PUT", `/tickets/${id}`, {
    ticket: { status: "solved", comment: { body: "no", public: true } },
  });
  await update(desk, "bot", id, { tags: ["ok"] });
  await desk.zendesk.webhooksIdle();
  assert.deepEqual(names(received), ["tags_changed"]);
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

test("the retry rules are the documented ones", () => {
  const after = (status: number | undefined, retryAfter: number | undefined, tries: number) =>
    retryDelayMs({ status, retryAfter }, tries, 1000);
  assert.deepEqual(
    [1, 3, 4].map((tries) => after(409, undefined, tries)),
    [1000, 3000, undefined],
  );
  assert.deepEqual(
    [after(429, 5, 1), after(503, 59, 1), after(503, 60, 1), after(429, undefined, 1)],
    [5000, 59_000, undefined, undefined],
  );
  assert.deepEqual(
    [1, 5, 6].map((tries) => after(undefined, undefined, tries)),
    [1000, 16_000, undefined],
  );
  assert.deepEqual(
    [200, 400, 404, 500, 502].map((status) => after(status, undefined, 1)),
    [undefined, undefined, undefined, undefined, undefined],
  );
});

test("events can be made to arrive twice, in reverse, or not at all", async (context) => {
  const desk = await trial(context);
  const { received, url } = await receiver(context);
  desk.zendesk.setWebhook(url, EVENT_TYPES);
  await desk.control("POST", "/webhook-faults", { duplicate: 1, drop: 1 });
  await annAsks(desk);
  await desk.zendesk.webhooksIdle();
  assert.deepEqual(names(received), ["comment_added", "comment_added"]);
  assert.equal(new Set(eventsIn(received).map((event) => event.id)).size, 1);
});

test("what an admin takes back or blacks out is told, with the comment it is about", async (context) => {
  const desk = await trial(context);
  const { received, url } = await receiver(context);
  const id = await annAsks(desk, "My card is 4111.");
  const [asked] = await commentsOf(desk, id);
  desk.zendesk.setWebhook(url, EVENT_TYPES);
  await desk.control("POST", "/redact", { commentId: asked?.id, words: "4111" });
  await desk.control("POST", "/make-private", { commentId: asked?.id });
  await desk.zendesk.webhooksIdle();
  assert.deepEqual(names(received).toSorted(), ["comment_made_private", "comment_redacted"]);
  for (const { event } of eventsIn(received))
    assert.deepEqual(event["comment"], { id: String(asked?.id) });
  const [left] = await commentsOf(desk, id);
  assert.deepEqual([left?.body, left?.public], ["My card is ▇▇▇▇.", false]);
});

test("a webhook made through the API gets only what it subscribed to, with its own secret", async (context) => {
  const desk = await trial(context);
  const { received, url } = await receiver(context);
  const webhook = {
    name: "Mine",
    endpoint: url,
    http_method: "POST",
    request_format: "json",
    status: "active",
    subscriptions: ["zen:event-type:ticket.status_changed"],
  };
  assert.equal((await desk.call("bot", "POST", "/webhooks", { webhook })).status, 403);
  const made = await desk.call("admin", "POST", "/webhooks", { webhook });
  assert.equal(made.status, 201);
  const { id } = z
    .object({ webhook: z.looseObject({ id: z.string(), secret: z.undefined().optional() }) })
    .parse(made.body).webhook;
  const shown = await desk.call("admin", "GET", `/webhooks/${id}/signing_secret`);
  const { secret } = z
    .object({ signing_secret: z.object({ algorithm: z.literal("SHA256"), secret: z.string() }) })
    .parse(shown.body).signing_secret;
  const ticket = await annAsks(desk);
  await update(desk, "lee", ticket, { assignee_id: desk.zendesk.users.dana });
  await desk.zendesk.webhooksIdle();
  assert.deepEqual(names(received), ["status_changed"]);
  const [one] = received;
  const timestamp = String(one?.headers["x-zendesk-webhook-signature-timestamp"]);
  assert.equal(
    one?.headers["x-zendesk-webhook-signature"],
    signWebhook(secret, timestamp, one?.body ?? ""),
  );
  assert.equal(
    (await desk.call("admin", "PATCH", `/webhooks/${id}`, { webhook: { status: "inactive" } }))
      .status,
    204,
  );
  await update(desk, "lee", ticket, { status: "pending" });
  await desk.zendesk.webhooksIdle();
  assert.equal(received.length, 1);
  assert.equal((await desk.call("admin", "DELETE", `/webhooks/${id}`)).status, 204);
  assert.equal((await desk.call("admin", "GET", `/webhooks/${id}/signing_secret`)).status, 404);
});
