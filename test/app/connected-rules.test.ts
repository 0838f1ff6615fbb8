import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { Role } from "#core/values/vocabulary.ts";
import { overLimit } from "#jobs/approval/ballot.ts";
import { overLimitText } from "#jobs/approval/refusals.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { requireRules } from "#policy/required-rules.ts";
import { order, refundThere } from "#test/systems/declared-shop.ts";
import { memorySystem } from "#test/systems/memory-system.ts";
import { verified } from "#test/support/fixtures/turns.ts";
import { contextOf } from "#test/tools/tool-bench.ts";
import type { MoneyDeclaration } from "#systems/contract.ts";
import { declaredWriteTool } from "#systems/declared-tools.ts";

const SANDBOX = readFileSync(
  new URL("../../src/policy/files/sandbox.yaml", import.meta.url),
  "utf8",
);

/** The sandbox's policy with these rules for the connected refund; without any for an empty text. */
function required(rules: string, changes: Partial<MoneyDeclaration> = {}): void {
  const lines = rules === "" ? "" : `  refund_there:\n    level: 2\n    rules:\n${rules}`;
  const text = SANDBOX.replace("\noperations:\n", `\noperations:\n${lines}`);
  const declaration = { ...refundThere(), ...changes };
  const tool = declaredWriteTool(declaration, memorySystem().ports);
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

  test("a limit of a role may name it where it moves money, and then holds for its amount", async () => {
    const limited = (operation: string): string =>
      SANDBOX.replace(/\nrole_limits:.*/, "").replace(
        "\noperations:\n",
        `\nrole_limits:\n  support: { ${operation}: { up_to: 20.00 } }\n  lead: { ${operation}: { up_to: 50.00 } }\n\noperations:\n  refund_there:\n    level: 2\n    rules:\n${ASKS}`,
      );
    const policy = loadPolicy(limited("refund_there"), "policy.yaml");
    const declaration = refundThere();
    const system = memorySystem();
    const tool = declaredWriteTool(declaration, system.ports);
    requireRules(policy, [tool], [declaration]);
    const beyond = async (amount: string, currency: string, role: Role = "support") => {
      system.answerWith(() => order("1", "u123", { currency }));
      const asked = { order_id: "1", amount };
      const result = await tool.propose(
        tool.input.parse(asked),
        contextOf(verified("u123"), { ownWords: `refund ${amount} of order 1` }),
      );
      assert.ok(result.kind === "proposed", JSON.stringify(result));
      const over = overLimit(policy, role, { actions: [result.planned] });
      return over === null ? null : overLimitText(over, role);
    };
    assert.equal(await beyond("20.00", "USD"), null);
    assert.match((await beyond("20.01", "USD")) ?? "", /refund there of up to 20\.00 USD/);
    assert.match((await beyond("1.00", "EUR")) ?? "", /A lead has to approve it/);
    assert.equal(await beyond("1.00", "EUR", "lead"), null);
    assert.match((await beyond("50.01", "USD", "lead")) ?? "", /refund there of up to 50\.00 USD/);

    const { money: _, ...without } = declaration;
    assert.throws(
      () => requireRules(policy, [tool], [without]),
      /role_limits\.support\.refund_there: refund_there moves no money/,
    );
    assert.throws(
      () => loadPolicy(limited("refund_here"), "policy.yaml"),
      /no operation refund_here/,
    );
  });
});
