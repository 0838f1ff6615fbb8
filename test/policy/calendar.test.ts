import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createCalendar } from "#policy/calendar.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { initText, sandboxText } from "./policy-files.ts";

function policyIn(zone: string, hours = "09:00-17:00", holidays = "[]") {
  return loadPolicy(
    initText
      .replace("zone: UTC", `zone: ${zone}`)
      .replaceAll("09:00-17:00\n", `${hours}\n`)
      .replace("holidays: []", `holidays: ${holidays}`),
    "calendar.yaml",
  );
}

const ROWS: Readonly<Record<string, readonly [ReturnType<typeof policyIn>, string, string]>> = {
  "always open: after eight hours": [
    loadPolicy(sandboxText, "s"),
    "2026-11-20T20:30:00Z",
    "2026-11-21T04:30:00Z",
  ],
  "a card of the morning expires that evening": [
    policyIn("UTC"),
    "2026-11-18T09:00:00Z",
    "2026-11-18T17:00:00Z",
  ],
  "a card of the night starts counting in the morning": [
    policyIn("UTC"),
    "2026-11-18T02:00:00Z",
    "2026-11-18T17:00:00Z",
  ],
  "a card of Friday afternoon expires on Monday": [
    policyIn("UTC"),
    "2026-11-20T16:00:00Z",
    "2026-11-23T16:00:00Z",
  ],
  "a holiday is not counted": [
    policyIn("UTC", "09:00-17:00", "[2026-11-23]"),
    "2026-11-20T16:00:00Z",
    "2026-11-24T16:00:00Z",
  ],
  "a lunch break is not counted": [
    policyIn("UTC", '"09:00-12:00, 13:00-17:00"'),
    "2026-11-18T11:00:00Z",
    "2026-11-19T12:00:00Z",
  ],
  "hours are local": [policyIn("America/New_York"), "2026-11-18T12:00:00Z", "2026-11-18T22:00:00Z"],
  "hours stay local when the clocks go back": [
    policyIn("Europe/Berlin"),
    "2026-10-23T15:00:00Z",
    "2026-10-26T16:00:00Z",
  ],
  "hours stay local when the clocks go forward": [
    policyIn("Europe/Berlin"),
    "2026-03-27T16:00:00Z",
    "2026-03-30T15:00:00Z",
  ],
};

for (const [sentence, [policy, from, expected]] of Object.entries(ROWS)) {
  test(sentence, () => {
    assert.equal(policy.expiresAt(new Date(from)).toISOString(), new Date(expected).toISOString());
  });
}

test("an opening in the early morning keeps its local hour on the day the clocks go back", () => {
  const closed = "closed";
  const calendar = createCalendar({
    zone: "America/New_York",
    language: "en",
    open: {
      monday: closed,
      tuesday: closed,
      wednesday: closed,
      thursday: closed,
      friday: closed,
      saturday: closed,
      sunday: "03:00-23:00",
    },
    holidays: [],
  });
  const opens = calendar.opensAt(new Date("2026-10-31T23:00:00Z"));
  assert.equal(opens?.toISOString(), "2026-11-01T08:00:00.000Z");
});

test("the holding message names the next opening in the policy's zone, and is not sent while open", () => {
  const policy = policyIn("Europe/Berlin", "09:00-17:00", "[2026-12-25]");
  const closed = (at: string) => policy.closedText(new Date(at));
  assert.equal(closed("2026-12-24T15:59:00Z"), null);
  const sentence =
    "We are closed right now. A person will read your message on Monday 28 December 2026, 09:00 (Europe/Berlin).";
  assert.equal(closed("2026-12-24T16:00:00Z"), sentence, "17:00 in Berlin is closed");
  assert.equal(closed("2026-12-28T07:59:59Z"), sentence);
  assert.equal(closed("2026-12-28T08:00:00Z"), null);
});

test("an expiry lies at least eight hours ahead and never moves back when asked later", () => {
  const policies = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns"].map((zone) =>
    policyIn(zone),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...policies),
      fc.date({ min: new Date("2026-01-01"), max: new Date("2027-12-31"), noInvalidDate: true }),
      fc.nat(200_000_000),
      (policy, from, laterMs) => {
        const expires = policy.expiresAt(from).getTime();
        assert.ok(expires - from.getTime() >= 8 * 3_600_000);
        assert.ok(policy.expiresAt(new Date(from.getTime() + laterMs)).getTime() >= expires);
      },
    ),
  );
});
