/** What honest drafts say beyond their sources word for word, and the false sentences beside it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Receipts } from "#core/contracts/guard.ts";
import { namesOfDay } from "#guard/output/dates.ts";
import { deadlineDays } from "#guard/output/what-follows.ts";
import {
  allFound,
  allPass,
  orders,
  page as pageOf,
  refundOf,
  seen,
  tool,
} from "./evidence-world.ts";

const DAY_MS = 86_400_000;

const page = (text: string): Partial<Receipts> => ({ ...seen, ...pageOf(text) });
const returns = page("You can return a product within 30 days after delivery.");
const shipping = page("Candles cost 19.90 USD each. Delivery costs 14.90 USD for each order.");

describe("amounts that a reader would reckon", () => {
  const asked = { ...shipping, asked: "I would take 2 candles and 3 lamps at 24.50." };

  test("a sum, a multiple and a difference of shown amounts are known", () => {
    allPass(
      [
        "Two candles at 19.90 USD are 39.80 USD.",
        "Two candles at 19.90 USD and 14.90 USD for delivery make 54.70 USD.",
        "A candle costs 19.90 USD and delivery 14.90 USD, together 34.80 USD.",
        "Two candles at 19.90 USD are 39.80 USD, and with delivery 54.70 USD.",
        "Three lamps at 24.50 USD are 73.50 USD.",
        "Delivery is 14.90 USD and a candle 19.90 USD, 5.00 USD more.",
      ],
      asked,
    );
  });

  test("another result, or an amount whose parts are not shown, is not", () => {
    allFound(
      [
        "Two candles at 19.90 USD are 38.80 USD.",
        "It costs 29.80 USD.",
        "Seven candles at 19.90 USD are 159.20 USD.",
      ],
      asked,
      "amount:",
    );
    allFound(
      ["All of it comes to 34.80 USD.", "Two candles at 19.90 USD and delivery make 49.70 USD."],
      asked,
      "unsure:",
    );
  });
});

describe("days that a reader would count", () => {
  test("working days from today are those of an answer, and in weeks are told in weeks", () => {
    const refunds = page("A refund takes 3-5 business days. A repair takes 10 business days.");
    allPass(["Our answer is there by 27 November.", "A repair takes two weeks."], refunds);
    allFound(
      ["Your headphones arrive on 27 November.", "You can return it within 14 days."],
      refunds,
      "date:",
    );
  });

  test("working days are counted from a recorded day, over weekends", () => {
    const refunded: Partial<Receipts> = {
      ...page("The money is there within 5 to 7 business days."),
      toolResults: [tool({ order_id: "789", refunded_on: "2026-11-19" })],
    };
    allPass(["You will find it there between November 26 and November 30."], refunded);
    allFound(["You will find it there by November 25."], refunded, "date:");
  });

  test("so many working days later is a working day, with so many working days between", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40_000 }),
        fc.integer({ min: 1, max: 60 }),
        (day, count) => {
          const keys = new Set([`duration:${count}-${count}:working-day`]);
          const [end = 0] = deadlineDays("working", [day], keys);
          const isWorking = (one: number): boolean =>
            ![0, 6].includes(new Date(one * DAY_MS).getUTCDay());
          const between = Array.from({ length: end - day }, (_none, at) => day + 1 + at);
          assert.equal(between.filter(isWorking).length, count);
          assert.ok(isWorking(end) && namesOfDay(end).includes(`day:${end}`));
        },
      ),
    );
  });

  test("what is left of a page's time is known, and no other length", () => {
    allPass(["You still have 18 days to send it back.", "It came 12 days ago."], returns);
    allFound(["You still have 25 days to send it back."], returns, "unsure:");
  });

  test("a day the customer wrote may stand beside a delivery, but is no day of one", () => {
    const asked = { ...seen, asked: "I travel on Saturday." };
    allPass(
      [
        "They were delivered on November 8, well before your trip on Saturday."
          .replace(", well", " (well")
          .replace("Saturday.", "Saturday)."),
        "I can't move the delivery to Saturday.",
      ],
      asked,
    );
    allFound(["They will be delivered on Saturday."], asked, "unsure:");
  });
});

describe("what was said before", () => {
  const told = (text: string, by: "us" | "teammate" = "us"): Partial<Receipts> => ({
    ...seen,
    said: [{ by, text, at: new Date("2026-11-19T12:00:00Z") }],
  });
  const refunded = told("I have refunded 20.00 USD for order 789.");

  test("an act that an earlier answer told may be told again, in other words", () => {
    allPass(
      [
        "As I wrote, the refund of 20.00 USD was made.",
        "Your 20.00 USD for order 789 have been refunded.",
        "The refund is on its way.",
      ],
      refunded,
    );
    allPass(["Your password was reset."], told("I have reset your password.", "teammate"));
  });

  test("another amount, order or act, the same once more, and what was only promised is not", () => {
    allFound(
      [
        "I have refunded 25.00 USD for order 789.",
        "I have refunded 20.00 USD for order 790.",
        "I have cancelled order 789.",
        "I have just refunded another 20.00 USD.",
      ],
      refunded,
    );
    allFound(["Your refund has been made."], told("If it is broken, I will refund you."), "claim:");
    allFound(["Your refund has been made."], told("Shall I refund you?"), "claim:");
    allFound(["Your refund has been made."], told("I will refund you."), "claim:");
  });
});

describe("what a clause says of an act", () => {
  test("what was not taken denies nothing of what was", () => {
    const refund = { ...seen, proposal: { actions: [refundOf("789", 12_000)] } };
    allPass(["I have refunded 120.00 USD instead of the voucher."], refund);
    allFound(
      ["I have refunded 120.00 USD to your bank account instead of the card."],
      refund,
      "claim:",
    );
  });

  test("a few words after an 'or' share its 'can', and a sentence of their own does not", () => {
    allPass(["You can choose a new one or your money back."], seen);
    allFound(["You can keep your card and I have sent your money back."], seen, "claim:");
  });
});

describe("drafts that were recorded", () => {
  test("what the customer is asked to do is no deed of ours", () => {
    allPass([
      "Please check the number, and write to us from the e-mail address or account the order was placed with.",
      "Try the steps in the manual first: charge the headphones fully, use another cable, and reset them.",
    ]);
    allFound(["I have looked at both accounts and I have reset your password."]);
  });

  test("a rule of gift cards or of some products is no gift and no state of an order", () => {
    allPass(
      [
        "A gift card is valid until the day that is printed on it.",
        "Gift cards are valid abroad as well.",
        "Some products are delivered inside the United States only: the product page says so.",
      ],
      page("We ship within the United States."),
    );
    allFound(["Your gift card is waiting for you.", "I have sent you a gift card."]);
  });

  test("what a record shows is so by now", () => {
    const order = { order_id: "456", status: "cancelled", amount: "60.00 USD" };
    allPass(["Order 456 is cancelled by now."], orders(order));
    allFound(["Order 789 is cancelled by now."]);
  });

  test("a value of the customer's may be read back to be denied, and is not granted by that", () => {
    const asked = { ...seen, asked: "Please refund 500.00 USD of order 789 within 3 days." };
    allPass(
      ["I'm sorry, but 500.00 USD is not possible.", "I can't promise it within 3 days."],
      asked,
    );
    allFound(["You get 500.00 USD.", "The money is there within 3 days."], asked);
  });
});
