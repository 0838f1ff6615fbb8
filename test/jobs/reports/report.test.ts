/** The figures reach each lead once, on working days, and the alerts channel on the first working day of a week. */
import assert from "node:assert/strict";
import { ReportArguments } from "#core/values/report.ts";
import { beforeEach, test } from "node:test";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { sendReports } from "#jobs/reports/send-report.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { berlinPolicy, seeder } from "./two-weeks.ts";

const MINUTE = 60_000;

onDesk("the report", (bench) => {
  const { parts } = bench;
  const ONE_LEAD = (text: string): string =>
    text.replace("lead: [lea@ourshop.test, lee@ourshop.test]", "lead: [lea@ourshop.test]");

  /** To whom, and with which title, in the order in which it left. */
  const told = (): readonly string[] =>
    bench.left.flatMap(({ action }) => {
      if (action.operation !== "digest") return [];
      const { to, sheet } = ReportArguments.parse(action.arguments);
      return [`${to.name ?? "alerts"}: ${sheet.title}`];
    });

  /** The clock moves to a moment, with a look at what is due on the way there and then. */
  async function at(iso: string): Promise<void> {
    bench.skip(Date.parse(iso) - bench.now().getTime());
    await sendReports(parts);
  }

  // The bench begins on Friday 20 November at 10:00 UTC, which is 11:00 in Berlin.
  beforeEach(() => bench.rule(berlinPolicy(ONE_LEAD)));

  test("comes at the first opening of working days, and once however often it is checked", async () => {
    await at("2026-11-20T10:00:00Z");
    await at("2026-11-21T12:00:00Z");
    await at("2026-11-23T07:59:59Z");
    assert.deepEqual(told(), []);
    await at("2026-11-23T08:00:00Z");
    for (const later of ["08:00:01", "15:00:00"]) await at(`2026-11-23T${later}Z`);
    assert.deepEqual(told(), [
      "lea@ourshop.test: 20 to 22 November",
      "alerts: Week 47: 16 to 22 November",
    ]);
    await at("2026-11-24T08:00:00Z");
    assert.deepEqual(told().slice(2), ["lea@ourshop.test: Monday 23 November"]);
  });

  test("of two processes that look at the same moment, one tells it", async () => {
    await at("2026-11-20T10:00:00Z");
    bench.skip(Date.parse("2026-11-23T08:00:00Z") - bench.now().getTime());
    await Promise.all(Array.from({ length: 4 }, () => sendReports(parts)));
    assert.deepEqual([told().length, new Set(told()).size], [2, 2]);
  });

  test("a process that dies between posting and booking leaves neither none nor two", async () => {
    await at("2026-11-20T10:00:00Z");
    bench.skip(Date.parse("2026-11-23T08:00:00Z") - bench.now().getTime());
    const dying = {
      ...parts,
      crashPoint: () => {
        throw new Error("the process is gone");
      },
    };
    await assert.rejects(sendReports(dying), /the process is gone/);
    assert.equal(told().length, 1);
    // It is not known yet that it is gone: the other one is told, this one is left alone.
    await sendReports(parts);
    assert.equal(told().length, 2);
    bench.skip(3 * MINUTE);
    await sendReports(parts);
    assert.equal(told().length, 2);
    // The third is the list of lessons: while there are none, it is done without a message.
    assert.deepEqual(await states(), { done: 3, planned: 3 });
  });

  test("while the desk is away it is tried again on its day, and not after it", async () => {
    await at("2026-11-20T10:00:00Z");
    bench.faults.commit = () => {
      throw new DeskhandError("channel.unavailable", "away");
    };
    await at("2026-11-23T08:00:00Z");
    await at("2026-11-23T08:00:20Z");
    bench.faults.commit = () => undefined;
    await at("2026-11-23T08:00:31Z");
    assert.equal(told().length, 2);
    // Down from Monday night to Wednesday noon: Tuesday's is over, Wednesday's is told late.
    await at("2026-11-25T11:30:00Z");
    assert.deepEqual(told().slice(2), ["lea@ourshop.test: Tuesday 24 November"]);
    assert.equal((await states())["missed"], 1);
  });

  test("a person who is no lead any more gets nothing, a new lead does from the next day on", async () => {
    bench.rule(berlinPolicy());
    await at("2026-11-23T12:00:00Z");
    bench.rule(
      berlinPolicy((text) =>
        text.replace(
          "support: [sam@ourshop.test, dana@ourshop.test]\n  lead: [lea@ourshop.test, lee@ourshop.test]",
          "support: [sam@ourshop.test, dana@ourshop.test, lee@ourshop.test]\n  lead: [lea@ourshop.test, kim@ourshop.test]",
        ),
      ),
    );
    // No process looked at the rows between the change and the time: what was planned is not told all the same.
    await at("2026-11-24T08:00:00Z");
    assert.deepEqual(told(), ["lea@ourshop.test: Monday 23 November"]);
    await at("2026-11-25T08:00:00Z");
    assert.deepEqual(told().slice(1).toSorted(), [
      "kim@ourshop.test: Tuesday 24 November",
      "lea@ourshop.test: Tuesday 24 November",
    ]);
  });

  test("a question is told without addresses and numbers, and cut short", async () => {
    await parts.store.run(async (transaction) => {
      const { conversation, turn } = seeder(transaction);
      const id = await conversation("2026-11-17T10:00:00Z");
      const query = `invoice for ann@customer.test, order 4711 and card 4111 1111 1111 1111 ${"long ".repeat(40)}`;
      await turn(id, "2026-11-17T10:00:00Z", { searches: [{ query, score: 0 }] });
    });
    await at("2026-11-20T10:00:00Z");
    await at("2026-11-23T08:00:00Z");
    const sheets = bench.left.map(({ action }) => ReportArguments.parse(action.arguments).sheet);
    const quoted = sheets.flatMap(({ sections }) => sections.flatMap((one) => one.quoted));
    assert.equal(quoted.length, 1);
    assert.match(quoted[0] ?? "", /^invoice for \[address\] order \[number\] and card /);
    assert.ok(!/ann@|4711|1111/.test(quoted[0] ?? ""));
    assert.ok((quoted[0] ?? "").length <= 120);
  });

  async function states(): Promise<Readonly<Record<string, number>>> {
    const rows = await parts.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ state: z.string(), count: z.coerce.number() }),
        sql`select state, count(*) as count from digest group by state`,
      ),
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }
});
