import assert from "node:assert/strict";
import { test } from "node:test";
import { berlinPolicy } from "#test/jobs/reports/two-weeks.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

test("a team that is always open reads its figures at eight, from Monday to Friday", () => {
  const { digest } = berlinPolicy((text) =>
    text.replace(/ {2}open: \{ monday: "09:00-17:00".*\n/, "  open: always\n"),
  );
  const times: string[] = [];
  for (let at = new Date("2026-11-19T12:00:00Z"); times.length < 3;) {
    const next = digest.nextDaily(at);
    assert.ok(next);
    times.push(next.at.toISOString());
    at = next.at;
  }
  assert.deepEqual(times, [
    "2026-11-20T07:00:00.000Z",
    "2026-11-23T07:00:00.000Z",
    "2026-11-24T07:00:00.000Z",
  ]);
  assert.equal(digest.nextWeekly(new Date("2026-11-19T12:00:00Z"))?.day, "2026-11-23");
});

test("days and weeks are those of the zone, also across the night on which clocks change", () => {
  const { digest } = berlinPolicy();
  const week = digest.weekBefore("2026-10-28");
  assert.deepEqual(
    [week.first, week.last, week.from.toISOString(), week.to.toISOString()],
    ["2026-10-19", "2026-10-25", "2026-10-18T22:00:00.000Z", "2026-10-25T23:00:00.000Z"],
  );
  assert.equal(week.to.getTime() - week.from.getTime(), 7 * DAY + HOUR);
  const later = digest.weekLater(week, 1);
  assert.deepEqual([later.first, later.last], ["2026-10-26", "2026-11-01"]);
  assert.equal(digest.sinceWorkday("2026-11-23").first, "2026-11-20");
  assert.equal(digest.sinceWorkday("2026-11-24").first, "2026-11-23");
});
