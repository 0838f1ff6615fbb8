/** Whatever a document says, the files made of it are programs that do nothing but declare. */
import assert from "node:assert/strict";
import { stripTypeScriptTypes } from "node:module";
import { describe, test } from "node:test";
import { createContext, Script } from "node:vm";
import fc from "fast-check";
import { z } from "zod";
import { answersFrom, readYaml } from "#importing/answers/answer-file.ts";
import type { FieldDescription, OperationDescription } from "#importing/description.ts";
import { listed, systemFiles } from "#importing/generate/system-files.ts";
import { planTools } from "#importing/questions/plan-tools.ts";
import { ANSWERS, opened, OPERATIONS } from "#test/importing/small-shop.ts";

const SPITE = "broken = true";
const text = fc
  .array(
    fc.constantFrom(
      "*/",
      "/*",
      "`",
      "${",
      "}",
      '"',
      "'",
      "\\",
      "\n",
      "\r",
      "\u2028",
      "\u2029",
      `;${SPITE};`,
      "//",
      "import('x')",
      "@ts-nocheck",
      "\u202e",
      "])",
      "=>",
      "a",
      "\\u002a/",
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(""));

/** The small shop with this text wherever a document has words of its own. */
function spiteful(words: string): readonly OperationDescription[] {
  const field = (one: FieldDescription): FieldDescription => ({
    ...one,
    description: words,
    enum: one.name === "customer" ? [words] : one.enum,
    fields: one.fields.map(field),
  });
  return OPERATIONS.map((one) => ({
    ...one,
    summary: words,
    description: words,
    operationId: null,
    path: `${one.path}/${words}`,
    parameters: one.parameters.map((parameter) => ({
      ...parameter,
      field: field(parameter.field),
    })),
    body: one.body === null ? null : { ...one.body, content: field(one.body.content) },
    answer: one.answer === null ? null : { ...one.answer, record: field(one.answer.record) },
  }));
}

describe("files made of a document that means harm", () => {
  test("are TypeScript, and run nothing of it", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (words) => {
        const shop = opened(spiteful(words));
        const named = { ...shop, system: { ...shop.system, title: words, version: words } };
        const answers = answersFrom(readYaml(ANSWERS, "answers"), "answers");
        const wanted = ["get_order", "list_orders", "create_refund"];
        const { connection, tools, refused } = await planTools(named, {
          wanted,
          answers,
          folder: "small-shop",
        });
        assert.deepEqual(refused, []);
        const files = systemFiles(connection, tools, tools.map(listed));
        for (const [name, source] of files) if (name.endsWith(".ts")) runs(source, name);
      }),
      { numRuns: 60 },
    );
  });
});

/** Reads the file as Node does and runs it without its imports: nothing may be set but what it declares. */
function runs(source: string, name: string): void {
  const program = stripTypeScriptTypes(source)
    .replaceAll(/^import .* from "[^"\n]*";$/gm, "")
    .replaceAll(/^export const /gm, "const ");
  const place = createContext({
    z,
    connection: {},
    tools: [],
    proveRead: () => undefined,
    proveWrite: () => undefined,
    getOrder: {},
    listOrders: {},
    refundOrder: {},
    broken: false,
  });
  new Script(`(() => {${program}\n})()`, { filename: name }).runInContext(place);
  assert.equal(place["broken"], false);
}
