import assert from "node:assert/strict";
import { test } from "node:test";
import { loadPolicy } from "#policy/policy.ts";
import { sandboxText } from "./policy-files.ts";

const policy = loadPolicy(sandboxText, "deskhand.policy.yaml");
const mail = { channel: "email", name: "Ann Fields", automatic: false } as const;

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

test("chat and Slack have neither greeting nor signature", () => {
  assert.equal(policy.sign("It is there.", { ...mail, channel: "chat" }), "It is there.");
  assert.equal(policy.sign("It is there.", { ...mail, channel: "slack" }), "It is there.");
});

test("a text that greets already is not greeted twice", () => {
  assert.match(policy.sign("Hi Ann,\n\nit is there.", mail), /^Hi Ann,\n\nit is there\.\n\nKind/);
});

test("what is no plain first name is not printed", () => {
  for (const name of [null, "", "http://evil.test", "<b>", "$& $1", "{name}", "4711"])
    assert.match(policy.sign("It is there.", { ...mail, name }), /^Hello,\n/);
  assert.match(policy.sign("It is there.", { ...mail, name: "Zoë O’Neil" }), /^Hello Zoë,\n/);
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
    holdingText:
      "Thank you for your message. It is with our team now, and a person will answer you.",
  });
  assert.deepEqual(policy.duty, {
    onDuty: ["sam@ourshop.test", "lea@ourshop.test"],
    fallbackLead: "lea@ourshop.test",
  });
  assert.deepEqual(policy.chatMessagesPerMinute, { perUser: 20, perAddress: 60 });
  assert.deepEqual(policy.escalationGroups, { tier2: "Tier 2", sensitive: "Sensitive" });
  assert.deepEqual(policy.delicateWatch, { words: {}, vip: [] });
});
