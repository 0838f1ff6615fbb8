/** The summary of a hand-over says who wants what, what the shop says and what was promised; it repeats no message. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateTicketArguments } from "#core/values/action.ts";
import { NO_SUMMARY } from "#core/contracts/agent.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("a hand-over", (bench) => {
  const summary = (): string => {
    const [made] = bench.left.filter(({ action }) => action.operation === "create_ticket");
    return CreateTicketArguments.parse(made?.action.arguments).summary;
  };
  const handingOver = () =>
    bench.answer(() =>
      replying("", {
        ending: {
          kind: "escalate",
          reason: "unclear",
          summary: NO_SUMMARY,
          tried: [],
          delicate: null,
        },
      }),
    );

  test("tells the orders of a proven customer, those they name first, also when nothing was looked up", async () => {
    handingOver();
    await bench.write("asdf order 789 asdf");
    assert.match(
      summary(),
      /Summary: Ann Fields wrote by email about a refund, subject “Headphones”\./,
    );
    assert.match(summary(), /The shop says: Order 789 · .* paid 120\.00 USD/);
    assert.doesNotMatch(summary(), /The customer wrote|asdf/);
    assert.match(summary(), /Told the customer: “/);
  });

  test("tells nothing of the shop's about a writer who proved nothing", async () => {
    bench.bindTo({
      level: 1,
      customerId: null,
      emailOnFile: "ann@customer.test",
      name: null,
      reason: "claimed",
    });
    handingOver();
    await bench.write("order 789 please");
    assert.doesNotMatch(summary(), /The shop says/);
  });
});
