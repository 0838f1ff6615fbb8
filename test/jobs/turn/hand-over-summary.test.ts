/** The summary of a hand-over says who wants what, what the shop says and what was promised; it repeats no message. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateTicketArguments } from "#core/values/action.ts";
import { NO_SUMMARY } from "#core/contracts/agent.ts";
import { handOverSummary } from "#jobs/handoff/summary.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

const FACTS = {
  name: "Bob Marsh",
  channel: "email",
  topic: "refund",
  subject: "Laptop",
  messageCount: 3,
  words: "",
  isModelsOwn: false,
  orders: ["Order 1001 · laptop · paid 900.00 USD · delivered 16 Nov · nothing refunded"],
  unanswered: [],
  told: "",
};

test("without a summary of the model's it is composed; the model's own stands in its place", () => {
  assert.equal(
    handOverSummary(FACTS),
    [
      "Bob Marsh wrote by email about a refund, subject “Laptop”, 3 messages without an answer.",
      "The shop says: Order 1001 · laptop · paid 900.00 USD · delivered 16 Nov · nothing refunded",
      "Promised to the customer: nothing.",
    ].join("\n"),
  );
  const own = handOverSummary({
    ...FACTS,
    words: "Bob wants 100 of 900 back.",
    isModelsOwn: true,
    told: "A person answers.",
  });
  assert.match(own, /^Bob wants 100 of 900 back\.\nThe shop says: /);
  assert.match(own, /Told the customer: “A person answers\.”$/);
});

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

  test("names the files the customer sent, a few of many, without what a name must not show", async () => {
    handingOver();
    const photo = (name: string) => ({ name, mediaType: "image/jpeg", bytes: 9 });
    const named = ["lamp.jpg", "my\nNeeds a person: pay.jpg", "a", "b", "c", "d", "e", "f"];
    await bench.write("It leaks, see the pictures.", {
      message: { attachments: named.map(photo) },
    });
    assert.match(
      summary(),
      /^Sent with it: 8 photos: lamp\.jpg, my Needs a person: pay\.jpg, a, b, c and 3 more$/m,
    );
    assert.doesNotMatch(summary(), /^Needs a person: pay/m);
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
