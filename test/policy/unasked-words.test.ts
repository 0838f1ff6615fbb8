/** What customers read without a review, and names that settings cannot have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { REFUSED } from "#policy/compare/compare-policies.ts";
import { tightenedPart } from "#policy/edit-policy.ts";
import { loadPolicy, openPolicyFile, openPolicyInForce } from "#policy/load-policy.ts";
import { lineWith, problems, relaxations, sandboxText, withEdits } from "./policy-files.ts";

const changed = (words: string, instead: string): string => withEdits([[words, instead]]);

/** Each setting that is sent unchanged, with some of its text in the shipped file. */
const UNASKED: readonly (readonly [path: string, words: string])[] = [
  ["texts.handover", "I have passed it on to our team"],
  ["texts.unavailable", "I cannot check this right now"],
  ["texts.pending", "A teammate has to confirm this first"],
  ["texts.paused", "Your answer takes longer than usual"],
  ["texts.answered_privately", "I have sent you the answer"],
  ["texts.closed", "We are closed right now"],
  ["delicate.holding_text", "It is with our team now"],
  ["voice.email.greeting", "Hello {name},"],
  ["voice.email.signature", "OurShop Support"],
  ["voice.email.automatic_line", "This answer was sent automatically"],
];

for (const [path, words] of UNASKED) {
  test(`${path} may not link to a host that replies may not link to`, () => {
    const text = changed(words, `${words} https://evil.example/pay`);
    const [problem = "", ...others] = problems(text);
    assert.deepEqual(others, []);
    assert.match(problem, /links to evil\.example, which is not among link_hosts/);
    // A text over several lines is named by its first.
    const at = Number(/^policy\.yaml:(\d+) /.exec(problem)?.[1]);
    assert.ok(
      at <= lineWith(text, "evil.example") && at > lineWith(text, "evil.example") - 4,
      problem,
    );
    assert.ok(problem.includes(` ${path}: `), problem);
    assert.deepEqual(problems(changed(words, `${words} https://help.ourshop.test/pages`)), []);
  });

  test(`other words in ${path} permit more, and the person who agrees reads them in full`, () => {
    const [found, ...others] = relaxations(
      openPolicyFile(sandboxText, "old.yaml"),
      openPolicyFile(changed(words, `${words} Other`), "new.yaml"),
    );
    assert.deepEqual(others, []);
    assert.ok(found !== undefined && found.startsWith(`${path}: customers read “`), found);
    assert.ok(found.includes(`${words} Other`), found);
  });
}

/** The reason of a rule that refuses, in the shipped file. */
const REFUSAL = "Refunds of more than 1000.00 USD cannot be made here.";

test("what a refused customer reads may not link elsewhere, and other words of it permit more", () => {
  const linked = changed(REFUSAL, `${REFUSAL} See https://evil.example/claim`);
  assert.deepEqual(problems(linked), [
    `policy.yaml:${lineWith(linked, "evil.example")} operations.refund.rules[1].reason: https://evil.example/claim links to evil.example, which is not among link_hosts, and this goes out to customers unasked`,
  ]);
  const reworded = changed(REFUSAL, "Call +49 30 9876543.");
  const before = openPolicyFile(sandboxText, "old.yaml");
  const told = `customers read “Call +49 30 9876543.” instead of “${REFUSAL}”`;
  for (const name of ["too_much", "other_name"])
    assert.deepEqual(
      relaxations(before, openPolicyFile(reworded.replace("too_much", name), "new.yaml")),
      [`operations.refund.rules.${name}.reason: ${told}`],
    );
});

test("a refusal that is added holds at once with the built-in sentence, and its own words wait", () => {
  const own = "Call +49 30 9876543 for that.";
  const rules = "  refund:\n    level: 2\n    rules:\n";
  const added = changed(rules, `${rules}      - { name: none, verdict: deny, reason: "${own}" }\n`);
  const asked = changed(
    "- name: before_shipping\n        verdict: ask",
    "- name: before_shipping\n        verdict: deny",
  );
  const before = openPolicyFile(sandboxText, "old.yaml");
  for (const [text, operation, name] of [
    [added, "refund", "none"],
    [asked, "change_address", "before_shipping"],
  ] as const) {
    const next = openPolicyFile(text, "new.yaml");
    const [told = "", ...others] = relaxations(before, next);
    assert.ok(told.startsWith(`operations.${operation}.rules.${name}.reason: customers`), told);
    assert.deepEqual(others, []);
    const part = tightenedPart(sandboxText, before, next);
    const rule = part?.file.document.operations[operation]?.rules.find((one) => one.name === name);
    assert.deepEqual([rule?.verdict, rule?.reason], ["deny", REFUSED]);
    assert.deepEqual(relaxations(before, part?.file ?? next), []);
    assert.equal(relaxations(part?.file ?? before, next).length, 1);
  }
});

test("another tone permits more, for a channel and for a brand, and none does not", () => {
  const voiced = (own: string, brand = "") =>
    openPolicyFile(
      changed(
        "voice:\n  email:\n",
        `voice:\n  email:\n    tone: ${own}\n    brands: { Other: { ${brand} } }\n`,
      ),
      "policy.yaml",
    );
  const brief = voiced('"Brief."');
  const dry = voiced('"Dry."');
  assert.deepEqual(relaxations(brief, dry), ["voice.email.tone: the model is told “Dry.”"]);
  assert.deepEqual(relaxations(dry, voiced('"Dry."', 'tone: "Offer 50 %."')), [
    "voice.email.brands.Other.tone: the model is told “Offer 50 %.”",
  ]);
  assert.deepEqual(relaxations(dry, voiced('""')), []);
});

for (const link of [
  "evil.example/pay",
  "//evil.example",
  "http://evil.example",
  "https://ourshop.test@evil.example/",
  "https://ourshop.test.evil.example",
  "(www.evil.example)",
  "ｈｔｔｐｓ：／／evil.example",
  "evil\u200B.example",
  "javascript:alert(1)",
  "tel:+15550100",
  "https://[dead:beef::1]/pay",
])
  test(`${link} is a link as well`, () => {
    const words = "I have passed it on to our team";
    assert.equal(problems(changed(words, `${words} ${link} now`)).length, 1);
  });

for (const words of [
  "at 10:30 a.m., e.g. today.",
  "50/50, v1.2, 24.12.2026",
  "Write to help@ourshop.test",
])
  test(`“${words}” links to nothing`, () => {
    const before = "I have passed it on to our team";
    assert.deepEqual(problems(changed(before, `${before} ${words}`)), []);
  });

test("a brand's own words permit more where they are new and where they go", () => {
  const own = changed(
    'greeting: "Hello {name},"',
    'brands: { Nordlicht: { greeting: "Moin {name}," } }\n    greeting: "Hello {name},"',
  );
  const paths = (before: string, after: string) =>
    relaxations(openPolicyFile(before, "a.yaml"), openPolicyFile(after, "b.yaml"));
  const path = "voice.email.brands.Nordlicht.greeting";
  assert.deepEqual(paths(sandboxText, own), [
    `${path}: customers read “Moin {name},” instead of “Hello {name},”`,
  ]);
  assert.deepEqual(paths(own, sandboxText), [
    `${path}: customers read “Hello {name},” instead of “Moin {name},”`,
  ]);
  assert.deepEqual(paths(own, own), []);
});

test("a person called to delicate messages has a role", () => {
  const text = changed("page: [lea@ourshop.test]", "page: [lea@ourshop.test, ned@ourshop.test]");
  assert.deepEqual(problems(text), [
    `policy.yaml:${lineWith(text, "ned@ourshop.test]")} delicate.page[1]: ned@ourshop.test has no role`,
  ]);
});

test("a policy in force that an older version let pass can still be read, and compared with the next", () => {
  const text = changed("I have passed it on to our team", "Look at https://evil.example");
  assert.throws(() => loadPolicy(text, "policy.yaml"));
  const before = openPolicyInForce(text);
  assert.equal(relaxations(before, openPolicyFile(sandboxText, "new.yaml")).length, 1);
});

for (const name of ["__proto__", "constructor", "prototype"]) {
  test(`nothing can be called ${name}`, () => {
    const places: readonly (readonly [string, string])[] = [
      [
        "operations:\n",
        `operations:\n  ${name}:\n    level: 2\n    rules: [{ name: any, verdict: ask, reason: A person decides. }]\n`,
      ],
      ["limits:\n", `limits:\n  ${name}: { scope: all, days: 1, sum_max: 50.00, over: ask }\n`],
      ["version: 1\n", `version: 1\n${name}: { a: b }\n`],
      ["approvers: { count: 1, leads: 0 }", `approvers: { count: 1, leads: 0, ${name}: 1 }`],
      ["chat: { default: auto }", `chat: { default: auto, topics: { ${name}: draft } }`],
    ];
    for (const [words, instead] of places) {
      const text = changed(words, instead);
      assert.deepEqual(problems(text), [
        `policy.yaml:${lineWith(text, name)} ${name}: nothing can be called that`,
      ]);
    }
  });
}
