/** The weekly figures without Slack: printed by a command, and written to the log by the console desk. */
import assert from "node:assert/strict";
import { ReportArguments } from "#core/values/report.ts";
import { after, before, test } from "node:test";
import { runCommand } from "#cli/program.ts";
import { weeklyReport } from "#jobs/reports/report-text.ts";
import { consoleDesk } from "#server/console/null-desk.ts";
import { seeder } from "#test/jobs/reports/two-weeks.ts";
import { BUSY_WEEK } from "#test/slack/approvals/reports.ts";
import { migratedDatabase, type OpenedStore } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const POLICY_FILE = new URL("../../src/policy/files/sandbox.yaml", import.meta.url).pathname;
const opened: { store?: OpenedStore } = {};

before(async () => {
  opened.store = await migratedDatabase(MAIN_DATABASE);
  await opened.store.store.run(async (transaction) => {
    const { conversation, message } = seeder(transaction);
    const id = await conversation("2026-11-10T10:00:00Z");
    await message(id, "2026-11-10T10:00:00Z", { outcome: "answered" });
  });
});
after(() => opened.store?.close());

async function week(...argv: string[]) {
  const store = opened.store?.store;
  assert.ok(store);
  return runCommand(
    { store, clock: { now: () => new Date("2026-11-20T12:00:00Z") }, status: null, appUrl: null },
    ["week", ...argv],
    { source: { kind: "file", name: POLICY_FILE }, reload: null },
  );
}

test("the last week is printed beside the one before it, any other by its name", async () => {
  const last = await week();
  assert.equal(
    last.stdout,
    [
      "Week 46: 9 to 15 November",
      "The week before → this week",
      "",
      "Messages",
      "  Mail: 0 → 1 received · 0 → 1 answered",
      "",
      "First reply",
      "  Half within: none → 0 s",
      "  Nine of ten within: none → 0 s",
      "",
    ].join("\n"),
  );
  assert.equal((await week("--week", "2026-W46")).stdout, last.stdout);
  assert.match((await week("--week", "2026-W47")).stdout, /Mail: 1 → 0 received/);
  assert.match((await week("--week", "2026-w01")).stdout, /^Week 1: 29 December to 4 January\n/);
  assert.match((await week("--week", "2020-W53")).stdout, /^Week 53: 28 December to 3 January\n/);
});

test("what is no week is refused by name", async () => {
  for (const name of ["46", "2026-W00", "2026-W54", "2025-W53", "last"]) {
    const { stderr, exitCode } = await week("--week", name);
    assert.equal(exitCode, 1, name);
    assert.match(stderr, /is no week such as 2026-W46/);
  }
});

test("without Slack the figures go into the log", async () => {
  const lines: string[] = [];
  const log = {
    info: (message: string, details?: unknown) =>
      void lines.push(`${message} ${JSON.stringify(details)}`),
    warn: () => undefined,
    error: () => undefined,
  };
  const desk = consoleDesk(log);
  const action = {
    target: "desk" as const,
    operation: "digest",
    arguments: ReportArguments.parse({
      to: { kind: "place", name: null },
      sheet: weeklyReport(BUSY_WEEK, []),
    }),
  };
  await desk.commit(action, "key", AbortSignal.timeout(PATIENCE_MS));
  assert.match(
    lines.join(),
    /figures for the team .*Week 46: 9 to 15 November.*102 → 118 received/,
  );
});
