import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { z } from "zod";
import { signWebhook } from "#sandbox/zendesk/webhooks.ts";
import { annAsks, trial, update } from "./client.ts";

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
