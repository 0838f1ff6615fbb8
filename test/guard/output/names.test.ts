/** Names in a draft that nothing it rests on has, and what only records of the same order show. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Receipts } from "#core/contracts/guard.ts";
import { headphones, lamp, objections, phone, refundOf, tool } from "./evidence-world.ts";

const seen: Partial<Receipts> = { toolResults: [tool({ found: true, order: headphones })] };
const orders = (...all: readonly object[]): Partial<Receipts> => ({
  toolResults: all.map((order) => tool({ found: true, order })),
});

function allPass(drafts: readonly string[], changes: Partial<Receipts> = seen): void {
  const found = drafts.flatMap((text) =>
    objections(text, changes).map((objection) => `${text} → ${objection}`),
  );
  assert.deepEqual(found, []);
}

function allFound(drafts: readonly string[], changes: Partial<Receipts>, kind: string): void {
  for (const text of drafts)
    assert.ok(
      objections(text, changes).some((objection) => objection.startsWith(kind)),
      `it passed: ${text}`,
    );
}

describe("names", () => {
  test("a person, a place, a product or a brand of which nothing speaks is found", () => {
    allFound(
      [
        "Your parcel waits at the depot in Omaha for you.",
        "The keyboard belongs to a Mr Castellan, so please keep it.",
        "It is a Zephyr, and that one has two ports.",
        "My colleague Ottilie looks after returns here.",
        "It is Marsden's parcel.",
      ],
      seen,
      "name",
    );
  });

  test("what a record, a page, the customer, our earlier answer or the requester has may be named", () => {
    const known: Partial<Receipts> = {
      toolResults: [tool({ found: true, order: { ...headphones, item: "Zephyr headphones" } })],
      passages: [
        {
          id: "p",
          title: "Visit us",
          url: "https://help.ourshop.test/p",
          text: "Our counter is in Omaha.",
          score: 1,
        },
      ],
      asked: "My sister Ottilie ordered them.",
      said: [{ by: "us", text: "The repair shop is in Lincoln.", at: new Date("2026-11-19") }],
    };
    allPass(
      [
        "These are the Zephyr headphones.",
        "The counter is in Omaha.",
        "So it was your sister Ottilie who ordered them.",
        "As we wrote, the repair shop is in Lincoln.",
        "Thank you, Ann.",
      ],
      known,
    );
  });

  test("a sentence's first word, a day, a feast, a farewell and a word of small meaning are no names", () => {
    allPass([
      "Great. Lovely weather for it, and thank you. Kind regards",
      "Please write to us before Christmas.",
      "It is the one you have: The Headphones.",
    ]);
  });

  test("in a language that writes its nouns so, a capital is no name", () => {
    const found = objections("Bitte prüfen Sie die Verpackung und das Zubehör.", seen);
    assert.deepEqual(
      found.filter((objection) => objection.startsWith("name")),
      [],
    );
  });
});

describe("what the record of the order shows", () => {
  test("a state has the day that the record gives it", () => {
    allPass(["Order 789 was delivered on 8 November."]);
    allFound(["Order 789 was delivered on 5 November."], seen, "claim");
  });

  test("an order that is on its way is not being packed", () => {
    allPass(["Order 456 is still being packed."], orders(lamp, phone));
    allFound(["Order 2001 is still being packed."], orders(lamp, phone), "claim");
  });

  test("one of several may be delivered where not all are", () => {
    allPass(["One of the three has been delivered."], orders(headphones, lamp, phone));
    allFound(["One of the two has been delivered."], orders(lamp, phone), "claim");
  });

  test("an order's number stands beside its own item", () => {
    allPass(["The lamp (order 456) is not sent yet."], orders(headphones, lamp));
    allFound(["The headphones (order 456) are not sent yet."], orders(headphones, lamp), "order");
  });

  test("what all orders come to is known, and no other sum", () => {
    allPass(["Together they are 180.00 USD."], orders(headphones, lamp));
    allFound(["Together they are 190.00 USD."], orders(headphones, lamp), "amount");
  });
});

describe("deeds of any name", () => {
  const drafts = [
    "I have set one aside for you.",
    "I spoke with the depot just now.",
    "We've embroidered it for you.",
    "It has been sorted.",
  ];

  test("where nothing is done with the reply, nothing was done but to look", () => {
    allFound(drafts, seen, "claim");
    allPass(["I have looked at order 789.", "I understand, and I have read your message."]);
  });

  test("beside an action of the reply it may be that", () => {
    const done = { ...seen, proposal: { actions: [refundOf("789", 12_000)] } };
    allPass(["It has been sorted."], done);
  });
});

test("an amount of the customer's may be repeated, and is no price and no grant of ours", () => {
  const asked = { ...seen, asked: "Does my gift card of 12.00 USD expire?" };
  allPass(["Use up the 12.00 USD first."], asked);
  allFound(["It costs 12.00 USD.", "You get 12.00 USD."], asked, "");
});

test("what the customer's own numbers come to may be told, and today is known", () => {
  const asked = {
    ...orders(headphones),
    passages: [
      {
        id: "p",
        title: "Prices",
        url: "https://help.ourshop.test/p",
        text: "Within 14 days we match a price.",
        score: 1,
      },
    ],
    asked: "I ordered on 17 November and see it for 95 at another shop. My tax number is 47-2210983.",
  };
  allPass(
    [
      "You would get the difference of 25.00 USD.",
      "I see the tax number 47-2210983 in your mail.",
      "Counted from today, that is enough time.",
    ],
    asked,
  );
  allFound(["You would get the difference of 35.00 USD."], asked, "amount");
  allFound(["The 14 days end on 3 December.", "It arrives today."], asked, "date");
});

test("an address of the customer's may be named to be refused", () => {
  const asked = { ...seen, asked: "Send the link to other@mail.test." };
  allPass(["I can't send it to other@mail.test."], asked);
  allFound(["I can send it to other@mail.test."], asked, "stranger");
});
