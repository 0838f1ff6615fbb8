/** A mail whose sender only two witnesses prove is read and answered; what changes something needs a code or a person. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decidedBy } from "#app/compose.ts";
import type { PolicyQuestion } from "#core/contracts/policy.ts";
import { provenIdentity, witnessedIdentity } from "#core/values/identity.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { ORDERS, question, sandboxText } from "./policy-files.ts";

const policy = loadPolicy(sandboxText, "deskhand.policy.yaml");
const WITNESSED = { level: 2, actingLevel: 1 } as const;

function verdictOn(asked: PolicyQuestion, by = policy): string {
  const { verdict, rule } = by.decide(asked);
  return `${verdict} ${rule}`;
}

test("money that a rule would allow is asked, and allowed after a code", () => {
  const refund = (proof: Partial<PolicyQuestion>) => question("refund", ORDERS.cable, 9, proof);
  assert.equal(verdictOn(refund({})), "allow refund.small");
  // Once a person approves it, it counts by the rule that would have allowed it.
  const { reservations } = policy.decide(refund({}));
  assert.equal(reservations.length, 2);
  assert.deepEqual(policy.decide(refund(WITNESSED)), {
    verdict: "ask",
    rule: "refund.witnesses",
    reason:
      "What proves the sender of this mail is enough to answer it, but not for this, so a person decides.",
    approvers: { count: 1, leads: 0 },
    reservations,
  });
  assert.equal(verdictOn(refund({ level: 3 })), "allow refund.small");
});

test("an address that a rule would allow is asked, in whatever file", () => {
  const lenient = loadPolicy(
    sandboxText.replace(
      "      - name: before_shipping\n        verdict: ask\n",
      "      - name: before_shipping\n        verdict: allow\n",
    ),
    "lenient.yaml",
  );
  const address = (proof: Partial<PolicyQuestion>) =>
    question("change_address", ORDERS.lamp, null, proof);
  assert.equal(verdictOn(address({}), lenient), "allow change_address.before_shipping");
  assert.equal(verdictOn(address(WITNESSED), lenient), "ask change_address.witnesses");
});

test("what a claim is enough for, and what is asked or denied anyway, stays as it is", () => {
  for (const [operation, about, amount] of [
    ["create_ticket", null, null],
    ["send_code", null, null],
    ["refund", ORDERS.headphones, 120],
    ["refund", ORDERS.backpack, 80],
    ["cancel_order", ORDERS.lamp, null],
  ] as const)
    assert.equal(
      verdictOn(question(operation, about, amount, WITNESSED)),
      verdictOn(question(operation, about, amount)),
    );
});

test("a policy may say of an operation that two witnesses are enough, and of no other", () => {
  const trusting = loadPolicy(
    sandboxText.replace("  refund:\n", "  refund:\n    two_witnesses: enough\n"),
    "trusting.yaml",
  );
  const refund = question("refund", ORDERS.cable, 9, WITNESSED);
  assert.equal(verdictOn(refund, trusting), "allow refund.small");
  const reset = question("reset_password", null, null, WITNESSED);
  assert.equal(verdictOn(reset, trusting), "ask reset_password.witnesses");
});

onDesk("a turn on a mail that two witnesses prove", (bench) => {
  const witnessed = witnessedIdentity("dkim+spf", "two witnesses", "ann@customer.test");
  const signed = provenIdentity("dkim", "signed", "ann@customer.test");

  test("asks the policy with what the proof counts for, and so does what is decided later on its card", async () => {
    const asked: PolicyQuestion[] = [];
    bench.rule({
      limitsNeeded: () => [],
      decide: (about) => {
        asked.push(about);
        return policy.decide(about);
      },
    });
    bench.answer(async (input) => {
      const { planned, origin } = refundOf(900);
      const decision = await decidedBy(bench.parts)({
        planned: { ...planned, facts: [{ ...ORDERS.cable, customerId: "u123" }] },
        origin,
        input,
        topic: "refund",
        earlier: [],
      });
      return replying("Refunded.", { actions: [refundOf(900, { decision })] });
    });
    // The stronger of two mails of one sender lends the weaker one nothing.
    await bench.write("Refund 1002", { message: { identity: signed } });
    const id = await bench.write("Refund 1002 now", { message: { identity: witnessed } });
    assert.equal(asked.at(-1)?.actingLevel, 1);
    const card = await bench.pending(id);
    assert.equal(card?.card.requester.actingLevel, 1);
    assert.ok(card?.card.actions[0]?.rule?.startsWith("refund.witnesses"));
  });
});
