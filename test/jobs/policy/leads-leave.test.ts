/** No lead shuts another out alone: who loses the role keeps it until two of the others agree, and is told. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyBenchForTests } from "./bench.ts";
import { atConsole, PEOPLE, slackMember } from "./desk.ts";

const { sam, lea, lee } = PEOPLE;
const kim = slackMember("U0KIM", "Kim", "kim@ourshop.test");
const LEADS = "lead: [lea@ourshop.test, lee@ourshop.test]";

describe("a lead who loses the role", () => {
  const bench = policyBenchForTests();

  const roleOf = (name: string): string | null =>
    bench.parts.policy.roleOf({ id: "x", email: `${name}@ourshop.test` });
  const withKim = (text: string): string =>
    text.replace(LEADS, "lead: [lea@ourshop.test, lee@ourshop.test, kim@ourshop.test]");
  const withoutLee = (text: string): string => text.replace("lee@ourshop.test, kim@", "kim@");
  const alone = (text: string): string => text.replace(LEADS, "lead: [lea@ourshop.test]");
  const laxer = (text: string): string => text.replace("undo_seconds: 5", "undo_seconds: 3");
  async function edited(change: (text: string) => string): Promise<void> {
    bench.edit(change);
    await bench.look();
  }

  test("stays a lead until two of the other leads agree, has no vote on it, and is told", async () => {
    await bench.begin(withKim);
    await edited(withoutLee);
    assert.equal(roleOf("lee"), "lead");
    const card = bench.proposal();
    assert.match(card.progress, /^0 of 2 leads/);
    assert.ok(
      card.actions.some(({ label }) => /lee@ourshop\.test is no longer a lead/.test(label)),
    );
    assert.ok(bench.desk.notices.some(({ people }) => people.includes("lee@ourshop.test")));
    for (const who of [lee, atConsole(lee)])
      for (const button of ["approve", "reject"] as const)
        assert.match((await bench.press(who, card, button)).message, /others decide/);
    assert.equal((await bench.press(sam, card, "approve")).accepted, false);
    assert.equal((await bench.press(lea, card, "approve")).accepted, true);
    await bench.look();
    assert.equal(roleOf("lee"), "lead", "one lead alone took the role away");
    assert.equal((await bench.press(kim, card, "approve")).accepted, true);
    await bench.look();
    assert.equal(roleOf("lee"), null);
    const told = bench.desk.notices.filter(({ people }) => people.join() === "lee@ourshop.test");
    assert.equal(told.length, 1);
    assert.match(
      told[0]?.text ?? "",
      /no longer.*lee@ourshop\.test\. Tokens and webhooks they added/i,
    );
  });

  test("is told also by a process that was started after it, once, while the first one could not", async () => {
    await bench.begin(withKim);
    await edited(withoutLee);
    const card = bench.proposal();
    await bench.press(lea, card, "approve");
    bench.desk.away = true;
    await bench.press(kim, card, "approve");
    await bench.look();
    await bench.restart();
    await bench.look();
    bench.desk.away = false;
    await bench.watch.tickIfDue();
    await bench.restart();
    await bench.look();
    const told = bench.desk.notices.filter(({ people }) => people.join() === "lee@ourshop.test");
    assert.equal(told.length, 1);
    assert.match(told[0]?.text ?? "", /no longer.*lee@ourshop\.test/i);
  });

  test("of two leads takes the other lead and one of support", async () => {
    await bench.begin();
    await edited(alone);
    const card = bench.proposal();
    assert.equal((await bench.press(lee, card, "reject")).accepted, false);
    await bench.press(lea, card, "approve");
    await bench.look();
    assert.equal(roleOf("lee"), "lead");
    assert.equal((await bench.press(sam, card, "approve")).accepted, true);
    await bench.look();
    assert.equal(roleOf("lee"), null);
  });

  test("keeps the vote on what the same change permits besides", async () => {
    await bench.begin();
    await edited((text) => laxer(alone(text)));
    const card = bench.proposal();
    await bench.press(lea, card, "approve");
    assert.equal((await bench.press(sam, card, "approve")).accepted, false);
    await bench.press(lee, card, "approve");
    await bench.look();
    assert.equal(roleOf("lee"), null);
  });

  test("waits when made support as well, and one of support loses the role at once, and is told", async () => {
    await bench.begin();
    await edited((text) =>
      alone(text)
        .replace("support: [sam@ourshop.test", "support: [lee@ourshop.test")
        .replaceAll("people: [sam@ourshop.test, lea@", "people: [lea@"),
    );
    assert.deepEqual([roleOf("lee"), roleOf("sam")], ["lead", null]);
    assert.ok(bench.desk.notices.some(({ people }) => people.join() === "sam@ourshop.test"));
    for (const who of [lea, slackMember("U0DANA", "Dana", "dana@ourshop.test")])
      await bench.press(who, bench.proposal(), "approve");
    await bench.look();
    assert.equal(roleOf("lee"), "support");
  });

  test("by a group of the desk can refuse that the group goes, and it takes two leads", async () => {
    const mia = { ...slackMember("U0MIA", "Mia", "mia@ourshop.test"), groups: ["S0LEADS"] };
    const withGroup = (text: string): string =>
      text
        .replace(LEADS, "lead: [lee@ourshop.test, group:S0LEADS]")
        .replaceAll("lea@ourshop.test", "lee@ourshop.test")
        .replaceAll("lee@ourshop.test, lee@", "lee@");
    const groupless = (text: string): string => text.replace(", group:S0LEADS", "");
    await bench.begin(withGroup);
    await edited(groupless);
    const card = bench.proposal();
    assert.equal((await bench.press(lee, card, "approve")).accepted, true);
    assert.equal((await bench.press(sam, card, "approve")).accepted, false);
    await bench.look();
    assert.equal(
      bench.parts.policy.roleOf(mia),
      "lead",
      "one lead and one of support took every role",
    );
    assert.equal((await bench.press(mia, card, "reject")).accepted, true);
  });

  test("stays where one lead and one of support would remove two at once, and one of them needs two leads", async () => {
    await bench.begin(withKim);
    await edited((text) => text.replace(/lead: \[lea@[^\]]*\]/, "lead: [lea@ourshop.test]"));
    const card = bench.proposal();
    await bench.press(lea, card, "approve");
    await bench.press(sam, card, "approve");
    await bench.look();
    assert.deepEqual([roleOf("lee"), roleOf("kim")], ["lead", "lead"]);
  });

  test("of two has no vote once nobody of support is left to stand in", async () => {
    await bench.begin((text) => text.replace("count: 2, leads: 1", "count: 1, leads: 1"));
    const unsupported = (text: string): string =>
      text
        .replace(/support: \[[^\]]*\]/, "support: []")
        .replaceAll(/people: \[[^\]]*\]/g, "people: [lea@ourshop.test]");
    await edited(unsupported);
    assert.equal(roleOf("sam"), null, "at once, by whoever edits");
    await edited((text) => alone(unsupported(text)));
    const card = bench.proposal();
    assert.equal((await bench.press(lee, card, "reject")).accepted, false);
  });
});
