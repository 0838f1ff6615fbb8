/** Who may decide, by clicks in Slack on the real jobs: roles, groups, guests, people of other companies. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, test } from "node:test";
import { loadPolicy } from "#policy/load-policy.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { deciding, members, on, saysOfUsers } from "./deciding-bench.ts";
import { eventually } from "#test/slack/bench.ts";
import { CHANNELS, startTestSlack, USERS, type TestSlack } from "#test/slack/local-slack.ts";

const SANDBOX = readFileSync(
  new URL("../../../src/policy/files/sandbox.yaml", import.meta.url),
  "utf8",
);
const BROKEN = { status: 500, body: {} };

function policyWith(support: string, lead = "lea@ourshop.test, lee@ourshop.test") {
  const roles = `  support: [${support}]\n  lead: [${lead}]`;
  const text = SANDBOX.replace(/ {2}support: \[.*\]\n {2}lead: \[.*\]/, () => roles).replace(
    /people: \[.*\]/,
    "people: [lea@ourshop.test]",
  );
  assert.notEqual(text, SANDBOX);
  return loadPolicy(text, "test.yaml");
}

onDesk("a desk in Slack", (bench) => {
  let server: TestSlack;

  before(async () => {
    server = await startTestSlack();
  });
  beforeEach(() => server.people.reset());
  after(() => server.close());

  const asked = (minor = 12_000, needs = { count: 1, leads: 0 }): Promise<string> => {
    bench.answer(() => replying("We refund you.", { actions: [refundOf(minor, { needs })] }));
    return bench.write("Please refund order 789");
  };

  test("S06 a member without a role changes nothing, is told so alone, and it is written down", async (context) => {
    const desk = await deciding(context, bench, server);
    const conversation = await asked();
    const before = await desk.picture(conversation, await desk.post(conversation));
    for (const button of ["desk:approve", "desk:escalate"]) {
      await desk.click(USERS.ned, before.ts, button);
      await eventually(context, async () =>
        assert.equal((await desk.whispers()).length, button === "desk:approve" ? 1 : 2),
      );
    }
    await desk.told(context, /Only support and leads can decide here\. Nothing was changed\./);
    await server.people.click(USERS.ned, CHANNELS.approvals, before.ts, "desk:edit");
    await eventually(context, () =>
      assert.match(JSON.stringify(server.people.view()), /Only support and leads/),
    );
    // The same of a form that needs nothing from the row: a person who may not send it is told in its place.
    await server.people.click(USERS.ned, CHANNELS.approvals, before.ts, "desk:reject");
    await eventually(context, async () =>
      assert.deepEqual(await desk.audit(), ["forbidden", "forbidden", "forbidden", "forbidden"]),
    );
    await eventually(context, () =>
      assert.match(JSON.stringify(server.people.view()), /Only support and leads/),
    );
    await desk.unchanged(before);
    assert.match(JSON.stringify(before.blocks), /desk:approve/);
  });

  test("S08 guests, bots, strangers and those who left decide nothing, although the policy lists them", async (context) => {
    bench.rule(policyWith(`sam@ourshop.test, ${USERS.sam}, group:S0SUPPORT`));
    const desk = await deciding(context, bench, server);
    const conversation = await asked();
    const before = await desk.picture(conversation, await desk.post(conversation));
    const flags = [
      { is_restricted: true },
      { is_ultra_restricted: true },
      { deleted: true },
      { is_bot: true },
      { is_stranger: true },
      { team_id: "T0OTHER" },
      { team_id: null },
    ];
    for (const [index, flag] of flags.entries()) {
      desk.later(60_000);
      desk.break(
        (method) => on("users.info", saysOfUsers(flag))(method) ?? members(USERS.sam)(method),
      );
      await desk.click(USERS.sam, before.ts, "desk:approve");
      await eventually(context, async () =>
        assert.equal((await desk.whispers()).length, index + 1, JSON.stringify(flag)),
      );
      assert.match((await desk.whispers()).at(-1) ?? "", /Only support and leads can decide here/);
    }
    await desk.unchanged(before);
    assert.deepEqual(
      await desk.audit(),
      flags.map(() => "forbidden"),
    );
    // Slack's answer tells that a person is of another company where the click does not.
    await eventually(context, async () => {
      const [alert, ...more] = await server.people.messages(CHANNELS.alerts);
      assert.match(alert?.text ?? "", new RegExp(`outside \\(${USERS.sam}\\)`));
      assert.deepEqual(more, []);
    });
  });

  test("S08 when a person or a group cannot be looked up nothing happens, and the same button works afterwards", async (context) => {
    bench.rule(policyWith("group:S0SUPPORT"));
    const desk = await deciding(context, bench, server);
    const conversation = await asked();
    const before = await desk.picture(conversation, await desk.post(conversation));
    const limited = { status: 429, body: { ok: false }, retryAfter: 30 };
    const troubles = [
      on("users.info", BROKEN),
      on("users.info", limited),
      on("users.info", "lose"),
      on("usergroups.users.list", BROKEN),
      on("usergroups.users.list", limited),
      on("usergroups.users.list", {
        status: 200,
        body: { ok: false, error: "missing_scope" },
      }),
      // As the server does that knows nothing of groups.
      () => null,
    ];
    for (const [index, trouble] of troubles.entries()) {
      desk.later(60_000);
      desk.break(trouble);
      await desk.click(USERS.sam, before.ts, "desk:approve");
      await eventually(context, async () =>
        assert.equal((await desk.whispers()).length, index + 1, `trouble ${index}`),
      );
      assert.match((await desk.whispers()).at(-1) ?? "", /could not check your role/);
    }
    await desk.unchanged(before);
    assert.deepEqual(await desk.audit(), []);
    desk.break(members(USERS.sam));
    await desk.click(USERS.sam, before.ts, "desk:approve");
    await eventually(context, async () =>
      assert.equal((await desk.card(conversation)).state, "approved"),
    );
  });

  test("S09 a person who lost their role after the card was posted is refused at the click and in an open form", async (context) => {
    const desk = await deciding(context, bench, server);
    const conversation = await asked();
    const ts = await desk.post(conversation);
    await desk.openEdit(context, USERS.sam, ts);
    const before = await desk.picture(conversation, ts);
    bench.rule(policyWith("dana@ourshop.test"));
    await server.people.submit(USERS.sam, { text: "My words" });
    await desk.click(USERS.sam, ts, "desk:approve");
    await desk.told(context, /Only support and leads can decide here/);
    await desk.unchanged(before);
    assert.deepEqual(await desk.audit(), ["forbidden", "forbidden"]);
  });

  test("a group of the desk gives its members a role, for a minute after they left it", async (context) => {
    bench.rule(policyWith("group:S0SUPPORT", "lea@ourshop.test, lee@ourshop.test"));
    const desk = await deciding(context, bench, server);
    desk.break(members(USERS.sam));
    const conversation = await asked();
    const ts = await desk.post(conversation);
    await desk.openEdit(context, USERS.sam, ts);
    // They are taken out while the form is open; it is a minute until that is looked at again.
    desk.break(members(USERS.ned));
    assert.deepEqual(await server.people.submit(USERS.sam, { text: "First words" }), {
      accepted: true,
    });
    await eventually(context, async () => assert.equal((await desk.card(conversation)).version, 2));
    assert.equal(desk.calls.filter((call) => call === "usergroups.users.list").length, 1);
    await desk.openEdit(context, USERS.sam, ts);
    desk.later(60_000);
    await server.people.submit(USERS.sam, { text: "Other words" });
    await eventually(context, () =>
      assert.match(JSON.stringify(server.people.view()), /Only support and leads.*Other words/),
    );
    await desk.click(USERS.sam, ts, "desk:approve");
    await desk.told(context, /Only support and leads can decide here/);
    assert.equal((await desk.card(conversation)).version, 2);
    await desk.click(USERS.ned, ts, "desk:approve");
    await eventually(context, async () =>
      assert.equal((await desk.card(conversation)).state, "approved"),
    );
  });

  const TWO = { count: 2, leads: 1 };

  test("a first vote counts only while its maker is still in the group when the second comes", async (context) => {
    bench.rule(policyWith("group:S0SUPPORT"));
    const desk = await deciding(context, bench, server);
    desk.break(members(USERS.sam));
    const conversation = await asked(64_000, TWO);
    const ts = await desk.post(conversation);
    await desk.click(USERS.sam, ts, "desk:approve");
    await eventually(context, async () =>
      assert.deepEqual((await desk.card(conversation)).votes[0]?.groups, ["S0SUPPORT"]),
    );
    desk.break(members(USERS.ned));
    desk.later(60_000);
    await desk.click(USERS.lea, ts, "desk:approve");
    await eventually(context, async () =>
      assert.deepEqual(
        (await desk.card(conversation)).votes.map(({ name }) => name),
        ["Lea Winter"],
      ),
    );
    assert.equal((await desk.card(conversation)).state, "pending");
    await desk.click(USERS.ned, ts, "desk:approve");
    await eventually(context, async () =>
      assert.equal((await desk.card(conversation)).state, "approved"),
    );
  });
});
