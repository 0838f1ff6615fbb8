/** Four eyes and amounts, by clicks and forms in Slack on the real jobs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { proof } from "#test/jobs/customers.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { eventually } from "#test/slack/bench.ts";
import { onFloor, type Asked } from "./desk-floor.ts";
import { USERS } from "#test/slack/local-slack.ts";

onFloor("four eyes in Slack", (floor) => {
  const { bench } = floor;
  const people = () => floor.server.people;
  const row = ({ approvalId }: Asked) => floor.approval(approvalId);
  test("S10 the person who asked in Slack may not approve it where four eyes are asked; another person may", async (context) => {
    const approvers = { count: 1, leads: 0, fourEyes: true } as const;
    bench.answer(() =>
      replying("We refund you.", { actions: [refundOf(12_000, { decision: { approvers } })] }),
    );
    const identity = proof(1, "claimed", "Slack does not tell the address.");
    const author = { kind: "requester", id: `slack:${USERS.sam}`, name: "Sam" } as const;
    const message = { author, identity };
    const asked = await floor.asked(
      await bench.write("Please refund order 789", { channel: "slack", message }),
    );
    const before = await floor.picture(asked);
    assert.match(JSON.stringify(before.blocks), /not by the person who asked or edited/);
    await floor.click(USERS.sam, asked, "approve");
    await floor.told(context, /You asked for this yourself/);
    await floor.unchanged(before);
    const refused = (await floor.audit(asked.approvalId)).filter((one) =>
      one.startsWith("refused"),
    );
    assert.deepEqual(refused, ["refused four_eyes"]);
    await floor.click(USERS.lea, asked, "approve");
    await eventually(context, async () => assert.equal((await row(asked)).state, "approved"));
    await floor.settle();
    assert.equal(floor.refunds().length, 1);
  });

  const amountError = async (amount: string): Promise<string> => {
    const submitted = await people().submit(USERS.sam, { amount });
    return "errors" in submitted ? (submitted.errors["amount"] ?? "") : "accepted";
  };

  test("S16 what is no exact amount is an error at the amount, the form stays, and nothing is stored", async (context) => {
    const asked = await floor.ask({ minor: 5_000 });
    const before = await floor.picture(asked);
    await floor.openForm(context, USERS.sam, asked, "edit");
    for (const [amount, said] of [
      ["", /Write the amount as digits with a point/],
      ["0", /more than zero/],
      ["1e9", /Write the amount/],
      ["12,50", /Write the amount/],
      ["25.005", /Write the amount/],
    ] as const) {
      assert.match(await amountError(amount), said, amount);
      assert.equal(people().view()?.callback_id, "desk:edit");
    }
    await floor.unchanged(before);
    assert.deepEqual(await floor.audit(asked.approvalId), ["asked"]);
    // 70.10 is no sum of powers of two; it arrives as so many cents all the same.
    assert.equal(await amountError("70.10"), "accepted");
    await eventually(context, async () =>
      assert.deepEqual((await row(asked)).proposal?.actions[0]?.action.arguments["amount"], {
        minor: 7_010,
        currency: "USD",
      }),
    );
  });
});
