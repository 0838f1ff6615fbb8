/** What the scorecard speaks for is put before two leads as lines of the policy file, and changes nothing by itself. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { proposeAutonomy } from "#jobs/scorecard/keep-scorecard.ts";
import { readScorecard } from "#jobs/scorecard/scorecard.ts";
import { openPolicyBench } from "#test/jobs/policy/bench.ts";
import type { PolicyBench } from "#test/jobs/policy/bench-contract.ts";
import { PEOPLE } from "#test/jobs/policy/desk.ts";

const { sam, lea, lee } = PEOPLE;
const SHADOWING = (text: string): string =>
  text.replace(
    "  email: { default: draft }",
    "  email: { default: shadow, topics: { faq: draft } }",
  );

let bench: PolicyBench;
let made = 0;
before(async () => {
  bench = await openPolicyBench();
});
after(() => bench.close());

/** So many shown drafts of one topic that people answered, of which they did not agree with some. */
async function judged(topic: string, all: number, apart = 0): Promise<void> {
  bench.clock.skip(1_000);
  const at = bench.clock.now().toISOString();
  made += all;
  await bench.rows(
    z.object({}),
    sql`insert into draft_score (approval_id, conversation_id, channel, topic, drafted_at, judged_at, agreed)
        select 'a' || ${made} || '_' || n, 'c', 'email', ${topic}, ${at}::timestamptz, ${at}::timestamptz, n > ${apart}
        from generate_series(1, ${all}::int) n`,
  );
  bench.clock.skip(1_000);
}

const propose = async () => {
  const change = await proposeAutonomy(bench.parts);
  await bench.look();
  return change;
};
const level = (topic: string): string => bench.parts.policy.replyAutonomy("email", topic);

async function vote(button: "approve" | "reject", ...people: readonly (typeof lea)[]) {
  const card = bench.proposal();
  const answers = [];
  for (const who of people) answers.push((await bench.press(who, card, button)).accepted);
  await bench.look();
  return answers;
}

describe("a change of autonomy", () => {
  beforeEach(() => bench.begin(SHADOWING));

  test("is proposed with its lines and its reason, and holds once two leads agreed", async () => {
    await judged("refund", 29);
    assert.equal(await propose(), null, "29 are too few");
    await judged("refund", 1);
    const change = await propose();
    const card = bench.proposal();
    assert.match(
      card.headline,
      /^Proposed: Promote refund on email from shadow to draft: people agreed with 30 of 30 drafts \(95 % interval 89 % to 100 %\)/,
    );
    const lines = card.actions.map(({ label }) => label);
    assert.ok(lines.some((line) => /^line \d+, −   email: \{ default: shadow/.test(line)));
    assert.ok(
      lines.some((line) =>
        line.endsWith("+   email: { default: shadow, topics: { faq: draft, refund: draft } }"),
      ),
      lines.join("\n"),
    );
    assert.equal(level("refund"), "shadow", "nothing changes by itself");
    assert.deepEqual(await vote("approve", sam, lea, lea), [false, true, false]);
    assert.equal(level("refund"), "shadow", "one lead is not enough");
    assert.deepEqual(await vote("approve", lee), [true]);
    assert.equal(level("refund"), "draft");
    // What was judged before the change says nothing about the level the topic has now.
    const now = await bench.store.run((transaction) =>
      readScorecard(bench.parts.policy, transaction, bench.clock.now()),
    );
    assert.deepEqual(now, []);
    assert.equal(await propose(), null);
    assert.equal(change?.state, "proposed");
  });
});
