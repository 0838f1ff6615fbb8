import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { sandboxText } from "./policy-files.ts";

/** Files of the right shape that could not mean what a reader expects of them. */
const REFUSED: Readonly<Record<string, readonly [string, string, RegExp]>> = {
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

for (const [what, [words, instead, expected]] of Object.entries(REFUSED))
  test(`${what} is refused with its line`, () => {
    assert.ok(sandboxText.includes(words), words);
    const text = sandboxText.replace(words, () => instead);
    assert.throws(
      () => loadPolicy(text, "deskhand.policy.yaml"),
      (error) => {
        assert.ok(error instanceof DeskhandError && error.code === "policy.invalid");
        assert.match(error.message, expected);
        assert.match(error.message, /^deskhand\.policy\.yaml:\d+ /);
        return true;
      },
    );
  });
