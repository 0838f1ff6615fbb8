/** Shares, sums and counts of what the customer wrote, and whose thing and day a record's value is. */
import { test } from "node:test";
import type { Receipts } from "#core/contracts/guard.ts";
import { allFound, allPass, allPassAbroad, page, seen, tool } from "./evidence-world.ts";

const glasses: Partial<Receipts> = {
  ...seen,
  toolResults: [
    tool({
      order_id: "71021",
      item: "set of 12 wine glasses",
      paid: "60.00 USD",
      status: "delivered",
    }),
  ],
  asked: "71021, a dozen wine glasses, five broke. And you took 1,100.00 twice.",
};

test("a share of a price by two numbers of things, and by a fraction, is reckoned", () => {
  allPass(
    [
      "Of 60.00 USD for twelve, five would come to 25.00 USD.",
      "A quarter of 60.00 USD would be 15.00 USD.",
      "Twice 1,100.00 would be 2,200.00.",
    ],
    glasses,
  );
  allFound(
    [
      "Of 60.00 USD for twelve, five would come to 27.00 USD.",
      "A quarter of 60.00 USD would be 20.00 USD.",
      "Twice 1,100.00 would be 2,400.00.",
    ],
    glasses,
    "amount:",
  );
});

test("an amount of one digit that the customer wrote alone is theirs, and a few of a thing is none", () => {
  const given = { ...seen, ...page("Delivery costs 4.90 USD."), language: "it" };
  const asked = { ...given, asked: "Libro da 18 e segnalibro da 7, quanto?" };
  allPassAbroad(["18.00 e 7.00 fanno 25.00, più 4.90 di spedizione: in tutto 29.90 USD."], asked);
  allFound(["18.00 e 7.00 fanno 25.00, con la spedizione 30.90 USD."], asked, "amount: 30.90");
  allFound(["You paid 7.00 USD."], { ...given, asked: "I have 7 cups." }, "amount:");
});

test("how many of their things it is about is as they count it", () => {
  allPass(["Five of your glasses broke.", "Seven of your twelve glasses made it."], glasses);
  allFound(["Six of your glasses broke.", "Four of your twelve glasses broke."], glasses, "order:");
});

const two: Partial<Receipts> = {
  ...seen,
  toolResults: [
    tool({
      order_id: "62061",
      item: "ukulele",
      paid: "64.00 USD",
      shipped_on: "2026-11-18",
      due_on: "2026-11-24",
    }),
    tool({ order_id: "62066", item: "music stand", paid: "28.50 USD", status: "processing" }),
  ],
};

test("a thing is named with its own order, and an order with its own thing", () => {
  allPass(
    [
      "The stand is order 62066.",
      "It was the ukulele, Leonora, order 62061.",
      "Order 62061 is a ukulele for 64.00 USD.",
      "Order 62061 is a bit late.",
    ],
    { ...two, asked: "Leonora here" },
  );
  allFound(
    [
      "The stand is order 62061.",
      "It was the stand, Leonora, order 62061.",
      "Order 62061 is a milk frother for 64.00 USD.",
      "Order 62061 is a set of loungers, it cost 64.00 USD.",
    ],
    { ...two, asked: "Leonora here" },
    "order: 62061",
  );
});

test("the day on which we expect it, or it was handed over, is that of its record", () => {
  const days = page("Write to us 3 business days after the expected day.");
  const given = { ...two, ...days };
  allPass(["The ukulele left us, and we expect it on 24 November."], given);
  allFound(["The ukulele left us, and we expect it on 27 November."], given, "claim:");
  const delivered = {
    ...given,
    toolResults: [
      tool({
        order_id: "70188",
        item: "mat",
        status: "delivered",
        shipped_on: "2026-11-10",
        delivered_on: "2026-11-13",
      }),
    ],
  };
  allPass(["The carrier handed over the mat on 13 November."], delivered);
  allFound(["The carrier handed over the mat on 10 November."], delivered, "claim:");
});
