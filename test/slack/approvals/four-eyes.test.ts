/** Four eyes and limits of roles, by clicks and forms in Slack on the real jobs. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { eventually } from "#test/slack/bench.ts";
import { deciding, type Deciding } from "./deciding-bench.ts";
import { startTestSlack, USERS, type TestSlack } from "#test/slack/local-slack.ts";

const SAM = { id: USERS.sam, name: "Sam Ortiz", email: "sam@ourshop.test", eligible: true };

onDesk("a desk in Slack", (bench) => {
  let server: TestSlack;

  before(async () => {
    server = await startTestSlack();
  });
  beforeEach(() => server.people.reset());
  after(() => server.close());

  /** A refund that a person other than the one who asked or edited has to approve. */
  const asked = (more: Parameters<typeof bench.write>[1] = {}): Promise<string> => {
    const approvers = { count: 1, leads: 0, fourEyes: true } as const;
    bench.answer(() =>
      replying("We refund you.", { actions: [refundOf(12_000, { decision: { approvers } })] }),
    );
    return bench.write("Please refund order 789", more);
  };

  const approvedBy = async (
    context: Parameters<typeof deciding>[0],
    desk: Deciding,
    conversation: string,
    ts: string,
    user: string = USERS.lea,
  ): Promise<void> => {
    await desk.click(user, ts, "desk:approve");
    await eventually(context, async () =>
      assert.equal((await desk.card(conversation)).state, "approved"),
    );
    bench.skip(60_000);
    await bench.tick();
    const refunds = bench.left.filter(({ action }) => action.operation === "refund");
    assert.equal(refunds.length, 1);
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
      const desk = await deciding(context, bench, server);
      const conversation = await asked(more);
      const before = await desk.picture(conversation, await desk.post(conversation));
      assert.match(JSON.stringify(before.blocks), /not by the person who asked or edited/);
      await desk.click(USERS.sam, before.ts, "desk:approve");
      await desk.told(context, /You asked for this yourself/);
      await desk.unchanged(before);
      assert.deepEqual(await desk.audit(), ["four_eyes"]);
      await approvedBy(context, desk, conversation, before.ts);
    });

  test("S10 the shop's own address of the customer counts as well, and a person whose address is hidden may not approve", async (context) => {
    const desk = await deciding(context, bench, server);
    bench.rule({ roleOf: () => "support" });
    // Ann writes from an address that is not hers at the desk; the shop knows who she is.
    const conversation = await asked({
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
    const before = await desk.picture(conversation, await desk.post(conversation));
    await desk.click(USERS.ann, before.ts, "desk:approve");
    await desk.told(context, /You asked for this yourself/);
    const { row } = before;
    const hidden = await desk.handler.decide({
      decisionId: "hidden",
      approvalId: row.id,
      version: row.version,
      button: "approve",
      teammate: { ...SAM, email: null },
      reason: "",
      edit: null,
    });
    assert.match(hidden.message, /without your e-mail address that cannot be told/);
    await desk.unchanged(before);
    assert.deepEqual(await desk.audit(), ["four_eyes", "unclear"]);
  });

  test("the person who edited may not approve their own text until the card is drafted anew", async (context) => {
    const desk = await deciding(context, bench, server);
    const conversation = await asked();
    const ts = await desk.post(conversation);
    await desk.openEdit(context, USERS.sam, ts);
    await server.people.submit(USERS.sam, { text: "My own words" });
    await eventually(context, async () => assert.equal((await desk.card(conversation)).version, 2));
    await desk.click(USERS.sam, ts, "desk:approve");
    await desk.told(context, /your own words by now/);
    assert.equal((await desk.card(conversation)).state, "pending");
    // An edit by Lea does not make Sam's words hers alone.
    await desk.openEdit(context, USERS.lea, ts);
    await server.people.submit(USERS.lea, { text: "My own words, and Lea's" });
    await eventually(context, async () => assert.equal((await desk.card(conversation)).version, 3));
    for (const [index, user] of [USERS.sam, USERS.lea].entries()) {
      await desk.click(user, ts, "desk:approve");
      await eventually(context, async () =>
        assert.equal((await desk.whispers()).length, index + 4),
      );
    }
    assert.deepEqual((await desk.audit()).filter((line) => line === "four_eyes").length, 3);
    await bench.write("And please be quick", { thread: "t1" });
    assert.equal((await desk.card(conversation)).version, 4);
    await approvedBy(context, desk, conversation, await desk.post(conversation), USERS.sam);
  });

  test("the person who asked for another draft with an instruction may not approve that draft", async (context) => {
    const desk = await deciding(context, bench, server);
    const conversation = await asked();
    const { id: approval, version } = await desk.card(conversation);
    const redone = await deskHandler(desk.parts).decide({
      decisionId: "redone by sam",
      approvalId: approval,
      version,
      button: "redo",
      teammate: SAM,
      reason: "",
      edit: null,
      hint: "be kinder",
    });
    assert.ok(redone.accepted, redone.message);
    await bench.wake(conversation);
    assert.deepEqual((await desk.card(conversation)).card.changes, [
      "Redone by Sam Ortiz: “be kinder”",
    ]);
    const ts = await desk.post(conversation);
    await desk.click(USERS.sam, ts, "desk:approve");
    await desk.told(context, /your own words by now/);
    await approvedBy(context, desk, conversation, ts);
  });

  /** Support may approve refunds up to 100.00 USD, leads any. */
  const limited = (): void =>
    bench.rule({
      approvalLimit: (role, operation) =>
        role === "support" && operation === "refund" ? { minor: 10_000, currency: "USD" } : null,
    });

  test("a click above the limit of its role is refused with the limit, and a lead's counts", async (context) => {
    limited();
    const desk = await deciding(context, bench, server);
    bench.answer(() => replying("We refund you.", { actions: [refundOf(12_000)] }));
    const conversation = await bench.write("Please refund order 789");
    const before = await desk.picture(conversation, await desk.post(conversation));
    await desk.click(USERS.sam, before.ts, "desk:approve");
    await desk.told(
      context,
      /up to 100\.00 USD, and this one is of 120\.00 USD\. A lead has to approve it\./,
    );
    await desk.unchanged(before);
    assert.deepEqual(await desk.audit(), ["limit"]);
    await approvedBy(context, desk, conversation, before.ts);
  });

  test("a limit is not kept by two refunds on one card, and a vote above a new limit lapses", async (context) => {
    const desk = await deciding(context, bench, server);
    const needs = { count: 2, leads: 0 };
    bench.answer(() =>
      replying("We refund you.", {
        actions: [refundOf(6_000, { needs }), refundOf(6_000, { needs, orderId: "123" })],
      }),
    );
    const conversation = await bench.write("Please refund orders 789 and 123");
    const ts = await desk.post(conversation);
    await desk.click(USERS.sam, ts, "desk:approve");
    await eventually(context, async () =>
      assert.equal((await desk.card(conversation)).votes.length, 1),
    );
    limited();
    await desk.click(USERS.sam, ts, "desk:approve");
    await desk.told(context, /this one is of 120\.00 USD/);
    await desk.click(USERS.lea, ts, "desk:approve");
    await eventually(context, async () =>
      assert.deepEqual(
        (await desk.card(conversation)).votes.map(({ name }) => name),
        ["Lea Winter"],
      ),
    );
    assert.equal((await desk.card(conversation)).state, "pending");
  });

  const refundOfFifty = async (
    context: Parameters<typeof deciding>[0],
  ): Promise<{ readonly desk: Deciding; readonly conversation: string; readonly ts: string }> => {
    const desk = await deciding(context, bench, server);
    bench.answer(() => replying("We refund you.", { actions: [refundOf(5_000)] }));
    const conversation = await bench.write("Please refund order 789");
    return { desk, conversation, ts: await desk.post(conversation) };
  };

  const amountError = async (amount: string): Promise<string> => {
    const submitted = await server.people.submit(USERS.sam, { amount });
    return "errors" in submitted ? (submitted.errors["amount"] ?? "") : "accepted";
  };

  test("S15 an amount above the editor's limit or the order's total is an error at the amount and never committed", async (context) => {
    limited();
    const { desk, conversation, ts } = await refundOfFifty(context);
    const before = await desk.picture(conversation, ts);
    await desk.openEdit(context, USERS.sam, ts);
    assert.match(await amountError("100.01"), /up to 100\.00 USD, and this one is of 100\.01 USD/);
    assert.match(await amountError("120.01"), /At most 120\.00 USD of order 789/);
    assert.equal(server.people.view()?.callback_id, "desk:edit");
    await desk.unchanged(before);
    assert.equal(await amountError("100.00"), "accepted");
    await eventually(context, async () =>
      assert.match((await desk.card(conversation)).card.headline, /Refund 100\.00 USD/),
    );
    await desk.openEdit(context, USERS.lea, ts);
    assert.deepEqual(await server.people.submit(USERS.lea, { amount: "110.00" }), {
      accepted: true,
    });
    await eventually(context, async () => assert.equal((await desk.card(conversation)).version, 3));
    await desk.click(USERS.sam, ts, "desk:approve");
    await desk.told(context, /this one is of 110\.00 USD/);
    assert.equal((await desk.card(conversation)).state, "pending");
  });

  test("S16 what is no exact amount is an error at the amount, the form stays, and nothing is stored", async (context) => {
    const { desk, conversation, ts } = await refundOfFifty(context);
    const before = await desk.picture(conversation, ts);
    await desk.openEdit(context, USERS.sam, ts);
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
      assert.equal(server.people.view()?.callback_id, "desk:edit");
    }
    await desk.unchanged(before);
    assert.deepEqual(await desk.audit(), []);
    // 70.10 is no sum of powers of two; it arrives as so many cents all the same.
    assert.equal(await amountError("70.10"), "accepted");
    await eventually(context, async () =>
      assert.deepEqual(
        (await desk.card(conversation)).proposal?.actions[0]?.action.arguments["amount"],
        { minor: 7_010, currency: "USD" },
      ),
    );
  });
});
