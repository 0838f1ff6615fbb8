/** What a turn about Ann's orders found out, for the tests of the output check. */
import assert from "node:assert/strict";
import type { PlannedAction } from "#core/values/action.ts";
import type { Receipts } from "#core/contracts/guard.ts";
import { DECLARED_TOOLS } from "#tools/index.ts";
import { toolOperations } from "#guard/claims/operations.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";

const TODAY = new Date("2026-11-20T12:00:00Z");

export const headphones = {
  order_id: "789",
  item: "headphones",
  status: "delivered",
  amount: "120.00 USD",
  paid: "120.00 USD",
  refunded: "0.00 USD",
  refundable: "120.00 USD",
  shipped_on: "2026-11-05",
  due_on: null,
  delivered_on: "2026-11-08",
};
export const lamp = {
  ...headphones,
  order_id: "456",
  item: "desk lamp",
  status: "processing",
  amount: "60.00 USD",
  paid: "60.00 USD",
  refundable: "60.00 USD",
  shipped_on: null,
  delivered_on: null,
};
export const phone = {
  ...headphones,
  order_id: "2001",
  item: "phone",
  status: "shipped",
  amount: "640.00 USD",
  paid: "640.00 USD",
  refundable: "640.00 USD",
  shipped_on: "2026-11-19",
  due_on: "2026-11-22",
  delivered_on: null,
};

export const refundPage = {
  id: "refund-policy#window",
  title: "Refund policy",
  url: "https://help.ourshop.test/refund-policy",
  text: "You can ask for a refund within 30 days after delivery. Refunds go to the original payment method and take 3-5 business days. We will refund the shipping costs of 4.90 USD when the item was faulty. Write to support@ourshop.test or call +1 800 555 0199, Monday to Friday, 9:00-17:00.",
  score: 0.9,
};

/** A help page of this text. */
export function page(text: string): Partial<Receipts> {
  return { passages: [{ ...refundPage, text }] };
}

export function tool(result: unknown, name = "get_order_status") {
  return { tool: name, result };
}

/** A look-up of each of these orders. */
export function orders(...all: readonly object[]): Partial<Receipts> {
  return { toolResults: all.map((order) => tool({ found: true, order })) };
}

/** What a look-up of the headphones gave. */
export const seen = orders(headphones);

export function refundOf(
  orderId: string,
  minor: number,
  { paid = 12_000, refunded = 0, currency = "USD" } = {},
): PlannedAction {
  return {
    key: `refund:shop:${orderId}:0`,
    action: {
      target: "shop",
      operation: "refund",
      arguments: { orderId, amount: { minor, currency }, reason: "They said 999.00 USD" },
    },
    label: `Refund, order ${orderId}`,
    facts: [
      {
        orderId,
        customerId: "u123",
        status: "delivered",
        paid: { minor: paid, currency },
        refunded: { minor: refunded, currency },
        refundCount: 0,
        deliveredOn: "2026-11-08",
      },
    ],
  };
}

export function actionOf(operation: string, values: Record<string, string>): PlannedAction {
  return {
    key: operation,
    action: { target: "shop", operation, arguments: values },
    label: operation,
    facts: [],
  };
}

export function receipts(changes: Partial<Receipts> = {}): Receipts {
  return {
    toolResults: [],
    passages: [],
    proposal: null,
    asked: "",
    requester: {
      level: 2,
      customerId: "u123",
      emailOnFile: "ann@customer.test",
      name: "Ann Fields",
      reason: "DKIM",
    },
    escalates: false,
    language: null,
    forbidden: [],
    today: TODAY,
    ...changes,
  };
}

/** A check that nothing is listed for but this. */
export function checkWith(given: Partial<Parameters<typeof createOutputCheck>[0]>) {
  return createOutputCheck({
    operations: toolOperations(DECLARED_TOOLS),
    linkHosts: [],
    contacts: [],
    ownAddresses: [],
    isCanary: () => false,
    ...given,
  });
}

export const outputCheck = checkWith({
  linkHosts: ["help.ourshop.test", "shop2024.test"],
  contacts: ["support@ourshop.test", "+1 800 555 0199"],
  ownAddresses: ["care@ourshop.test"],
  isCanary: (text) => text.includes("c0ffee"),
});

/** A check that nothing is listed for. */
export const bareCheck = checkWith({});

/** What the check objects to, as "kind: words". */
export function objections(text: string, changes: Partial<Receipts> = {}): readonly string[] {
  return outputCheck
    .check(text, receipts(changes))
    .findings.map(({ kind, words }) => `${kind}: ${words}`);
}

/** Each of these drafts passes the check, whose objections are shown where one does not. */
export function allPass(drafts: readonly string[], changes = seen): void {
  const found = drafts.flatMap((text) =>
    objections(text, changes).map((objection) => `${text} → ${objection}`),
  );
  assert.deepEqual(found, []);
}

/** The same without the finding that a person reads what is not English. */
export function allPassAbroad(drafts: readonly string[], changes: Partial<Receipts>): void {
  for (const text of drafts) {
    const found = objections(text, changes).filter((one) => !one.startsWith("unread"));
    assert.deepEqual(found, [], text);
  }
}

/** Each of these drafts has an objection of this kind; "" stands for any. */
export function allFound(drafts: readonly string[], changes = seen, kind = ""): void {
  for (const text of drafts) {
    const found = objections(text, changes);
    assert.ok(
      found.some((objection) => objection.startsWith(kind)),
      `${text} → ${found.join(" | ") || "it passed"}`,
    );
  }
}
