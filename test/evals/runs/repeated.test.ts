/** Runs of `npm run evals` that repeat, stop, go on and are compared. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { observed } from "#test/evals/observations.ts";
import { bench } from "./command-bench.ts";

describe("the runs of npm run evals", () => {
  test("with -k each case is played so often, and a case that passes at times is flaky and no pass", async (context) => {
    const { run } = bench(context);
    const no = observed({ text: "No idea." });
    const once = { "orders/status": [observed(), no, observed(), observed()] };
    const { code, printed, played } = await run(["-k", "4"], once);
    assert.equal(code, 0);
    assert.equal(played.length, 12);
    // 1 of 3 always, 1 of 3 three times of four, 1 of 3 never: C(3,2)/C(4,2) is one half.
    assert.match(printed, /pass\^1 +58\.3 %/);
    assert.match(printed, /pass\^2 +50\.0 %/);
    assert.match(printed, /pass\^4 +33\.3 %/);
    assert.match(printed, /FLAKY {2}orders\/status \(3 of 4 plays pass\)/);
    await run(["--update-baseline"]);
    const worse = await run(["-k", "4"], once);
    assert.equal(worse.code, 1);
    assert.match(worse.printed, /REGRESSED {2}orders\/status \(3 of 4 plays pass\)/);
  });

  test("a budget stops the run, which says what is missing and is taken up again", async (context) => {
    const { run } = bench(context);
    await run(["--update-baseline"]);
    const stopped = await run(["-k", "2", "--budget", "0.002"]);
    assert.equal(stopped.code, 2);
    assert.equal(stopped.played.length, 2);
    assert.match(stopped.printed, /STOPPED {2}0\.0020 USD were spent/);
    assert.match(stopped.printed, /4 plays are missing/);
    const rest = await run(["-k", "2", "--resume"]);
    assert.equal(rest.code, 0, rest.printed);
    assert.deepEqual(rest.played.length, 4);
    assert.deepEqual(rest.progress[0], "3/6 orders/hard");
    const again = await run(["-k", "2", "--resume"]);
    assert.equal(again.code, 2);
    assert.match(again.told, /keeps no interrupted run/);
    const free = observed({ costUsd: null });
    const unknown = await run(["--budget", "1"], { "orders/status": free });
    assert.match(unknown.printed, /price is unknown/);
  });

  test("a run that was cut off in the middle of a line is taken up again", async (context) => {
    const { run, runsFolder } = bench(context);
    await run(["--budget", "0.001"]);
    const file = join(runsFolder, readdirSync(runsFolder)[0] ?? assert.fail("no run is kept"));
    writeFileSync(file, `${readFileSync(file, "utf8")}{"case":"orders/hu`);
    const { played, printed } = await run(["--resume"]);
    assert.deepEqual(played, ["orders/human", "orders/hard"]);
    assert.match(printed, /2 of 3 cases pass/);
  });
});
