import assert from "node:assert/strict";
import { test } from "node:test";
import type { CardTopic } from "#core/contracts/policy.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { berlinText, NOON, sandboxText } from "./policy-files.ts";

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
