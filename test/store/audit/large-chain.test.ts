/** A long audit is checked without holding up the process that checks it, or who decides meanwhile. */
import assert from "node:assert/strict";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "node:test";
import { sealWaiting } from "#jobs/worker/reconciler.ts";
import { appendAudit, verifyAudit } from "#store/audit/audit-log.ts";
import { sql } from "#store/db/drizzle.ts";
import { migratedDatabase, NOW } from "#test/store/bench.ts";

/** Two days of an installation with 17,000 conversations a day, each with three entries; two years are kept. */
const ENTRIES = 100_000;
/** Of the whole check, whatever the machine: it is made in far smaller pieces. */
const HELD_SHARE_MAX = 1 / 3;

test("a check of a long chain", async (context) => {
  const opened = await migratedDatabase("postgres");
  context.after(() => opened.close());
  const { store } = opened;
  await store.run((transaction) =>
    transaction.execute(
      sql`insert into audit_pending (at, kind, data) select ${NOW.toISOString()}::timestamptz, 'turn',
        jsonb_build_object('turn', repeat('0', 36), 'outcome', 'answered', 'digest', repeat('0', 64)) from generate_series(1, ${ENTRIES}::int)`,
    ),
  );
  await sealWaiting({ store });
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  const began = performance.now();
  const memory = process.memoryUsage().heapUsed;
  const checked = verifyAudit(store);
  await delay(50);
  const pressedAt = performance.now();
  const pressed = store
    .run(appendAudit, { kind: "vote", data: {} }, NOW)
    .then(() => performance.now() - pressedAt);
  const verdict = await checked;
  const tookMs = performance.now() - began;
  const heap = process.memoryUsage().heapUsed - memory;
  await delay(50);
  loop.disable();
  const waitedMs = await pressed;
  assert.equal(verdict.brokenAt, null);
  const heldMs = loop.max / 1e6;
  assert.ok(
    Math.max(heldMs, waitedMs) < tookMs * HELD_SHARE_MAX,
    `${ENTRIES} entries: ${Math.round(tookMs)} ms in all, the process held for ${Math.round(heldMs)} ms, a decision waited ${Math.round(waitedMs)} ms, ${Math.round(heap / 1e6)} MB of heap`,
  );
});
