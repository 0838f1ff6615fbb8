/** Until leads agree, a new refusal says the built-in sentence, and never why another one refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { REFUSED } from "#policy/compare/compare-policies.ts";
import { tightenedPart } from "#policy/edit-policy.ts";
import { openPolicyFile } from "#policy/load-policy.ts";
import { sandboxText } from "./policy-files.ts";

test("a refusal that stands where another one stood does not give that one's reason", () => {
  const next = sandboxText.replace(
    /- name: too_much\n.*\n.*above: 1000\.00\n.*\n/,
    `- name: stocktaking
        verdict: deny
        reason: Until Monday we count our stock and refund nothing.
`,
  );
  assert.notEqual(next, sandboxText);
  const before = openPolicyFile(sandboxText, "before");
  const part = tightenedPart(sandboxText, before, openPolicyFile(next, "next"));
  const rule = part?.file.document.operations["refund"]?.rules.find(
    ({ name }) => name === "stocktaking",
  );
  // It refuses 12.00 USD as well, of which "Refunds of more than 1000.00 USD" is not true.
  assert.ok(rule === undefined || rule.reason === REFUSED, rule?.reason);
});
