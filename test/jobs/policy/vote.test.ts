/** Two votes need two different people, in Slack and on the console alike, with the roles of that moment. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { policyBenchForTests } from "./bench.ts";
import { atConsole, PEOPLE, slackMember } from "./desk.ts";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";

const { sam, lea, lee, ned } = PEOPLE;

/** Refunds above this need two people, one of them a lead; Ann's order 789 is one of 120.00. */
const TWO_PEOPLE = (text: string): string => text.replace("up_to: 200.00", "up_to: 100.00");

const roles =
  (support: string, lead: string) =>
  (text: string): string =>
    TWO_PEOPLE(text)
      .replace("support: [sam@ourshop.test, dana@ourshop.test]", `support: [${support}]`)
      .replace("lead: [lea@ourshop.test, lee@ourshop.test]", `lead: [${lead}]`);

/** A small team: who is on duty and is paged has to have a role. */
const oneLead =
  (support: string, lead: string) =>
  (text: string): string =>
    roles(
      support,
      lead,
    )(text)
      .replaceAll("people: [sam@ourshop.test, lea@ourshop.test]", `people: [${lead}]`)
      .replaceAll("lea@ourshop.test", lead);

const bench = policyBenchForTests();

async function stored(id: string): Promise<Approval> {
  const approval = await bench.store.run(loadApproval, id);
  assert.ok(approval);
  return approval;
}

const REFUND = "My headphones broke, please refund order 789";

describe("an approval that needs two people", () => {
  test("counts one human once, whichever desk and spelling, and takes a second one on another desk", async () => {
    await bench.begin(TWO_PEOPLE);
    const card = await bench.ask(REFUND);
    const { id } = card;
    assert.equal((await bench.press(lea, card, "approve")).accepted, true);
    for (const again of [
      lea,
      atConsole(lea),
      { ...lea, email: "Lea@OurShop.TEST" },
      { ...lea, id: "U0OTHER" },
    ]) {
      const answer = await bench.press(again, card, "approve");
      assert.equal(answer.accepted, false);
      assert.match(answer.message, /needs another teammate/);
    }
    assert.equal((await stored(id)).votes.length, 1);
    assert.equal((await bench.press(atConsole(sam), card, "approve")).accepted, true);
    assert.equal((await stored(id)).state, "approved");
  });

  test("knows a person the policy lists by their Slack id, there and nowhere else", async () => {
    await bench.begin((text) =>
      roles(
        "sam@ourshop.test",
        "U0LEA, lee@ourshop.test",
      )(text)
        .replaceAll("people: [sam@ourshop.test, lea@ourshop.test]", "people: [sam@ourshop.test]")
        .replace("page: [lea@ourshop.test]", "page: [lee@ourshop.test]")
        .replace("fallback_lead: lea@ourshop.test", "fallback_lead: lee@ourshop.test"),
    );
    const card = await bench.ask(REFUND);
    const { id } = card;
    assert.equal((await bench.press(lea, card, "approve")).accepted, true);
    assert.equal((await bench.press(atConsole(lea), card, "approve")).accepted, false);
    assert.equal((await stored(id)).votes.length, 1);
    assert.equal((await bench.press(atConsole(sam), card, "approve")).accepted, true);
    assert.equal((await stored(id)).state, "approved");
  });

  test("does not count the vote of a person who has lost their role by the last click", async () => {
    await bench.begin(TWO_PEOPLE);
    const card = await bench.ask(REFUND);
    const { id } = card;
    await bench.press(sam, card, "approve");
    await bench.enforce((text) =>
      text
        .replace("support: [sam@ourshop.test, dana@ourshop.test]", "support: [dana@ourshop.test]")
        .replaceAll("people: [sam@ourshop.test, lea@ourshop.test]", "people: [lea@ourshop.test]"),
    );
    assert.equal((await stored(id)).state, "pending", "the decision itself is the same");
    await bench.press(lea, card, "approve");
    const waiting = await stored(id);
    assert.deepEqual(
      [waiting.state, waiting.votes.map(({ name }) => name)],
      ["pending", ["Lea Brandt"]],
    );
    await bench.press(lee, card, "approve");
    assert.equal((await stored(id)).state, "approved");
  });

  test("does not count a lead as one who is support by the last click", async () => {
    await bench.begin(
      roles(
        "sam@ourshop.test, dana@ourshop.test",
        "lea@ourshop.test, lee@ourshop.test, kim@ourshop.test",
      ),
    );
    const kim = slackMember("U0KIM", "Kim", "kim@ourshop.test");
    const card = await bench.ask(REFUND);
    const { id } = card;
    await bench.press(kim, card, "approve");
    await bench.enforce((text) =>
      text
        .replace(", kim@ourshop.test]", "]")
        .replace("support: [", "support: [kim@ourshop.test, "),
    );
    await bench.press(sam, card, "approve");
    assert.equal((await stored(id)).state, "pending", "two people, but no lead among them");
    await bench.press(lea, card, "approve");
    assert.equal((await stored(id)).state, "approved");
  });
});

describe("a change of the policy that permits more", () => {
  const LAXER = (text: string): string => text.replace("undo_seconds: 5", "undo_seconds: 3");

  async function proposed(): Promise<void> {
    bench.edit(LAXER);
    await bench.look();
  }

  const roleOf = (name: string): string | null =>
    bench.parts.policy.roleOf({ id: "x", email: `${name}@ourshop.test` });
  const holds = (): boolean => bench.parts.policy.undoMs === 3_000;

  test("needs two leads, who are two humans on whatever desks, also where they press at once, and none whom it makes a lead", async () => {
    await bench.begin(TWO_PEOPLE);
    bench.edit((text) => LAXER(text).replace("lead: [", "lead: [ned@ourshop.test, "));
    await bench.look();
    const card = bench.proposal();
    for (const person of [sam, atConsole(sam), ned, { ...lee, eligible: false }])
      assert.equal((await bench.press(person, card, "approve")).accepted, false);
    assert.match((await bench.press(sam, card, "reject")).message, /Only leads/);
    const atOnce = await Promise.all(
      [1, 2, 3].map(() => bench.press(atConsole(lea), card, "approve")),
    );
    assert.equal(atOnce.filter(({ accepted }) => accepted).length, 1);
    assert.match(bench.proposal().progress, /^1 of 2/);
    const renamed = { ...atConsole(lea), email: "lee@ourshop.test" };
    for (const again of [lea, atConsole(lea), { ...lea, email: " LEA@ourshop.test" }, renamed])
      assert.match((await bench.press(again, card, "approve")).message, /needs another teammate/);
    for (const button of ["edit", "escalate", "undo", "dismiss"] as const)
      assert.equal((await bench.press(lee, card, button)).accepted, false);
    assert.equal(holds(), false);
    assert.equal((await bench.press(lee, card, "approve")).accepted, true);
    assert.equal(holds(), true);
    assert.equal(roleOf("ned"), "lead");
  });

  test("with one lead needs that lead and another person with a role", async () => {
    await bench.begin(oneLead("sam@ourshop.test", "lea@ourshop.test"));
    await proposed();
    const card = bench.proposal();
    assert.equal(card.progress, "0 of 2 people, one of them a lead, agreed");
    assert.equal((await bench.press(lea, card, "approve")).accepted, true);
    assert.equal((await bench.press(atConsole(lea), card, "approve")).accepted, false);
    const linked: DeskTeammate = { ...atConsole(sam), invited: true };
    assert.match((await bench.press(linked, card, "approve")).message, /no second person/);
    assert.equal(holds(), false);
    await bench.press(sam, card, "approve");
    assert.equal(holds(), true);
  });

  test("with one person at all needs that one", async () => {
    const alone = (text: string): string =>
      oneLead("", "lea@ourshop.test")(text).replaceAll("count: 2, leads: 1", "count: 1, leads: 1");
    await bench.begin(alone);
    await proposed();
    await bench.press(atConsole(lea), bench.proposal(), "approve");
    assert.equal(holds(), true);
  });

  test("counts one human once whom the policy lists under two names, when the desk shows both", async () => {
    const alone = (text: string): string =>
      oneLead(
        "",
        "lea@ourshop.test",
      )(text)
        .replace("lead: [lea@ourshop.test]", "lead: [lea@ourshop.test, U0LEA]")
        .replaceAll("count: 2, leads: 1", "count: 1, leads: 1");
    await bench.begin(alone);
    await proposed();
    const card = bench.proposal();
    const hidden: DeskTeammate = slackMember("U0LEA", "Lea Brandt", null);
    assert.equal((await bench.press(hidden, card, "approve")).accepted, true);
    assert.match((await bench.press(atConsole(lea), card, "approve")).message, /cannot be told/);
    assert.equal(holds(), false, "one person's two names made two people");
    bench.edit((text) => text);
    await bench.look();
    await proposed();
    await bench.press(lea, bench.proposal(), "approve");
    assert.equal(holds(), true, "no other person is there to agree");
  });

  test("takes a removed teammate's role at once when the same save adds one, who has none until leads agree", async () => {
    await bench.begin(TWO_PEOPLE);
    bench.edit((text) =>
      text
        .replace("support: [sam@ourshop.test, dana@", "support: [ned@ourshop.test, dana@")
        .replaceAll("people: [sam@ourshop.test, lea@", "people: [ned@ourshop.test, lea@"),
    );
    await bench.look();
    assert.deepEqual([roleOf("sam"), roleOf("ned"), roleOf("dana")], [null, null, "support"]);
    const card = bench.proposal();
    assert.equal((await bench.press(sam, card, "approve")).accepted, false);
    await bench.press(lea, card, "approve");
    assert.equal(roleOf("ned"), null);
    await bench.press(lee, card, "approve");
    assert.deepEqual([roleOf("sam"), roleOf("ned")], [null, "support"]);
    assert.equal(bench.parts.policy.version, (await bench.restart()).inForce.version);
  });
});
