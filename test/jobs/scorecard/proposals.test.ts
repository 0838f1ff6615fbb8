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

  test("stays in force while the file is behind, and a file that says it or something else decides again", async () => {
    await judged("refund", 40);
    await propose();
    await vote("approve", lea, lee);
    const restarted = await bench.restart();
    assert.equal(restarted.outcome, "behind");
    assert.deepEqual(restarted.change.differences, ["autonomy.email.topics.refund: new, draft"]);
    assert.equal(level("refund"), "draft");
    const inForce = restarted.inForce.text;
    bench.edit(() => inForce);
    assert.equal((await bench.restart()).outcome, "same");
    // The file has said it once, so that taking the lines out again is a change like every other.
    bench.edit((text) => text);
    assert.equal((await bench.restart()).outcome, "activated");
    assert.equal(level("refund"), "shadow");
  });

  test("that leads rejected comes back only with ten more judged drafts", async () => {
    await judged("refund", 40);
    await propose();
    await vote("reject", lea);
    assert.equal(await propose(), null);
    await judged("refund", 9);
    assert.equal(await propose(), null);
    await judged("refund", 1);
    assert.notEqual(await propose(), null);
    assert.equal(await propose(), null, "one of a topic waits at a time");
  });

  test("is not closed by a file that is read again unchanged, and is by one that says something else", async () => {
    await judged("refund", 40);
    const change = await propose();
    assert.equal((await bench.restart()).outcome, "same");
    await bench.look();
    assert.equal(bench.proposal().approvalId, change?.id);
    bench.edit((text) => text.replace("up_to: 10.00", "up_to: 5.00"));
    await bench.look();
    assert.equal(bench.desk.cards.get(change?.id ?? "")?.state, "closed");
    assert.notEqual(await propose(), null, "it is proposed again for the file as it is now");
  });

  test("gives way to a demotion, which waits for the same two leads", async () => {
    await judged("refund", 40);
    const promotion = await propose();
    // Cards of a drafted topic that people rejected.
    await bench.rows(
      z.object({}),
      sql`insert into conversation (id, channel, created_at, updated_at) values ('faq1', 'email', now(), now())`,
    );
    const at = bench.clock.now().toISOString();
    await bench.rows(
      z.object({}),
      sql`insert into turn (id, conversation_id, started_at, outcome, trace)
          values ('t_faq', 'faq1', ${at}::timestamptz, 'escalated', '{"topic": "faq"}')`,
    );
    await bench.rows(
      z.object({}),
      sql`insert into approval (id, conversation_id, turn_id, kind, version, state, seal, revision, rules, needs, votes,
            expires_at, card, closing, answers, created_at, updated_at, asked_at, decided_at)
          select 'r' || n, 'faq1', 't_faq', 'proposal', 1, 'rejected', '', '', '[]', '{}', '[]', now(), '{}',
            'Rejected: wrong', '[]', now(), now(), now(), ${at}::timestamptz from generate_series(1, 6) n`,
    );
    bench.clock.skip(1_000);
    const demotion = await propose();
    assert.match(bench.proposal().headline, /^Proposed: Demote faq on email from draft to shadow/);
    assert.equal(
      bench.desk.cards.get(promotion?.id ?? "")?.closing,
      "Closed: a demotion goes first.",
    );
    assert.equal(level("faq"), "draft");
    await vote("approve", lee, lea);
    assert.equal(level("faq"), "shadow");
    assert.notEqual(demotion, null);
  });
});
