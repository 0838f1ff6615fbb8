import assert from "node:assert/strict";
import { test } from "node:test";
import { loadPolicy } from "#policy/load-policy.ts";
import { berlinText, NOON, sandboxText } from "./policy-files.ts";

const policy = loadPolicy(sandboxText, "deskhand.policy.yaml");
const mail = { channel: "email", brand: "OurShop", name: "Ann Fields", automatic: false } as const;

test("a mail opens with the first name and closes with the signature", () => {
  assert.equal(
    policy.sign("Your lamp is being packed.\r\n", mail),
    "Hello Ann,\n\nYour lamp is being packed.\n\nKind regards\nOurShop Support",
  );
});

test("an automatic reply says that it is one, on every channel", () => {
  for (const channel of ["email", "zendesk", "slack", "chat"] as const) {
    const text = policy.sign("It is on its way.", { ...mail, channel, automatic: true });
    assert.match(text, /automatic/);
    assert.doesNotMatch(policy.sign("It is on its way.", { ...mail, channel }), /automatic/);
  }
});

test("below an answer that says it, the line about automatic replies is left out", () => {
  const chat = { ...mail, channel: "chat", automatic: true } as const;
  const first = policy.sign("It is on its way.", chat);
  assert.equal(policy.sign("It comes today.", { ...chat, above: [first] }), "It comes today.");
  // An answer that a person approved says nothing about being automatic.
  const byHand = policy.sign("It is on its way.", { ...chat, automatic: false });
  assert.match(policy.sign("It comes today.", { ...chat, above: [byHand] }), /automatic/);
});

test("chat and Slack have neither greeting nor signature", () => {
  assert.equal(policy.sign("It is there.", { ...mail, channel: "chat" }), "It is there.");
  assert.equal(policy.sign("It is there.", { ...mail, channel: "slack" }), "It is there.");
});

test("a text that greets already is not greeted twice", () => {
  assert.match(
    policy.sign("Hi Ann,\n\nit is there.", mail),
    /^Hello Ann,\n\nit is there\.\n\nKind/,
  );
  assert.match(policy.sign("Hi Ann, it is there.", mail), /^Hi Ann, it is there\.\n\nKind/);
});

test("what is no plain first name is not printed", () => {
  for (const name of [null, "", "http://evil.test", "<b>", "$& $1", "{name}", "4711"])
    assert.match(policy.sign("It is there.", { ...mail, name }), /^Hello,\n/);
  assert.match(policy.sign("It is there.", { ...mail, name: "Zoë O’Neil" }), /^Hello Zoë,\n/);
});

test("a brand speaks in its own words, and in the channel's where it has none", () => {
  const berlin = loadPolicy(berlinText, "berlin.yaml");
  const sign = (brand: string, automatic = false) =>
    berlin.sign("Die Lampe ist da.", { channel: "email", brand, name: "Ann Fields", automatic });
  assert.equal(sign("Nordlicht"), "Moin Ann,\n\nDie Lampe ist da.\n\nDein Nordlicht");
  assert.match(sign("Nordlicht", true), /Diese Antwort wurde automatisch gesendet/);
  for (const brand of ["", "Tischlicht", "constructor", "__proto__"])
    assert.match(sign(brand), /^Hallo Ann,\n\n.*\n\nViele Grüße\nIhr Team von Tischlicht$/, brand);
});

test("tone and forbidden phrases follow the brand, and a brand can only forbid more", () => {
  const berlin = loadPolicy(berlinText, "berlin.yaml");
  assert.deepEqual(berlin.voiceOf("email", "Nordlicht"), {
    tone: 'Warm and brief; say "du".',
    forbidden: ["guarantee", "Garantie", "leider"],
  });
  assert.deepEqual(berlin.voiceOf("email", "").forbidden, ["guarantee", "Garantie"]);
  assert.deepEqual(policy.voiceOf("chat", "OurShop"), { tone: "", forbidden: [] });
});

test("roles are read by address or desk id, without case, and strangers have none", () => {
  const withIds = loadPolicy(sandboxText.replace("lead: [lea@", "lead: [U0LEA, lea@"), "ids.yaml");
  assert.equal(withIds.roleOf({ id: "U1", email: "Sam@OurShop.test" }), "support");
  assert.equal(withIds.roleOf({ id: "u0lea", email: null }), "lead");
  assert.equal(withIds.roleOf({ id: "U0LEA", email: "sam@ourshop.test" }), "support");
  assert.equal(withIds.roleOf({ id: "U2", email: "ned@ourshop.test" }), null);
  assert.equal(withIds.roleOf({ id: "U2", email: null }), null);
});

test("the numbers of the sandbox", () => {
  assert.equal(policy.undoMs, 5_000);
  assert.equal(policy.caps.shopRetryMs, 30 * 60_000);
  assert.deepEqual(
    (["email", "zendesk", "slack", "chat"] as const).map((channel) => policy.quietMs(channel)),
    [1_700, 1_700, 300, 0],
  );
  assert.deepEqual(policy.delicate, {
    group: "sensitive",
    page: ["lea@ourshop.test"],
  });
  assert.deepEqual(policy.onDuty(NOON), ["sam@ourshop.test", "lea@ourshop.test"]);
  assert.equal(policy.fallbackLead, "lea@ourshop.test");
  assert.deepEqual(policy.caps.turn, {
    stepsMax: 12,
    outputTokensMax: 6_000,
    usdMax: 0.5,
    ms: 60_000,
  });
  assert.equal(policy.remindAt(NOON).getTime() - NOON.getTime(), 4 * 3_600_000);
  assert.equal(policy.handoverRemindAt(NOON).getTime() - NOON.getTime(), 2 * 3_600_000);
  assert.equal(policy.closedText(NOON), null);
  assert.deepEqual(policy.chatMessagesPerMinute, { perUser: 20, perAddress: 60 });
  assert.deepEqual(policy.delicateWatch, { words: {}, vip: [] });
  assert.deepEqual(policy.knownHarmless, { phrases: [], senders: [] });
});
