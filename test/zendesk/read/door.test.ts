/** Forged, late and repeated webhooks at the real route: what is answered, what is enqueued, and what is counted. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { zendesk } from "#zendesk/index.ts";
import { createApp, listen } from "#server/http/app.ts";
import { healthRoutes } from "#server/http/health.ts";
import { readinessOf } from "#server/http/readiness.ts";
import { createRejections, webhookRoutes } from "#server/http/webhook-routes.ts";
import { rowsOf } from "#store/db/database.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { silentLog } from "#test/store/bench.ts";
import { memoryCursors } from "#test/zendesk/bench.ts";

const SECRET = "a secret of this door";
const PUBLISHED = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";
const Counted = z.object({
  webhooks_rejected: z.object({ zendesk: z.record(z.string(), z.number()).optional() }),
});

function event(id: string, ticket = 35): string {
  return JSON.stringify({
    type: "zen:event-type:ticket.comment_added",
    id,
    subject: `zen:ticket:${ticket}`,
    detail: { id: String(ticket), actor_id: "7" },
  });
}

interface Sent {
  readonly secret?: string;
  readonly body?: string;
  /** What is sent instead of the body that was signed. */
  readonly instead?: string;
  readonly offsetMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly encoding?: "base64" | "hex";
}

const HEALTH_TOKEN = "a token of these tests alone";

onDesk("the webhook route", (desk) => {
  const opened: { server?: Awaited<ReturnType<typeof listen>> } = {};
  const url = (): string => opened.server?.url ?? "";
  const rejections = createRejections(silentLog);
  before(async () => {
    const app = createApp({
      log: silentLog,
      frames: [],
      mounted: [
        ["/webhooks", webhookRoutes(desk.parts, rejections)],
        [
          "/health",
          healthRoutes(readinessOf([], desk.parts.clock), {
            instance: "here",
            token: HEALTH_TOKEN,
            operatorFacts: () => ({ webhooks_rejected: rejections.counts() }),
          }),
        ],
      ],
    });
    opened.server = await listen(app, { host: "127.0.0.1", port: 0 });
  });
  after(() => opened.server?.close());

  const connect = (webhookSecret = SECRET): void =>
    desk.connect(
      zendesk({
        url: "http://127.0.0.1:9",
        writerToken: async () => "unused",
        readerToken: async () => "unused",
        webhookSecret,
        botUserId: 42,
        groups: { bot: 1, tier2: 2, sensitive: 3 },
        clock: { now: () => desk.now() },
        log: silentLog,
        cursors: memoryCursors(),
        pollMs: 1_000,
        senderAuthentication: false,
        brand: "ourshop",
      }),
    );

  const send = async (given: Sent = {}): Promise<number> => {
    const { secret = SECRET, body = event("e1"), offsetMs = 0, encoding = "base64" } = given;
    const at = new Date(desk.now().getTime() + offsetMs).toISOString();
    const signature = createHmac("sha256", secret).update(`${at}${body}`).digest(encoding);
    const response = await fetch(`${url()}/webhooks/zendesk`, {
      method: "POST",
      body: given.instead ?? body,
      headers: {
        "content-type": "application/json",
        "x-zendesk-webhook-signature": signature,
        "x-zendesk-webhook-signature-timestamp": at,
        ...given.headers,
      },
    });
    await response.arrayBuffer();
    return response.status;
  };
  const hints = async (): Promise<number> => {
    const [row] = await desk.parts.store.run((transaction) =>
      rowsOf(transaction, z.object({ n: z.coerce.number() }), sql`select count(*) as n from hint`),
    );
    return row?.n ?? 0;
  };
  const rejected = async (): Promise<Readonly<Record<string, number>>> => {
    const health = await (
      await fetch(`${url()}/health/ready`, { headers: { authorization: `Bearer ${HEALTH_TOKEN}` } })
    ).json();
    return Counted.parse(health).webhooks_rejected.zendesk ?? {};
  };
  const added = async (work: () => Promise<void>): Promise<Readonly<Record<string, number>>> => {
    const earlier = await rejected();
    await work();
    const later = Object.entries(await rejected());
    return Object.fromEntries(
      later.map(([reason, count]) => [reason, count - (earlier[reason] ?? 0)]),
    );
  };

  test("every forgery is answered with 401, counted by its reason, and leaves nothing behind", async () => {
    connect();
    const spaced = JSON.stringify(JSON.parse(event("e1")), null, 1);
    const forgeries: Readonly<Record<string, Sent>> = {
      "no signature": { headers: { "x-zendesk-webhook-signature": "" } },
      "a wrong secret": { secret: "wrong" },
      "one byte changed": { instead: event("e2") },
      "another webhook's secret": { secret: "the secret of another webhook" },
      "hex instead of base64": { encoding: "hex" },
      "signed over other white space": { body: event("e1"), instead: spaced },
      "the published test secret": { secret: PUBLISHED },
      "an empty body": { instead: "" },
    };
    const counts = await added(async () => {
      for (const [name, forged] of Object.entries(forgeries))
        assert.equal(await send(forged), 401, name);
    });
    assert.deepEqual(counts, { "Zendesk webhook: the signature does not match": 8 });
    assert.equal(rejections.unverified().get("zendesk")?.count, 8);
    assert.equal(await hints(), 0);
    // So much header is refused by the HTTP server itself, before any handler sees it.
    const huge = { "x-zendesk-webhook-signature": "A".repeat(300_000) };
    assert.equal(await send({ headers: huge }), 431);
    assert.equal(await send({ body: event("e".repeat(1_100_000)) }), 413);
    assert.equal(await send(), 200);
    assert.equal(rejections.unverified().has("zendesk"), false);
    assert.equal(await hints(), 1);
  });

  test("a trigger's body has no id: ticket and comment say which one it is", async () => {
    connect();
    const trigger = (comment: string): Promise<number> =>
      send({ body: JSON.stringify({ ticket_id: "35", comment_id: comment }) });
    const statuses = await Promise.all([trigger("900"), trigger("900"), trigger("900")]);
    assert.deepEqual(statuses, [200, 200, 200]);
    assert.equal(await hints(), 1);
    await trigger("901");
    assert.equal(await hints(), 2);
  });
});
