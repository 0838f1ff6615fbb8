/** Text of an outside document stays text in generated code, whatever it is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stripTypeScriptTypes } from "node:module";
import { Script } from "node:vm";
import fc from "fast-check";
import {
  comment,
  commentText,
  keyLiteral,
  literalOf,
  stringLiteral,
} from "#importing/generate/literal.ts";
import { anyCharacter } from "#test/support/any-character.ts";

const SPITEFUL = [
  "*/ process.exit() /*",
  "`${process.exit()}`",
  '"; import("node:fs"); //',
  "line\nbreak\r\nand \u2028 and \u2029",
  "\\u002a/ \\",
  "@ts-nocheck",
  "eslint-disable",
  "\u202e reversed \u2066",
  "</script><!-- -->",
  "\ud800 half a letter",
  "__proto__",
];
const text = fc.oneof(
  fc.constantFrom(...SPITEFUL),
  fc.string({ unit: anyCharacter, maxLength: 40 }),
  fc
    .array(
      fc.constantFrom("*", "/", "\\", "`", "$", "{", "}", '"', "'", "\n", "\u2028", "@", "u002a"),
      { maxLength: 20 },
    )
    .map((parts) => parts.join("")),
);

describe("text of a document in generated code", () => {
  test("is exactly itself as a string, and is written without any character that cannot be seen", () => {
    fc.assert(
      fc.property(text, (given) => {
        const written = stringLiteral(given);
        assert.equal(valueOf(written), given);
        assert.doesNotMatch(written, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test("cannot end a comment, begin another one or speak to a checker", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (lines) => {
        const written = comment(["Our words.", ...lines], 60);
        assert.equal(written.indexOf("*/"), written.length - 2);
        assert.doesNotMatch(written, /@/);
        // What stands behind the comment still runs, and nothing in it does.
        assert.equal(valueOf(`${written}\n7`), 7);
      }),
    );
  });

  test("is one line in a comment", () => {
    fc.assert(
      fc.property(text, (given) => assert.doesNotMatch(commentText(given), /[\n\r\u2028\u2029]/)),
    );
  });

  test("is an own property as a key, the name of the prototype included", () => {
    fc.assert(
      fc.property(text, (given) => {
        const made = valueOf(`({ ${keyLiteral(given)}: 1 })`);
        assert.deepEqual(Object.keys(Object(made)), [given]);
      }),
    );
  });

  test("keeps every value it stands in", () => {
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
      fc.property(value, (given) => {
        const made = valueOf(`(${literalOf(given as never)})`);
        assert.equal(JSON.stringify(made), JSON.stringify(given));
      }),
    );
  });
});

/** Node reads it as it reads a tool's file: as TypeScript, then as a program. */
function valueOf(source: string): unknown {
  return new Script(stripTypeScriptTypes(source)).runInThisContext();
}
