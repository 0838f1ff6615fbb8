/** A day begins on that day, also where clocks change at midnight. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dayStart } from "#core/values/moment.ts";
import { createCalendar, dayNumber } from "#policy/calendar.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { initText } from "./policy-files.ts";

for (const [zone, day] of [
  ["Africa/Cairo", "2026-04-24"],
  ["America/Santiago", "2026-09-06"],
  ["Asia/Beirut", "2026-03-29"],
  ["America/Havana", "2026-03-08"],
  ["Atlantic/Azores", "2026-03-29"],
  // They go back at midnight, too, and by half an hour in the night.
  ["Africa/Cairo", "2026-10-30"],
  ["America/Santiago", "2026-04-05"],
  ["America/Havana", "2026-11-01"],
  ["Atlantic/Azores", "2026-10-25"],
  ["Australia/Lord_Howe", "2026-10-04"],
  ["Australia/Lord_Howe", "2026-04-05"],
] as const)
  test(`in ${zone} on ${day}`, () => {
    const calendar = createCalendar({ zone, open: "always", holidays: [], language: "en" });
    const at = calendar.startOf(dayNumber(day));
    assert.equal(calendar.dayOf(at), dayNumber(day), at.toISOString());
    assert.equal(calendar.dayOf(new Date(at.getTime() - 1)), dayNumber(day) - 1);
    const noon = calendar.instantOf(dayNumber(day), 12 * 60);
    assert.equal(dayStart(noon, zone).toISOString(), at.toISOString());
  });

test("a report of the day on which clocks change at midnight", () => {
  const policy = loadPolicy(initText.replace("zone: UTC", "zone: Africa/Cairo"), "p");
  const { from, first } = policy.digest.sinceWorkday("2026-04-27");
  assert.equal(first, "2026-04-24");
  assert.equal(policy.digest.dayOf(from), first, from.toISOString());
});
