/** Deskhand in several processes: each with its role, all with the same database, queue, Slack, shop and model. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { startSampleShop } from "#sandbox/shop/index.ts";
import { CREDENTIALS, IDS } from "#sandbox/slack/index.ts";
import { startFakeModel } from "#test/faults/vendors/model.ts";
import { startTestSlack } from "#test/slack/local-slack.ts";
import { migratedFreshDatabase } from "./postgres.ts";
import { REAL_ENVIRONMENT, SECRET } from "./real-parts.ts";
import { startRedis } from "./redis.ts";
import { startTcpProxy } from "./loopback.ts";
import { visitorToken } from "./visitor.ts";
import { roleProcess, type Environment, type Role, type RoleProcess } from "./role-process.ts";
import { changedPolicy, policyIn, unverified } from "./sandbox-policy.ts";

const HEALTH_TOKEN = "a health token of these tests alone";
export const IDENTITY_SECRET = "an identity secret of these tests alone";

/**
 * Everything the processes share. Database and queue are behind proxies that a test may close; `world` is what the shop
 * starts with, if not the sample.
 */
export async function startSharedServices({
  world,
}: { readonly world?: Parameters<typeof startSampleShop>[0]["world"] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-company-"));
  const asked = { hangs: false, count: 0 };
  const [database, redis, slack, model] = await Promise.all([
    migratedFreshDatabase(),
    startRedis(),
    startTestSlack(),
    startFakeModel({
      fate: () => {
        asked.count += 1;
        return { kind: asked.hangs ? "hang" : "answer" };
      },
    }),
  ]);
  const shop = await startSampleShop({
    directory: join(folder, "shop"),
    ...(world === undefined ? {} : { world }),
    now: () => new Date(),
    sendMail: async () => undefined,
  });
  const databaseProxy = await startTcpProxy(database.url);
  const redisProxy = await startTcpProxy(redis.url);
  const { IMAP_HOST: _imap, IMAP_USER: _user, IMAP_PASS: _pass, ...real } = REAL_ENVIRONMENT;
  const { SMTP_HOST: _smtp, SUPPORT_ADDRESS: _address, ...withoutMail } = real;
  const environment: Environment = {
    ...withoutMail,
    DATABASE_URL: databaseProxy.url(database.url),
    REDIS_URL: redisProxy.url(redis.url),
    DESKHAND_BLOBS: join(folder, "blobs"),
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: CREDENTIALS.botToken,
    SLACK_APP_TOKEN: CREDENTIALS.appToken,
    SLACK_APPROVALS_CHANNEL: IDS.approvals,
    SLACK_ALERTS_CHANNEL: IDS.alerts,
    SHOP_URL: shop.url,
    SHOP_KEY: shop.key,
    OPENAI_API_KEY: "any",
    OPENAI_BASE_URL: model.url,
    ...policyIn(folder, unverified(changedPolicy([]))),
    CHAT_IDENTITY_SECRET: IDENTITY_SECRET,
    DESKHAND_HEALTH_TOKEN: HEALTH_TOKEN,
  };
  return {
    environment,
    blobs: join(folder, "blobs"),
    databaseUrl: database.url,
    redisUrl: redis.url,
    databaseProxy,
    redisProxy,
    slack,
    /** It follows the rehearsal rules, or takes the question and never answers. */
    model: asked,
    refunds: async (order: string) => {
      const response = await fetch(`${shop.url}/orders/${order}`, {
        headers: { authorization: `Bearer ${shop.key}` },
      });
      return z.object({ refunds: z.array(z.unknown()) }).parse(await response.json()).refunds;
    },
    async close() {
      await Promise.all([slack.close(), shop.close(), model.close()]);
      await Promise.all([databaseProxy.close(), redisProxy.close()]);
      await Promise.all([database.drop(), redis.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type SharedServices = Awaited<ReturnType<typeof startSharedServices>>;

/** Starts one process of this role, in a data folder of its own that goes with it, and waits until it is up. */
export async function startRole(environment: Environment, role: Role): Promise<RoleProcess> {
  const folder = mkdtempSync(join(tmpdir(), `deskhand-${role}-`));
  const started = roleProcess({ name: `the ${role}`, role, folder, environment });
  try {
    await started.start();
  } finally {
    void started.ended().then(() => rmSync(folder, { recursive: true, force: true }));
  }
  return started;
}

/** One message of a signed-in user; gives status, header and answer. */
export async function chat(url: string, user: string, message: string) {
  const token = await visitorToken(user, IDENTITY_SECRET);
  const response = await fetch(`${url}/support/chat`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ user_id: user, message }),
  });
  const body = z
    .object({
      status: z.string().default(""),
      reply: z.string().default(""),
      error: z.string().default(""),
    })
    .parse(await response.json());
  return { http: response.status, retryAfter: response.headers.get("retry-after"), ...body };
}

const Ready = z.looseObject({
  status: z.string(),
  role: z.string(),
  needs: z.record(
    z.string(),
    z.object({
      state: z.enum(["ok", "away"]),
      required: z.boolean(),
      since: z.string(),
      reason: z.string().nullable(),
    }),
  ),
  stopping: z.boolean(),
  connections: z.record(z.string(), z.object({ connected: z.boolean() })).default({}),
  memory_mb: z.number().default(0),
  ready_after_ms: z.number().default(0),
  schema: z.string().optional(),
  paused: z.object({ all: z.boolean(), channels: z.array(z.string()) }).optional(),
});

/** What a process says about itself, and how long it took to say it. */
export async function readiness(url: string) {
  const began = performance.now();
  const response = await fetch(`${url}/health/ready`, {
    headers: { authorization: `Bearer ${HEALTH_TOKEN}` },
  });
  const told = Ready.parse(await response.json());
  const parts = Object.fromEntries(
    Object.entries(told.needs).map(([name, { reason }]) => [name, reason ?? "ok"]),
  );
  return { http: response.status, tookMs: performance.now() - began, parts, ...told };
}

/** For channels: the Zendesk of these tests is not there, and a channel that cannot be read makes a process unready. */
export function withoutZendesk(environment: Environment) {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith("ZENDESK_")),
  );
}

/** An event Zendesk could have sent, signed as it does, about this comment of a ticket. */
export async function webhook(url: string, comment = Date.now()): Promise<number> {
  const body = JSON.stringify({
    type: "zen:event-type:ticket.comment_added",
    id: `event-${comment}`,
    subject: "zen:ticket:35",
    detail: { actor_id: "7" },
  });
  const timestamp = new Date().toISOString();
  const signature = createHmac("sha256", SECRET).update(timestamp).update(body).digest("base64");
  const response = await fetch(`${url}/webhooks/zendesk`, {
    method: "POST",
    headers: {
      "x-zendesk-webhook-signature": signature,
      "x-zendesk-webhook-signature-timestamp": timestamp,
    },
    body,
  });
  await response.arrayBuffer();
  assert.equal(response.headers.has("retry-after"), response.status === 503);
  return response.status;
}
