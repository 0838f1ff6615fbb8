/** The commands about lessons. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommand } from "#cli/program.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("deskhand lessons", (bench) => {
  const run = (...words: readonly string[]) =>
    runCommand({ ...bench.parts, status: null, appUrl: null }, ["lessons", ...words]);

  test("lists what three edits propose and shows it with its draft, for people and for programs", async () => {
    assert.match((await run("list")).stdout, /^Nothing that three conversations show/);
    bench.answer(() => replying("You can return it within 30 days.", { topic: "returns" }));
    for (const thread of ["t1", "t2", "t3"]) {
      const id = await bench.write("How long can I send it back?", { thread });
      const edit = { text: "You can return it within 14 days.", amount: null };
      await bench.press("edit", id, undefined, { edit });
    }
    const { stdout } = await run("list");
    assert.match(stdout, /“30 days” becomes “14 days”\n.*help page · returns · 3 conversations/);
    const number = /^(\d+) /.exec(stdout)?.[1] ?? "";
    const shown = await run("show", number);
    assert.match(shown.stdout, /\+ .*within 14 days/);
    assert.match(shown.stdout, /Drafted by code from the teammates' words/);
    const json = await run("show", number, "--json");
    assert.match(JSON.stringify(JSON.parse(json.stdout)), /"change":"page".*"flips":null/);
    const missing = await run("show", "999999");
    assert.deepEqual([missing.exitCode, missing.stdout], [1, ""]);
    assert.match(missing.stderr, /there is no lesson 999999/);
  });
});
