import assert from "node:assert/strict";
import { test } from "node:test";
import { loadPolicy } from "#policy/load-policy.ts";
import { sandboxText } from "./policy-files.ts";

const policy = loadPolicy(sandboxText, "deskhand.policy.yaml");
const mail = { channel: "email", brand: "OurShop", name: "Ann Fields", automatic: false } as const;

test("a mail opens with the first name and closes with the signature", () => {
  assert.equal(
    policy.sign("Your lamp is being packed.\r\n", mail),
    "Hello Ann,\n\nYour lamp is being packed.\n\nKind regards\nOurShop Support",
  );
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
