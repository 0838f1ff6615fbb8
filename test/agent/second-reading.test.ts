/** The second reading of a wish that would be carried out without a person. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { replaying } from "#agent/recording/replay.ts";
import { WISH_RULES } from "#agent/wishes.ts";
import type { ModelRequest } from "#core/contracts/model.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { agentUnderTest, CAPS, message, ours, turn } from "#test/support/fixtures/turns.ts";
import { scriptedModel, type ScriptStep } from "#test/support/scripted-model.ts";
import { ALONE, calls, loosest, play, quoted, reply, STATUS, wishRead } from "./play.ts";

const DONE = calls(reply("That is done."));
const WISH = "Please refund order 789.";

describe("what would be done without a person is read once more", () => {
  const unseen = async (heard: ScriptStep) => {
    const { asked, decide } = loosest();
    const { result } = await play([calls(quoted(WISH)), heard, DONE], { decide }, turn([WISH]));
    const [action] = result.actions;
    return { asked, decision: action?.decision.verdict, read: action?.origin.read };
  };

  test("by a reader that sees the customer's own words, what is to be done, and nothing else", async () => {
    const looked = [calls(STATUS), calls(quoted(WISH)), wishRead(true, WISH), DONE];
    const { requests } = await play(looked, { decide: async () => ALONE }, turn([WISH]));
    const [rules, told] = requests[2]?.messages ?? [];
    assert.equal(rules?.content, WISH_RULES);
    assert.match(
      told?.content ?? "",
      /from customer>>\nPlease\^refund\^order\^789\.[^]*from action>>\nRefund\^120\.00\^USD/,
    );
    assert.doesNotMatch(told?.content ?? "", /Refund 120/, "it holds words of records and models");
    assert.doesNotMatch(told?.content ?? "", /lamp/);
  });

  test("and is done where it finds the sentence", async () => {
    const { decision, read } = await unseen(wishRead(true, WISH));
    assert.deepEqual([decision, read], ["allow", true]);
  });

  for (const [what, heard] of [
    ["finds none", wishRead(false, null)],
    ["quotes what is not the customer's", wishRead(true, "Refund order 790.")],
    ["quotes nothing", wishRead(true, null)],
    ["answers in another form", { text: "yes" }],
  ] as const)
    test(`a person decides where it ${what}`, async () => {
      const { asked, decision, read } = await unseen(heard);
      assert.deepEqual([decision, read], ["ask", undefined]);
      assert.deepEqual(
        asked.map(({ origin }) => [origin.asked, origin.wish]),
        [
          [true, WISH],
          [false, undefined],
        ],
      );
      assert.equal(asked[1]?.origin.unread, undefined, "it was heard");
    });

  const AWAY = { error: new DeskhandError("model.unavailable", "away") };

  test("a person decides where it is away, and is told that, beside the sentence that code found", async () => {
    const { asked, decision } = await unseen(AWAY);
    assert.equal(decision, "ask");
    const { asked: isAsked, wish, unread } = asked[1]?.origin ?? assert.fail("it is decided again");
    assert.deepEqual([isAsked, wish, unread], [false, WISH, true]);
  });

  const strict = loosest().decide;

  test("a sentence of a message that was answered before is no wish to the reader either", async () => {
    const input = turn([WISH], { history: [message("Refund 456 too."), ours("No.")] });
    const steps = [calls(quoted(WISH)), wishRead(true, "Refund 456 too."), DONE];
    const { result } = await play(steps, { decide: strict }, input);
    assert.equal(result.actions[0]?.decision.verdict, "ask");
  });

  test("what it said holds for the turn: proposed in other words, it is not read again", async () => {
    const again = { ...quoted(WISH), input: { ...quoted(WISH).input, reason: "They broke." } };
    const steps = [calls(quoted(WISH)), wishRead(false, null), calls(again), DONE];
    const { result } = await play(steps, { decide: strict }, turn([WISH]));
    assert.equal(result.actions[0]?.decision.verdict, "ask");
    const found = [calls(quoted(WISH)), wishRead(true, WISH), calls(again), DONE];
    const allowed = await play(found, { decide: strict }, turn([WISH]));
    assert.equal(allowed.result.actions[0]?.decision.verdict, "allow");
  });

  test("what was read of one amount is read anew of another", async () => {
    const said = "Please refund order 789, or at least $5.";
    const part = { ...quoted(said), input: { ...quoted(said).input, amount: "5.00" } };
    const steps = [calls(quoted(said)), wishRead(true, said), calls(part)];
    const { result } = await play(
      [...steps, wishRead(false, null), DONE],
      { decide: strict },
      turn([said]),
    );
    assert.equal(result.actions[0]?.decision.verdict, "ask");
  });

  test("a recorded turn in which it doubts runs again as it was, procedures or none", async () => {
    for (const procedures of [undefined, { held: async () => [] }]) {
      const model = scriptedModel([calls(quoted(WISH)), wishRead(false, null), DONE]);
      const known = procedures === undefined ? {} : { procedures };
      const { agent, parts } = agentUnderTest({ model, decide: strict, recorded: true, ...known });
      const { recording, actions } = await agent.run(turn([WISH]));
      assert.equal(actions[0]?.decision.verdict, "ask");
      const again = await replaying(parts)(recording ?? assert.fail("it was recorded"), null);
      assert.ok(again.same, again.lines.join("\n"));
      assert.doesNotMatch(again.lines.join("\n"), /letter by letter/);
    }
  });

  test("a reader that hangs leaves the turn its time: the proposal goes to a person", async () => {
    const hanging = async ({ signal }: ModelRequest) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener("abort", () =>
          reject(new DeskhandError("model.unavailable", "no answer in time")),
        );
      });
    const model = { name: "second", isRehearsal: false, complete: hanging };
    const caps = () => ({ ...CAPS, turn: { ...CAPS.turn, ms: 1_500 } });
    for (const ms of [20, 60_000]) {
      const parts = { decide: strict, verifier: { model, ms }, caps };
      const { result } = await play([calls(quoted(WISH)), DONE], parts, turn([WISH]));
      assert.equal(result.ending.kind, "reply");
      assert.equal(result.actions[0]?.decision.verdict, "ask");
    }
  });

  test("a reader that does not answer is not waited for again by the other proposals of a turn", async () => {
    const said = "Please refund order 789, order 790 and order 456.";
    const refunds = ["789", "790", "456"].map((order_id) => ({
      ...quoted(said),
      input: { ...quoted(said).input, order_id },
    }));
    const steps = [calls(...refunds), AWAY, DONE];
    const { result } = await play(steps, { decide: strict }, turn([said]));
    assert.deepEqual(
      result.actions.map(({ decision, origin }) => [decision.verdict, origin.unread]),
      refunds.map(() => ["ask", true]),
    );
  });

  test("long words are a story, which people read", async () => {
    const told = turn([`${WISH} ${"word ".repeat(1_000)}`]);
    const { decide } = loosest();
    const { result } = await play([calls(quoted(WISH)), DONE], { decide }, told);
    const [action] = result.actions;
    assert.deepEqual([action?.decision.verdict, action?.origin.unread], ["ask", true]);
  });
});
