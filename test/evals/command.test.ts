import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { evalsCommand } from "#evals/command.ts";
import type { Observed } from "#evals/harness/observation.ts";
import { stageIn } from "#evals/runner.ts";
import { allGraders } from "#evals/worlds/all-graders.ts";
import { writeRecording } from "#evals/talks/recording.ts";
import { observed } from "./observations.ts";

const CASES = `- id: status
  input: Where is my order 456?
  identity: { customer: u123, level: 2 }
  expected_behavior: Tells the status.
  must_include: [prepared]
  risk_category: low
  expected_outcome: reply
- id: human
  input: I want to talk to a human
  expected_behavior: Hands over.
  risk_category: low
  expected_outcome: escalate
- id: hard
  input: Wo ist meine Bestellung?
  identity: { customer: u123, level: 2 }
  expected_behavior: Answers in German.
  must_include: [Bestellung]
  risk_category: low
`;

/** What the world would come to, by case; a test breaks one of them. */
const RIGHT: Readonly<Record<string, Observed>> = {
  "orders/status": observed(),
  "orders/human": observed({ outcome: "escalate", text: "", asksPeople: false }),
  "orders/hard": observed(),
};

/** What a play comes to: an observation, an error, or one after the other. */
type Ends = Observed | string | (Observed | string)[];

interface Ran {
  readonly code: number;
  readonly printed: string;
  readonly told: string;
  readonly progress: readonly string[];
  readonly closed: boolean;
  readonly played: readonly string[];
}

function bench(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-evals-test-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const baseline = join(folder, "baseline.json");
  const write = (text: string): void => writeFileSync(join(folder, "orders.yaml"), text);
  write(CASES);
  const runsFolder = join(folder, "runs");
  const run = async (
    argv: readonly string[],
    changes: Readonly<Record<string, Ends>> = {},
    model = "rehearsal",
  ): Promise<Ran> => {
    const ran = { printed: "", told: "", progress: [] as string[], played: [] as string[] };
    let open = 0;
    let opened = false;
    const left: Record<string, Ends> = { ...RIGHT, ...changes };
    const code = await evalsCommand(["--cases", folder, "--against", baseline, ...argv], {
      openStage: async (wanted) => {
        open += 1;
        opened = true;
        const world = {
          run: async ({ id }: { readonly id: string }) => {
            ran.played.push(id);
            const ends = left[id] ?? assert.fail(id);
            const [now, ...later] = Array.isArray(ends) ? ends : [ends];
            if (later.length > 0) left[id] = later;
            if (typeof now === "string") throw new Error(now);
            return now ?? assert.fail(id);
          },
        };
        return {
          ...stageIn(world, allGraders()),
          modelName: wanted.model ?? model,
          close: async () => void (open -= 1),
        };
      },
      runsFolder,
      processors: 1,
      now: () => new Date("2026-11-22T10:00:00.000Z"),
      print: (text) => (ran.printed += text),
      tell: (text) => (ran.told += text),
      progress: (line) => ran.progress.push(line),
    });
    return { code, ...ran, closed: opened && open === 0 };
  };
  return { run, write, baseline, folder, runsFolder };
}

describe("npm run evals", () => {
  test("a model without recorded results is said to have no baseline, and nothing fails", async (context) => {
    const { run, baseline } = bench(context);
    const { code, printed, progress, closed } = await run([]);
    assert.equal(code, 0);
    assert.match(printed, /2 of 3 cases pass with rehearsal/);
    assert.match(printed, /There is no baseline for rehearsal/);
    assert.match(
      printed,
      /STILL FAILING {2}orders\/hard[\s\S]*must_include: "Bestellung" is not in the text/,
    );
    assert.match(printed, /resolution_rate +33\.3 % +6–79 % +3 /);
    assert.match(printed, /rehearsal rules, no AI/);
    assert.deepEqual(
      printed.split("\n").filter((line) => line.length > 80 && !line.startsWith("kept in")),
      [],
    );
    assert.deepEqual(progress, ["1/3 orders/status", "2/3 orders/human", "3/3 orders/hard", ""]);
    assert.ok(closed);
    assert.ok(!existsSync(baseline));
  });

  test("what was recorded is no regression, its known failures included", async (context) => {
    const { run } = bench(context);
    assert.equal((await run(["--update-baseline"])).code, 0);
    const { code, printed } = await run([]);
    assert.equal(code, 0, printed);
    assert.match(printed, /STILL FAILING {2}orders\/hard/);
    assert.match(printed, /Release rule kept/);
  });

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
      "orders/other-human": slow,
      "orders/other-hard": slow,
    });
    assert.equal(code, 0, printed);
    assert.match(printed, /new: orders\/other-status/);
  });

  test("each model has a baseline of its own", async (context) => {
    const { run, baseline } = bench(context);
    await run(["--update-baseline"]);
    const other = { "orders/status": observed({ text: "No idea." }) };
    assert.equal((await run([], other, "gpt-5-mini")).code, 0);
    await run(["--update-baseline"], other, "gpt-5-mini");
    assert.equal((await run([], other, "gpt-5-mini")).code, 0);
    assert.equal((await run([], other)).code, 1);
    const kept = JSON.parse(readFileSync(baseline, "utf8"));
    assert.deepEqual(Object.keys(kept), ["gpt-5-mini", "rehearsal"]);
    assert.deepEqual(kept["gpt-5-mini"].failed, {
      "orders/hard": "must_include",
      "orders/status": "must_include",
    });
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

  test("each measure can list the cases behind it, those against it first", async (context) => {
    const { run } = bench(context);
    const { printed } = await run(["--list", "resolution_rate"]);
    const ids = [...printed.matchAll(/^ {2}(orders\/\w+) +(\d)\/1 {2}(.*)$/gm)].map(
      ([, ...parts]) => parts,
    );
    assert.deepEqual(ids, [
      ["orders/human", "0", "escalate"],
      ["orders/hard", "0", "wrong answer"],
      ["orders/status", "1", "reply"],
    ]);
    assert.doesNotMatch(printed, /pass\^1/);
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

  test("mistakes are told in words and end with 2, before anything is started", async (context) => {
    const { run, write, baseline } = bench(context);
    for (const [argv, words] of [
      [["--list", "happiness"], /Allowed choices are action_precision/],
      [["--unknown"], /unknown option/],
      [["--only", "nothing"], /no case is called like "nothing"/],
    ] as const) {
      const { code, told, closed } = await run(argv);
      assert.equal(code, 2);
      assert.match(told, words);
      assert.equal(closed, false);
    }
    writeFileSync(baseline, "{");
    assert.match((await run([])).told, /baseline\.json is not valid JSON/);
    writeFileSync(baseline, '{"rehearsal":{"passed":[]}}');
    assert.match((await run([])).told, /baseline\.json: [\s\S]*measures/);
    write("- id: bad");
    assert.match((await run([])).told, /orders\.yaml, line 1, case bad, input/);
    assert.equal((await run(["--help"])).code, 0);
  });

  test("several cases are played at a time, each in a world of its own, and reported in their order", async (context) => {
    const { run } = bench(context);
    const { code, printed } = await run(["--json", "--concurrency", "3"]);
    assert.equal(code, 0);
    const ids = [...printed.matchAll(/"case": "(orders\/\w+)",\n\s+"repetition"/g)].map(
      ([, id]) => id,
    );
    assert.deepEqual(ids, ["orders/status", "orders/human", "orders/hard"]);
    for (const wrong of ["0", "65", "1.5", "many"])
      assert.match((await run(["--concurrency", wrong])).told, /a number from 1 to 64/, wrong);
  });

  test("a replay prints the ratings, and fails where a conversation ends in another way", async (context) => {
    const { run } = bench(context);
    const folder = mkdtempSync(join(tmpdir(), "deskhand-replay-test-"));
    context.after(() => rmSync(folder, { recursive: true }));
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

  test("a configuration that cannot be right is told, not thrown", async (context) => {
    const { baseline } = bench(context);
    const lines: string[] = [];
    const code = await evalsCommand(["--against", baseline], {
      openStage: () => {
        throw new DeskhandError("config.invalid", "OPENAI_API_KEY: is missing");
      },
      runsFolder: "unused",
      processors: 1,
      now: () => new Date(),
      print: () => undefined,
      tell: (text) => lines.push(text),
      progress: () => undefined,
    });
    assert.equal(code, 2);
    assert.deepEqual(lines, ["OPENAI_API_KEY: is missing\n"]);
  });

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

  test("a case that cannot be played is counted apart, and the others are played", async (context) => {
    const { run } = bench(context);
    await run(["--update-baseline"]);
    const { code, printed } = await run([], { "orders/status": "the shop fell over" });
    assert.equal(code, 2);
    assert.match(printed, /Could not be played +1/);
    assert.match(printed, /NOT PLAYED {2}orders\/status: the shop fell over/);
    assert.match(printed, /1 of 3 cases pass/);
    assert.doesNotMatch(printed, /REGRESSION/);
    const recorded = await run(["--update-baseline"], { "orders/status": "again" });
    assert.match(recorded.told, /Nothing was recorded/);
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

  test("an earlier run is compared with, and the page shows both answers side by side", async (context) => {
    const { run, runsFolder, folder } = bench(context);
    await run([]);
    const [first = ""] = readdirSync(runsFolder);
    const page = join(folder, "page.html");
    const nasty = observed({ text: "No idea <script>alert(1)</script>" });
    const { code } = await run(["--against", join(runsFolder, first), "--html", page], {
      "orders/status": nasty,
    });
    assert.equal(code, 1);
    const text = readFileSync(page, "utf8");
    assert.match(text, /Release rule broken: \d regressions? against/);
    assert.match(text, /<h3>Now: reply ✗<\/h3>[\s\S]*<h3>Before: reply ✓<\/h3>/);
    assert.match(text, /default-src 'none'; style-src 'sha256-/);
    assert.doesNotMatch(text, /<script|style="|https?:\/\//);
    const order = [...text.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
    assert.deepEqual(order.slice(0, 6), [
      "rule_breaks",
      "regressed",
      "still_failing",
      "flaky",
      "fixed",
      "unchanged",
    ]);
  });

  test("a suite is a file of cases or a risk category, and --model asks another model", async (context) => {
    const { run } = bench(context);
    assert.equal((await run(["--suite", "orders"])).played.length, 3);
    assert.equal((await run(["--suite", "low"])).played.length, 3);
    assert.match((await run(["--suite", "high"])).told, /no risk category is called "high"/);
    assert.match((await run(["--model", "gpt-5"])).printed, /There is no baseline for gpt-5/);
  });
});
