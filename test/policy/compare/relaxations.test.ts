import assert from "node:assert/strict";
import { test } from "node:test";
import { openPolicyFile } from "#policy/load-policy.ts";
import {
  berlinText,
  initText,
  permitted,
  sandboxText,
  relaxations,
} from "#test/policy/policy-files.ts";

const PERMITS: Readonly<
  Record<string, readonly [words: string, instead: string, expected: RegExp, text?: string]>
> = {
  "a higher tier names the largest amount that now passes": [
    "up_to: 10.00",
    "up_to: 50.00",
    /^operations\.refund\.rules\.small: refund of 50\.00 USD, delivered today, level 2: before, one person approves \(refund\.usual\); now, it happens by itself \(refund\.small\)$/,
  ],
  "fewer people": [
    "{ count: 2, leads: 1 }",
    "{ count: 2, leads: 0 }",
    /rules\.large: refund of 1000\.00 USD.*before, two people, one of them a lead, approve .* now, two people approve/,
  ],
  "four eyes given up": [
    ", four_eyes: true }",
    " }",
    /rules\.large: refund of .*before, .*; now, two people, one of them a lead, approve/,
    sandboxText.replace("{ count: 2, leads: 1 }", "{ count: 2, leads: 1, four_eyes: true }"),
  ],
  "a longer window": [
    "after_days: 30",
    "after_days: 31",
    /operations\.refund: .*delivered 31 days ago/,
  ],
  "asking instead of denying": [
    "- name: shipped\n        verdict: deny",
    "- name: shipped\n        verdict: ask",
    /operations\.change_address\.rules\.shipped/,
  ],
  "a lower level of an operation": [
    "  reset_password:",
    "  reset_password:\n    level: 0",
    /reset_password, level 0: before, it is refused \(reset_password\.level\); now, it happens by itself/,
  ],
  "a rule that names another limit": [
    "limits: [small_refunds_for_one]",
    "limits: [other]",
    /operations\.refund\.rules\.small: .*with small_refunds_for_one used up: before, one person.*now, it happens by itself/,
    berlinText
      .replace(
        "  resets_for_one:",
        "  other: { scope: all, days: 1, count_max: 9, over: ask }\n  resets_for_one:",
      )
      .replace(
        "limits: [resets_for_one]",
        "limits: [resets_for_one, other, small_refunds_for_one]",
      ),
  ],
  "a refusal that moves below a rule that asks": [
    "      - name: too_much\n        verdict: deny\n        above: 1000.00\n        reason: Refunds of more than 1000.00 USD cannot be made here.\n",
    "      - name: huge\n        verdict: ask\n        above: 1000.00\n        approvers: { count: 2, leads: 2 }\n        reason: Two leads look at it.\n      - name: too_much\n        verdict: deny\n        above: 1000.00\n        reason: Refunds of more than 1000.00 USD cannot be made here.\n",
    /operations\.refund\.rules\.huge: refund of 1000\.01 USD.*before, it is refused \(refund\.too_much\); now, two people, all of them leads, approve/,
  ],
  "a status that now counts as unshipped": [
    "[processing]",
    "[processing, shipped]",
    /change_address, not delivered, with a status that now counts as unshipped/,
  ],
  "a status that no longer does, where a rule refuses it": [
    "[processing]",
    "[packed]",
    /operations\.change_address\.rules\.before_shipping/,
  ],
  "a status that no longer counts as unshipped, where that was refused": [
    "[processing]",
    "[packed]",
    /change_address\.rules\.shipped: .*with a status that no longer counts as unshipped/,
    sandboxText
      .replace(
        "name: before_shipping\n        verdict: ask",
        "name: before_shipping\n        verdict: deny",
      )
      .replace("name: shipped\n        verdict: deny", "name: shipped\n        verdict: ask"),
  ],
  "fewer people for what the customer did not ask for in their own words": [
    "approvers: { count: 2, leads: 2 }",
    "approvers: { count: 1, leads: 1 }",
    /^operations\.hold_order\.rules\.every: hold_order, level 2, not asked for in the customer's own words: before, two people.*now, a lead approves \(hold_order\.origin\)$/,
    sandboxText.replace(
      "  create_ticket:",
      "  hold_order:\n    rules:\n      - { name: every, verdict: allow, reason: Every order may be cancelled. }\n      - { name: other, verdict: ask, approvers: { count: 2, leads: 2 }, reason: Leads look at it. }\n  create_ticket:",
    ),
  ],
  "a refusal that no longer holds in other currencies": [
    "        after_days: 30\n",
    "        after_days: 30\n        above: 10.00\n",
    /^operations\.refund: refund in another currency, delivered \d+ days ago, level 2: before, it is refused \(refund\.too_late\); now, two people/,
  ],
  "own words that are no longer needed": [
    "  change_address:\n    level: 2",
    "  change_address:\n    own_words: not_needed\n    level: 2",
    /^operations\.change_address\.own_words: /,
  ],
  "two witnesses that are enough": [
    "  change_address:\n    level: 2",
    "  change_address:\n    two_witnesses: enough\n    level: 2",
    /^operations\.change_address\.two_witnesses: /,
  ],
  "answers that go to those in Cc": [
    "currency: USD\n",
    "currency: USD\nmail: { keep_cc: true }\n",
    /^mail: answers by mail go to those in To and Cc as well/,
  ],
  "quoted answers that prove a sender": [
    "currency: USD\n",
    "currency: USD\nmail: { reference_line: true }\n",
    /^mail: a signed reply that quotes an answer of ours counts as proven by two witnesses/,
  ],
  "an operation that is allowed for the first time": [
    "  create_ticket:",
    "  hold_order:\n    rules: [{ name: all, verdict: allow, reason: Every order may be cancelled. }]\n  create_ticket:",
    /operations\.hold_order\.rules\.all: hold_order, level 2: before, one person approves \(hold_order\.unlisted\)/,
  ],
  "a limit that counts more": [
    "count_max: 1,",
    "count_max: 2,",
    /limits\.small_refunds_for_one\.count_max/,
  ],
  "a limit with a larger sum": [
    "sum_max: 50.00",
    "sum_max: 50.01",
    /limits\.small_refunds_for_all\.sum_max/,
  ],
  "a limit that forgets sooner": [
    "days: 90",
    "days: 89",
    /limits\.small_refunds_for_one\.days: is 89 instead of 90/,
  ],
  "a limit for each customer instead of all": [
    "scope: all",
    "scope: customer",
    /limits\.small_refunds_for_all\.scope/,
  ],
  "a channel that is promoted": [
    "email: { default: draft }",
    "email: { default: auto }",
    /^autonomy\.email\.default: replies on email go out by themselves; before, a person read them first$/,
  ],
  "a channel whose drafts are read no more": [
    "\napprovals:",
    "\nverify: { email: unasked, zendesk: never, slack: unasked, chat: always }\napprovals:",
    /^verify\.zendesk: drafts on zendesk are not read against their sources any more$/,
  ],
  "a topic that is promoted": [
    "email: { default: draft }",
    "email: { default: draft, topics: { faq: auto } }",
    /^autonomy\.email\.topics\.faq: /,
  ],
  "a topic that loses its own, stricter word": [
    "chat: { default: auto, topics: { refund: draft } }",
    "chat: { default: auto }",
    /^autonomy\.chat\.topics\.refund: /,
    berlinText,
  ],
  "a new person who may approve": [
    "support: [sam@",
    "support: [ned@ourshop.test, sam@",
    /^roles\.support: ned@ourshop\.test may now approve$/,
  ],
  "a teammate who becomes a lead": [
    "support: [sam@ourshop.test, dana@ourshop.test]\n  lead: [",
    "support: [sam@ourshop.test]\n  lead: [dana@ourshop.test, ",
    /^roles\.lead: dana@ourshop\.test is now a lead$/,
  ],
  "a name that held a person back": [
    "support: [sam@ourshop.test, dana@ourshop.test]",
    "support: [sam@ourshop.test]",
    /^roles\.support: dana@ourshop\.test .* could be a lead under another name$/,
    sandboxText.replace("lead: [lea@", "lead: [U0LEA, lea@"),
  ],
  "a delicate word that is gone": [
    "legal: [Abmahnung]",
    "legal: [Anwalt]",
    /^delicate\.extra_words\.legal: "Abmahnung"/,
    berlinText,
  ],
  "a person who is no longer treated with care": [
    'vip: ["@zeitung.example"]',
    "vip: []",
    /^delicate\.vip: /,
    berlinText,
  ],
  "delicate messages for the wider group": [
    "group: sensitive",
    "group: tier2",
    /^delicate\.group: /,
  ],
  "a shorter time to undo": [
    "undo_seconds: 5",
    "undo_seconds: 4",
    /^approvals\.undo_seconds: is 4 instead of 5$/,
  ],
  "a lead who becomes support": [
    "dana@ourshop.test]\n  lead: [lea@ourshop.test, lee@ourshop.test]",
    "dana@ourshop.test, lee@ourshop.test]\n  lead: [lea@ourshop.test]",
    /^roles\.lead: lee@ourshop\.test is no longer a lead$/,
  ],
  "denying instead of asking, by words that customers did not read before": [
    "- name: before_shipping\n        verdict: ask",
    "- name: before_shipping\n        verdict: deny",
    /^operations\.change_address\.rules\.before_shipping\.reason: customers read “/,
  ],
  "cards that live longer": [
    "expire_after_opening_hours: 8",
    "expire_after_opening_hours: 9",
    /^approvals\.expire_after_opening_hours: /,
  ],
  "a larger cap": ["steps: 12,", "steps: 13,", /^caps\.turn\.steps: is 13 instead of 12$/],
  "a lower bar of confidence": ["confidence: 0.35", "confidence: 0.3", /^caps\.confidence: /],
  "more chat messages": ["per_user: 20", "per_user: 21", /^chat_messages_per_minute\.per_user: /],
  "one more host to link to": [
    "link_hosts: [",
    "link_hosts: [evil.test, ",
    /^link_hosts: replies may link to evil\.test$/,
  ],
  "one more account that a reply may name": [
    "contacts: [",
    "contacts: [DE89370400440532013000, ",
    /^contacts: replies may name DE89370400440532013000 without a person$/,
  ],
  "a phrase that the guard no longer judges": [
    "link_hosts: [",
    'guard: { harmless_phrases: ["system override"] }\nlink_hosts: [',
    /^guard\.harmless_phrases: the guard no longer judges "system override"$/,
  ],
  "a sender who is no longer stopped": [
    "link_hosts: [",
    'guard: { trusted_senders: ["@partner.test"] }\nlink_hosts: [',
    /^guard\.trusted_senders: no message of @partner\.test is stopped by the guard$/,
  ],
  "a phrase that may be said again": [
    "forbidden: [guarantee, Garantie]",
    "forbidden: [guarantee]",
    /^voice\.email\.forbidden: "Garantie"/,
    berlinText,
  ],
  "a phrase that a brand may say again": [
    "        forbidden: [leider]\n",
    "",
    /^voice\.email\.brands\.Nordlicht\.forbidden: "leider"/,
    berlinText,
  ],
  "another currency": ["currency: EUR", "currency: USD", /^currency: /, berlinText],
  "another time zone": ["zone: UTC", "zone: Asia/Tokyo", /^calendar\.zone: /],
};

for (const [sentence, [words, instead, expected, text]] of Object.entries(PERMITS)) {
  test(`it permits more: ${sentence}`, () => {
    const found = permitted(words, instead, text);
    assert.ok(
      found.some((line) => expected.test(line)),
      found.join("\n") || "nothing",
    );
  });
}

test("an operation that loses its rules is no longer refused", () => {
  const start = sandboxText.indexOf("  change_address:");
  const end = sandboxText.indexOf("  reset_password:");
  const found = permitted(sandboxText.slice(start, end), "");
  assert.match(
    found.join("\n"),
    /^operations\.change_address: change_address has no rules any more/m,
  );
});

const MAY_DIFFER =
  /^(?:roles(?:\.lead)?:|voice\.|texts\.|delicate\.holding_text:|caps\.pages:|caps\..+\.seconds:)/;

test("from the sandbox's values to the safe ones, what was refused is asked and another lead decides", () => {
  const found = relaxations(
    openPolicyFile(sandboxText, "sandbox.yaml"),
    openPolicyFile(initText, "init.yaml"),
  );
  for (const line of found)
    if (line.startsWith("operations.")) assert.doesNotMatch(line, /now, it happens/);
    else assert.match(line, MAY_DIFFER);
  assert.ok(found.includes("roles: one person alone could agree to the next change of this file"));
});

const PERMITS_NOTHING: Readonly<
  Record<string, readonly [words: string, instead: string, text?: string]>
> = {
  "a comment": ["# Amounts below", "# The amounts below"],
  "a lower tier": ["up_to: 10.00", "up_to: 9.00"],
  "one more person": ["{ count: 1, leads: 0 }", "{ count: 2, leads: 0 }"],
  "a shorter window": ["after_days: 30", "after_days: 29"],
  "a higher level": ["  refund:\n    level: 2", "  refund:\n    level: 3"],
  "another name of a rule": ["name: usual", "name: common"],
  "another reason": ["are approved by a teammate", "are approved by a person"],
  "a rule that could never decide": [
    "      - name: large",
    "      - name: idle\n        verdict: allow\n        up_to: 3.00\n        within_days: 30\n        delivered: true\n        limits: [small_refunds_for_one, small_refunds_for_all]\n        reason: The rule above decides this already.\n      - name: large",
  ],
  "a tighter limit": ["sum_max: 50.00", "sum_max: 49.99"],
  "a limit that remembers longer": ["days: 90", "days: 91"],
  "a limit with one more bound": ["count_max: 3,", "count_max: 3, sum_max: 5,"],
  "a channel that is held back": ["chat: { default: auto }", "chat: { default: shadow }"],
  "a topic that is held back": [
    "chat: { default: auto }",
    "chat: { default: auto, topics: { faq: draft } }",
  ],
  "one teammate fewer": ["sam@ourshop.test, dana@ourshop.test]", "sam@ourshop.test]"],
  "the same people in capital letters": [
    "support: [sam@ourshop.test",
    "support: [SAM@OurShop.test",
  ],
  "opening hours and holidays": ["  holidays: []", "  holidays: [2026-12-25]"],
  "other people on duty": [
    "people: [sam@ourshop.test, lea@ourshop.test]",
    "people: [lea@ourshop.test]",
  ],
  "one more delicate word": ["extra_words:\n", "extra_words:\n    legal: [barrister]\n"],
  "more time to undo": ["undo_seconds: 5", "undo_seconds: 50"],
  "a reminder that comes sooner": [
    "\n  remind_after_opening_hours: 4",
    "\n  remind_after_opening_hours: 1",
  ],
  "a smaller cap": ["usd: 0.50", "usd: 0.40"],
  "one host fewer": [", help.ourshop.test]", "]"],
  "a route": ["routing: []", "routing: [{ name: money, place: money, above: 5 }]"],
  "a phrase that is forbidden": [
    "      OurShop Support\n",
    "      OurShop Support\n    forbidden: [guarantee]\n",
  ],
  "a phrase that a whole channel forbids instead of one brand": [
    "forbidden: [guarantee, Garantie]",
    "forbidden: [guarantee, Garantie, Leider]",
    berlinText,
  ],
  "own words that are now needed": [
    "    own_words: not_needed\n    rules:\n      - name: hand_over",
    "    rules:\n      - name: hand_over",
  ],
};

for (const [sentence, [words, instead, text]] of Object.entries(PERMITS_NOTHING)) {
  test(`it permits nothing new: ${sentence}`, () => {
    assert.deepEqual(permitted(words, instead, text), []);
  });
}
