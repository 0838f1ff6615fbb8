/** The words of the commands about tools: how lines fit a terminal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitted, withTerminalWidth } from "#cli/tools/fit.ts";

test("lines are broken between words and go on below where they began", () => {
  const text = `  policy: ${"a word and another ".repeat(5).trim()}`;
  const lines = fitted(text, 40).split("\n");
  assert.ok(lines.every((line) => line.length <= 40));
  assert.ok(lines.slice(1).every((line) => line.startsWith("    ")));
  assert.equal(lines.map((line) => line.trim()).join(" "), text.trim());
  assert.equal(fitted("x".repeat(300), 5), "x".repeat(300));
});

test("the width of the terminal goes only to the commands that fit it, and a typed one stays", () => {
  assert.deepEqual(withTerminalWidth(["tools", "list"], 44), ["tools", "list", "--columns=44"]);
  assert.deepEqual(withTerminalWidth(["trace"], 44), ["trace"]);
  assert.deepEqual(withTerminalWidth(["tools", "list"], undefined), ["tools", "list"]);
  const typed = ["tools", "list", "--columns", "60"];
  assert.deepEqual(withTerminalWidth(typed, 44), typed);
});
