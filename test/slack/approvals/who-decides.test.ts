/** Who may decide, by clicks in Slack on the real jobs: roles, groups, guests, people of other companies. */

import assert from "node:assert/strict";
import { test, type TestContext, beforeEach } from "node:test";
import { loadPolicy } from "#policy/load-policy.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { eventually, on, refusal, saysOfUsers, type Fault } from "#test/slack/bench.ts";
import { onFloor, type Asked } from "./desk-floor.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

const BROKEN = { status: 500, body: {} };

/** The members of every user group. */
function members(...users: string[]): Fault {
  return on("usergroups.users.list", { status: 200, body: { ok: true, users } });
}

function policyWith(support: string, lead = "lea@ourshop.test, lee@ourshop.test") {
  const roles = `  support: [${support}]\n  lead: [${lead}]`;
  const text = sandboxText
    .replace(/ {2}support: \[.*\]\n {2}lead: \[.*\]/, () => roles)
    .replace(/people: \[.*\]/, "people: [lea@ourshop.test]");
  assert.notEqual(text, sandboxText);
  return loadPolicy(text, "test.yaml");
}

onFloor("who decides in Slack", (floor) => {
  const { bench } = floor;
  const people = () => floor.server.people;
  /** Waits until a card is approved. */
  const approved = (context: TestContext, { approvalId }: Asked) =>
    eventually(context, async () =>
      assert.equal((await floor.approval(approvalId)).state, "approved"),
    );

  test("S06 a member without a role changes nothing, is told so alone, and it is written down", async (context) => {
    const asked = await floor.ask();
    const before = await floor.picture(asked);
    for (const [index, button] of ["approve", "escalate"].entries()) {
      await floor.click(USERS.ned, asked, button);
      await eventually(context, async () =>
        assert.equal((await floor.whispers()).length, index + 1),
      );
    }
    await floor.told(context, /Only support and leads can decide here\. Nothing was changed\./);
    await floor.click(USERS.ned, asked, "edit");
    await floor.toldInForm(context, /Only support and leads/);
    // The same of a form that needs nothing from the row: a person who may not send it is told in its place.
    await floor.click(USERS.ned, asked, "reject");
    await eventually(context, async () =>
      assert.deepEqual(await floor.audit(asked.approvalId), [
        "asked",
        ...["approve", "escalate", "edit", "reject"].map(() => "refused forbidden"),
      ]),
    );
    await floor.toldInForm(context, /Only support and leads/);
    await floor.unchanged(before);
    assert.match(JSON.stringify(before.blocks), /desk:approve/);
  });

  test("S08 guests, strangers and those who left decide nothing, although the policy lists them", async (context) => {
    bench.rule(policyWith(`sam@ourshop.test, ${USERS.sam}, group:S0SUPPORT`));
    const asked = await floor.ask();
    const before = await floor.picture(asked);
    const flags = [{ is_restricted: true }, { deleted: true }, { team_id: "T0OTHER" }];
    for (const [index, flag] of flags.entries()) {
      floor.later(60_000);
      floor.break(
        (method) => on("users.info", saysOfUsers(flag))(method) ?? members(USERS.sam)(method),
      );
      await floor.click(USERS.sam, asked, "approve");
      await eventually(context, async () =>
        assert.equal((await floor.whispers()).length, index + 1, JSON.stringify(flag)),
      );
      assert.match((await floor.whispers()).at(-1) ?? "", /Only support and leads can decide here/);
    }
    await floor.unchanged(before);
    assert.deepEqual(await floor.audit(asked.approvalId), [
      "asked",
      ...flags.map(() => "refused forbidden"),
    ]);
    // Slack's answer tells that a person is of another company where the click does not.
    await eventually(context, async () => {
      const [alert, ...more] = await people().messages(CHANNELS.alerts);
      assert.match(alert?.text ?? "", new RegExp(`outside \\(${USERS.sam}\\)`));
      assert.deepEqual(more, []);
    });
  });

  test("S08 when a person or a group cannot be looked up nothing happens, and the same button works afterwards", async (context) => {
    bench.rule(policyWith("group:S0SUPPORT"));
    const asked = await floor.ask();
    const before = await floor.picture(asked);
    const troubles = [
      on("users.info", BROKEN),
      on("users.info", { status: 429, body: { ok: false }, retryAfter: 30 }),
      on("usergroups.users.list", BROKEN),
      on("usergroups.users.list", refusal("missing_scope")),
      // As the server does that knows nothing of groups.
      () => null,
    ];
    for (const [index, trouble] of troubles.entries()) {
      floor.later(60_000);
      floor.break(trouble);
      await floor.click(USERS.sam, asked, "approve");
      await eventually(context, async () =>
        assert.equal((await floor.whispers()).length, index + 1, `trouble ${index}`),
      );
      assert.match((await floor.whispers()).at(-1) ?? "", /could not check your role/);
    }
    await floor.unchanged(before);
    assert.deepEqual(await floor.audit(asked.approvalId), ["asked"]);
    floor.break(members(USERS.sam));
    await floor.click(USERS.sam, asked, "approve");
    await approved(context, asked);
  });

  test("a group of the desk gives its members a role, for a minute after they left it", async (context) => {
    bench.rule(policyWith("group:S0SUPPORT", "lea@ourshop.test, lee@ourshop.test"));
    floor.break(members(USERS.sam));
    const asked = await floor.ask();
    await floor.openForm(context, USERS.sam, asked, "edit");
    // They are taken out while the form is open; it is a minute until that is looked at again.
    floor.break(members(USERS.ned));
    assert.deepEqual(await people().submit(USERS.sam, { text: "First words" }), {
      accepted: true,
    });
    const version = async () => (await floor.approval(asked.approvalId)).version;
    await eventually(context, async () => assert.equal(await version(), 2));
    assert.equal(floor.calls.filter(({ method }) => method === "usergroups.users.list").length, 1);
    await floor.openForm(context, USERS.sam, asked, "edit");
    floor.later(60_000);
    await people().submit(USERS.sam, { text: "Other words" });
    await floor.toldInForm(context, /Only support and leads.*Other words/);
    await floor.click(USERS.sam, asked, "approve");
    await floor.told(context, /Only support and leads can decide here/);
    assert.equal(await version(), 2);
    await floor.click(USERS.ned, asked, "approve");
    await approved(context, asked);
  });

  test("a first vote counts only while its maker is still in the group when the second comes", async (context) => {
    bench.rule(policyWith("group:S0SUPPORT"));
    floor.break(members(USERS.sam));
    const asked = await floor.ask({ minor: 64_000, needs: { count: 2, leads: 1 } });
    const row = () => floor.approval(asked.approvalId);
    await floor.click(USERS.sam, asked, "approve");
    await eventually(context, async () =>
      assert.deepEqual((await row()).votes[0]?.groups, ["S0SUPPORT"]),
    );
    floor.break(members(USERS.ned));
    floor.later(60_000);
    await floor.click(USERS.lea, asked, "approve");
    await eventually(context, async () =>
      assert.deepEqual(
        (await row()).votes.map(({ name }) => name),
        ["Lea Winter"],
      ),
    );
    assert.equal((await row()).state, "pending");
    await floor.click(USERS.ned, asked, "approve");
    await approved(context, asked);
  });
});

const UNDO = 6_000;

onFloor("deciding in Slack", (floor) => {
  const { bench } = floor;
  const people = () => floor.server.people;
  let asked: Asked;

  beforeEach(async () => {
    bench.answer(() => replying("It is on its way."));
    asked = await floor.asked(await bench.write("Where is my order?"));
  });

  const shows = (context: TestContext, words: RegExp) =>
    eventually(context, async () => assert.match(await floor.cardText(asked), words));

  const sent = async (): Promise<readonly string[]> => {
    bench.skip(UNDO);
    await bench.tick();
    return bench.replies();
  };
  const card = () => bench.pending(asked.conversationId);

  test("S14 a form saved as it was changes neither words nor amount, and an empty one is not taken", async (context) => {
    bench.answer(() => replying("We refunded 120.00 USD.", { actions: [refundOf(12_000)] }));
    asked = await floor.asked(await bench.write("Please refund order 789", { thread: "t2" }));
    const before = await card();
    await shows(context, /Refund 120\.00 USD/);
    await floor.openForm(context, USERS.sam, asked, "edit");
    assert.deepEqual(await people().submit(USERS.sam, { text: "\u200B " }), {
      errors: { text: "The reply must not be empty." },
    });
    assert.deepEqual(await people().submit(USERS.sam, {}), { accepted: true });
    await shows(context, /Edited by Sam Ortiz/);
    assert.deepEqual((await card())?.proposal, before?.proposal);
    await floor.click(USERS.lea, asked, "approve");
    await shows(context, /approved by Lea Winter/);
    assert.deepEqual(await sent(), [before?.card.draft?.text]);
    assert.deepEqual(
      floor.refunds().map(({ action }) => action.arguments["amount"]),
      [{ minor: 12_000, currency: "USD" }],
    );
  });
});
