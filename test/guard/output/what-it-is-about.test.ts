/** Whether a verb is a deed of ours is told by what its sentence is about: honest sentences, and false ones beside them. */
import { describe, test } from "node:test";
import type { Receipts } from "#core/contracts/guard.ts";
import {
  allFound as having,
  allPass,
  headphones,
  lamp,
  page,
  refundOf,
  tool,
} from "./evidence-world.ts";

const allFound = (drafts: readonly string[], changes: Partial<Receipts>): void =>
  having(drafts, changes, "claim:");

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
  const told = (text: string): Partial<Receipts> => ({
    ...records,
    ...page(text),
  });

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
        "The address the order was placed with was changed.",
      ],
      records,
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
      ],
      records,
    );
  });

  test("a price in a bracket describes the order before it, and a state is told of the order", () => {
    allPass(
      [
        "Only order 456 (desk lamp, 60.00 USD) is still being processed and can be cancelled; order 123 (kettle) has been shipped, and orders 789 (headphones) and 790 (backpack) have been delivered.",
        "Your desk lamp (order 456, 60.00 USD) is being processed.",
        "Order 789 (headphones, 120.00 USD) is complete; order 123 (kettle) has been shipped.",
        "1) A refund isn't possible: order 123, your kettle, has been shipped.",
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
    );
    allFound(["I have refunded order 789 (120.00 USD) and order 123."], refund);
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
        "Points expire after they were added to the account and nobody used them.",
      ],
      records,
    );
    allFound(
      [
        "We check a return after it has arrived. Then we have approved your refund.",
        "If it is broken, tell us. Then your refund was issued.",
      ],
      records,
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
    );
  });
});
