import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { readCases } from "#evals/read-cases.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

function folderWith(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(context);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function problemsIn(folder: string): string {
  try {
    readCases(folder);
  } catch (error) {
    assert.ok(error instanceof DeskhandError && error.code === "input.invalid");
    return error.message;
  }
  return assert.fail("the cases were accepted");
}

const GOOD = `- id: status
  input: Where is my order 456?
  expected_behavior: Tells the status.
  risk_category: low
`;

describe("eval cases as they are written", () => {
  test("a case of six fields is enough, and lists and single values both do", (context) => {
    const folder = folderWith(context, {
      "a.yaml": `- input: Where is my order 456?
  expected_behavior: Tells the status.
  must_include: [processing]
  must_not_include: [delivered]
  risk_category: low
  expected_outcome: reply
`,
      "b.jsonl": `{"id":"burst","input":["Hello",{"text":"and?","hidden":"x"}],"expected_behavior":"y","risk_category":"low","expected_outcome":["reply","clarify"],"expected_tools":["search_faq"]}\n\n`,
    });
    const [first, second] = readCases(folder);
    assert.equal(first?.id, "a/where-is-my-order-456");
    assert.deepEqual(first?.input, [{ text: "Where is my order 456?" }]);
    assert.deepEqual(first?.expected_outcome, ["reply"]);
    assert.deepEqual(first?.identity, { customer: null, level: 0 });
    assert.equal(second?.id, "b/burst");
    assert.deepEqual(second?.input, [{ text: "Hello" }, { text: "and?", hidden: "x" }]);
    assert.deepEqual(second?.expected_tools, [{ name: "search_faq", arguments: {} }]);
  });

  test("every mistake is told at once, with file, line, case and field", (context) => {
    const folder = folderWith(context, {
      "orders.yaml": `${GOOD}- id: wrong
  input: Hi
  expected_behavior: x
  must_include: [900.00]
  risk_categories: low
  expected_outcome: replied
- id: wrong-action
  input: Hi
  expected_behavior: x
  risk_category: money
  identity: { customer: u999, level: 2 }
  expected_actions: [{ operation: refund, amount: "120", verdict: ask }]
`,
      "lines.jsonl": `{"input":"x"\n{"id":"bare","input":"Hi","risk_category":"low"}\n`,
      "broken.yaml": "- id: [",
      "single.yaml": "id: status",
    });
    const told = problemsIn(folder);
    for (const line of [
      "orders.yaml, line 5, case wrong, must_include.0: Invalid input: expected string",
      "orders.yaml, line 5, case wrong, risk_category: Invalid input: expected string",
      "orders.yaml, line 5, case wrong, risk_categories: is no field of a case",
      'orders.yaml, line 11, case wrong-action, expected_actions.0.amount: is written like "120.00 USD"',
      "orders.yaml, line 11, case wrong-action, identity.customer: Invalid option",
      "lines.jsonl, line 1: is not valid JSON",
      "lines.jsonl, line 2, case bare, expected_behavior: Invalid input: expected string",
      "broken.yaml, line 1:",
      "single.yaml, line 1: has to be a list of cases",
    ])
      assert.ok(told.includes(line), `${line}\nis not in\n${told}`);
    assert.match(told, /orders\.yaml, line 5, case wrong, expected_outcome/);
    assert.doesNotMatch(told, /case status/);
  });
});
