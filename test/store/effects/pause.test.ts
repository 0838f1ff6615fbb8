/** Which topic of a conversation holds an effect. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { combinedPause, holdOnEffect } from "#store/effects/pause.ts";
import { later, onEveryDatabase } from "#test/store/bench.ts";
import { traceWith } from "#test/support/fixtures/traces.ts";
import { saveTrace } from "#test/support/stored-rows.ts";

onEveryDatabase("a pause by topic", (bench) => {
  test("an effect is held by its own turn's topic; without one, by the latest of its conversation", async () => {
    const conversationId = await bench.conversation();
    const turn = async (topic: string, ms: number): Promise<string> => {
      const id = bench.id("t");
      const row = { request_id: id, conversation_id: conversationId, topic };
      const trace = traceWith({ ...row, started_at: later(ms).toISOString() });
      await bench.run((transaction) => saveTrace(transaction, trace));
      return id;
    };
    const refund = await turn("refund", 0);
    const address = await turn("address", 1_000);
    const silent = await turn("", 2_000);
    const pause = combinedPause([{ scope: "topic:refund", by: "Sam" }]);
    const isHeld = (turnId: string | null): Promise<boolean> =>
      bench.run(async (transaction) => {
        const effect = { conversationId, turnId, bundle: bench.id("b") };
        return (await holdOnEffect(transaction, pause, "email", effect)) !== null;
      });
    assert.deepEqual(
      [await isHeld(refund), await isHeld(address), await isHeld(silent), await isHeld(null)],
      [true, false, false, false],
    );
    await turn("refund", 3_000);
    assert.deepEqual(
      [await isHeld(address), await isHeld(silent), await isHeld(null)],
      [false, true, true],
    );
  });
});
