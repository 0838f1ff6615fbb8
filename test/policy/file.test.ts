import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { policySummary } from "#policy/explain/summary.ts";
import { loadPolicy, openPolicyFile } from "#policy/load-policy.ts";
import { lineWith, problems, relaxations, sandboxText, withEdits } from "./policy-files.ts";

const sandboxWith = (words: string, instead: string): string => withEdits([[words, instead]]);

test("a file of an earlier version keeps a key that nothing reads any more, and is told so", () => {
  const text = `${sandboxText}\nescalation_groups: { tier2: Tier 2 }\n`;
  const file = openPolicyFile(text, "deskhand.policy.yaml");
  const told = `No longer used, so it can be left out:\n  escalation_groups (line ${lineWith(text, "escalation_groups")})\n`;
  assert.equal(policySummary(file).split(told).length, 2);
  assert.doesNotMatch(policySummary(openPolicyFile(sandboxText, "")), /No longer used/);
  assert.equal(file.policy.version, loadPolicy(sandboxText, "").version);
  assert.deepEqual(relaxations(file, openPolicyFile(sandboxText, "")), []);
});

test("an error names file, line, field and reason", () => {
  const line = lineWith(sandboxText, "up_to: 200.00");
  const [first] = problems(sandboxWith("up_to: 200.00", 'up_to: "200"'));
  assert.equal(first, `policy.yaml:${line} operations.refund.rules[3].up_to: must be a number`);
});

test("all problems are told at once, in the order of their lines", () => {
  const text = sandboxWith("steps: 12,", "steps: 0,")
    .replace("chat: 0 }", "chat: -1 }")
    .replace("zone: UTC", "zone: Mars/Olympus")
    .replace("verdict: allow", "verdict: maybe");
  const found = problems(text);
  assert.equal(found.length, 4);
  assert.deepEqual(
    found.map((line) => line.split(" ")[1]),
    ["operations.refund.rules[2].verdict:", "quiet_ms.chat:", "calendar.zone:", "caps.turn.steps:"],
  );
});

const REFUSED: Readonly<Record<string, readonly [string, string, RegExp]>> = {
  "a misspelt setting": [
    "within_days: 30",
    "with_in_days: 30",
    /rules\[2\]\.with_in_days: there is no such setting/,
  ],
  "a misspelt setting at the top": [
    "link_hosts:",
    "linkhosts:",
    /linkhosts: there is no such setting/,
  ],
  "a missing channel": ["  chat: { default: auto }\n", "", /autonomy\.chat: is missing/],
  "a limit that is not there": ["[resets_for_one]", "[resets]", /limits: there is no limit resets/],
  "a limit named like an object's own method": [
    "[resets_for_one]",
    "[constructor]",
    /there is no limit constructor/,
  ],
  "a limit without a use": [
    "[resets_for_one]",
    "[small_refunds_for_one]",
    /limits\.resets_for_one: no rule uses/,
  ],
  "a limit without a maximum": [
    "days: 1, count_max: 3",
    "days: 1",
    /resets_for_one: needs count_max/,
  ],
  "more digits than the currency has": [
    "up_to: 10.00",
    "up_to: 10.005",
    /up_to: 10\.005 has more digits than USD/,
  ],
  "two rules of one name": [
    "name: usual",
    "name: small",
    /rules\[3\]\.name: there is a rule small above/,
  ],
  "the name of a built-in rule": [
    "name: usual",
    "name: paid",
    /name: paid is the name of a rule that always holds/,
  ],
  "rules for replies": ["  change_address:", "  reply:", /operations\.reply: .* autonomy/],
  "approvers on a rule that does not ask": [
    "above: 1000.00",
    "above: 1000.00\n        approvers: { count: 1, leads: 0 }",
    /only a rule that asks/,
  ],
  "limits on a rule that denies": [
    "        verdict: deny\n",
    "        verdict: deny\n        limits: [resets_for_one]\n",
    /a rule that denies has none/,
  ],
  "more leads than there are": [
    "{ count: 2, leads: 1 }",
    "{ count: 3, leads: 3 }",
    /there are not so many leads/,
  ],
  "more leads than people": [
    "{ count: 2, leads: 1 }",
    "{ count: 1, leads: 2 }",
    /more leads than people/,
  ],
  "more people than there are": [
    "{ count: 2, leads: 1 }",
    "{ count: 5, leads: 1 }",
    /not so many people/,
  ],
  "asking no person": ["{ count: 2, leads: 1 }", "{ count: 0, leads: 0 }", /at least one person/],
  "money without a bound": ["        up_to: 10.00\n", "", /needs up_to/],
  "a person on duty without a role": [
    "people: [sam@",
    "people: [ned@",
    /calendar\.duty\[0\]\.people\[0\]: ned@ourshop\.test has no role/,
  ],
  "a fallback lead who is none": [
    "fallback_lead: lea@",
    "fallback_lead: sam@",
    /fallback_lead: sam@ourshop\.test is not a lead/,
  ],
  "one person in two roles": [
    "lead: [lea@",
    "lead: [SAM@ourshop.test, lea@",
    /roles\.support\[0\]: sam@ourshop\.test is a lead/,
  ],
  "a holiday that is no day": ["holidays: []", "holidays: [2026-02-30]", /holidays\[0\]/],
  "a half-known week": ["open: always", "open: { monday: always }", /calendar\.open\.tuesday/],
  "an hour that is none": [
    "open: always",
    'open: { monday: "25:00-26:00", tuesday: closed, wednesday: closed, thursday: closed, friday: closed, saturday: closed, sunday: closed }',
    /calendar\.open\.monday: .* no opening/,
  ],
  "a week without an opening": [
    "open: always",
    "open: { monday: closed, tuesday: closed, wednesday: closed, thursday: closed, friday: closed, saturday: closed, sunday: closed }",
    /calendar\.open: at least one day/,
  ],
  "a host with a path": [
    "ourshop.test, help",
    "https://ourshop.test/x, help",
    /link_hosts\[0\]: must be a host name/,
  ],
  "a key written twice": [
    "currency: USD",
    "currency: USD\ncurrency: EUR",
    /Map keys must be unique/,
  ],
  "a refusal beyond a limit": [
    "count_max: 3, over: ask",
    "count_max: 3, over: deny",
    /limits\.resets_for_one\.over/,
  ],
  "another version": [
    "version: 1",
    "version: 2",
    /version: this Deskhand reads files of version 1/,
  ],
  "a file without a version": ["version: 1\n", "", /version: .*has to say so as version: 1/],
  "a holding sentence that names no opening": [
    "on {opening}.",
    "soon.",
    /texts\.closed: must say \{opening\}/,
  ],
  "a reminder of what has expired": [
    "\n  remind_after_opening_hours: 4",
    "\n  remind_after_opening_hours: 8",
    /approvals\.remind_after_opening_hours: the card has expired by then/,
  ],
  "a turn that may use more than its conversation": [
    "conversation: { steps: 120",
    "conversation: { steps: 11",
    /caps\.turn\.steps: is more than a whole conversation may use \(11\)/,
  ],
  "a route behind one that takes every card": [
    "routing: []",
    "routing: [{ name: all, place: here }, { name: money, place: there, above: 5 }]",
    /routing\[1\]: is never reached, because all above takes every card/,
  ],
  "a route with more digits than the currency has": [
    "routing: []",
    "routing: [{ name: money, place: there, above: 5.001 }]",
    /routing\[0\]\.above: 5\.001 has more digits/,
  ],
  "two groups on duty of one name": [
    "  fallback_lead:",
    "    - { name: support, people: [lea@ourshop.test] }\n  fallback_lead:",
    /calendar\.duty\[1\]\.name: there is a group support above/,
  ],
  "a group on duty that never is": [
    "      people: [sam@ourshop.test, lea@ourshop.test]",
    "      people: [sam@ourshop.test, lea@ourshop.test]\n      open: { monday: closed, tuesday: closed, wednesday: closed, thursday: closed, friday: closed, saturday: closed, sunday: closed }",
    /calendar\.duty\[0\]\.open: at least one day/,
  ],
  "a language that does not exist": [
    "  zone: UTC",
    "  zone: UTC\n  language: xx",
    /calendar\.language: is no language code/,
  ],
  "the name of the rule about own words": [
    "name: usual",
    "name: origin",
    /name: origin is the name of a rule that always holds/,
  ],
};

for (const [what, [words, instead, expected]] of Object.entries(REFUSED)) {
  test(`${what} is refused with its line`, () => {
    const found = problems(sandboxWith(words, instead));
    assert.ok(
      found.some((line) => expected.test(line)),
      found.join("\n") || "it was accepted",
    );
    for (const line of found) assert.match(line, /^policy\.yaml:\d+ /);
  });
}

test("a file that lets a larger amount pass more easily is refused", () => {
  const swapped = sandboxWith("{ count: 1, leads: 0 }", "{ count: 3, leads: 2 }");
  assert.match(
    problems(swapped).join("\n"),
    /rules\[4\]: lets 200\.01 USD pass more easily than a smaller amount, which refund\.usual decides/,
  );
  const gap = sandboxWith("above: 1000.00", "up_to: 1.00\n        above: 0.50");
  assert.match(problems(gap).join("\n"), /lets 1\.01 USD pass more easily/);
});

test("a way around a used-up limit by asking for more is refused", () => {
  const around = sandboxWith(
    "      - name: usual",
    "      - name: middle\n        verdict: allow\n        up_to: 20.00\n        within_days: 30\n        reason: Up to 20.00 without any limit.\n      - name: usual",
  );
  assert.match(problems(around).join("\n"), /lets 10\.01 USD pass more easily/);
});

test("the version follows the meaning, not the comments or the order of keys", () => {
  const { version } = loadPolicy(sandboxText, "a.yaml");
  assert.equal(loadPolicy(`# Another comment.\n${sandboxText}`, "b.yaml").version, version);
  assert.notEqual(
    loadPolicy(sandboxWith("undo_seconds: 5", "undo_seconds: 6"), "c.yaml").version,
    version,
  );
});

test("whatever the text, it is a policy or a refusal with lines", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      for (const line of problems(text)) assert.match(line, /^(?:policy\.yaml:\d+ )?\S/);
    }),
  );
  for (const text of [
    "",
    "[]",
    "5",
    "a: &a [*a]",
    "a: !!js/function 'x'",
    "a: b: c",
    "\t",
    "---\na: 1\n---\nb: 1",
  ])
    assert.notDeepEqual(problems(text), [], text);
});

test("an alias bomb is refused, not unfolded", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 9; level += 1)
    lines.push(
      `a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(", ")}]`,
    );
  assert.match(problems(lines.join("\n")).join("\n"), /alias/i);
});
