/** One topic's autonomy is written into a policy file as a person would write it, and nothing else changes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openPolicyFile } from "#policy/load-policy.ts";
import { withAutonomy } from "#policy/set-autonomy.ts";
import { topicAutonomy } from "#policy/decide.ts";

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
    "  email:\n    default: draft # careful\n    topics: { refund: shadow }",
  ],
  "topics on lines of their own": [
    "  email:\n    default: draft\n    topics:\n      # Lea, 3 March\n      faq: auto # of May",
    "  email:\n    default: draft\n    topics:\n      # Lea, 3 March\n      faq: auto # of May\n      refund: shadow",
  ],
};

for (const [form, [before, after]] of Object.entries(FORMS))
  test(`one topic is written into ${form}, and every other byte stays`, () => {
    const wanted = { channel: "email", topic: "refund", autonomy: "shadow" } as const;
    const edited = withAutonomy(writing(before), wanted);
    assert.equal(edited?.text, writing(after));
    const { document } = openPolicyFile(edited.text, "edited");
    assert.equal(topicAutonomy(document.autonomy.email, "refund"), "shadow");
  });

test("the lines that differ are named with their numbers, as the file has them", () => {
  const edited = withAutonomy(BERLIN, { channel: "zendesk", topic: "faq", autonomy: "auto" });
  assert.deepEqual(edited?.lines, [
    "line 73, −   zendesk: { default: draft }",
    "line 73, +   zendesk: { default: draft, topics: { faq: auto } }",
  ]);
});

test("a place that other settings share, or that says so already, is left to people", () => {
  const shared = writing("  email: &all { default: draft }").replace(
    "  zendesk: { default: draft }",
    "  zendesk: *all",
  );
  for (const channel of ["email", "zendesk"] as const)
    assert.equal(withAutonomy(shared, { channel, topic: "faq", autonomy: "auto" }), null);
  assert.equal(withAutonomy(BERLIN, { channel: "email", topic: "faq", autonomy: "auto" }), null);
});

test("a name that YAML would read as something else is quoted", () => {
  const edited = withAutonomy(BERLIN, { channel: "slack", topic: "no", autonomy: "draft" });
  assert.ok(edited?.text.includes('slack: { default: shadow, topics: { "no": draft } }'));
});
