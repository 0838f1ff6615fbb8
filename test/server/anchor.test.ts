/** What a link names behind the #, as the console's own script reads it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { anyCharacter } from "#test/support/any-character.ts";

const PAGE = new URL("../../src/server/pages/dom.js", import.meta.url).href;
const Dom = z.object({ anchorIn: z.function({ input: [z.string()], output: z.string() }) });
const { anchorIn } = Dom.parse(await import(PAGE));

test("a link's anchor is read, and one that cannot be read names nothing and breaks nothing", () => {
  assert.equal(anchorIn("#a_1"), "a_1");
  assert.equal(anchorIn("#turn%20one"), "turn one");
  for (const hash of ["#%", "#%E0%A4%A", "", "#"]) assert.equal(anchorIn(hash), "");
  fc.assert(
    fc.property(
      fc.string({ unit: anyCharacter }),
      (text) => typeof anchorIn(`#${text}`) === "string",
    ),
  );
});
