import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createCalendar } from "#policy/calendar.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import type { CardTopic } from "#core/contracts/policy.ts";
import { berlinPolicy } from "#test/jobs/reports/two-weeks.ts";
import { initText, sandboxText, berlinText, NOON } from "./policy-files.ts";

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

const berlin = loadPolicy(berlinText, "berlin.yaml");
const sandbox = loadPolicy(sandboxText, "sandbox.yaml");

const mia = "mia@tischlicht.example";
const tom = "tom@tischlicht.example";
const jana = "jana@tischlicht.example";

const MORNING = new Date("2026-12-21T10:00:00+01:00");
const AFTERNOON = new Date("2026-12-21T14:00:00+01:00");
const CHRISTMAS = new Date("2026-12-25T10:00:00+01:00");

const one = { count: 1, leads: 0 };
const two = { count: 2, leads: 1 };

test("on duty are the people of every group whose hours it is", () => {
  assert.deepEqual(berlin.onDuty(MORNING), [mia, tom, jana]);
  assert.deepEqual(berlin.onDuty(AFTERNOON), [mia, tom]);
  assert.deepEqual(berlin.onDuty(new Date("2026-12-21T18:00:00+01:00")), []);
});

test("no teammate is on duty on a holiday, in a group with hours of its own neither", () => {
  assert.deepEqual(berlin.onDuty(CHRISTMAS), []);
});

test("a teammate in two groups is one person", () => {
  const twice = berlinText.replace(
    "people: [jana@tischlicht.example]",
    "people: [jana@tischlicht.example, MIA@tischlicht.example]",
  );
  const policy = loadPolicy(twice, "twice.yaml");
  assert.equal(policy.onDuty(MORNING).length, 3);
  assert.notEqual(policy.shortOfPeople({ count: 4, leads: 1 }, MORNING), null);
});

test("a card that those on duty can decide is not short of people", () => {
  assert.equal(berlin.shortOfPeople(one, AFTERNOON), null);
  assert.equal(berlin.shortOfPeople(two, MORNING), null);
  assert.equal(sandbox.shortOfPeople(two, NOON), null);
});

test("a card that needs a lead, or more people, than are there says who is", () => {
  assert.equal(
    berlin.shortOfPeople(two, AFTERNOON),
    `This needs two people, one of them a lead, and only ${mia} and ${tom} are on duty now, without a lead.`,
  );
  assert.equal(
    sandbox.shortOfPeople({ count: 3, leads: 0 }, NOON),
    "This needs three people, and only sam@ourshop.test and lea@ourshop.test are on duty now.",
  );
});

test("a claim holds for ten minutes, or until the shift of the teammate who made it ends", () => {
  const until = (address: string, at: string): string =>
    berlin.claimUntil({ id: "U1", email: address }, new Date(at)).toISOString();
  assert.equal(until(jana, "2026-12-21T12:40:00+01:00"), "2026-12-21T11:50:00.000Z");
  assert.equal(until(jana, "2026-12-21T12:57:00+01:00"), "2026-12-21T12:00:00.000Z");
  assert.equal(until(mia, "2026-12-21T12:57:00+01:00"), "2026-12-21T12:07:00.000Z");
});

test("a claim of a teammate who is not on duty, or who is there around the clock, holds for ten minutes", () => {
  const midnight = new Date("2026-11-20T23:55:00.000Z");
  const sam = { id: "U1", email: "SAM@ourshop.test" };
  assert.equal(sandbox.claimUntil(sam, midnight).toISOString(), "2026-11-21T00:05:00.000Z");
  const guest = { id: "U9", email: null };
  assert.equal(berlin.claimUntil(guest, CHRISTMAS).getTime() - CHRISTMAS.getTime(), 600_000);
});

test("while no teammate is there the sentence says when one will be", () => {
  assert.equal(
    berlin.shortOfPeople(one, CHRISTMAS),
    "This needs one person, and no teammate is on duty before Monday 28 December 2026, 09:00 (Europe/Berlin).",
  );
});

test("the holding message speaks the language of the policy's sentences", () => {
  assert.equal(
    berlin.closedText(CHRISTMAS),
    "Wir haben gerade geschlossen. Ein Mensch liest Ihre Nachricht am Montag, 28. Dezember 2026 um 09:00 (Europe/Berlin).",
  );
  assert.equal(berlin.closedText(AFTERNOON), null, "the team is there, though not the leads");
});

test("reminders come in opening hours, before the card expires", () => {
  assert.deepEqual(berlin.remindAt(CHRISTMAS), new Date("2026-12-28T12:00:00+01:00"));
  assert.deepEqual(berlin.handoverRemindAt(CHRISTMAS), new Date("2026-12-28T10:00:00+01:00"));
  assert.deepEqual(berlin.expiresAt(CHRISTMAS), new Date("2026-12-28T17:00:00+01:00"));
});

const card: CardTopic = {
  channel: "email",
  brand: "",
  topic: "refund",
  language: "de",
  amount: { minor: 10_001, currency: "EUR" },
};

test("a card goes to the place of the first route that fits it", () => {
  assert.equal(berlin.deskChannelOf(card), "freigaben-geld");
  assert.equal(berlin.deskChannelOf({ ...card, brand: "Nordlicht" }), "freigaben-nordlicht");
  assert.equal(berlin.deskChannelOf({ ...card, amount: { minor: 10_000, currency: "EUR" } }), null);
  assert.equal(berlin.deskChannelOf({ ...card, amount: { minor: 10_001, currency: "USD" } }), null);
  assert.equal(berlin.deskChannelOf({ ...card, amount: null }), null);
  assert.equal(sandbox.deskChannelOf(card), null);
});

test("every condition of a route has to hold, and an unknown language meets none", () => {
  const routed = loadPolicy(
    sandboxText.replace(
      "routing: []",
      "routing: [{ name: german, place: de, topics: [refund], channels: [email, chat], languages: [de] }, { name: rest, place: rest }]",
    ),
    "routed.yaml",
  );
  assert.equal(routed.deskChannelOf(card), "de");
  assert.equal(routed.deskChannelOf({ ...card, channel: "slack" }), "rest");
  assert.equal(routed.deskChannelOf({ ...card, topic: "faq" }), "rest");
  assert.equal(routed.deskChannelOf({ ...card, language: "en" }), "rest");
  assert.equal(routed.deskChannelOf({ ...card, language: null }), "rest");
});

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
