/** Faults of load: more messages than can be answered at once, from many customers and from one. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { FaultCase } from "#test/faults/case.ts";
import { startCluster, type Cluster } from "#test/faults/role-processes.ts";
import { turnsIn } from "#test/faults/inside.ts";
import { soakVerdict } from "#test/faults/soak-verdict.ts";
import { whereIs } from "#test/faults/traffic.ts";
import { watchArrivals } from "#test/soak/arrivals.ts";
import { percentile } from "#test/support/program.ts";
import { openRunRecords } from "#test/soak/books.ts";
import { SOAK_POLICY } from "#test/soak/fates.ts";
import { soak } from "#test/soak/soak.ts";

const NEEDLESS_MOST = 0.05;

const burst: FaultCase = {
  id: 28,
  name: "10,000 messages over 2,000 conversations at once",
  alone: true,
  seconds: 900,
  async run(context) {
    const report = await soak({
      messages: context.quick ? 500 : 10_000,
      kills: 0,
      flushes: 0,
      seed: 28,
      idempotencyKeys: true,
      burst: true,
      workers: 3,
      leaseSeconds: 5,
      drainSeconds: 600,
      say: (line) => context.note(line),
    });
    const { needless_wakes: needless, reconciler_wakes: wakes } = report;
    context.note(
      `p50 ${report.p50_ms} ms, p95 ${report.p95_ms} ms, ${report.seconds} s; ${needless} of ${wakes} wakes by the reconciler needless`,
    );
    context.judged(soakVerdict(report));
    assert.ok(
      // Of the few wakes of a shortened run one alone is more than the share that is promised.
      needless <= Math.max(1, wakes * NEEDLESS_MOST),
      `${needless} of ${wakes} wakes by the reconciler found nothing to do`,
    );
  },
};

const FLOOD = 1_000;

/** Beside the flood others may wait this much longer than before it: it costs time of the processor as well. */
const SLOWER_MOST = 3;

/** The measuring error on a busy machine. */
const SLACK_MS = 1_000;

const chatty: FaultCase = {
  id: 29,
  name: "one conversation sends 1,000 messages",
  alone: true,
  async run(context) {
    const count = context.quick ? FLOOD / 5 : FLOOD;
    const cluster = await startCluster(context, 2, { vendors: { policy: SOAK_POLICY } });
    await neighbours(cluster, "warm-up", WARM_UP);
    const alone = await neighbours(cluster, "alone", NEIGHBOURS_LEAST);
    const state = { flooding: true };
    const flooding = flood(cluster, count).finally(() => {
      state.flooding = false;
    });
    const beside = await neighbours(cluster, "beside", NEIGHBOURS_LEAST, () => state.flooding);
    await flooding;
    const turns = await turnsIn(cluster.databaseUrl, "the-flood");
    context.note(
      `p95 of the others ${Math.round(alone.p95)} ms alone and ${Math.round(beside.p95)} ms beside it (${beside.count} of them); ${turns} turns for ${count} messages`,
    );
    assert.ok(
      beside.p95 <= alone.p95 * SLOWER_MOST + SLACK_MS,
      `others waited ${Math.round(beside.p95)} ms beside the flood, ${Math.round(alone.p95)} ms without`,
    );
    assert.ok(turns <= count / 3, `${turns} turns for ${count} messages of one conversation`);
    await cluster.judge();
  },
};

const NEIGHBOURS_AT_ONCE = 3;
const NEIGHBOURS_LEAST = 24;
const WARM_UP = 6;

/** Other visitors write in their own chats, a few at a time, `least` or while `goOn` says; returns their waits. */
async function neighbours(
  cluster: Cluster,
  name: string,
  least: number,
  goOn: () => boolean = () => false,
): Promise<{ readonly p95: number; readonly count: number }> {
  const waits: number[] = [];
  const state = { next: 0 };
  const lane = async (): Promise<void> => {
    while (state.next < least || goOn()) {
      state.next += 1;
      const began = performance.now();
      await whereIs(cluster, `${name}-${state.next}-chat`, "1001");
      waits.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: NEIGHBOURS_AT_ONCE }, lane));
  return { p95: percentile(waits, 0.95), count: waits.length };
}

/** One visitor's messages, each written as soon as the one before was taken in, whatever has been answered. */
async function flood(cluster: Cluster, count: number): Promise<void> {
  const books = await openRunRecords(cluster.databaseUrl);
  const arrivals = watchArrivals(books);
  try {
    const answers: Promise<unknown>[] = [];
    for (let number = 1; number <= count; number += 1) {
      const id = randomUUID();
      const text = `Where is my order 789? Number ${number}.`;
      const isIn = arrivals.takenIn(`chat:u123:the-flood:${id}`);
      answers.push(cluster.chat("u123", "the-flood", text, { id }));
      await isIn;
    }
    await Promise.all(answers);
  } finally {
    arrivals.stop();
    await books.close();
  }
}

export const cases: readonly FaultCase[] = [burst, chatty];
