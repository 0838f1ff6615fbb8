/** A draft is judged beside a person's answer by what both did and state, never by their wording. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { comparisonAgreement, type PastAction } from "#core/values/rehearsal.ts";
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
      [seen.sameAction, seen.sameAmount, seen.sameOrder, comparisonAgreement(seen)],
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
    assert.equal(comparisonAgreement(seen), "wrong");
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
});
