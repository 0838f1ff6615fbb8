/** A draft is judged beside a person's answer by what both did and state, never by their wording. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { agreementOf, type PastAction } from "#core/values/rehearsal.ts";
import { type DraftsSide, judge, type PersonsSide } from "#jobs/rehearsal/judge.ts";

const AT = new Date("2026-10-07T10:00:00.000Z");
const usd = (minor: number) => ({ minor, currency: "USD" });

const refunded = (minor: number, orderId: string | null = "789"): PastAction => ({
  operation: "refund",
  orderId,
  amount: usd(minor),
  knownFrom: "ticket",
});
const refund = (minor: number, orderId = "789", verdict: "allow" | "ask" | "deny" = "ask") => ({
  operation: "refund",
  orderId,
  amount: usd(minor),
  verdict,
});
const draft = (text: string, more: Partial<DraftsSide> = {}): DraftsSide => ({
  text,
  at: AT,
  actions: [],
  outcome: "answered",
  ...more,
});
const person = (text: string, more: Partial<PersonsSide> = {}): PersonsSide => ({
  text,
  at: AT,
  asked: "",
  actions: [],
  outcome: "answered",
  ...more,
});

describe("actions", () => {
  test("the same refund is the same in action, amount and order", () => {
    const seen = judge(
      draft("I refunded 120.00 USD.", { actions: [refund(12_000)] }),
      person("I have refunded 120.00 USD.", { actions: [refunded(12_000)] }),
    );
    assert.deepEqual(
      [seen.sameAction, seen.sameAmount, seen.sameOrder, agreementOf(seen)],
      [true, true, true, "same"],
    );
  });

  test("a refund that people did not give risks all of it", () => {
    const seen = judge(draft("", { actions: [refund(12_000)] }), person("We need a photo first."));
    assert.deepEqual(seen.wrongActions, [
      {
        operation: "refund",
        orderId: "789",
        amount: usd(12_000),
        why: "not_taken",
        risk: usd(12_000),
      },
    ]);
    assert.equal(agreementOf(seen), "wrong");
  });

  test("a larger refund risks what is beyond, a smaller one nothing, one for another order everything", () => {
    const risk = (minor: number, orderId: string) =>
      judge(
        draft("", { actions: [refund(minor, orderId)] }),
        person("", { actions: [refunded(2_000)] }),
      ).wrongActions.map(({ why, risk: at }) => [why, at]);
    assert.deepEqual(risk(12_000, "789"), [["other_amount", usd(10_000)]]);
    assert.deepEqual(risk(1_000, "789"), [["other_amount", null]]);
    assert.deepEqual(risk(2_000, "456"), [["other_order", usd(2_000)]]);
    assert.deepEqual(risk(2_000, "789"), []);
  });

  test("money at risk is never more than was proposed, whatever people did", () => {
    const amounts = fc.array(
      fc.record({ minor: fc.nat(50_000), order: fc.constantFrom("1", "2") }),
      {
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(amounts, amounts, (ours, theirs) => {
        const seen = judge(
          draft("", { actions: ours.map(({ minor, order }) => refund(minor, order)) }),
          person("", { actions: theirs.map(({ minor, order }) => refunded(minor, order)) }),
        );
        const atRisk = seen.wrongActions.reduce((sum, { risk }) => sum + (risk?.minor ?? 0), 0);
        assert.ok(atRisk <= ours.reduce((sum, { minor }) => sum + minor, 0));
        assert.equal(seen.missedActions.length, Math.max(0, theirs.length - ours.length));
      }),
    );
  });
});

describe("facts", () => {
  const compared = (ours: string, theirs: string, asked = "") => {
    const seen = judge(draft(ours), person(theirs, { asked }));
    return {
      lacks: seen.lacks.map(({ words }) => words),
      contradicts: seen.contradicts.map((one) => [one.person.words, one.draft.words]),
    };
  };

  test("the same facts in other words, in another form and in another language are the same", () => {
    for (const [ours, theirs] of [
      ["Your parcel arrives on 12 October.", "It should be there by 2026-10-12."],
      ["Your parcel arrives tomorrow.", "It will be delivered on 8 October 2026."],
      ["Send it back within two weeks.", "You have 14 days to send it back."],
      ["Das kostet 12,50 EUR.", "That costs €12.50."],
      ["See https://shop.test/returns/.", "Look at shop.test/returns"],
    ])
      assert.deepEqual(compared(ours ?? "", theirs ?? ""), { lacks: [], contradicts: [] }, ours);
  });

  test("another amount, day or period about the same contradicts; about another thing it does not", () => {
    assert.deepEqual(
      compared(
        "Your parcel will be delivered on Friday, 16 October 2026.",
        "Your parcel will be delivered on Monday, 12 October 2026.",
      ).contradicts,
      [["12 October 2026", "16 October 2026"]],
    );
    assert.deepEqual(
      compared(
        "The refund takes 5 days to reach your account.",
        "You can send the lamp back for 30 days.",
      ),
      { lacks: ["30 days"], contradicts: [] },
    );
  });

  test("every text agrees with itself", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            "I have refunded 120.00 USD for order 789.",
            "We cannot cancel order 456 any more.",
            "It arrives on 12 October.",
            "Please send it back within 30 days.",
            "See https://shop.test/help?a=1.",
            "Where did you buy it?",
            "Wir haben die Adresse geändert.",
            "Nous vous remboursons demain.",
          ),
        ),
        (sentences) => {
          const text = sentences.join(" ");
          const { lacks, contradicts } = judge(draft(text), person(text));
          assert.deepEqual([lacks, contradicts], [[], []]);
        },
      ),
    );
  });
});
