/** Who ends a turn that takes too long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { intake } from "#jobs/intake.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";
import { sql } from "#store/db/drizzle.ts";
import { until } from "#test/support/waiting.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

/** It is renewed each third of this. */
const LEASE_MS = 90;

onDesk("a turn that takes too long", (bench) => {
  test("is not called off from outside, because the agent hands over by itself then", async () => {
    const { caps } = bench.parts.policy;
    bench.rule({ caps: { ...caps, turn: { ...caps.turn, ms: 20 } } });
    const aborted: boolean[] = [];
    bench.answer(async ({ signal }) => {
      // A timer that was begun before and is shorter has gone off by then.
      await delay(60);
      aborted.push(signal.aborted);
      return replying("We are open from nine to five.");
    });
    await bench.write("When are you open?");
    assert.deepEqual(aborted, [false]);
  });

  test("is called off once another worker has the conversation, and writes nothing", async () => {
    const id = await bench.write("Where is it?");
    const given: AbortSignal[] = [];
    bench.answer(async ({ signal }) => {
      given.push(signal);
      await bench.parts.store.run((run) =>
        run.execute(sql`update conversation set fence = fence + 1 where id = ${id}`),
      );
      await until("the turn to be called off", async () => signal.aborted);
      return replying("It is on its way.");
    });
    const source = bench.parts.channels.get("email");
    assert.ok(source !== undefined);
    // Not so new that more of it could be on its way.
    const sentAt = new Date(bench.now().getTime() - 60_000);
    const message = letterFrom("again", "Where is it now?", sentAt);
    const body = new TextEncoder().encode(JSON.stringify({ thread: "t1", message, signals: [] }));
    const delivery = { source: "bench", headers: {}, body, receivedAt: sentAt };
    await intake(bench.parts, source, delivery);
    await processConversation({ ...bench.parts, leaseMs: LEASE_MS }, id);
    assert.deepEqual(
      given.map(({ aborted }) => aborted),
      [true],
    );
    assert.equal((await bench.pending(id))?.version, 1);
  });
});
