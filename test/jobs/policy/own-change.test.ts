/** What a lead sets in the console: what is stricter holds at once, what permits more waits, and the file follows. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { PolicyCheck } from "#jobs/policy/change.ts";
import { changePolicy, policyDraft } from "#jobs/policy/own-change.ts";
import { newestChange } from "#store/policy/policy-changes.ts";
import { openPolicyInForce } from "#policy/load-policy.ts";
import { editedPolicy, type PolicyEdit } from "#policy/edit-policy.ts";
import { policyBenchForTests } from "./bench.ts";
import { PEOPLE } from "./desk.ts";

const { lea, lee } = PEOPLE;

describe("a change that a lead sets in the console", () => {
  const bench = policyBenchForTests();
  beforeEach(() => bench.begin(withNote, true));

  const basisNow = async (): Promise<string> =>
    (await bench.store.run(policyDraft, bench.file))?.basis ?? "";

  async function set(
    edits: readonly PolicyEdit[],
    basis?: string,
    meanwhile: () => void = () => undefined,
  ): Promise<PolicyCheck> {
    const check = await changePolicy(bench.parts, bench.file, {
      basis: basis ?? (await basisNow()),
      edit: ({ text }) => ({ why: "Lea wants it", text: editedPolicy(text, edits) }),
      by: async () => "a pseudonym",
    });
    meanwhile();
    await bench.look();
    return check;
  }

  const usual = (value: number): PolicyEdit => ({
    path: ["operations", "refund", "rules", 3, "up_to"],
    value,
  });
  const onMail = (topic: string, value: string): PolicyEdit => ({
    path: ["autonomy", "email", "topics", topic],
    value,
  });
  const level = (topic: string): string => bench.parts.policy.replyAutonomy("email", topic);
  const text = (): string => bench.file.text() ?? "";
  async function agree(): Promise<void> {
    const card = bench.proposal();
    for (const lead of [lea, lee]) await bench.press(lead, card, "approve");
    await bench.look();
  }

  test("what is stricter is in force at once, and the file has it with its comments", async () => {
    assert.equal((await set([onMail("faq", "shadow")])).outcome, "activated");
    assert.equal(level("faq"), "shadow");
    assert.equal(
      text(),
      bench
        .original()
        .replace(
          "  email: { default: draft }",
          "  email: { default: draft, topics: { faq: shadow } }",
        ),
    );
    await bench.restart();
    assert.equal(level("faq"), "shadow");
  });

  test("what permits more waits for two leads, and until then the file stays as it is", async () => {
    const file = text();
    assert.equal((await set([usual(300)])).outcome, "proposed");
    const card = bench.proposal();
    assert.equal(card.headline, "Proposed: Lea wants it");
    assert.ok(card.actions.some(({ label }) => /line \d+, \+ {9}up_to: 300.00/.test(label)));
    assert.equal(text(), file);
    await agree();
    assert.match(text(), /up_to: 300\.00/);
    assert.match(text(), /# a note of ours/);
    assert.equal((await bench.restart()).outcome, "same");
  });

  test("of one that does both, the stricter part holds at once, and the file waits for the rest", async () => {
    const file = text();
    await set([onMail("faq", "shadow"), usual(8), onMail("refund", "auto")]);
    assert.deepEqual([level("faq"), level("refund")], ["shadow", "draft"]);
    assert.equal(text(), file);
    const active = await bench.store.run(newestChange, { state: "active" });
    const { document } = openPolicyInForce(active?.text ?? "");
    assert.equal(document.operations["refund"]?.rules[3]?.up_to, 8);
    await bench.press(lea, bench.proposal(), "reject");
    await bench.look();
    assert.deepEqual([level("faq"), level("refund")], ["shadow", "draft"]);
    assert.match(text(), /faq: shadow/);
    assert.doesNotMatch(text(), /refund: auto/);
  });

  test("what is set while a change waits is decided together with it", async () => {
    await set([onMail("refund", "auto")]);
    const first = bench.proposal();
    await set([usual(300)]);
    assert.notEqual(bench.proposal().approvalId, first.approvalId);
    await set([onMail("faq", "shadow")]);
    const { headline, confirm } = bench.proposal();
    assert.equal(headline, "Proposed: Lea wants it; Lea wants it; Lea wants it");
    assert.equal(confirm, "Agree? Lea wants it; Lea wants it; Lea wants it");
    await agree();
    assert.equal(level("refund"), "auto");
    assert.match(text(), /up_to: 300\.00/);
  });

  test("a form that showed another policy changes nothing", async () => {
    const basis = await basisNow();
    await set([onMail("faq", "shadow")]);
    await assert.rejects(set([onMail("refund", "shadow")], basis), /changed meanwhile/);
    await assert.rejects(set([onMail("faq", "shadow")]), /nothing would change/);
    await assert.rejects(
      set([{ path: ["roles", "support", 0] }]),
      /would have a mistake.*sam@ourshop\.test has no role/s,
    );
    assert.equal(level("refund"), "draft");
  });

  test("a comment that a person writes into the file meanwhile is not written over", async () => {
    await set([onMail("refund", "auto")]);
    bench.edit((original) => `# by hand\n${original}`);
    await bench.look();
    assert.match(text(), /^# by hand/);
    assert.throws(() => bench.proposal());
    await set([onMail("refund", "auto")]);
    await agree();
    assert.match(text(), /^# by hand[^]*refund: auto/);
  });

  test("a file that was edited before it could be written keeps what a person wrote", async () => {
    await set([onMail("faq", "shadow")], undefined, () =>
      bench.edit((original) => `# by hand\n${original}`),
    );
    assert.equal(level("faq"), "shadow");
    assert.match(text(), /^# by hand/);
    assert.doesNotMatch(text(), /faq: shadow/);
  });

  test("while a change of the file waits, the file goes first; one that leads did not agree to is left as a person wrote it", async () => {
    bench.edit((original) => original.replace("up_to: 200.00", "up_to: 500.00 # ask Kim"));
    await bench.look();
    await assert.rejects(set([onMail("faq", "shadow")]), /of the policy file waits/);
    await bench.press(lea, bench.proposal(), "reject");
    await bench.look();
    const before = text();
    await set([onMail("faq", "shadow")]);
    assert.equal(level("faq"), "shadow");
    assert.equal(text(), before);
    const draft = await bench.store.run(policyDraft, bench.file);
    assert.deepEqual([draft?.isFileRefused, /ask Kim/.test(draft?.text ?? "")], [true, false]);
  });

  test("where the file may not be written, what was agreed to is in force all the same", async () => {
    await bench.begin(withNote, false);
    await set([onMail("refund", "auto")]);
    await agree();
    assert.equal(level("refund"), "auto");
    assert.doesNotMatch(text(), /refund: auto/);
    assert.equal((await bench.restart()).outcome, "behind");
    assert.equal(level("refund"), "auto");
  });
});

const withNote = (text: string): string =>
  text.replace("\ncurrency:", "\n# a note of ours\ncurrency:");
