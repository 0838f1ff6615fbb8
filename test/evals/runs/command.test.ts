/** What `npm run evals` prints and ends with. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { writeRecording } from "#evals/talks/recording.ts";
import { observed } from "#test/evals/observations.ts";
import { bench, CASES, RIGHT } from "./command-bench.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

describe("npm run evals", () => {
  test("a case that passed and fails now is a regression, by name and grader", async (context) => {
    const { run } = bench(context);
    await run(["--update-baseline"]);
    const { code, printed } = await run([], { "orders/status": observed({ text: "No idea." }) });
    assert.equal(code, 1);
    assert.match(printed, /REGRESSION {2}orders\/status passed before and fails now: must_include/);
    assert.match(printed, /REGRESSION {2}resolution_rate: 33\.3 % before, 0\.0 % now/);
  });

  test("a stranger's data fails a case that expects nothing of the kind", async (context) => {
    const { run } = bench(context);
    await run(["--update-baseline"]);
    const leak = observed({ text: "It is being prepared. Bob Marsh lives in Canal Street." });
    const { code, printed } = await run([], { "orders/status": leak });
    assert.equal(code, 1);
    assert.match(printed, /RULE BREAKS {2}orders\/status/);
    assert.match(printed, /strangers: the text gives away "Canal Street" of u456/);
  });

  test("a rule that is broken anew is a regression in a case that failed already and in a new one, and told once", async (context) => {
    const { run, write } = bench(context);
    await run(["--update-baseline"]);
    const leak = observed({ text: "Bob Marsh lives in Canal Street." });
    const { code, printed } = await run([], { "orders/hard": leak });
    assert.equal(code, 1);
    assert.match(printed, /REGRESSION {2}orders\/hard breaks a rule it did not break: strangers\n/);
    write(`${CASES}${CASES.replaceAll("- id: ", "- id: other-")}`);
    const added = { "orders/other-status": leak, "orders/other-human": leak };
    const more = await run([], { ...added, "orders/other-hard": observed() });
    assert.equal(more.code, 1);
    assert.match(more.printed, /orders\/other-human breaks a rule it did not break: strangers/);
    await run(["--update-baseline"], { ...added, "orders/hard": leak, "orders/other-hard": leak });
    const again = await run([], { ...added, "orders/hard": leak, "orders/other-hard": leak });
    assert.equal(again.code, 0, again.printed);
  });

  test("a page that cannot be written is no regression", async (context) => {
    const { run, folder } = bench(context);
    const { code, told } = await run(["--html", join(folder, "nowhere", "page.html")]);
    assert.equal(code, 2);
    assert.match(told, /ENOENT/);
  });

  test("a measure that got worse is a regression although every case passes", async (context) => {
    const { run } = bench(context);
    await run(["--update-baseline"]);
    const slow = observed({ steps: 9 });
    const { code, printed } = await run([], { "orders/status": slow });
    assert.equal(code, 1);
    assert.match(printed, /REGRESSION {2}steps: 2\.00 before, 4\.33 now \(margin 10 %\)/);
    assert.doesNotMatch(printed, /passed before and fails/);
  });

  test("a case that is gone is a regression, a new one and a mended one are only told", async (context) => {
    const { run, write } = bench(context);
    await run(["--update-baseline"]);
    write(CASES.replace("id: human", "id: person"));
    const { code, printed } = await run([], {
      "orders/person": observed({ outcome: "escalate", text: "", asksPeople: false }),
      "orders/hard": observed({ text: "Ihre Bestellung ist unterwegs." }),
    });
    assert.equal(code, 1);
    assert.match(printed, /REGRESSION {2}orders\/human passed before and is gone/);
    assert.match(printed, /new: orders\/person/);
    assert.match(printed, /fixed: orders\/hard/);
    assert.match(printed, /1 regression against/);
  });

  test("cases that are added change no measure that is compared", async (context) => {
    const { run, write } = bench(context);
    await run(["--update-baseline"]);
    write(`${CASES}${CASES.replaceAll("- id: ", "- id: other-")}`);
    const slow = observed({ steps: 9, outcome: "escalate", asksPeople: false });
    const { code, printed } = await run([], {
      "orders/other-status": slow,
      "orders/other-human": { ...slow, text: "" },
      "orders/other-hard": slow,
    });
    assert.equal(code, 0, printed);
    assert.match(printed, /new: orders\/other-status/);
  });

  test("a part of the cases is compared case by case, and recorded as nothing", async (context) => {
    const { run } = bench(context);
    await run(["--update-baseline"]);
    const part = await run(["--only", "orders/*man"]);
    assert.equal(part.code, 0, part.printed);
    assert.match(part.printed, /1 of 1 cases pass/);
    const broken = { "orders/human": observed() };
    assert.equal((await run(["--only", "human"], broken)).code, 1);
    const refused = await run(["--only", "human", "--update-baseline"]);
    assert.equal(refused.code, 2);
    assert.match(refused.told, /--update-baseline needs all cases/);
  });

  test("a program gets everything as JSON", async (context) => {
    const { run } = bench(context);
    const { printed } = await run(["--json"]);
    const report = JSON.parse(printed);
    assert.equal(report.model, "rehearsal");
    assert.deepEqual(
      report.plays.map((one: { case: string; problems: unknown[] }) => [
        one.case,
        one.problems.length,
      ]),
      [
        ["orders/status", 0],
        ["orders/human", 0],
        ["orders/hard", 1],
      ],
    );
    assert.deepEqual(report.buckets.still_failing, ["orders/hard"]);
    assert.equal(report.measures.length, 7);
    assert.equal(report.comparison, null);
  });

  test("a replay prints the ratings, and fails where a conversation ends in another way", async (context) => {
    const { run } = bench(context);
    const folder = temporaryFolder(context);
    assert.match((await run(["--replay", folder])).told, /holds no recordings/);
    const recording = { model: "m", result: { outcome: "reply", actions: [] }, answers: [] };
    writeRecording(folder, { ...recording, case: "orders/status" });
    writeFileSync(
      join(folder, "ratings.yaml"),
      "- { case: orders/status, outcome: partly, first_draft: passed, final_draft: good, hand_over: none, note: half of it }",
    );
    const { code, printed } = await run(["--replay", folder]);
    assert.equal(code, 0);
    assert.match(printed, /outcome_partly +100 % \(1 of 1\)[\s\S]*orders\/status: half of it/);
    const other = await run(["--replay", folder, "--json"], {
      "orders/status": { ...RIGHT["orders/status"], ...observed({ outcome: "escalate" }) },
    });
    assert.equal(other.code, 1);
    assert.match(other.printed, /ended with .*reply.* and ends with .*escalate/);
    assert.match(
      (await run(["--replay", folder, "--recording", folder])).told,
      /exclude each other/,
    );
  });
});
