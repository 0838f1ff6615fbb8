/** No press of one lead takes the role from every other lead. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { policyBenchForTests } from "./bench.ts";
import { PEOPLE } from "./desk.ts";

const { sam, lea, lee } = PEOPLE;
const LEADS = "lead: [lea@ourshop.test, lee@ourshop.test]";

describe("one lead", () => {
  const bench = policyBenchForTests();
  const roleOf = (name: string): string | null =>
    bench.parts.policy.roleOf({ id: "x", email: `${name}@ourshop.test` });
  async function edited(change: (text: string) => string): Promise<void> {
    bench.edit(change);
    await bench.look();
  }
  const withKim = (text: string): string =>
    text.replace(LEADS, "lead: [lea@ourshop.test, lee@ourshop.test, kim@ourshop.test]");
  const alone = (text: string): string =>
    text.replace(/lead: \[lea@[^\]]*\]/, "lead: [lea@ourshop.test]");

  test("does not remove two others at once with one of support, where one of them needs two leads", async () => {
    await bench.begin(withKim);
    await edited(alone);
    const card = bench.proposal();
    await bench.press(lea, card, "approve");
    await bench.press(sam, card, "approve");
    await bench.look();
    assert.deepEqual([roleOf("lee"), roleOf("kim")], ["lead", "lead"]);
  });

  test("of two has no vote on leaving once nobody of support is left to stand in", async () => {
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
