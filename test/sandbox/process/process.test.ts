/** Programs next to Deskhand: one that ends before it is ready is said to have ended, with what it printed. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startPart, untilReady } from "#sandbox/process/index.ts";

test("a program that ends before it is ready is not waited for, and its last words are told", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "part-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const program = startPart({
    command: process.execPath,
    parameters: ["-e", "console.error('no room left'); process.exit(3)"],
    directory,
    environment: {},
    pidFile: join(directory, "pid"),
  });
  await assert.rejects(
    untilReady(program, { name: "a program", withinMs: 3_600_000, isReady: () => false }),
    /a program ended at once \(code 3\): no room left/,
  );
});
