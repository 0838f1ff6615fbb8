import assert from "node:assert/strict";
import { test } from "node:test";
import { canonical, digest } from "#core/values/canonical-json.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { PlannedAction } from "#core/values/action.ts";
import { refundOf } from "#test/jobs/turn-results.ts";
import { rulesOfActions, sealFor } from "#jobs/approval/seal.ts";

const DECISION: Decision = {
  verdict: "ask",
  rule: "refund.otherwise",
  reason: "People decide. The limit month (once in 30 days) is used up.",
  approvers: { count: 1, leads: 0 },
  reservations: [],
};
const USED_UP: Decision = { ...DECISION, usedUp: [{ name: "month", words: "once in 30 days" }] };

test("the seal covers the bytes that every version has of a decision, and nothing that only this one has", () => {
  const before = digest({ actions: [], revision: "r1", rules: [DECISION] });
  assert.equal(sealFor(null, "r1", [DECISION]), before);
  assert.equal(sealFor(null, "r1", [USED_UP]), before);
});

test("a word of the reason, or another approver, is another seal", () => {
  const others: Decision[] = [
    { ...DECISION, reason: "People decide." },
    { ...DECISION, approvers: { count: 2, leads: 0 } },
    { ...DECISION, verdict: "allow" },
  ];
  const seals = [DECISION, ...others].map((decision) => sealFor(null, "r1", [decision]));
  assert.equal(new Set(seals).size, seals.length, canonical(seals));
});

test("rules that fit no longer, and two actions under one key, leave nothing that may happen", () => {
  const { planned, decision } = refundOf(500);
  const other = refundOf(500, { orderId: "456" }).planned;
  const rule: Decision = { ...decision, rule: "refund.usual" };
  const reply: Decision = { ...DECISION, rule: "reply.email.draft" };
  const bound = (actions: readonly PlannedAction[], rules: readonly Decision[]) =>
    rulesOfActions({ actions: [...actions] }, rules);
  assert.equal(bound([planned, other], [rule, rule, reply])?.actions.length, 2);
  assert.equal(bound([planned, planned], [rule, rule, reply]), null);
  assert.equal(bound([planned], [reply]), null);
  assert.equal(bound([planned], [rule, rule, reply]), null);
  assert.equal(bound([planned], [reply, rule]), null);
});
