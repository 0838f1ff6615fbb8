/** The weekly list of lessons. */
import assert from "node:assert/strict";
import { ReportArguments } from "#core/values/report.ts";
import { test } from "node:test";
import { sendReports } from "#jobs/reports/send-report.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { berlinPolicy } from "./two-weeks.ts";

onDesk("the list of lessons", (bench) => {
  test("is sent to each lead once a week, in a message of its own", async () => {
    bench.rule(berlinPolicy((text) => text));
    bench.answer(() => replying("You can return it within 30 days.", { topic: "returns" }));
    for (const thread of ["t1", "t2", "t3"]) {
      const id = await bench.write("How long can I send it back?", { thread });
      const edit = { text: "You can return it within 14 days.", amount: null };
      assert.equal((await bench.press("edit", id, "lea@ourshop.test", { edit })).accepted, true);
    }
    await sendReports(bench.parts);
    for (const day of ["23", "24"]) {
      bench.skip(Date.parse(`2026-11-${day}T08:00:00Z`) - bench.now().getTime());
      await sendReports(bench.parts);
    }
    const told = bench.left.flatMap(({ action }) => {
      if (action.operation !== "digest") return [];
      const { to, sheet } = ReportArguments.parse(action.arguments);
      return [`${to.name ?? "alerts"}: ${sheet.title}`];
    });
    assert.deepEqual(
      told.filter((line) => line.includes("Lessons")).toSorted(),
      ["lea", "lee"].map((name) => `${name}@ourshop.test: Lessons: 1 lesson waits`),
    );
  });
});
