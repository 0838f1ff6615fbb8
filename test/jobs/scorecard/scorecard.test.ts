/** The scorecard by topic, and the changes of autonomy that it puts before leads. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { z } from "zod";
import {
  adviceOn,
  AGREED_MIN,
  JUDGED_MIN,
  readScorecard,
  scoreText,
  topicScorecard,
} from "#jobs/scorecard/scorecard.ts";
import { type DraftScore, draftScores } from "#store/reports/draft-scores.ts";
import { sql } from "#store/db/drizzle.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { keepScorecard, proposeAutonomy } from "#jobs/scorecard/keep-scorecard.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { policyBenchForTests } from "#test/jobs/policy/bench.ts";
import { PEOPLE } from "#test/jobs/policy/desk.ts";

/** So many drafts of one topic, of which people did not agree with some. */
function drafts(all: number, apart: number, more: Partial<DraftScore> = {}) {
  const [topic] = topicScorecard([
    {
      channel: "email",
      topic: "refund",
      autonomy: "shadow",
      judged: all,
      agreed: all - apart,
      wrongActions: 0,
      missingFacts: 0,
      atRisk: null,
      ...more,
    },
  ]);
  assert.ok(topic);
  return topic;
}

describe("what the figures of a topic speak for", () => {
  test("with fewer than thirty drafts nothing is promoted, however good they are", () => {
    assert.equal(adviceOn(drafts(29, 0)), null);
    assert.equal(adviceOn(drafts(30, 0))?.to, "draft");
  });

  test("the lower end of the interval decides, not the share itself", () => {
    // 24 of 30 are 80 %, and their interval begins at 63 %.
    assert.equal(adviceOn(drafts(30, 6)), null);
    // The same share of 120 begins at 72 %.
    assert.equal(adviceOn(drafts(120, 24))?.kind, "promote");
  });

  test("nothing is sent alone before the lower end is at 90 % without a wrong action, and each step is one level", () => {
    const asDraft = { autonomy: "draft" } as const;
    assert.equal(adviceOn(drafts(JUDGED_MIN - 1, 0, asDraft)), null);
    // 95 of 100 begin at 89 %, 97 at 92 %.
    assert.ok(drafts(100, 5).agreed.low < AGREED_MIN.auto);
    assert.equal(adviceOn(drafts(100, 5, asDraft)), null);
    assert.equal(adviceOn(drafts(100, 3, asDraft))?.to, "auto");
    assert.equal(adviceOn(drafts(100, 3, { ...asDraft, wrongActions: 1 })), null);
    assert.equal(adviceOn(drafts(100, 0))?.to, "draft");
    assert.equal(adviceOn(drafts(100, 0, { autonomy: "auto" })), null);
  });

  test("a level the figures do not allow is given back at once, also with few drafts", () => {
    assert.equal(adviceOn(drafts(40, 20, { autonomy: "draft" }))?.to, "shadow");
    assert.equal(adviceOn(drafts(5, 5, { autonomy: "draft" }))?.kind, "demote");
    assert.equal(adviceOn(drafts(5, 2, { autonomy: "draft" })), null);
    assert.equal(adviceOn(drafts(1, 0, { autonomy: "auto", wrongActions: 1 }))?.to, "draft");
    assert.equal(adviceOn(drafts(9, 9, { autonomy: "shadow" })), null);
  });

  test("are shown as far as the level measures them", () => {
    assert.match(scoreText(drafts(9, 1)), /wrong actions in 0 .+ facts missing in 0 of 9/);
    assert.doesNotMatch(scoreText(drafts(9, 1, { autonomy: "draft" })), /facts missing/);
  });
});

const { sam, lea, lee } = PEOPLE;

const SHADOWING = (text: string): string =>
  text.replace(
    "  email: { default: draft }",
    "  email: { default: shadow, topics: { faq: draft } }",
  );

const bench = policyBenchForTests();

let made = 0;

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

  test("counts answers of each topic that went out by themselves, however many others did, those that a teammate corrected before the customer wrote apart", async () => {
    const at = bench.clock.now().toISOString();
    await bench.rows(
      z.object({}),
      sql`with said as (
            select n, 'auto' || n as id, ${at}::timestamptz - case n when 4 then interval '23 hours' else '3 days' end as at, 'faq' as topic
            from generate_series(1, 4) n
            union all select 0, 'elsewhere', ${at}::timestamptz - interval '3 days', null
            union all select 0, 'many' || n, ${at}::timestamptz - interval '2 days', 'refund' from generate_series(1, 5010) n),
          conversations as (insert into conversation (id, channel, created_at, updated_at) select id, 'chat', at, at from said),
          turns as (insert into turn (id, conversation_id, started_at, outcome, trace)
            select 't' || id, id, at, 'answered', jsonb_build_object('topic', topic) from said where topic is not null),
          effects as (insert into effect (key, conversation_id, turn_id, bundle, position, target, operation, action,
              request_digest, facts, approved_by, state, not_before, created_at, finished_at)
            select id, id, case when topic is not null then 't' || id end, id, 0, 'chat', 'reply', '{"arguments": {"answers": ["m"]}}', '', '[]', 'policy', 'done', at, at, at
            from said)
          insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at)
          select who || id, id, who, '', 'public', '', at + after, at + after from said,
            (values (1, 'requester', interval '1 minute'), (1, 'teammate', interval '2 minutes'), (2, 'teammate', interval '1 minute'),
              (3, 'teammate', interval '25 hours'))
              later (of_n, who, after) where of_n = n returning 1 as one`,
    );
    const counted = async () => {
      const scores = await bench.store.run((transaction) =>
        readScorecard({ replyAutonomy: () => "auto" }, transaction, bench.clock.now()),
      );
      return scores.map(({ topic, judged, agreed }) => [topic, judged, agreed.count]);
    };
    // Nobody had a day for the fourth, what is written later corrects nothing, and one said elsewhere has no turn.
    const others = [
      ["other", 1, 1],
      ["refund", 5_000, 5_000],
    ];
    assert.deepEqual(await counted(), [["faq", 3, 2], ...others]);
    await bench.rows(
      z.object({}),
      sql`insert into autonomy_proposal (change_id, kind, channel, topic, came_from, goes_to, judged, proposed_at)
          select id, 'promote', 'chat', 'faq', 'draft', 'auto', 0, ${at} from policy_change where active_since is not null limit 1`,
    );
    assert.deepEqual(await counted(), others, "the topic had another freedom then");
  });
});

onDesk("a draft on a card", (desk) => {
  for (const [button, more, wrongActions] of [
    ["escalate", {}, 0],
    ["take_over", {}, 0],
    ["reply", { edit: { text: "We sent you another one.", amount: null } }, 0],
    ["reject", { rejection: "i_answer" }, 0],
    ["reject", { reason: "No refund before the parcel is back" }, 1],
  ] as const)
    test(`had a wrong action only where a teammate refused it: ${button} ${JSON.stringify(more)}`, async () => {
      desk.answer(() => replying("We refund 5.00 USD.", { actions: [refundOf(500)] }));
      const id = await desk.write("Please refund order 789");
      const card = (await desk.pending(id)) ?? assert.fail("no card waits");
      const about = button === "reply" ? id : card.id;
      const shown = { seen: Number.MAX_SAFE_INTEGER, cards: [`${card.id}@${card.version}`] };
      const pressed = await desk.decide(about, button, { ...shown, ...more });
      assert.equal(pressed.accepted, true, pressed.message);
      desk.skip(60_000);
      const scores = await desk.at(draftScores, { from: new Date(0), to: desk.now() });
      const [score] = scores;
      assert.deepEqual(
        [score?.judged, score?.wrongActions, score?.atRisk?.minor ?? 0],
        [1, wrongActions, 500 * wrongActions],
      );
    });
});

onDesk("a shown draft", (desk) => {
  const JUDGED = z.object({ agreed: z.boolean().nullable(), unjudged: z.string() });
  const author = { kind: "teammate", id: "email:tom@ourshop.test", name: "Tom" } as const;

  /** How a draft with a change of the address is judged by what a teammate wrote. */
  const judgedBy = async (answer: (id: string) => Promise<unknown>) => {
    const { planned, ...more } = refundOf(500);
    const action = { ...planned.action, operation: "change_address" };
    const change = { ...more, planned: { ...planned, action } };
    desk.rule({ replyAutonomy: () => "shadow" });
    desk.answer(() => replying("We changed it.", { actions: [change] }));
    const id = await desk.write("Please send order 789 to my new address.");
    desk.skip(120_000);
    await answer(id);
    desk.skip(31 * 60_000);
    await keepScorecard(desk.parts);
    return desk.rows(JUDGED, sql`select agreed, unjudged from draft_score`);
  };

  const writes = (text: string) => () => desk.write(text, { message: { author, answerTo: null } });

  test("is agreed with where the teammate says the same", async () => {
    const rows = await judgedBy(writes("Hello Ann, I have changed your address for this order."));
    assert.deepEqual(rows, [{ agreed: true, unjudged: "" }]);
  });

  const answersFromConsole = async (id: string): Promise<void> => {
    const edit = { text: "I have changed your address for this order.", amount: null };
    await desk.decide(id, "reply", { edit, seen: Number.MAX_SAFE_INTEGER });
    await desk.pass(6_000, 2);
  };

  test("is judged by an answer from the console too", async () => {
    desk.disconnect("zendesk");
    assert.deepEqual(await judgedBy(answersFromConsole), [{ agreed: true, unjudged: "" }]);
  });

  test("waits on where the channel's history shows that answer as ours", async () => {
    desk.disconnect("zendesk");
    const rows = await judgedBy(async (id) => {
      const said = await desk.at(conversationMessages, id);
      desk.histories.set(
        id,
        said.map(({ message }) => message),
      );
      await answersFromConsole(id);
    });
    desk.histories.clear();
    assert.deepEqual(rows, [{ agreed: null, unjudged: "" }]);
  });

  test("is judged by an answer in the ticket that people have for it, from where it is relayed", async () => {
    const rows = await judgedBy(async (id) => {
      const there = { channel: "zendesk", thread: "12" } as const;
      const note = { author, visibility: "internal" } as const;
      const ticket = await desk.write("Ours.", { ...there, message: note });
      await desk.execute(
        sql`update conversation set linked_id = case id when ${id} then ${ticket} else ${id} end where id in (${id}, ${ticket})`,
      );
      desk.skip(1_000);
      await desk.write("I have changed your address for this order.", {
        ...there,
        message: { author, answerTo: null },
      });
    });
    assert.deepEqual(rows, [{ agreed: true, unjudged: "" }]);
  });

  test("is not judged by an answer that is not read, where the shop does not show the action", async () => {
    const rows = await judgedBy(writes("Ich habe Ihre Adresse geändert."));
    assert.deepEqual(rows, [{ agreed: null, unjudged: "what people did is not known" }]);
  });
});
