import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { dayText, momentText } from "#core/values/moment.ts";

describe("moments as the team reads them", () => {
  const now = new Date("2026-11-21T02:15:00Z");

  test("stand in the team's zone, with a year only when it is another", () => {
    assert.equal(momentText(now, "UTC"), "21 Nov 02:15");
    assert.equal(momentText(now, "America/New_York"), "20 Nov 21:15");
    assert.equal(
      momentText(new Date("2025-09-03T09:05:00Z"), "Europe/Berlin", now),
      "3 Sep 2025 11:05",
    );
  });

  test("a new year is the zone's, not UTC's", () => {
    const midnight = new Date("2026-12-31T23:30:00Z");
    assert.equal(momentText(midnight, "Europe/Berlin", now), "1 Jan 2027 00:30");
  });

  test("a record's date keeps its day in every zone", () => {
    assert.equal(dayText("2026-11-23", now), "23 Nov");
    assert.equal(dayText("2025-01-10", now), "10 Jan 2025");
  });
});
