/**
 * A burst on real PostgreSQL and Redis: 10,000 messages over 2,000 conversations, worked off by three processes with an
 * agent that costs nothing. Prints whether each conversation kept its order, how long answers took, and how many wakes
 * of the reconciler found nothing to do: `node test/figures/burst.ts [messages] [conversations] [workers] [--json]`.
 */
import { noSpans } from "#telemetry/spans.ts";
import { localNotices } from "#jobs/queue/change-notices.ts";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Target } from "#core/contracts/target.ts";
import { intake } from "#jobs/intake.ts";
import { oneTimeCodes } from "#jobs/identity/one-time-code.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { openQueue, type WakeQueue } from "#jobs/queue/queue.ts";
import { startReconciler } from "#jobs/worker/reconciler.ts";
import { createWorkerState } from "#jobs/worker/worker-state.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { openStore, rowsOf, type Store } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import {
  letterFrom,
  memoryBlobs,
  memoryChannel,
  memoryDesk,
  memoryTarget,
} from "#test/jobs/memory-ports.ts";
import { replying, unread, untranslated } from "#test/jobs/turn-results.ts";
import { silentLog } from "#test/store/bench.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { factCheck, openGuard } from "#test/support/fixtures/open-guard.ts";
import { freshDatabase } from "#test/support/postgres.ts";
import { freshRedis } from "#test/support/redis.ts";
import { until } from "#test/support/waiting.ts";

const CONCURRENCY = 8;
const INTAKE_AT_ONCE = 8;
const DRAIN_MS = 600_000;
const POLICY_FILE = new URL("../../src/policy/files/sandbox.yaml", import.meta.url);

const ANN: BoundRequester = {
  level: 2,
  customerId: "u123",
  emailOnFile: "ann@customer.test",
  name: "Ann Fields",
  reason: "signed",
};

/** The real jobs between channels, a desk and a shop in memory, over this database and this queue. */
function partsOf(store: Store, queue: WakeQueue): JobContext {
  const world = { left: [], faults: { commit: () => undefined, find: () => undefined } };
  const email = memoryChannel("email", world, new Map());
  const zendesk = memoryChannel("zendesk", world, new Map());
  const { desk } = memoryDesk(world);
  const targets: readonly Target[] = [email, zendesk, memoryTarget("shop", world), desk];
  return {
    store,
    blobs: memoryBlobs(),
    clock: { now: () => new Date() },
    ids: { next: (prefix) => `${prefix}_${randomUUID()}` },
    log: silentLog,
    channels: new Map([
      ["email", email],
      ["zendesk", zendesk],
    ]),
    desk,
    shop: memoryShop(new Date()),
    targets: new Map(targets.map((target) => [target.name, target])),
    agent: {
      modelName: "none",
      isRehearsal: false,
      run: async () => replying("Thank you."),
      verifies: false,
      translate: untranslated,
      verify: unread,
    },
    secondOpinion: null,
    guard: openGuard(),
    output: factCheck,
    policy: {
      ...loadPolicy(readFileSync(POLICY_FILE, "utf8"), "sandbox.yaml"),
      replyAutonomy: () => "auto",
    },
    codes: oneTimeCodes("burst"),
    bind: async () => ANN,
    wake: (conversationId, delayMs = 0) => queue.wake(conversationId, delayMs),
    urgentMail: null,
    cardLink: (id) => id,
    ticketLink: (ticket) => `http://zendesk.test/agent/tickets/${ticket}`,
    worker: `burst ${process.pid}`,
    leaseMs: 60_000,
    deskWaitMs: 300,
    spans: noSpans,
    pseudonym: async (_transaction, person) => person,
    changes: localNotices(),
    beside: () => undefined,
    crashPoint: () => undefined,
  };
}

/** Opens database and queue for one process; gives the way to close them. */
async function open(databaseUrl: string, redisUrl: string) {
  const folder = await mkdtemp(join(tmpdir(), "deskhand-burst-"));
  const store = await openStore({ databaseUrl, folder, log: silentLog });
  const queue = await openQueue({ url: redisUrl, log: silentLog });
  return {
    store,
    queue,
    parts: partsOf(store, queue),
    close: async () => {
      await queue.close(5_000);
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One worker process: works until it is told to stop. */
async function work(databaseUrl: string, redisUrl: string): Promise<void> {
  const { parts, queue, close } = await open(databaseUrl, redisUrl);
  const workerState = createWorkerState();
  queue.work(
    (id, notifiedBy) => processConversation(parts, id, { workerState, notifiedBy }),
    CONCURRENCY,
  );
  const reconciler = startReconciler(parts, queue, workerState);
  process.send?.("ready");
  await once(process, "message");
  await reconciler.stop();
  await close();
  process.disconnect?.();
}

const Measured = z.object({
  messages: z.coerce.number(),
  answered: z.coerce.number(),
  turns: z.coerce.number(),
  outOfOrder: z.coerce.number(),
  p50Ms: z.coerce.number(),
  p95Ms: z.coerce.number(),
});

async function measure({ messages, conversations, workers }: Size): Promise<object> {
  const database = await freshDatabase();
  const redis = await freshRedis();
  const { store, parts, close } = await open(database.url, redis.url);
  await migrate(store);
  const children = await Promise.all(
    Array.from({ length: workers }, () => startWorker(database.url, redis.url)),
  );
  const began = performance.now();
  await takeInAll(parts, { messages, conversations });
  const intakeSeconds = secondsSince(began);
  await until("every message to be answered", () => isDone(store, messages), DRAIN_MS);
  const drainedSeconds = secondsSince(began);
  for (const child of children) {
    child.send("stop");
    await once(child, "exit");
  }
  const [measured] = await store.run((transaction) =>
    rowsOf(
      transaction,
      Measured,
      sql`with told as (
            select *, id < lag(id) over (partition by conversation_id order by key) as early,
                   extract(epoch from outcome_at - sent_at) * 1000 as took
            from message where author_kind = 'requester')
          select count(*) as messages, count(*) filter (where outcome = 'answered') as answered,
                 (select count(*) from turn) as turns, count(*) filter (where early) as "outOfOrder",
                 round(percentile_cont(0.5) within group (order by took)) as "p50Ms",
                 round(percentile_cont(0.95) within group (order by took)) as "p95Ms" from told`,
    ),
  );
  const wakes = await store.run((transaction) =>
    rowsOf(
      transaction,
      z.object({ kind: z.string(), count: z.coerce.number() }),
      sql`select kind, count from wake_count order by kind`,
    ),
  );
  await close();
  await database.drop();
  await redis.drop();
  const counts = Object.fromEntries(wakes.map(({ kind, count }) => [kind, count]));
  return { ...measured, intakeSeconds, drainedSeconds, wakes: counts, ...needlessOf(counts) };
}

/** The reconciler's own wakes, and how many of them led to no work. */
function needlessOf(counts: Readonly<Record<string, number>>) {
  const of = (found: string): number => counts[`reconciler.${found}`] ?? 0;
  const needless = of("idle") + of("refused");
  const rings = needless + of("worked");
  return { rings, needless, needlessShare: rings === 0 ? 0 : needless / rings };
}

interface Size {
  readonly messages: number;
  readonly conversations: number;
  readonly workers: number;
}

async function startWorker(databaseUrl: string, redisUrl: string): Promise<ChildProcess> {
  const child = fork(import.meta.filename, ["worker", databaseUrl, redisUrl]);
  await once(child, "message");
  return child;
}

/** Everything at once, each conversation's messages one after the other. */
async function takeInAll(parts: JobContext, size: Omit<Size, "workers">): Promise<void> {
  const source = parts.channels.get("email");
  if (source === undefined) throw new Error("no channel");
  const next = { index: 0 };
  const one = async (): Promise<void> => {
    while (next.index < size.messages) {
      const index = next.index++;
      const thread = `t${index % size.conversations}`;
      const number = String(Math.floor(index / size.conversations)).padStart(6, "0");
      const receivedAt = new Date();
      const message = letterFrom(`${thread}:${number}`, `message ${number}`, receivedAt);
      const body = new TextEncoder().encode(JSON.stringify({ thread, message }));
      await intake(parts, source, { source: "burst", headers: {}, body, receivedAt });
    }
  };
  await Promise.all(Array.from({ length: INTAKE_AT_ONCE }, one));
}

async function isDone(store: Store, messages: number): Promise<boolean> {
  const [row] = await store.run((transaction) =>
    rowsOf(
      transaction,
      z.object({ ended: z.coerce.number(), open: z.coerce.number() }),
      sql`select (select count(*) from message where author_kind = 'requester' and outcome is not null) as ended,
                 (select count(*) from hint where state = 'unread') as open`,
    ),
  );
  return row !== undefined && row.ended >= messages && row.open === 0;
}

function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 100) / 10;
}

const [first = "10000", second = "2000", third = "3"] = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith("--"));
if (first === "worker") await work(second, third);
else {
  const size = { messages: Number(first), conversations: Number(second), workers: Number(third) };
  console.log(JSON.stringify(await measure(size), null, 2));
}
