/** Every id that is printed anywhere finds its record, however much of it is typed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { insertApproval } from "#store/approvals/approvals.ts";
import { findPrinted, severalNamed } from "#store/lookup/search.ts";
import { rowFor } from "#test/store/approvals/rows.ts";
import { NOW, onEveryDatabase } from "#test/store/bench.ts";
import { traceWith } from "#test/support/fixtures/traces.ts";
import { saveTrace } from "#test/support/stored-rows.ts";

const CONVERSATION = "c_cab197d2018aecdaa259";
const ALIKE = "c_cab197d2ffffffffffff";
const TURN = "t_1b07563edac27e45a690";
const CARD = "a_0f12e3a4b5c6d7e8f901";
const EFFECT = "refund:shop:789:0";
const BUNDLE = "b_77777777777777777777";

onEveryDatabase("what is printed", (bench) => {
  const found = (typed: string) => bench.run(findPrinted, typed);
  const one = async (typed: string) => {
    const [record, ...others] = await found(typed);
    if (record === undefined) return "none";
    return others.length === 0 ? `${record.kind} ${record.id}` : "many";
  };

  test("is found by its whole id, by six digits of it or more, and inside a link or quotation marks", async () => {
    for (const id of [CONVERSATION, ALIKE])
      await bench.execute(
        sql`insert into conversation (id, channel, external_id, created_at, updated_at)
            values (${id}, 'zendesk', ${id === ALIKE ? "4711" : "4712"}, now(), now())`,
      );
    await bench.execute(
      sql`insert into conversation_key (key, conversation_id) values ('mail:<1@x.test>', ${ALIKE})`,
    );
    await bench.run(async (transaction) => {
      await saveTrace(transaction, traceWith({ request_id: TURN, conversation_id: CONVERSATION }));
      await insertApproval(
        transaction,
        { ...rowFor(bench, CONVERSATION), id: CARD, turnId: TURN },
        NOW,
      );
    });
    await bench.execute(
      sql`insert into effect (key, conversation_id, turn_id, bundle, position, target, operation, request_digest, facts,
            approved_by, state, not_before, created_at)
          values (${EFFECT}, ${CONVERSATION}, ${TURN}, ${BUNDLE}, 0, 'shop', 'refund', 'x', '[]', 'person', 'done', now(), now())`,
    );
    for (const [typed, answer] of [
      [CONVERSATION, `conversation ${CONVERSATION}`],
      ["c_cab197d20", `conversation ${CONVERSATION}`],
      ["  “c_cab197d20…” ", `conversation ${CONVERSATION}`],
      [TURN, `turn ${TURN}`],
      ["t_1b0756", `turn ${TURN}`],
      [`http://desk.test/console#${TURN}`, `turn ${TURN}`],
      ["https://desk.test/console/card/a_0f12e3", `card ${CARD}`],
      ["a_0f12e3", `card ${CARD}`],
      [EFFECT, `effect ${EFFECT}`],
      [BUNDLE, `bundle ${BUNDLE}`],
      ["#4711", `conversation ${ALIKE}`],
      ["ticket 4712", `conversation ${CONVERSATION}`],
      ["mail:<1@x.test>", `conversation ${ALIKE}`],
    ] as const)
      assert.equal(await one(typed), answer, typed);
  });

  test("belongs to its conversation and turn", async () => {
    for (const typed of [CARD, EFFECT, TURN]) {
      const records = await found(typed);
      const places = records.map(({ conversationId, turnId }) => [conversationId, turnId]);
      assert.deepEqual(places, [[CONVERSATION, TURN]], typed);
    }
  });

  test("says so when it names several, and finds nothing for less than six digits or for signs", async () => {
    const records = await found("c_cab197");
    assert.deepEqual(records.map(({ id }) => id).toSorted(), [CONVERSATION, ALIKE]);
    assert.match(
      severalNamed("c_cab197", records),
      /^c_cab197 names more than one: conversation c_cab197.*, conversation c_cab197.*\. Add/,
    );
    for (const typed of [
      "c_cab19",
      "c_",
      "",
      "   ",
      "c_cab197%",
      "t_cab197",
      "cab197",
      "#",
      "x".repeat(9_000),
    ])
      assert.equal(await one(typed), "none", typed.slice(0, 20));
  });
});
