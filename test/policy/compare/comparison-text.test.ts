import assert from "node:assert/strict";
import { test } from "node:test";
import { comparisonText } from "#policy/explain/summary.ts";
import { comparePolicies, relaxationLines } from "#policy/compare/compare-policies.ts";
import type { RuleEntry } from "#policy/schema.ts";
import { settingLines } from "#policy/compare/setting.ts";
import { openPolicyFile, type PolicyFile } from "#policy/load-policy.ts";
import { berlinText, ORDERS, question, sandboxText, withEdits } from "#test/policy/policy-files.ts";

const sandbox = openPolicyFile(sandboxText, "old.yaml");

const differences = (before: PolicyFile, after: PolicyFile) =>
  settingLines(comparePolicies(before, after));

const changed = (...edited: Parameters<typeof withEdits>): PolicyFile =>
  openPolicyFile(withEdits(...edited), "new.yaml");

test("every changed setting is one line, by its place in the file", () => {
  const after = changed([
    ["up_to: 10.00", "up_to: 50.00"],
    ["{ count: 2, leads: 1 }", "{ count: 2, leads: 2 }"],
    ["email: { default: draft }", "email: { default: draft, topics: { faq: auto } }"],
    ["link_hosts: [ourshop.test, help", "link_hosts: [shop.test, help"],
    ["  holidays: []", "  holidays: [2026-12-25]"],
    ["undo_seconds: 5", "undo_seconds: 6"],
  ]);
  assert.deepEqual(differences(sandbox, after), [
    "operations.refund.rules.small.up_to: 10 → 50",
    "operations.refund.rules.large.approvers.leads: 1 → 2",
    "autonomy.email.topics.faq: new, auto",
    "approvals.undo_seconds: 5 → 6",
    "calendar.holidays: added 2026-12-25",
    "link_hosts: added shop.test; removed ourshop.test",
  ]);
});

test("a rule that comes, goes or moves is told by its name", () => {
  const rule =
    "      - name: too_much\n        verdict: deny\n        above: 1000.00\n        reason: Refunds of more than 1000.00 USD cannot be made here.\n";
  assert.deepEqual(differences(sandbox, changed([[rule, ""]])), [
    "operations.refund.rules.too_much: gone, it was { verdict: deny, above: 1000, reason: Refunds of more than 1000.00 USD cannot be made here. }",
  ]);
  const moved = changed([
    [rule, ""],
    ["      - name: too_late", `${rule}      - name: too_late`],
  ]);
  assert.deepEqual(differences(sandbox, moved), [
    "operations.refund.rules: in another order, too_late, too_much, small, usual, large → too_much, too_late, small, usual, large",
  ]);
});

test("comments, the order of settings and what is written down as it was anyway are no difference", () => {
  const spelled = changed([
    ["currency: USD", "# Dollars.\ncurrency: USD"],
    ["  change_address:\n    level: 2", "  change_address:\n    own_words: required\n    level: 2"],
  ]);
  assert.deepEqual(differences(sandbox, spelled), []);
  assert.equal(comparisonText(sandbox, spelled, []), "new.yaml says the same as old.yaml.");
});

test("a long text is told to its end, as people agree to it", () => {
  const long = "x".repeat(900);
  const [line = ""] = differences(sandbox, changed([["I have passed it on to our team", long]]));
  assert.match(
    line,
    /^texts\.handover: "Thank you for your message\. I have passed .*" → "Thank you /,
  );
  assert.ok(line.includes(long));
});

const cards = [
  {
    id: "approval_1",
    headline: "Refund 9.00 USD · 1002",
    questions: [question("refund", ORDERS.cable, 9, { origin: { asked: false, unproven: [] } })],
  },
  {
    id: "approval_2",
    headline: "Refund 120.00 USD · 789",
    questions: [question("refund", ORDERS.headphones, 120), question("reply", null, null)],
  },
  { id: "approval_3", headline: "Reply", questions: [question("reply", null, null)] },
];

test("the waiting cards that would be decided differently are named, with both results", () => {
  const after = changed([
    ["up_to: 10.00", "up_to: 150.00"],
    ["sum_max: 50.00", "sum_max: 500.00"],
  ]);
  const text = comparisonText(sandbox, after, cards);
  assert.equal(
    text.slice(text.indexOf("1 of 3")),
    "1 of 3 waiting cards would be decided more freely; they stay with people as they are:\n" +
      "  approval_2  Refund 120.00 USD · 789\n" +
      "    one person approves (refund.usual) → it happens by itself (refund.small)",
  );
});

test("a change that permits more says that leads have to agree, any other says that it does not", () => {
  const more = comparisonText(sandbox, changed([["undo_seconds: 5", "undo_seconds: 4"]]), cards);
  assert.equal(
    more,
    [
      "1 setting differs between old.yaml and new.yaml:",
      "  approvals.undo_seconds: 5 → 4",
      "",
      "The new file permits more than the old one. Leads have to agree before it is in force, unless it is the sandbox's own:",
      "  approvals.undo_seconds: is 4 instead of 5",
      "",
      "0 of 3 waiting cards would be decided differently.",
    ].join("\n"),
  );
  const less = comparisonText(sandbox, changed([["undo_seconds: 5", "undo_seconds: 9"]]), []);
  assert.match(
    less,
    /Nothing is permitted that was not permitted before\.\n\nNo card waits for a decision\.$/,
  );
});

test("another name of the rule that decides changes no card", () => {
  const renamed = changed([["name: usual", "name: common"]]);
  assert.match(comparisonText(sandbox, renamed, cards), /0 of 3 waiting cards/);
});

test("a file compared with a shop of another kind is told in full", () => {
  const lines = differences(sandbox, openPolicyFile(berlinText, "berlin.yaml"));
  for (const start of [
    "currency: USD → EUR",
    "calendar.open: always → { monday: ",
    "calendar.duty.support: gone",
    "routing: added { name: nordlicht",
  ])
    assert.ok(
      lines.some((line) => line.startsWith(start)),
      `${start}\n${lines.join("\n")}`,
    );
});

test("every condition a rule may have shows in the comparison, and one that it does not know loosens", () => {
  const rule = (more: Record<string, unknown>) => ({
    name: "gift",
    verdict: "allow" as const,
    reason: "Gifts are made at once.",
    ...more,
  });
  const withRule = (more: Record<string, unknown>) => {
    const { document } = openPolicyFile(sandboxText, "policy");
    const rules = [rule(more)];
    return {
      document: {
        ...document,
        operations: {
          ...document.operations,
          gift: { level: 2 as const, own_words: "required" as const, rules },
        },
      },
    };
  };
  // Strict and free values of each condition; a new key of the schema does not compile without its pair.
  const pairs: Readonly<
    Record<Exclude<keyof RuleEntry, "name" | "reason">, readonly [object, object]>
  > = {
    verdict: [{ verdict: "deny" }, {}],
    up_to: [{ up_to: 10 }, { up_to: 20 }],
    above: [{ above: 20 }, { above: 10 }],
    within_days: [{ within_days: 5 }, { within_days: 9 }],
    after_days: [{ after_days: 9 }, { after_days: 5 }],
    delivered: [{ delivered: true }, {}],
    before_shipping: [{ before_shipping: true }, {}],
    level: [{ level: 3 }, {}],
    approvers: [
      { verdict: "ask", approvers: { count: 2, leads: 1 } },
      { verdict: "ask", approvers: { count: 1, leads: 0 } },
    ],
    limits: [{ limits: ["small_refunds_for_one"] }, {}],
  };
  for (const [key, [strict, free]] of Object.entries(pairs))
    assert.notDeepEqual(
      relaxationLines(comparePolicies(withRule({ ...strict }), withRule({ ...free }))),
      [],
      key,
    );
});
