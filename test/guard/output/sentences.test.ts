/** Where a sentence ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sentencePieces } from "#guard/output/sentences.ts";

function sentences(text: string): readonly string[] {
  return sentencePieces(text).map((piece) => piece.text.trim());
}

test("a line of a list is a sentence, with what goes on indented, and what stands below the list is not of it", () => {
  assert.deepEqual(sentences("- the lamp\n- the phone,\n  in green\nBoth are here."), [
    "- the lamp",
    "- the phone,\n  in green",
    "Both are here.",
  ]);
  assert.deepEqual(sentences("Offen sind:\n• die Lampe\n• das Handy\nBeides kommt bald."), [
    "Offen sind:",
    "• die Lampe",
    "• das Handy",
    "Beides kommt bald.",
  ]);
});

test("one long line is read in time that grows with it", () => {
  const started = performance.now();
  for (const part of ["a ", "- a ", "- a\n  b ", " 1. "]) sentences(part.repeat(50_000));
  assert.ok(performance.now() - started < 5_000);
});

test("a line that is broken within a sentence goes on", () => {
  assert.deepEqual(sentences("The lamp\nis here."), ["The lamp\nis here."]);
});
