/** Whole conversations in one process: from a delivery to the reply that left, with our own turn and a model that answers at once. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { connectionBoard } from "#core/connection/connection-board.ts";
import type { TraceExporter } from "#core/contracts/ports.ts";
import type { Target } from "#core/contracts/tool.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { oneTimeCodes } from "#jobs/identity/one-time-codes.ts";
import { intake } from "#jobs/intake.ts";
import { followFigures } from "#jobs/operating/follow-figures.ts";
import { localNotices } from "#jobs/queue/change-notices.ts";
import { openQueue } from "#jobs/queue/queue.ts";
import { processConversation, createWorkerState } from "#jobs/worker/process-conversation.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { processReadiness } from "#server/http/health.ts";
import { openStore, rowsOf, type Store } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { migrate } from "#store/db/migrate.ts";
import {
  letterFrom,
  memoryBlobs,
  memoryChannel,
  memoryDesk,
  memoryTarget,
} from "#test/jobs/memory-ports.ts";
import { unread, untranslated } from "#test/jobs/turn-results.ts";
import { bareTurn } from "#test/bench/bare-turn.ts";
import { silentLog } from "#test/store/bench.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { CAPS, TODAY, verified } from "#test/support/fixtures/turns.ts";
import { freshDatabase } from "#test/support/postgres.ts";
import { inLanes } from "#test/support/program.ts";
import { freshRedis } from "#test/support/redis.ts";
import type { SwitchedMetrics } from "./switched.ts";
import type { MetricSources } from "#app/metrics/measured-process.ts";

const QUESTION = "Where is my order 456?";

/** As many as a worker has in hand at once. */
const AT_ONCE = 8;

/** Follow-up wakes of a conversation, such as for its effects. */
const ROUNDS_MAX = 10;

/** Conversations that can be had one after the other, as many as one likes. */
export interface World {
  /** Has so many; throws when one is not answered, with what became of it. */
  converse(count: number): Promise<void>;
  /** What a scrape reads. */
  readonly sources: MetricSources;
  close(): Promise<void>;
}

/** Opens database, queue and turn. */
export async function openWorld(metrics: SwitchedMetrics, modelUrl: string): Promise<World> {
  const database = await freshDatabase();
  const redis = await freshRedis();
  const folder = await mkdtemp(join(tmpdir(), "deskhand-metrics-cost-"));
  const store = await openStore({ databaseUrl: database.url, folder, log: silentLog });
  const queue = await openQueue({ url: redis.url, log: silentLog });
  await migrate(store);
  const woken: string[] = [];
  const { parts, left } = partsOf(store, { spans: metrics.turns, modelUrl, woken });
  const figures = followFigures(parts, null);
  await figures.read(false);
  const work = worker(parts, metrics, woken);
  return {
    async converse(count) {
      left.splice(0);
      await work(count);
    },
    sources: {
      role: "worker",
      parts: { breakerStates: () => ({ shop: "closed" }), credentialStates: () => ({}) },
      board: connectionBoard(parts.clock),
      queue,
      modelEnds: { seen: () => [] },
      rejections: { counts: () => ({}), repeats: () => ({}) },
      readiness: processReadiness([], parts.clock),
      figures: () => figures.seen(),
    },
    async close() {
      await queue.close(5_000);
      await store.close();
      await rm(folder, { recursive: true, force: true });
      await database.drop();
      await redis.drop();
    },
  };
}

/** Takes in questions, each a conversation of its own, and works until all are answered. */
function worker(
  parts: JobContext,
  metrics: SwitchedMetrics,
  woken: string[],
): (count: number) => Promise<void> {
  const workerState = createWorkerState();
  const email = parts.channels.get("email");
  if (email === undefined) throw new Error("no channel");
  const wake = (id: string): Promise<void> =>
    metrics.wake("queue", () => processConversation(parts, id, workerState));
  const one = async (): Promise<string> => {
    const key = `message ${randomUUID()}`;
    const receivedAt = new Date();
    const letter = { thread: key, message: letterFrom(key, QUESTION, receivedAt) };
    const body = new TextEncoder().encode(JSON.stringify(letter));
    const delivery = { source: "metrics cost", headers: {}, body, receivedAt };
    const [id = ""] = (await intake(parts, email, delivery)).conversationIds;
    await wake(id);
    return id;
  };
  return async (count) => {
    const had: string[] = [];
    await inLanes(Array(count).keys(), AT_ONCE, async () => had.push(await one()));
    for (let round = 0; woken.length > 0 && round < ROUNDS_MAX; round += 1)
      await Promise.all([...new Set(woken.splice(0))].map(wake));
    await requireAnswers(parts.store, had);
  };
}

const Unanswered = z.object({
  key: z.string(),
  outcome: z.string().nullable(),
  reason: z.string().nullable(),
});

/** A message without an answer is no noise: it says what became of it. */
async function requireAnswers(store: Store, conversations: readonly string[]): Promise<void> {
  const [first] = await store.run((transaction) =>
    rowsOf(
      transaction,
      Unanswered,
      sql`select m.key, m.outcome, m.outcome_reason as reason
          from message m where m.author_kind = 'requester' and m.outcome is distinct from 'answered'
            and m.conversation_id in (select json_array_elements_text(${JSON.stringify(conversations)}::json)) limit 1`,
    ),
  );
  if (first === undefined) return;
  const { key, outcome, reason } = first;
  throw new Error(
    `${key} was not answered: ${outcome ?? "it has no outcome"}, ${reason ?? "without a reason"}`,
  );
}

/** The real jobs and our own turn, between channels, a desk and a shop in memory. */
function partsOf(
  store: Store,
  given: { readonly spans: TraceExporter; readonly modelUrl: string; readonly woken: string[] },
): { readonly parts: JobContext; readonly left: unknown[] } {
  const world = { left: [], faults: { commit: () => undefined, find: () => undefined } };
  const email = memoryChannel("email", world, new Map());
  const { desk } = memoryDesk(world);
  const targets: readonly Target[] = [email, memoryTarget("shop", world), desk];
  const shop = memoryShop(TODAY);
  const clock = { now: () => new Date() };
  const ids = { next: (prefix: string) => `${prefix}_${randomUUID()}` };
  const { agent, guard, output } = bareTurn(given.modelUrl, shop, { clock, ids });
  const parts: JobContext = {
    store,
    blobs: memoryBlobs(),
    clock,
    ids,
    log: silentLog,
    channels: new Map([["email", email]]),
    desk,
    shop,
    targets: new Map(targets.map((target) => [target.name, target])),
    agent: { ...agent, translate: untranslated, verify: unread },
    secondOpinion: null,
    guard,
    output,
    policy: policyWithoutLimits(),
    codes: oneTimeCodes("metrics cost"),
    bind: async () => verified("u123"),
    wake: async (id) => void given.woken.push(id),
    urgentMail: null,
    cardLink: (id) => id,
    ticketLink: () => null,
    worker: `metrics cost ${process.pid}`,
    leaseMs: 60_000,
    deskWaitMs: 300,
    spans: given.spans,
    pseudonym: async (_transaction, person) => person,
    changes: localNotices(),
    beside: () => undefined,
    crashPoint: () => undefined,
  };
  return { parts, left: world.left };
}

/**
 * Every answer leaves by itself, and no budget of a day ends a long run: the sandbox's day has 20,000 steps, and the
 * conversations beyond it would be handed to people, which is no answer.
 */
function policyWithoutLimits(): JobContext["policy"] {
  const file = new URL("../../../src/policy/files/sandbox.yaml", import.meta.url);
  const day = { ...CAPS.day, stepsMax: 1e7, outputTokensMax: 1e9, usdMax: 1e5, ms: 1e10 };
  const policy = loadPolicy(readFileSync(file, "utf8"), "sandbox.yaml");
  return { ...policy, caps: { ...policy.caps, day }, replyAutonomy: () => "auto" };
}
