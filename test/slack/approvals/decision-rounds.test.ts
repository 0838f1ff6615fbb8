import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { buttonsOf } from "#test/support/slack.ts";
import { eventually } from "#test/slack/bench.ts";
import { onFloor, type Asked, type Decided, type Floor } from "./desk-floor.ts";
import { USERS } from "#test/slack/local-slack.ts";
import { runs } from "#test/support/tiers.ts";

async function rounds<Seen>(
  count: number,
  work: (round: number) => Promise<Seen>,
): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for (let round = 0; round < count; round += 1) seen.push(await work(round));
  return seen;
}

const orderIn = (round: number): string => String(5_000 + round);

function inRound(round: number): { readonly thread: string; readonly orderId: string } {
  return { thread: `t${round}`, orderId: orderIn(round) };
}

const effectsOn = ({ bench }: Floor): readonly string[] =>
  bench.left.map(({ action }) => action.operation);

onFloor("a decision in Slack", (floor) => {
  const effects = () => effectsOn(floor);

  test("S01 one click approves: it happens once, is written down, and the card says who, when and how much", async (context) => {
    const asked = await floor.ask();
    await floor.click(USERS.sam, asked, "approve");
    await floor.until(context, 1);
    const [waiting] = await floor.cards();
    assert.ok(waiting);
    assert.deepEqual(
      buttonsOf(waiting).map(({ action_id }) => action_id),
      ["desk:undo"],
    );
    assert.match(
      await floor.cardText(asked),
      /Will be sent at 10:00:0\d UTC, approved by Sam Ortiz/,
    );
    await floor.settle();
    assert.deepEqual(effects(), ["refund", "reply"]);
    const [done, ...others] = await floor.cards();
    assert.ok(done);
    assert.deepEqual(others, []);
    assert.deepEqual(buttonsOf(done), []);
    assert.match(
      await floor.cardText(asked),
      /^Refund 120\.00 USD · order 789 · .* · Done, reply sent · Sam Ortiz · 10:00:06 UTC$/,
    );
    assert.deepEqual(await floor.audit(asked.approvalId), [
      "asked",
      "vote approve",
      "intended refund",
      "intended reply",
    ]);
    assert.deepEqual(await floor.whispers(), []);
  });

  test("S04 a double-click is one effect, and nothing alarming is said about it", async (context) => {
    const asked = await floor.ask({ channel: "chat" });
    await Promise.all([
      floor.click(USERS.sam, asked, "approve"),
      floor.click(USERS.sam, asked, "approve"),
    ]);
    await floor.until(context, 2);
    await floor.settle();
    assert.deepEqual(effects(), ["refund", "reply"]);
    assert.match(await floor.cardText(asked), /Done, reply sent · Sam Ortiz/);
    await eventually(context, async () => {
      const [told = "", ...others] = await floor.whispers();
      assert.match(told, /^You decided this already, at 10:00:0\d UTC: it is approved\.$/);
      assert.deepEqual(others, []);
    });
  });
});

onFloor("decisions at the same instant", (floor) => {
  const effects = () => effectsOn(floor);

  /** Sam and Lea do these at the same instant; the winner comes first in the result. */
  const both = async (
    context: TestContext,
    acts: readonly (() => Promise<unknown>)[],
  ): Promise<readonly [Decided, Decided]> => {
    const before = floor.decided.length;
    await Promise.all(acts.map((act) => act()));
    await floor.until(context, before + 2);
    const [one, other] = floor.decided.slice(before);
    assert.ok(one && other);
    return one.answer.accepted ? [one, other] : [other, one];
  };
  const bothApprove = (context: TestContext, asked: Asked) =>
    both(context, [
      () => floor.click(USERS.sam, asked, "approve"),
      () => floor.click(USERS.lea, asked, "approve"),
    ]);

  test("S02 two people approve at the same instant, again and again: one effect each, and the other hears who was faster", async (context) => {
    const all = await rounds(runs(20), async (round) => {
      const asked = await floor.ask(inRound(round));
      const [first, late] = await bothApprove(context, asked);
      const faster = first.decision.teammate.name;
      assert.deepEqual([first.answer.accepted, late.answer.accepted], [true, false]);
      const told = late.answer.message;
      assert.match(told, /^This card is approved already, by .* at 10:\d\d:\d\d UTC\.$/);
      assert.ok(told.includes(` by ${faster} at `), told);
      return { asked, faster, told };
    });
    await eventually(context, async () =>
      assert.deepEqual((await floor.whispers()).toSorted(), all.map(({ told }) => told).toSorted()),
    );
    await floor.settle();
    for (const { asked, faster } of all) {
      assert.match(await floor.cardText(asked), new RegExp(`reply sent · ${faster} · `));
      assert.deepEqual((await floor.audit(asked.approvalId)).toSorted(), [
        "asked",
        "intended refund",
        "intended reply",
        "refused decided",
        "vote approve",
      ]);
    }
    const times = (name: string): readonly string[] => all.map(() => name);
    assert.deepEqual(effects().toSorted(), [...times("refund"), ...times("reply")]);
  });

  test("S02 where two are needed, the first clicks of two people at the same instant both count", async (context) => {
    await rounds(5, async (round) => {
      const asked = await floor.ask({ ...inRound(round), needs: { count: 2, leads: 1 } });
      const clicks = await bothApprove(context, asked);
      assert.ok(clicks.every(({ answer }) => answer.accepted));
      const { state, votes } = await floor.approval(asked.approvalId);
      assert.equal(state, "approved");
      assert.deepEqual(votes.map(({ name }) => name).toSorted(), ["Lea Winter", "Sam Ortiz"]);
    });
    await floor.settle();
    assert.equal(effects().length, 10);
    assert.deepEqual(await floor.whispers(), []);
  });
});
