/** Attacks on what needs no quote: a value, deed, day or condition beside it, before it, or in the place of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "#core/contracts/guard.ts";
import type { Statement } from "#verifier/request.ts";
import { judged } from "./samples.ts";

const TITLE = "Returns › What we cannot take back";
const SOURCES: readonly Source[] = [
  {
    kind: "record",
    name: "order 17, from the shop",
    orderId: "17",
    text: "order 17: item novel\norder 17: amount 17.90 USD\norder 17: shipped on 2026-11-12",
  },
  {
    kind: "page",
    name: TITLE,
    orderId: null,
    text: `${TITLE}\nWe keep no list of them. A return is free within 30 days.`,
  },
  {
    kind: "customer",
    name: "the customer's own words",
    orderId: null,
    text: "I paid 60 for order 17 and was promised 20 back.",
  },
  { kind: "record", name: "the calendar", orderId: null, text: "today 2026-11-21" },
];

/** Every kind, with no quote and with each line that a lying reader may copy beside what it passes. */
const LIES: readonly Omit<Statement, "text">[] = (
  ["fact", "done", "promise", "grant", "courtesy", "question", "echo"] as const
).flatMap((kind) => [
  { kind, source: null, quote: null },
  { kind, source: 1, quote: "order 17: amount 17.90 USD" },
  { kind, source: 4, quote: "today 2026-11-21" },
]);

const ATTACKS: readonly string[] = [
  "I've looked at order 17, and you get 20.00 USD back.",
  "I've looked at order 17 with my manager, who agrees to 60.00 USD.",
  "I looked at order 17 on November 20.",
  "I've checked that order 17 left us on November 14.",
  "I've looked at order 18.",
  "I'm sorry, Nerys, I have refunded 20.00 USD.",
  "I'm sorry, Nerys, it comes tomorrow.",
  "Thank you, Nerys, as long as you pay 5.00 USD.",
  "That's a pity, that's 20.00 USD of ours.",
  "Here's what I found, Nerys: 60.00 USD, paid back.",
  "1. You get 20.00 USD.\n2. It is yours.",
  "17. 60 dollars.\n18. 20 dollars.",
];

/** Held without a quote where they are called more than kind; a quote makes them statements as any other. */
const UNQUOTED: readonly string[] = [
  "I've looked at order 17: деньги возвращены.",
  "已退款。I've looked at order 17.",
  "I've looked at order 17\n\n全额退款",
  "I've checked the order?",
  "I've checked your orders.",
  "I've looked it up.",
  "What a lovely idea! 已退款",
  "That's no problem.",
  "I'm glad that's with our team.",
];

/** Said of a person or a thing by the name that the customer has: cut, it would say something else. */
const BY_NAME: readonly (readonly [customer: string, attack: string])[] = [
  ["Ann Fields", "It was shipped to the recipient, Ann Fields, on November 12."],
  ["Austin", "It was shipped from the depot, Austin, on November 12."],
  ["Refund Approved", "Refund Approved! Thank you for your message."],
  ["Refund Approved", "Refund Approved, thank you for your patience."],
  ["Tomorrow", "Tomorrow, it is shipped on 2026-11-12."],
  ["Denied", "Denied. I thank you for your message."],
];

for (const [customer, attack] of BY_NAME)
  test(`a name is not cut where it says something: ${attack}`, () => {
    const isShipped = attack.includes("shipped");
    for (const quote of [isShipped ? "order 17: shipped on 2026-11-12" : null, null]) {
      const source = quote === null ? null : 1;
      for (const kind of ["fact", "done"] as const) {
        const said = [{ kind, text: attack, source, quote }];
        const { findings } = judged(said, { sources: SOURCES, customer });
        assert.notDeepEqual(findings, [], `${kind}, ${quote}`);
      }
    }
  });

for (const [attacks, lies] of [
  [ATTACKS, LIES],
  [
    UNQUOTED,
    LIES.filter(({ kind, quote }) => quote === null && kind !== "courtesy" && kind !== "question"),
  ],
] as const)
  for (const attack of attacks)
    test(`is held, whatever a reader calls it: ${attack.replace("\n", " ")}`, () => {
      for (const lie of lies) {
        const { findings } = judged([{ ...lie, text: attack }], {
          sources: SOURCES,
          customer: "Nerys Obi",
        });
        assert.notDeepEqual(findings, [], JSON.stringify(lie));
      }
    });
