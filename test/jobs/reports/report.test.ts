/** The figures reach each lead once, on working days, and the alerts channel on the first working day of a week. */
import assert from "node:assert/strict";
import { ReportArguments, reportText } from "#core/values/report.ts";
import { beforeEach, test } from "node:test";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { sendReports } from "#jobs/reports/send-report.ts";
import { compareDays } from "#jobs/reports/metrics.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { berlinPolicy, seeder } from "./two-weeks.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

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

  test("does not come on a holiday; what it would have told comes with the next one, the week's post as well", async () => {
    bench.rule(
      berlinPolicy((text) =>
        ONE_LEAD(text).replace("holidays: []", "holidays: [2026-11-23, 2026-11-24]"),
      ),
    );
    await at("2026-11-20T10:00:00Z");
    for (const day of ["23", "24"]) await at(`2026-11-${day}T12:00:00Z`);
    assert.deepEqual(told(), []);
    await at("2026-11-25T08:00:00Z");
    assert.deepEqual(told(), [
      "lea@ourshop.test: 20 to 24 November",
      "alerts: Week 47: 16 to 22 November",
    ]);
  });

  test("follows the policy: a time of its own, a place, and a switch each", async () => {
    bench.rule(
      berlinPolicy((text) =>
        ONE_LEAD(text).replace(
          "at: null, weekly_place: null",
          'at: "07:30", weekly_place: team-leads',
        ),
      ),
    );
    await at("2026-11-20T10:00:00Z");
    await at("2026-11-23T06:30:00Z");
    const places = bench.left.map(({ action }) => ReportArguments.parse(action.arguments).to);
    assert.deepEqual(places, [
      { kind: "person", name: "lea@ourshop.test" },
      { kind: "place", name: "team-leads" },
    ]);
    bench.rule(
      berlinPolicy((text) =>
        text.replace("daily: true, weekly: true", "daily: false, weekly: false"),
      ),
    );
    // What was planned under the policy before is not told under the next.
    await at("2026-11-23T06:31:00Z");
    for (const day of ["24", "30"]) await at(`2026-11-${day}T12:00:00Z`);
    assert.equal(told().length, 2);
  });

  test("keeps the opening hour of the zone over a change of clocks", async () => {
    await at("2027-03-26T09:00:00Z");
    // On the last Sunday of March the clocks in Berlin go forward: nine o'clock is seven in UTC.
    await at("2027-03-29T06:59:59Z");
    assert.deepEqual(told(), []);
    await at("2027-03-29T07:00:00Z");
    assert.deepEqual(told(), [
      "lea@ourshop.test: 26 to 28 March",
      "alerts: Week 12: 22 to 28 March",
    ]);
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

  test("a process that dies before it posts leaves it to the next one", async () => {
    await at("2026-11-20T10:00:00Z");
    bench.faults.commit = () => {
      throw new Error("the process is gone");
    };
    await assert.rejects(at("2026-11-23T08:00:00Z"), /the process is gone/);
    bench.faults.commit = () => undefined;
    await at("2026-11-23T08:05:00Z");
    assert.equal(told().length, 2);
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

  test("a lead the desk does not know is skipped and told in the log by the place in the policy, the others get theirs", async () => {
    bench.rule(berlinPolicy());
    const lines: string[] = [];
    const log = {
      ...parts.log,
      warn: (message: string, details?: unknown) =>
        void lines.push(`${message} ${JSON.stringify(details)}`),
    };
    await at("2026-11-20T10:00:00Z");
    bench.faults.commit = ({ action }) => {
      const { to } = ReportArguments.parse(action.arguments);
      if (to.name === "lea@ourshop.test")
        throw new DeskhandError("channel.refused", "a lead is not in Slack");
    };
    bench.skip(Date.parse("2026-11-23T08:00:00Z") - bench.now().getTime());
    await sendReports({ ...parts, log });
    bench.skip(HOUR);
    await sendReports({ ...parts, log });
    assert.deepEqual(
      told().filter((line) => line.includes("@")),
      ["lee@ourshop.test: 20 to 22 November"],
    );
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /figures were not told.*lead 1 of the policy.*not in Slack/);
    assert.ok(!lines[0]?.includes("@"));
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

  test("what really happens on the desk is in the next morning's figures", async () => {
    await bench.write("Where is my parcel?");
    bench.skip(10 * MINUTE);
    const other = await bench.write("Please refund me", { thread: "t2" });
    await bench.press("reject", other);
    bench.skip(20 * MINUTE);
    await bench.tick();
    await at("2026-11-23T08:00:00Z");
    const [first] = bench.left.filter(({ action }) => action.operation === "digest");
    const text = reportText(ReportArguments.parse(first?.action.arguments).sheet);
    assert.match(text, /^20 to 22 November\n/);
    assert.match(text, /Mail: 0 → 2 received · 0 → 1 to people/);
    assert.match(text, /: 0 → 1 rejected\n/);
    assert.match(text, /Waiting now\n {2}1 card, the oldest for 2 d 22 h/);
  });

  test("an edit counts once it was approved, and what was taken back was not decided", async () => {
    bench.rule({ undoMs: 5 * MINUTE });
    const edited = await bench.write("Where is my parcel?");
    const card = await bench.pending(edited);
    assert.ok(card);
    await deskHandler(parts).decide({
      decisionId: "an edit",
      approvalId: card.id,
      version: card.version,
      button: "edit",
      teammate: { id: "sam", name: "Sam", email: "sam@ourshop.test", eligible: true },
      reason: "",
      edit: { text: "It comes tomorrow.", amount: null },
    });
    await bench.press("approve", edited);
    bench.skip(6 * MINUTE);
    await bench.tick();
    const taken = await bench.write("And mine?", { thread: "t2" });
    await bench.press("approve", taken);
    const [approved] = await parts.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ id: z.string(), version: z.number() }),
        sql`select id, version from approval where conversation_id = ${taken}`,
      ),
    );
    assert.ok(approved);
    const back = await deskHandler(parts).decide({
      decisionId: "an undo",
      approvalId: approved.id,
      version: approved.version,
      button: "undo",
      teammate: { id: "sam", name: "Sam", email: "sam@ourshop.test", eligible: true },
      reason: "",
      edit: null,
    });
    assert.equal(back.accepted, true, back.message);
    const { now } = await parts.store.run((transaction) =>
      compareDays(parts.policy, transaction, parts.policy.digest.sinceWorkday("2026-11-23")),
    );
    assert.deepEqual(
      now.drafts.map(({ untouched, edited: changed, rejected }) => [untouched, changed, rejected]),
      [[0, 1, 0]],
    );
    assert.equal(now.decisions[0]?.spread.count, 1);
    bench.skip(HOUR);
    await bench.press("approve", taken);
    const later = await parts.store.run((transaction) =>
      compareDays(parts.policy, transaction, parts.policy.digest.sinceWorkday("2026-11-23")),
    );
    // The click that counts is the one that was not taken back.
    assert.deepEqual(
      later.now.decisions.map(({ spread: { count, p90Ms } }) => [count, p90Ms >= HOUR]),
      [[2, true]],
    );
  });

  test("nothing at all is one friendly line", async () => {
    await at("2026-11-20T10:00:00Z");
    await at("2026-11-23T08:00:00Z");
    const [day, week] = bench.left.map(({ action }) =>
      reportText(ReportArguments.parse(action.arguments).sheet),
    );
    assert.equal(
      week,
      "Week 47: 16 to 22 November\n\nA quiet week\n  No customer wrote, and nothing had to be decided.",
    );
    assert.match(day ?? "", /A quiet time\n {2}No customer wrote, and nothing had to be decided\./);
    assert.match(
      day ?? "",
      /^20 to 22 November\n\nWaiting now\n {2}No card\n {2}Everything handed to people was taken\n\n/,
    );
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
