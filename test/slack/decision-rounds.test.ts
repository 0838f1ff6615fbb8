import assert from "node:assert/strict";
import { test } from "node:test";
import { buttonsOf } from "#test/support/slack.ts";
import { onFloor } from "./desk-floor.ts";
import { USERS } from "./local-slack.ts";

onFloor(
  "a decision in Slack",
  (floor) => {
    const { bench } = floor;
    const effects = (): readonly string[] => bench.left.map(({ action }) => action.operation);

    test("S01 one click approves: it is answered within a second, happens once, is written down, and the card says who, when and how much", async (context) => {
      const asked = await floor.ask();
      const before = performance.now();
      await floor.click(USERS.sam, asked, "approve");
      assert.ok(performance.now() - before < 1_000);
      await floor.until(context, 1);
      const [waiting] = await floor.cards();
      assert.ok(waiting);
      assert.deepEqual(
        buttonsOf(waiting).map(({ action_id }) => action_id),
        ["desk:undo"],
      );
      assert.match(
        await floor.cardText(asked),
        /Will be sent at 10:00:05 UTC, approved by Sam Ortiz/,
      );
      await floor.settle(asked.conversationId);
      assert.deepEqual(effects(), ["refund", "reply"]);
      const [done, ...others] = await floor.cards();
      assert.ok(done);
      assert.deepEqual(others, []);
      assert.deepEqual(buttonsOf(done), []);
      assert.match(
        await floor.cardText(asked),
        /^Refund 120\.00 USD, order 789 .* Done, reply sent · Sam Ortiz · 10:00:06 UTC$/,
      );
      assert.deepEqual(await floor.audit(asked.approvalId), [
        "asked",
        "vote approve",
        "intended refund",
        "intended reply",
      ]);
      assert.deepEqual(await floor.whispers(), []);
    });
  },
  ["socket", "requests"],
);
