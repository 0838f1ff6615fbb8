import assert from "node:assert/strict";
import { test } from "node:test";
import { berlinText, permitted } from "#test/policy/policy-files.ts";

const PERMITS_NOTHING: Readonly<
  Record<string, readonly [words: string, instead: string, text?: string]>
> = {
  "a comment": ["# Amounts below", "# The amounts below"],
  "a lower tier": ["up_to: 10.00", "up_to: 9.00"],
  "one more person": ["{ count: 1, leads: 0 }", "{ count: 2, leads: 0 }"],
  "a shorter window": ["after_days: 30", "after_days: 29"],
  "denying instead of asking": [
    "- name: before_shipping\n        verdict: ask",
    "- name: before_shipping\n        verdict: deny",
  ],
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
  "a lead who becomes support": [
    "dana@ourshop.test]\n  lead: [lea@ourshop.test, lee@ourshop.test]",
    "dana@ourshop.test, lee@ourshop.test]\n  lead: [lea@ourshop.test]",
  ],
  "the same people in capital letters": [
    "support: [sam@ourshop.test",
    "support: [SAM@OurShop.test",
  ],
  "opening hours and holidays": ["  holidays: []", "  holidays: [2026-12-25]"],
  "other people on duty": [
    "people: [sam@ourshop.test, lea@ourshop.test]",
    "people: [lea@ourshop.test]",
  ],
  "one more delicate word": ["extra_words: {}", "extra_words: { legal: [barrister] }"],
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
