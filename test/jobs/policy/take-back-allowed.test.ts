/** What a policy allowed, and what is under way, once another one is in force or while its file cannot be read. */
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
import { escalating, replying, refundOf } from "#test/jobs/turn-results.ts";
import { openEffects } from "#test/support/stored-rows.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { BOB, policyBenchForTests } from "./bench.ts";
import { PEOPLE } from "./desk.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { changePolicy, policyDraft } from "#jobs/policy/own-change.ts";
import { editedPolicy } from "#policy/edit-policy.ts";
import { loadApproval } from "#store/approvals/approvals.ts";

const UNRELATED = (text: string): string => text.replace("count_max: 3", "count_max: 2");

describe("what was allowed when the policy changes", () => {
  const bench = policyBenchForTests(MAIN_DATABASE);
  beforeEach(() => bench.begin());
  const pause = (paused = true) => {
    const change = { scope: "all", paused, by: "sam", auditedAs: "p:sam" } as const;
    return bench.store.run(setPause, change, bench.clock.now());
  };

  test("what policy allowed and a pause holds back is planned again, also what was tried and did not happen", async () => {
    await pause();
    const conversation = await bench.tell("Please refund order 1002, it broke.", BOB);
    const open = () => bench.store.run(openEffects, conversation);
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
    await bench.press(PEOPLE.sam, card, "approve");
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
    const replies = async (id: string) =>
      (await bench.store.run(openEffects, id)).filter(({ operation }) => operation === "reply");
    for (const taker of [null, { name: "Sam", voter: null }]) {
      await bench.begin(auto);
      await pause();
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
    await pause();
    const identity = witnessedIdentity("dkim+spf", "two witnesses", BOB.email);
    const conversation = await bench.tell("Please refund order 1002, it broke.", {
      ...BOB,
      identity,
    });
    const open = () => bench.store.run(openEffects, conversation);
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

const { sam } = PEOPLE;

describe("a policy that changes meanwhile", () => {
  const bench = policyBenchForTests();
  beforeEach(() => bench.begin());

  test("a turn that began under a more lenient policy is planned again under the one in force", async (t) => {
    const run = bench.parts.agent.run.bind(bench.parts.agent);
    const state = { runs: 0 };
    t.mock.method(bench.parts.agent, "run", async (input: Parameters<typeof run>[0]) => {
      const result = await run(input);
      state.runs += 1;
      if (state.runs > 1) return result;
      bench.clock.skip(1_000);
      bench.edit((text) => text.replace("up_to: 10.00", "up_to: 4.00"));
      await bench.look();
      return result;
    });
    const id = await bench.tell("Please refund order 1002, it broke.", BOB);
    assert.deepEqual(bench.shop.journal(), []);
    bench.clock.skip(60_000);
    await processConversation(bench.parts, id);
    assert.deepEqual(bench.shop.journal(), []);
    const asked = await bench.waiting();
    assert.ok(asked, "what was allowed before is asked now");
  });

  for (const place of ["the same channel", "another channel"])
    test(`a draft that follows somebody's instruction is theirs in ${place} too`, async (t) => {
      const routes =
        place === "the same channel"
          ? "[]"
          : "[{ name: money, place: approvals-money, above: 60.00 }]";
      await bench.begin((text) =>
        text
          .replace("routing: []", `routing: ${routes}`)
          .replaceAll(/(leads: \d) \}/g, "$1, four_eyes: true }"),
      );
      const amounts = [5_000, 12_000];
      const four = { decision: { approvers: { count: 1, leads: 0, fourEyes: true } } } as const;
      t.mock.method(bench.parts.agent, "run", async () => {
        const minor = amounts.shift() ?? 12_000;
        const text = `I have refunded ${(minor / 100).toFixed(2)} USD.`;
        return replying(text, { actions: [refundOf(minor, four)] });
      });
      const asked = await bench.ask("My headphones broke, please refund order 789");
      await deskHandler(bench.parts).decide({
        decisionId: `redo-${place}`,
        approvalId: asked.id,
        version: asked.version,
        button: "redo",
        teammate: sam,
        reason: "",
        edit: null,
        hint: "refund the whole 120.00",
      });
      bench.clock.skip(5_000);
      await processConversation(bench.parts, asked.conversationId);
      const fresh = await bench.waiting();
      assert.ok(fresh);
      assert.equal(fresh.id === asked.id, place === "the same channel");
      assert.equal(fresh.redraft.count, 1);
      const pressed = await bench.press(sam, fresh, "approve");
      assert.deepEqual([pressed.accepted, bench.shop.journal()], [false, []]);
    });

  test("what is set in the console reaches waiting cards also while the file cannot be read", async () => {
    await bench.begin((text) => text, true);
    const asked = await bench.ask("My headphones broke, please refund order 789");
    await bench.press(sam, asked, "approve");
    bench.remove();
    const file = { ...bench.file, text: () => null };
    const draft = await bench.store.run(policyDraft, file);
    await changePolicy(bench.parts, file, {
      basis: draft?.basis ?? "",
      edit: ({ text }) => ({
        why: "stop",
        text: editedPolicy(text, [
          { path: ["operations", "refund", "rules", 1, "above"], value: 100 },
        ]),
      }),
      by: async () => "p",
    });
    await bench.look().catch(() => undefined);
    bench.clock.skip(60_000);
    await processConversation(bench.parts, asked.conversationId);
    const card = await bench.store.run(loadApproval, asked.id);
    assert.deepEqual([card?.state, bench.shop.journal()], ["void", []]);
  });
});
