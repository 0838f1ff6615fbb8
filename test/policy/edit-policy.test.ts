/** Single settings are written into a policy file as a person would write them, and nothing else changes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { openPolicyFile } from "#policy/load-policy.ts";
import { changedLines, editedPolicy, tightenedPart } from "#policy/edit-policy.ts";
import { topicAutonomy } from "#policy/decide.ts";

const SANDBOX = readFileSync(SANDBOX_POLICY, "utf8");
const BERLIN = readFileSync(new URL("berlin.yaml", import.meta.url), "utf8");

/** The Berlin file with the autonomy of mail written in another way. */
function writing(email: string): string {
  return BERLIN.replace("  email: { default: draft, topics: { faq: auto } }", email);
}

const FORMS: Readonly<Record<string, readonly [before: string, after: string]>> = {
  "another topic in braces": [
    "  email: { default: draft, topics: { faq: auto } }",
    "  email: { default: draft, topics: { faq: auto, refund: shadow } }",
  ],
  "the same topic in braces": [
    "  email: { default: draft, topics: { refund: auto } } # agreed in May",
    "  email: { default: draft, topics: { refund: shadow } } # agreed in May",
  ],
  "a channel without topics": [
    "  email: { default: draft }",
    "  email: { default: draft, topics: { refund: shadow } }",
  ],
  "empty braces": [
    "  email: { default: draft, topics: {} }",
    "  email: { default: draft, topics: { refund: shadow } }",
  ],
  "a channel on lines of its own": [
    "  email:\n    default: draft # careful",
    "  email:\n    default: draft # careful\n    topics:\n      refund: shadow",
  ],
  "topics on lines of their own": [
    "  email:\n    default: draft\n    topics:\n      # Lea, 3 March\n      faq: auto # of May",
    "  email:\n    default: draft\n    topics:\n      # Lea, 3 March\n      faq: auto # of May\n      refund: shadow",
  ],
};

const REFUNDS_ON_MAIL = ["autonomy", "email", "topics", "refund"];

for (const [form, [before, after]] of Object.entries(FORMS))
  test(`one topic is written into ${form}, and every other byte stays`, () => {
    const edited = editedPolicy(writing(before), [{ path: REFUNDS_ON_MAIL, value: "shadow" }]);
    assert.equal(edited, writing(after));
    const { document } = openPolicyFile(edited, "edited");
    assert.equal(topicAutonomy(document.autonomy.email, "refund"), "shadow");
  });

test("the lines that differ are named with their numbers, as the file has them", () => {
  const edited = editedPolicy(BERLIN, [
    { path: ["autonomy", "zendesk", "topics", "faq"], value: "auto" },
  ]);
  assert.deepEqual(changedLines(BERLIN, edited ?? ""), [
    "line 73, −   zendesk: { default: draft }",
    "line 73, +   zendesk: { default: draft, topics: { faq: auto } }",
  ]);
});

test("a place that other settings share, or that says so already, is left to people", () => {
  const shared = writing("  email: &all { default: draft }").replace(
    "  zendesk: { default: draft }",
    "  zendesk: *all",
  );
  for (const channel of ["email", "zendesk"])
    assert.equal(
      editedPolicy(shared, [{ path: ["autonomy", channel, "topics", "faq"], value: "auto" }]),
      null,
    );
  const same = { path: ["autonomy", "email", "topics", "faq"], value: "auto" };
  assert.equal(editedPolicy(BERLIN, [same]), null);
});

test("amounts keep their decimals, lists grow and shrink, and comments beside them stay", () => {
  const text = SANDBOX.replace("up_to: 10.00", "up_to: 10.00 # since May");
  const edited = editedPolicy(text, [
    { path: ["operations", "refund", "rules", 2, "up_to"], value: 25 },
    { path: ["roles", "support", 2], value: "nora@ourshop.test" },
    { path: ["limits", "small_refunds_for_one"] },
    { path: ["operations", "refund", "rules", 2, "limits", 0] },
  ]);
  const lines = changedLines(text, edited ?? "");
  assert.ok(
    lines.some((line) => line.endsWith("+         up_to: 25.00 # since May")),
    lines.join(),
  );
  assert.ok(lines.some((line) => line.includes("dana@ourshop.test, nora@ourshop.test")));
  const { document } = openPolicyFile(edited ?? "", "edited");
  assert.deepEqual(document.operations["refund"]?.rules[2]?.limits, ["small_refunds_for_all"]);
});

test("what would be a mistake is refused with its line", () => {
  const edit = { path: ["roles", "support", 0] };
  assert.throws(() => editedPolicy(SANDBOX, [edit]), /sam@ourshop\.test has no role/);
});

test("beside what permits more, only what is stricter stands alone: a route and a status wait as well", () => {
  const next = `${SANDBOX.replace("up_to: 10.00", "up_to: 150.00")
    .replace("routing: []", "routing: [{ name: all, place: everybody }]")
    .replace("language: en", "language: de")
    .replace("sum_max: 50.00", "sum_max: 40.00")}\nstatus_after_reply: { zendesk: solved }\n`;
  const open = (text: string) => openPolicyFile(text, "policy.yaml");
  const part = tightenedPart(SANDBOX, open(SANDBOX), open(next));
  assert.deepEqual(
    part?.file.document,
    open(SANDBOX.replace("sum_max: 50.00", "sum_max: 40.00")).document,
  );
});
