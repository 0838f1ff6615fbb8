/** A draft that was only shown is judged by what a teammate wrote and did instead, and nothing of its text is kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { factsOf } from "#core/contracts/shop.ts";
import type { Message } from "#core/values/message.ts";
import { judgeShownDrafts } from "#jobs/scorecard/shown-drafts.ts";
import { rowsOf } from "#store/db/database.ts";
import { type DraftScore, draftScores } from "#store/reports/draft-scores.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const ASKED = "The headphones of order 789 crackle. Please refund them.";
const DRAFT = "I have refunded 120.00 USD for order 789.";
const HOUR = 3_600_000;

onDesk("a draft that was only shown", (bench) => {
  async function shown(): Promise<string> {
    bench.rule({ replyAutonomy: () => "shadow" });
    const order = await bench.shop.order("789", AbortSignal.timeout(PATIENCE_MS));
    assert.ok(order);
    const refund = refundOf(12_000);
    const planned = { ...refund.planned, facts: [factsOf(order)] };
    bench.answer(() => replying(DRAFT, { actions: [{ ...refund, planned }] }));
    return bench.write(ASKED, { thread: "t1" });
  }

  /** A teammate answers in the thread, where the customer reads it. */
  async function answered(text: string, more: Partial<Message> = {}): Promise<void> {
    bench.skip(60_000);
    const author = { kind: "teammate", id: "t", name: "Dana" } as const;
    await bench.write(text, { thread: "t1", message: { author, ...more } });
  }

  async function scores(): Promise<readonly DraftScore[]> {
    await judgeShownDrafts(bench.parts);
    const to = new Date(bench.now().getTime() + 1_000);
    return bench.parts.store.run((transaction) =>
      draftScores(transaction, { from: new Date(0), to }),
    );
  }

  const kept = () =>
    bench.parts.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ unjudged: z.string(), waits: z.boolean(), text: z.string() }),
        sql`select unjudged, judge_at is not null as waits, to_jsonb(draft_score)::text as text from draft_score`,
      ),
    );

  test("agrees with a teammate who said and did the same, half an hour after the answer", async () => {
    await shown();
    await answered("I have refunded 120.00 USD for order 789. Sorry for the trouble!");
    bench.shop.refund("789", 12_000);
    assert.deepEqual(await scores(), [], "people may still book what they promised");
    bench.skip(HOUR / 2);
    const [score, ...others] = await scores();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [score?.topic, score?.channel, score?.agreed, score?.wrongActions, score?.atRisk],
      ["refund", "email", true, 0, null],
    );
    const [row] = await kept();
    assert.doesNotMatch(row?.text ?? "", /refunded|headphones|Dana/);
  });

  test("puts at risk what people did not give", async () => {
    await shown();
    await answered("Please send us a photo of the headphones first.");
    bench.skip(HOUR);
    const [score] = await scores();
    assert.deepEqual([score?.agreed, score?.wrongActions], [false, 1]);
    assert.deepEqual(score?.atRisk, { minor: 12_000, currency: "USD" });
  });

  test("counts for nothing once its text is gone", async () => {
    const id = await shown();
    await answered("I have refunded 120.00 USD for order 789.");
    await bench.parts.store.run((transaction) =>
      transaction.execute(sql`update approval set proposal = null where conversation_id = ${id}`),
    );
    bench.skip(HOUR);
    assert.deepEqual(await scores(), []);
    assert.deepEqual(
      (await kept()).map(({ unjudged, waits }) => [unjudged, waits]),
      [["the draft is gone", false]],
    );
  });
});
