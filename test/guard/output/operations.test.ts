/** What a reply says was done is compared with the ledger for every operation a tool declares, by the tool's own words. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { actionWords, type NamedOperation, toolOperations } from "#guard/claims/operations.ts";
import { DECLARED_TOOLS } from "#tools/index.ts";
import { readyMadeTools } from "#test/shops/shops.ts";
import { actionOf, checkWith, receipts } from "./evidence-world.ts";

const IMPORTED: readonly NamedOperation[] = [
  {
    operation: "pause_subscription",
    name: "pause_subscription",
    description: "Proposes to pause one subscription of the customer.",
  },
  { operation: "book_repair", name: "book_repair", description: "Proposes to book a repair." },
  {
    operation: "letter_cancel",
    name: "letterCancel",
    description: "Proposes to cancel a letter that was not posted.",
  },
  {
    operation: "engrave_order",
    name: "engrave_order",
    description: "Proposes to engrave what was ordered.",
  },
  {
    operation: "post_carrier_case",
    name: "post_carrier_case",
    description: "Proposes that the carrier searches.",
    called: { verbs: ["open", "set up", "file"], things: ["trace", "claim"] },
  },
];
const DECLARED = toolOperations([
  ...DECLARED_TOOLS,
  ...readyMadeTools("").filter((one) => one.kind === "write"),
]);

/** What the check says of deeds, with an action of this operation or with none. */
function claims(
  text: string,
  operations: readonly NamedOperation[],
  done: string | null = null,
): readonly string[] {
  const proposal = done === null ? null : { actions: [actionOf(done, {})] };
  return checkWith({ operations })
    .check(text, receipts({ proposal }))
    .findings.filter(({ kind }) => kind === "claim" || kind === "unsure")
    .map(({ words }) => words);
}

/** How a reply may tell an operation: done, under way and to come, for each of its words. */
function toldForms(operation: NamedOperation): readonly string[] {
  const { verbs, things } = actionWords(operation);
  return verbs.flatMap((verb) => {
    const [base = verb, ...rest] = verb.split(" ");
    const stem = /^(?:stop|swap|ship)$/.test(base) ? `${base}${base.at(-1)}` : base;
    const done = DONE[base] ?? `${stem.replace(/e$/, "")}ed`;
    const told = [`have ${done}`, `am ${stem.replace(/e$/, "")}ing`, `will ${base}`];
    return told.flatMap((form) =>
      (things.length > 0 ? things : ["order"]).map((thing) =>
        ["I", form, ...rest, "the", thing].join(" "),
      ),
    );
  });
}

const DONE: Readonly<Record<string, string>> = {
  send: "sent",
  resend: "resent",
  set: "set",
  reset: "reset",
  cancel: "cancelled",
};

describe("a deed is compared with the ledger", () => {
  for (const one of [...DECLARED, ...IMPORTED])
    test(`${one.operation}: by the words of its own declaration`, () => {
      const sentences = toldForms(one).map((text) => `${text}.`);
      assert.ok(sentences.length > 0);
      const all = [...DECLARED, ...IMPORTED];
      for (const text of sentences) {
        assert.equal(claims(text, all).length, 1, text);
        assert.deepEqual(claims(text, all, one.operation), [], text);
        assert.equal(claims(text, all, "tell_a_joke").length, 1, text);
      }
    });

  test("in whatever form it is told, and only where it is told as done or to come", () => {
    const told: readonly (readonly [operation: string, text: string])[] = [
      ["pause_subscription", "Your subscription has been paused."],
      ["pause_subscription", "We are pausing your subscription today."],
      ["pause_subscription", "I will pause your subscription for you."],
      ["book_repair", "The repair is booked."],
      ["book_repair", "Good news: your repair has been arranged!"],
      ["letter_cancel", "Your letter is cancelled."],
      ["engrave_order", "We've engraved it for you."],
      ["post_carrier_case", "I have set a trace up for you."],
      ["post_carrier_case", "Your claim was filed a moment ago."],
      ["start_return", "The return of your headphones is under way."],
      ["exchange_item", "I swapped it for a new one."],
    ];
    for (const [operation, text] of told) {
      const all = [...DECLARED, ...IMPORTED];
      assert.equal(claims(text, all).length, 1, text);
      assert.deepEqual(claims(text, all, operation), [], text);
    }
    for (const text of [
      "Would you like us to pause your subscription?",
      "I can pause your subscription if you like.",
      "Your subscription has not been paused.",
      "You paused your subscription in May.",
      "Once we have booked the repair, you get a mail.",
      "I was not able to file the claim.",
      "Your subscription renews every month.",
    ])
      assert.deepEqual(claims(text, IMPORTED), [], text);
  });

  test("what only belongs to a thing is not the thing: an exchange sends a return label", () => {
    const text = "I have started the exchange; the return label is sent to the address on file.";
    assert.deepEqual(claims(text, DECLARED, "exchange_item"), []);
    assert.ok(claims(text, DECLARED).length > 0);
  });

  test("where no tool declares it, it is found as a deed of no tool", () => {
    const engraved = "We've engraved it for you.";
    assert.deepEqual(claims(engraved, DECLARED), [engraved]);
  });
});
