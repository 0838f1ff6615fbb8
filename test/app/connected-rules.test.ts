import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { requireRules } from "#app/offered-tools.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { refundThere } from "#test/systems/declared-shop.ts";
import { memorySystem } from "#test/systems/memory-system.ts";
import type { WriteDeclaration } from "#systems/contract.ts";
import { writeToolOf } from "#systems/write-tool.ts";

const SANDBOX = readFileSync(
  new URL("../../src/policy/files/sandbox.yaml", import.meta.url),
  "utf8",
);

/** The sandbox's policy with these rules for the connected refund; without any for an empty text. */
function required(rules: string, changes: Partial<WriteDeclaration> = {}): void {
  const lines = rules === "" ? "" : `  refund_there:\n    level: 2\n    rules:\n${rules}`;
  const text = SANDBOX.replace("\noperations:\n", `\noperations:\n${lines}`);
  const declaration = { ...refundThere(), ...changes };
  const tool = writeToolOf(declaration, memorySystem().ports);
  requireRules(loadPolicy(text, "policy.yaml"), [tool], [declaration]);
}

const ASKS = "      - { name: each, verdict: ask, reason: A person decides. }\n";
const ALLOWS = "      - { name: each, verdict: allow, reason: At once. }\n";
const ALLOWS_SMALL = "      - { name: small, verdict: allow, up_to: 5.00, reason: At once. }\n";

describe("what a policy has to say about a connected change", () => {
  test("one without a rule is refused at the start by name", () => {
    assert.throws(() => required(""), /the policy has no rule for: refund_there/);
    required(ASKS);
    required(ALLOWS_SMALL);
  });

  test("money is not allowed without a most", () => {
    assert.throws(
      () => required(ALLOWS),
      /rule refund_there\.each: allowing a refund_there needs up_to/,
    );
  });

  test("what nothing can find out about afterwards is not allowed without a person", () => {
    const find = { by: "nothing", because: "it keeps no list" } as const;
    required(ASKS, { find });
    assert.throws(
      () => required(ALLOWS_SMALL, { find }),
      /rule refund_there\.small allows refund_there without a person, and nothing can tell afterwards whether it happened \(it keeps no list\)/,
    );
  });
});
