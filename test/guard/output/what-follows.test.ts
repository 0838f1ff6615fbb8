/** What honest drafts say beyond their sources word for word, and the false sentences beside it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Receipts } from "#core/contracts/guard.ts";
import { namesOfDay } from "#guard/output/dates.ts";
import { workingDeadlines } from "#guard/output/what-follows.ts";
import { actionOf, headphones, lamp, objections, refundOf, tool } from "./evidence-world.ts";

const DAY_MS = 86_400_000;

const seen: Partial<Receipts> = { toolResults: [tool({ found: true, order: headphones })] };
const page = (text: string): Partial<Receipts> => ({
  ...seen,
  passages: [{ id: "p", title: "Help", url: "https://help.ourshop.test/p", text, score: 1 }],
});
const returns = page("You can return a product within 30 days after delivery.");
const shipping = page("Candles cost 19.90 USD each. Delivery costs 14.90 USD for each order.");

function allPass(drafts: readonly string[], changes: Partial<Receipts> = seen): void {
  assert.deepEqual(
    drafts.flatMap((text) => objections(text, changes).map((found) => `${text} → ${found}`)),
    [],
  );
}

function allFound(drafts: readonly string[], changes: Partial<Receipts> = seen, kind = ""): void {
  for (const text of drafts)
    assert.ok(
      objections(text, changes).some((found) => found.startsWith(kind)),
      `it passed: ${text}`,
    );
}

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
        "Two candles at 19.90 USD and delivery make 49.70 USD.",
        "All of it comes to 34.80 USD.",
        "It costs 29.80 USD.",
        "Seven candles at 19.90 USD are 159.20 USD.",
      ],
      asked,
      "amount:",
    );
  });
});

describe("days that a reader would count", () => {
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
          const [end = 0] = workingDeadlines([day], keys, day);
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
    allFound(["You still have 25 days to send it back."], returns, "date:");
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
    allFound(["They will be delivered on Saturday."], asked, "date:");
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
  test("the address in the account is another than that of the order", () => {
    const changed: Partial<Receipts> = {
      ...seen,
      proposal: {
        actions: [actionOf("change_address", { orderId: "789", address: "3 Elm Road" })],
      },
    };
    allPass(["I have changed the address of order 789."], changed);
    allFound(["I have changed the address in your account."], changed, "claim:");
  });

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
    allPass([
      "A gift card is valid until the day that is printed on it.",
      "Gift cards are valid abroad as well.",
      "Some products are delivered inside this country only: the product page says so.",
    ]);
    allFound(["Your gift card is waiting for you.", "I have sent you a gift card."]);
  });

  test("a cancellation brings back what it names, and no other amount", () => {
    const amount = { minor: 6_000, currency: "USD" };
    const cancelled: Partial<Receipts> = {
      toolResults: [tool({ found: true, order: { order_id: "456", amount: "60.00 USD" } })],
      proposal: {
        actions: [
          {
            key: "cancel:shop:456",
            action: {
              target: "shop",
              operation: "cancel_order",
              arguments: { orderId: "456", amount },
            },
            label: "Cancel order 456",
            facts: [],
          },
        ],
      },
    };
    allPass(
      ["I have cancelled order 456. The 60.00 USD go back to your original payment method."],
      cancelled,
    );
    allFound(["I have cancelled order 456. The 80.00 USD go back to your card."], cancelled);
    const nothing = { ...cancelled, proposal: null };
    allFound(["The 60.00 USD go back to your original payment method."], nothing);
  });

  test("what a record shows is so by now", () => {
    const order = { order_id: "456", status: "cancelled", amount: "60.00 USD" };
    allPass(["Order 456 is cancelled by now."], { toolResults: [tool({ found: true, order })] });
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

describe("what a sentence is about", () => {
  const kettle = {
    ...headphones,
    order_id: "123",
    item: "kettle",
    status: "shipped",
    paid: "25.00 USD",
    delivered_on: null,
  };
  const backpack = { ...headphones, order_id: "790", item: "backpack", paid: "80.00 USD" };
  const records: Partial<Receipts> = {
    toolResults: [tool({ found: true, orders: [headphones, lamp, kettle, backpack] })],
  };
  const refund = { ...records, proposal: { actions: [refundOf("789", 12_000)] } };
  const told = (text: string): Partial<Receipts> => ({ ...records, passages: page(text).passages });

  test("what a customer did with an order describes it, and is no deed of ours", () => {
    allPass(
      [
        "Please check your order number and send it to us from the address or account the order was placed with.",
        "I can only tell you about your own orders, that is, those placed with the address or account you write from.",
        "Please check the number, and sign in with the account the order was placed with.",
        "The order was placed with another account, and I can only tell you about your own.",
        "Please sign in with the account it was booked with.",
        "Please write from the e-mail account both orders were originally placed from.",
      ],
      records,
    );
    allFound(
      [
        "The order was placed again for you.",
        "The order was placed again for you with the account on file.",
        "I placed a replacement order.",
        "The replacement order was placed with the address on file.",
        "The address the order was placed with was changed.",
      ],
      records,
      "claim:",
    );
  });

  test("what was paid for an order, as its record has it, is no refund", () => {
    allPass(
      [
        "A refund of order 789 is limited: $120.00 was paid, and a refund can't be more than that.",
        "For order 456 60.00 USD was paid by card.",
        "120.00 USD was originally paid for the headphones.",
        "The records show that 25.00 USD has been paid for the kettle.",
      ],
      records,
    );
    allFound(
      [
        "120.00 USD was paid back.",
        "Your refund was paid out today.",
        "120.00 USD was paid to your card.",
        "Your refund of 120.00 USD was paid.",
        "60.00 USD was paid for order 789.",
        "The 120.00 USD was paid today.",
      ],
      records,
      "claim:",
    );
  });

  test("a price in a bracket describes the order before it, and a state is told of the order", () => {
    allPass(
      [
        "Only order 456 (desk lamp, 60.00 USD) is still being processed and can be cancelled; order 123 (kettle) has been shipped, and orders 789 (headphones) and 790 (backpack) have been delivered.",
        "Your desk lamp (order 456, 60.00 USD) is being processed.",
        "Order 789 (headphones, 120.00 USD) is complete; order 123 (kettle) has been shipped.",
      ],
      records,
    );
    allPass(
      ["I have refunded 120.00 USD for order 789; order 123 (kettle) has been shipped."],
      refund,
    );
    allFound(
      [
        "Your refund (desk lamp, 60.00 USD) is being processed.",
        "The amount (order 456, 60.00 USD) has been sent.",
        "It (60.00 USD for order 456) has been sent to your card.",
        "Order 456 (desk lamp, 60.00 USD) has been refunded.",
      ],
      records,
      "claim:",
    );
    allFound(["I have refunded order 789 (120.00 USD) and order 123."], refund, "claim:");
  });

  test("what follows in either of two ways that were offered is a rule", () => {
    const refused =
      "You can refuse the parcel at the door, or accept it and return it within 30 days after delivery.";
    allPass(
      [`${refused} In both cases you get your money back for the kettle.`],
      told(`${refused} In both cases the money goes back.`),
    );
    allPass(
      [
        "You can refuse the parcel or send it back. Either way, you get your money back.",
        "You may keep it or return it. In either case you get an answer, and we refund the costs of the label.",
        "You could refuse it at the door or return it later. In both cases we will refund what you paid.",
      ],
      records,
    );
    allFound(
      [
        "I checked the parcel. Either way, you get your money back.",
        "You can refuse it or return it. In both cases I have refunded your money.",
        "You can refuse it or return it. You get your money back now.",
      ],
      records,
      "claim:",
    );
  });

  test("the next step of a rule told under a condition is a rule, and what was done is not", () => {
    allPass(
      [
        "We check a return within 3 business days after it has reached our warehouse. Then the refund is approved, and the money is usually there within 5 to 7 business days.",
      ],
      told("We check it within 3 business days. The money is there within 5 to 7 business days."),
    );
    allPass(
      [
        "We look at the headphones once they are back with us. Then the refund is issued.",
        "If the check finds a fault, a person decides. After that, the money is sent to your card.",
        "As soon as it has reached us, we check it. Then the refund is approved. Afterwards the money is transferred to your card.",
      ],
      records,
    );
    allFound(
      [
        "We have checked your return. Then the refund is approved.",
        "We check a return after it has arrived. Then we have approved your refund.",
        "If it is broken, tell us. Then your refund was issued.",
      ],
      records,
      "claim:",
    );
  });

  test("a thing that is called like a deed is none", () => {
    allPass(
      [
        "I'm sorry that you are unhappy with the phone case.",
        "The case is made for this phone.",
        "The ticket is stored on your phone.",
        "They are listed below the reply form.",
      ],
      records,
    );
    allFound(
      [
        "A colleague will phone you about the case.",
        "Our team is going to phone you today.",
        "They will get back to you on your phone.",
      ],
      records,
      "claim:",
    );
  });
});
