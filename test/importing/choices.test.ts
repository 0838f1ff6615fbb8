/** What an import chooses and suggests where the answers say nothing. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answersFrom, readYaml } from "#importing/answers/read-answers.ts";
import { withAll } from "#importing/plan/suggestions.ts";
import { planTools } from "#importing/plan/plan-tools.ts";
import { ANSWERS, opened, OPERATIONS } from "./small-shop.ts";

describe("what an import chooses", () => {
  test("amounts in cents are among the fields that are chosen", async () => {
    const { tools } = await planTools(opened(), {
      wanted: ["get_order"],
      answers: answersFrom(readYaml(ANSWERS, "a"), "a"),
      folder: "small-shop",
    });
    const [order] = tools;
    assert.ok(order?.kind === "read");
    assert.deepEqual(Object.keys(order.from.record), [
      "id",
      "status",
      "total_cents",
      "refunded_cents?",
      "currency",
      "customer",
    ]);
  });

  test("who a parcel goes to is not suggested as whose the record is", async () => {
    const identity = (["shipping_address.email", "customer.id"] as const).map((name) => ({
      in: "answer" as const,
      name,
      is: name.endsWith("id") ? ("id" as const) : ("email" as const),
    }));
    const suggested = async (places: typeof identity) => {
      const asked = OPERATIONS.map((one) =>
        one.name === "get_order" ? { ...one, guesses: { ...one.guesses, identity: places } } : one,
      );
      const { refused } = await planTools(opened(asked), {
        wanted: ["get_order"],
        answers: answersFrom({}, "a"),
        folder: "small-shop",
      });
      return refused[0]?.gaps.find(({ question }) => question === "get_order.belongs")?.suggestion;
    };
    assert.equal(await suggested(identity), "{ field: customer.id, is: system_id }");
    assert.equal(await suggested(identity.slice(0, 1)), null);
  });

  test("the line for people calls the amount an amount, whatever its unit is called", () => {
    const values = { amount_cents: { from: "input", name: "amount_cents" } } as const;
    assert.equal(
      withAll("Refund of order {id}", values, "amount_cents"),
      "Refund of order {id}, amount {input.amount_cents}",
    );
  });
});
