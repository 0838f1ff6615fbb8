/** What honest drafts of a language model said and were once sent back for, and the false sentences beside it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Receipts } from "#core/contracts/guard.ts";
import { headphones, objections, tool } from "./evidence-world.ts";

const seen: Partial<Receipts> = { toolResults: [tool({ found: true, order: headphones })] };

function allPass(drafts: readonly string[], changes: Partial<Receipts> = seen): void {
  assert.deepEqual(
    drafts.flatMap((text) => objections(text, changes).map((found) => `${text} → ${found}`)),
    [],
  );
}

function allFound(drafts: readonly string[], changes: Partial<Receipts> = seen): void {
  assert.deepEqual(
    drafts.filter((text) => objections(text, changes).length === 0),
    [],
  );
}

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
      "Some products are delivered inside the United States only: the product page says so.",
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
