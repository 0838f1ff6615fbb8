/** A policy file that cannot be used, or not yet, changes nothing. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { openPolicyBench } from "./bench.ts";
import { type PolicyBench } from "./bench-contract.ts";

const LAXER = (text: string): string => text.replace("up_to: 200.00", "up_to: 500.00");
const STRICTER = (text: string): string => text.replace("up_to: 200.00", "up_to: 150.00");
const same = (text: string): string => text;

describe("a policy file", () => {
  let bench: PolicyBench;
  before(async () => {
    bench = await openPolicyBench();
  });
  after(() => bench.close());
  beforeEach(() => bench.begin());

  const policyCards = () => [...bench.desk.cards.values()].filter(({ kind }) => kind === "policy");

  test("a file with mistakes is told once, with its lines, and changes nothing", async () => {
    const { version } = bench.parts.policy;
    const told = bench.desk.notices.length;
    const before = bench.desk.notified;
    bench.edit((text) => text.replace("verdict: deny", "verdict: denied"));
    await bench.look();
    await bench.look();
    assert.equal(bench.desk.notified, before + 1);
    assert.equal(bench.parts.policy.version, version);
    assert.equal(bench.desk.notices.length, told + 1);
    const notice = bench.desk.notices.at(-1);
    assert.match(
      notice?.text ?? "",
      /deskhand\.policy\.yaml:\d+ operations\.refund\.rules\[0\]\.verdict/,
    );
    assert.deepEqual(notice?.people, ["lea@ourshop.test"]);
    bench.edit(same);
    await bench.look();
    assert.equal(bench.desk.notices.length, told + 1);
  });

  test("a file without a rule for something a tool proposes is one with a mistake", async () => {
    bench.edit((text) => text.replace("  change_address:", "  change_colour:"));
    await bench.look();
    assert.match(bench.desk.notices.at(-1)?.text ?? "", /no rule for: change_address/);
    assert.deepEqual(
      policyCards().filter(({ state }) => state === "pending"),
      [],
    );
    bench.edit(same);
    await bench.look();
  });

  test("a file that is being written is left alone until it stops changing", async () => {
    const { version } = bench.parts.policy;
    bench.edit((text) => STRICTER(text));
    await bench.watch.tick();
    bench.edit((text) => LAXER(text).slice(0, 500));
    await bench.watch.tick();
    assert.equal(bench.parts.policy.version, version);
    bench.edit(STRICTER);
    await bench.look();
    assert.notEqual(bench.parts.policy.version, version);
  });

  test("a file that is gone changes nothing and is told", async () => {
    const { version } = bench.parts.policy;
    bench.remove();
    await bench.look();
    assert.equal(bench.parts.policy.version, version);
    assert.match(bench.desk.notices.at(-1)?.text ?? "", /cannot be read/);
  });
});
