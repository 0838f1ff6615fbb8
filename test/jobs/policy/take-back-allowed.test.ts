/** What a policy allowed without a person, once another one is in force before it has begun. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { z } from "zod";
import type { PlannedAction } from "#core/values/action.ts";
import type { Policy } from "#core/contracts/policy.ts";
import { witnessedIdentity } from "#core/values/identity.ts";
import { decideAction } from "#jobs/policy/recheck.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { sql } from "#store/db/drizzle.ts";
import { setPause } from "#store/effects/pause.ts";
import { loadConversation, updateConversation } from "#store/conversations/conversations.ts";
import { findTurns } from "#store/conversations/traces.ts";
import { escalating, replying } from "#test/jobs/turn-results.ts";
import { openEffects } from "#test/support/stored-rows.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { BOB, policyBenchForTests } from "./bench.ts";
import { PEOPLE } from "./desk.ts";

const UNRELATED = (text: string): string => text.replace("count_max: 3", "count_max: 2");

describe("what was allowed when the policy changes", () => {
  const bench = policyBenchForTests(MAIN_DATABASE);
  beforeEach(() => bench.begin());

  test("what policy allowed and a pause holds back is planned again, also what was tried and did not happen", async () => {
    const pause = (paused: boolean) =>
      bench.store.run((transaction) =>
        setPause(
          transaction,
          { scope: "all", paused, by: "sam", auditedAs: "p:sam" },
          bench.clock.now(),
        ),
      );
    await pause(true);
    const conversation = await bench.tell("Please refund order 1002, it broke.", BOB);
    const open = () => bench.store.run((transaction) => openEffects(transaction, conversation));
    const allowed = await open();
    assert.deepEqual(
      allowed.map(({ operation }) => operation),
      ["refund", "reply"],
    );
    assert.equal(allowed[0]?.approvedBy, "policy");
    await bench.enforce(UNRELATED);
    await bench.look();
    const again = await open();
    assert.notEqual(again[0]?.turnId, allowed[0]?.turnId);
    assert.deepEqual(
      again.map(({ operation, approvedBy }) => [operation, approvedBy]),
      allowed.map(({ operation, approvedBy }) => [operation, approvedBy]),
      "what it had booked counted against it",
    );
    await bench.rows(z.object({}), sql`update effect set attempts = 1`);
    await bench.enforce((text) => UNRELATED(text).replace("up_to: 10.00", "up_to: 4.00"));
    assert.deepEqual(await open(), []);
    const card = await bench.waiting();
    assert.ok(card);
    assert.equal(card.rules[0]?.rule, "refund.usual");
    await pause(false);
    await processConversation(bench.parts, conversation);
    assert.deepEqual(bench.shop.journal(), []);
    await bench.press(PEOPLE.sam, { approvalId: card.id, version: card.version }, "approve");
    bench.clock.skip(60_000);
    await processConversation(bench.parts, conversation);
    assert.equal(bench.shop.journal().length, 1);
  });

  test("an answer that goes with a hand-over is planned again, unless a teammate has the case by then", async (t) => {
    const auto = (text: string): string =>
      text.replace("email: { default: draft }", "email: { default: auto }");
    const shadow = (text: string): string =>
      text.replace("email: { default: auto }", "email: { default: shadow }");
    const ending = escalating("a part is unclear.", { answer: "It takes 30 days." });
    t.mock.method(bench.parts.agent, "run", async () => replying("", { ending, topic: "faq" }));
    const pause = { scope: "all", paused: true, by: "sam", auditedAs: "p:sam" } as const;
    const replies = async (id: string) =>
      (await bench.store.run((transaction) => openEffects(transaction, id))).filter(
        ({ operation }) => operation === "reply",
      );
    for (const taker of [null, { name: "Sam", voter: null }]) {
      await bench.begin(auto);
      await bench.store.run((transaction) => setPause(transaction, pause, bench.clock.now()));
      const id = await bench.tell("How long can I return it? And the other thing?", BOB);
      assert.equal((await replies(id)).length, 1);
      const state = () => bench.store.run(loadConversation, id);
      if (taker !== null) {
        const ownerReason = { words: "Taken over by Sam", holder: taker, delicate: null };
        const change = { owner: "human", ownerReason } as const;
        await bench.store.run(updateConversation, id, change, bench.clock.now());
      }
      await bench.enforce(shadow);
      await bench.look();
      assert.deepEqual(await replies(id), []);
      assert.equal((await state())?.owner, "human");
      assert.deepEqual((await state())?.reason.holder, taker);
      const turns = await bench.store.run(findTurns, id);
      assert.deepEqual(
        turns.map(({ outcome }) => outcome).toSorted(),
        taker === null ? ["escalated", "pending"] : ["escalated"],
      );
    }
  });

  test("what it allowed by two witnesses is withdrawn when those are not enough any more", async () => {
    const enough = (text: string): string =>
      text.replace("  refund:\n", "  refund:\n    two_witnesses: enough\n");
    await bench.begin(enough);
    const pause = { scope: "all", paused: true, by: "sam", auditedAs: "p:sam" } as const;
    await bench.store.run((transaction) => setPause(transaction, pause, bench.clock.now()));
    const identity = witnessedIdentity("dkim+spf", "two witnesses", BOB.email);
    const conversation = await bench.tell("Please refund order 1002, it broke.", {
      ...BOB,
      identity,
    });
    const open = () => bench.store.run((transaction) => openEffects(transaction, conversation));
    assert.equal((await open())[0]?.approvedBy, "policy");
    await bench.enforce(UNRELATED);
    await bench.look();
    assert.equal((await open()).length, 2);
    await bench.enforce((text) => text.replace("    two_witnesses: enough\n", ""));
    await bench.look();
    assert.deepEqual(await open(), []);
    assert.equal((await bench.waiting())?.rules[0]?.rule, "refund.witnesses");
  });

  test("a change in a connected system that is about no order is decided again as its requester's", async () => {
    const given = { system: "crm", input: {}, record: {}, money: null, findable: true };
    const planned: PlannedAction = {
      key: "k",
      label: "Cancel a subscription",
      facts: [],
      action: {
        target: "system",
        operation: "crm_cancel",
        arguments: { ...given, requester: { customer_id: "c_ann" } },
      },
    };
    const asked: (string | null)[] = [];
    const policy: Policy = {
      ...bench.parts.policy,
      limitsNeeded: () => [],
      decide(question) {
        asked.push(question.customerId);
        return bench.parts.policy.decide(question);
      },
    };
    await decideAction({ ...bench.parts, policy }, planned, {
      conversation: { channel: "email", brand: "ourshop" },
      level: 2,
      actingLevel: undefined,
      customerId: null,
      topic: "",
      origin: null,
      earlier: [],
    });
    assert.deepEqual(asked, ["c_ann"]);
  });
});
