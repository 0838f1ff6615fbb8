/** Four eyes and limits of roles, by clicks and forms in Slack on the real jobs. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { eventually } from "#test/slack/bench.ts";
import { onFloor, type Asked } from "./desk-floor.ts";
import { USERS } from "#test/slack/local-slack.ts";

const SAM = { id: USERS.sam, name: "Sam Ortiz", email: "sam@ourshop.test", eligible: true };

onFloor("four eyes in Slack", (floor) => {
  const { bench } = floor;
  const people = () => floor.server.people;
  const row = ({ approvalId }: Asked) => floor.approval(approvalId);
  const isVersion = (context: TestContext, asked: Asked, version: number) =>
    eventually(context, async () => assert.equal((await row(asked)).version, version));
  /** Why clicks on a card were refused. */
  const refused = async ({ approvalId }: Asked): Promise<readonly string[]> =>
    (await floor.audit(approvalId)).filter((entry) => entry.startsWith("refused"));

  /** A refund that a person other than the one who asked or edited has to approve. */
  const askedFor = async (more: Parameters<typeof bench.write>[1] = {}): Promise<Asked> => {
    const approvers = { count: 1, leads: 0, fourEyes: true } as const;
    bench.answer(() =>
      replying("We refund you.", { actions: [refundOf(12_000, { decision: { approvers } })] }),
    );
    return floor.asked(await bench.write("Please refund order 789", more));
  };

  const approvedBy = async (
    context: TestContext,
    asked: Asked,
    user: string = USERS.lea,
  ): Promise<void> => {
    await floor.click(user, asked, "approve");
    await eventually(context, async () => assert.equal((await row(asked)).state, "approved"));
    await floor.settle();
    assert.equal(floor.refunds().length, 1);
  };

  for (const [where, more] of [
    [
      "in Slack",
      {
        channel: "slack",
        message: {
          author: { kind: "requester", id: `slack:${USERS.sam}`, name: "Sam" },
          identity: {
            level: 1,
            method: "claimed",
            reason: "Slack does not tell the address.",
            handle: { kind: "none" },
          },
        },
      },
    ],
    [
      "by mail",
      {
        message: {
          author: { kind: "requester", id: "email:Sam@OurShop.test", name: "Sam" },
          identity: {
            level: 2,
            method: "dkim",
            reason: "The signature is right.",
            handle: { kind: "email", email: "Sam@OurShop.test" },
          },
        },
      },
    ],
  ] as const)
    test(`S10 the person who asked ${where} may not approve it where four eyes are asked; another person may`, async (context) => {
      const asked = await askedFor(more);
      const before = await floor.picture(asked);
      assert.match(JSON.stringify(before.blocks), /not by the person who asked or edited/);
      await floor.click(USERS.sam, asked, "approve");
      await floor.told(context, /You asked for this yourself/);
      await floor.unchanged(before);
      assert.deepEqual(await refused(asked), ["refused four_eyes"]);
      await approvedBy(context, asked);
    });

  test("S10 the shop's own address of the customer counts as well, and a person whose address is hidden may not approve", async (context) => {
    bench.rule({ roleOf: () => "support" });
    // Ann writes from an address that is not hers at the desk; the shop knows who she is.
    const asked = await askedFor({
      message: {
        author: { kind: "requester", id: "email:private@elsewhere.test", name: "Ann" },
        identity: {
          level: 2,
          method: "dkim",
          reason: "The signature is right.",
          handle: { kind: "email", email: "private@elsewhere.test" },
        },
      },
    });
    const before = await floor.picture(asked);
    await floor.click(USERS.ann, asked, "approve");
    await floor.told(context, /You asked for this yourself/);
    const hidden = await floor.handler.decide({
      decisionId: "hidden",
      approvalId: asked.approvalId,
      version: before.row.version,
      button: "approve",
      teammate: { ...SAM, email: null },
      reason: "",
      edit: null,
    });
    assert.match(hidden.message, /without your e-mail address that cannot be told/);
    await floor.unchanged(before);
    assert.deepEqual(await refused(asked), ["refused four_eyes", "refused unclear"]);
  });

  test("the person who edited may not approve their own text until the card is drafted anew", async (context) => {
    const asked = await askedFor();
    await floor.openForm(context, USERS.sam, asked, "edit");
    await people().submit(USERS.sam, { text: "My own words" });
    await isVersion(context, asked, 2);
    await floor.click(USERS.sam, asked, "approve");
    await floor.told(context, /your own words by now/);
    assert.equal((await row(asked)).state, "pending");
    // An edit by Lea does not make Sam's words hers alone.
    await floor.openForm(context, USERS.lea, asked, "edit");
    await people().submit(USERS.lea, { text: "My own words, and Lea's" });
    await isVersion(context, asked, 3);
    for (const [index, user] of [USERS.sam, USERS.lea].entries()) {
      await floor.click(user, asked, "approve");
      await eventually(context, async () =>
        assert.equal((await floor.whispers()).length, index + 4),
      );
    }
    assert.equal((await refused(asked)).filter((entry) => entry.endsWith("four_eyes")).length, 3);
    await bench.write("And please be quick", { thread: "t1" });
    const anew = await floor.asked(asked.conversationId);
    assert.equal((await row(anew)).version, 4);
    await approvedBy(context, anew, USERS.sam);
  });

  test("the person who asked for another draft with an instruction may not approve that draft", async (context) => {
    const asked = await askedFor();
    const redone = await floor.handler.decide({
      decisionId: "redone by sam",
      approvalId: asked.approvalId,
      version: (await row(asked)).version,
      button: "redo",
      teammate: SAM,
      reason: "",
      edit: null,
      hint: "be kinder",
    });
    assert.ok(redone.accepted, redone.message);
    await bench.wake(asked.conversationId);
    const anew = await floor.asked(asked.conversationId);
    assert.deepEqual((await row(anew)).card.changes, ["Redone by Sam Ortiz: “be kinder”"]);
    await floor.click(USERS.sam, anew, "approve");
    await floor.told(context, /your own words by now/);
    await approvedBy(context, anew);
  });

  /** Support may approve refunds up to 100.00 USD, leads any. */
  const limited = (): void =>
    bench.rule({
      approvalLimit: (role, operation) =>
        role === "support" && operation === "refund" ? { minor: 10_000, currency: "USD" } : null,
    });

  test("a limit is not kept by two refunds on one card, and a vote above a new limit lapses", async (context) => {
    const needs = { count: 2, leads: 0 };
    bench.answer(() =>
      replying("We refund you.", {
        actions: [refundOf(6_000, { needs }), refundOf(6_000, { needs, orderId: "123" })],
      }),
    );
    const asked = await floor.asked(await bench.write("Please refund orders 789 and 123"));
    await floor.click(USERS.sam, asked, "approve");
    await eventually(context, async () => assert.equal((await row(asked)).votes.length, 1));
    limited();
    await floor.click(USERS.sam, asked, "approve");
    await floor.told(context, /this one is of 120\.00 USD/);
    await floor.click(USERS.lea, asked, "approve");
    await eventually(context, async () =>
      assert.deepEqual(
        (await row(asked)).votes.map(({ name }) => name),
        ["Lea Winter"],
      ),
    );
    assert.equal((await row(asked)).state, "pending");
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
      ["0.00", /more than zero/],
      ["-5", /Write the amount/],
      ["1e9", /Write the amount/],
      ["1000000000", /Write the amount/],
      ["12,50", /Write the amount/],
      ["1.234,56", /Write the amount/],
      ["١٢", /Write the amount/],
      ["１２.００", /Write the amount/],
      ["NaN", /Write the amount/],
      ["Infinity", /Write the amount/],
      ["0x10", /Write the amount/],
      ["25.005", /Write the amount/],
      ["25.", /Write the amount/],
      [".50", /Write the amount/],
      ["25 USD", /Write the amount/],
      ["2 5.00", /Write the amount/],
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
