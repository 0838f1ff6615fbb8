/** Whatever a document says, it stays text in the files made of it, and a person sees all of it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { answersFrom, readYaml } from "#importing/answers/read-answers.ts";
import type { FieldDescription, OperationDescription } from "#importing/description.ts";
import { connectionFile, toolFile } from "#importing/plan/tool-file.ts";
import { fileText, withDigest } from "#importing/command/write-system.ts";
import { planTools } from "#importing/plan/plan-tools.ts";
import { readSystem } from "#systems/declaration-files.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import { ANSWERS, opened, OPERATIONS } from "#test/importing/small-shop.ts";

const SPITE =
  `# |\n|\r|\u2028|\u2029|\u0085|---\n|...\n|\t|: |- |? |&a |*a|!!js |{|}|[|]|>-\n|>|'|"|\\|%|@|\u0060|null|~|1e3|=|<<: |\u202e|\ufeff|\u0000|\ud800|__proto__|kind: write|2026-01-01|yes|0x1f| `.split(
    "|",
  );
const text = fc.oneof(
  fc
    .array(fc.constantFrom(...SPITE, "a"), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join("")),
  fc.string({ unit: anyCharacter, minLength: 1, maxLength: 40 }),
);

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

/** Every text of a value, whatever it stands in. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

describe("files made of a document that means harm", () => {
  test("hold its texts as texts, exactly, and declare nothing that was not planned", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (words) => {
        const shop = opened(spiteful(words));
        const named = { ...shop, system: { ...shop.system, title: words, version: words } };
        const answers = answersFrom(readYaml(ANSWERS, "answers"), "answers");
        const wanted = ["get_order", "list_orders", "create_refund"];
        const planned = await planTools(named, { wanted, answers, folder: "small-shop" });
        assert.deepEqual(planned.refused, []);
        const files = [
          connectionFile(planned.connection),
          ...planned.tools.map((tool) => toolFile(tool, planned.connection.document)),
        ].map((file) => [file.name, fileText(file)] as const);
        const { tools, problems } = readSystem(new Map(files));
        assert.deepEqual(problems, []);
        assert.deepEqual(
          tools.map(({ tool }) => tool.name),
          planned.tools.map(({ name }) => name).toSorted(),
        );
        for (const { tool } of tools) {
          assert.ok("connection" in tool);
          const request = tool.kind === "read" ? tool.from.request : tool.commit.request;
          assert.ok(request.path.endsWith(`/${words}`), request.path);
        }
        for (const [, file] of files)
          assert.doesNotMatch(file.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 60 },
    );
  });

  test("say of every value and every key exactly what was given, on lines that begin as ours", () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(text, tie("any"), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).any;
    fc.assert(
      fc.property(value, text, (given, line) => {
        const content = { given: given as never, again: given as never };
        const written = fileText({ name: "a.yaml", about: [line], content });
        assert.deepEqual(readYaml(written, "a"), content);
        assert.deepEqual(textsIn(readYaml(written, "a")), textsIn(content));
        assert.ok(written.split("\n")[1]?.startsWith("# "));
        assert.ok(written.split("\n")[2]?.startsWith("given:"));
        assert.equal(withDigest(written.slice(written.indexOf("\n") + 1)), written);
      }),
    );
  });
});
