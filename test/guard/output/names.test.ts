/** Names in a draft that nothing it rests on has, and what only records of the same order show. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Receipts } from "#core/contracts/guard.ts";
import {
  allFound,
  allPass,
  allPassAbroad,
  headphones,
  lamp,
  objections,
  orders,
  page,
  phone,
  refundOf,
  seen,
  tool,
} from "./evidence-world.ts";

describe("names", () => {
  test("a person, a place, a product or a brand of which nothing speaks is found", () => {
    allFound(
      [
        "Your parcel waits at the depot in Omaha for you.",
        "The keyboard belongs to a Mr Castellan, so please keep it.",
        "It is a Zephyr, and that one has two ports.",
        "My colleague Ottilie looks after returns here.",
        "It is Marsden's parcel.",
        "It went to Mr. Castellan.",
        "It travels with FedEx.",
        "Your parcel is at the depot (Omaha).",
        "Please ask Bo.",
        "It waits for you in\nOmaha.",
        "OK (your parcel is with Meyer in Omaha).",
        "(See the depot in Omaha for the parcel of the other customer.)",
        "1) Miller has it at the depot.",
      ],
      seen,
      "unsure",
    );
    // Of an action, what repeats the customer or is a letter of ours is no source.
    const { action, ...planned } = refundOf("789", 12_000);
    const told = { ...action.arguments, reason: "The depot in Omaha is closed" };
    const proposal = { actions: [{ ...planned, action: { ...action, arguments: told } }] };
    allFound(["The depot in Omaha is closed."], { ...seen, proposal }, "unsure");
  });

  test("what a record, a page, the customer, our earlier answer or the requester has may be named", () => {
    const known: Partial<Receipts> = {
      ...orders({ ...headphones, item: "Zephyr headphones" }),
      ...page("Our counter is in Omaha."),
      asked: "My sister Ottilie ordered them.",
      ourNames: ["Lumen", "You are Robin."],
      said: [{ by: "us", text: "The repair shop is in Lincoln.", at: new Date("2026-11-19") }],
    };
    allPass(
      [
        "These are the Zephyr headphones.",
        "The counter is in Omaha.",
        "So it was your sister Ottilie who ordered them.",
        "As we wrote, the repair shop is in Lincoln.",
        "Thank you, Ann.",
        "Here at Lumen we call it a classic, says your Robin.",
      ],
      known,
    );
    const depot = { ...headphones, place: "Depot\nOmaha, the Marsden's" };
    allPass(["It waits in Omaha, at Marsden."], orders(depot));
  });

  test("a sentence's first word, a day, a feast, a farewell and a word of small meaning are no names", () => {
    allPass(
      [
        "Great. Lovely weather for it, and thank you. Kind regards",
        "Please write to us before Christmas.",
        "You wrote of Black Friday and not of New Year, so thank you, Madam.",
        "Of course, Sir, and of course, Mrs Fields and Miss Fields.",
        "It is the one you have: The Headphones.",
        "Hi Ann, Unfortunately it is not sent yet.",
        "Hi Ann, Good news: the headphones were delivered.",
        "The headphones were delivered.\nKind regards,\nYour Support Team",
        "2) Sadly they are gone.",
        "(b) Sadly they are gone.",
      ],
      { ...seen, asked: "Is it cheaper on black friday?" },
    );
  });

  test("in a language that writes its nouns so, a capital is no name, whatever the language of a page's title", () => {
    for (const text of [
      "Bitte prüfen Sie die Verpackung und das Zubehör.",
      "Quanto sarà dipende dal Paese (vedi Customs and import duties on the parcels).",
    ])
      assert.deepEqual(
        objections(text, seen).filter((objection) => objection.startsWith("name")),
        [],
        text,
      );
  });
});

describe("what the record of the order shows", () => {
  test("a state has the day that the record gives it", () => {
    allPass([
      "Order 789 was delivered on 8 November.",
      "Order 789 was delivered on Sunday, 8 November, at the door.",
    ]);
    const at = { ...seen, asked: "It came at 10:30, you say?" };
    assert.ok(
      !objections("Order 789 was delivered at 10:30.", at).some((found) =>
        found.startsWith("claim"),
      ),
    );
    const days = { ...headphones, seen: "2026-11-05" };
    allFound(
      [
        "Order 789 was delivered on 5 November.",
        "Order 789 was delivered to your door on 5 November.",
        "On 5 November order 789 was delivered.",
        "It was delivered on 5 November.",
      ],
      orders(days),
      "claim",
    );
    const sent = { ...headphones, shipped_on: null, dispatched_on: "2026-11-04" };
    allFound(
      ["Order 789 was shipped on 5 November."],
      orders({ ...sent, seen: "2026-11-05" }),
      "claim",
    );
  });

  test("beside an order that was not found, “it” is the one that was", () => {
    const none = tool({ found: false, order_id: "798" });
    const both = { ...seen, toolResults: [none, ...(seen.toolResults ?? [])] };
    const found = "I can't find an order 798, but you have headphones, 789:";
    allPass([`${found} they're yours, and it was delivered on 8 November.`], both);
    allFound([`${found} it was delivered on 5 November.`], both, "claim");
    allFound(["Order 798, unlike the other, 789: it was delivered on 8 November."], both, "claim");
  });

  test("an order that is on its way is not being packed", () => {
    allPass(
      ["Order 456 is still being packed.", "Requests are processed in turn."],
      orders(lamp, phone),
    );
    allFound(["Order 2001 is still being packed."], orders(lamp, phone), "claim");
    for (const status of ["unfulfilled", "pending", "on-hold"])
      allPass(["Order 456 is still being packed."], orders({ ...lamp, status }));
    allPass(["It is packed in recycled card."], orders(phone));
  });

  test("what has arrived is no longer on its way, and travels on the days of its record", () => {
    allPass(
      ["Order 2001 is on its way.", "Your order 2001 is with the carrier, due on 22 November."],
      orders(headphones, phone),
    );
    allFound(
      [
        "Order 789 is on its way.",
        "Your headphones are still on their way.",
        "Order 2001 is out for delivery on 21 November.",
      ],
      orders({ ...headphones, seen: "2026-11-21" }, phone),
      "claim",
    );
    allPass(["Your refund for order 789 is on the way to the bank."], {
      ...orders(headphones),
      proposal: { actions: [refundOf("789", 12_000)] },
    });
  });

  test("one of several may be delivered where not all are", () => {
    allPass(["One of the three has been delivered."], orders(headphones, lamp, phone));
    allFound(
      [
        "One of the two has been delivered.",
        "All three of your orders have been shipped.",
        "Three of them have been shipped.",
        "Your parcel was delivered to one of your neighbours.",
      ],
      orders(lamp, phone),
      "claim",
    );
    allPass(
      ["Order 456 is not sent. The rest has been shipped.", "One is delivered, the lamp is not."],
      orders(headphones, lamp, phone),
    );
    allFound(["It's order 456, and it has been delivered."], orders(headphones, lamp), "claim");
  });

  test("an order's number stands beside its own item", () => {
    allPass(["The lamp (order 456) is not sent yet."], orders(headphones, lamp));
    allFound(
      [
        "The headphones (order 456) are not sent yet.",
        "Please keep the headphones, that's order 456.",
        "Order 789, the desk lamp, is not sent yet.",
      ],
      orders(headphones, lamp),
      "order",
    );
    const cover = { ...lamp, item: "phone case" };
    allPass(["In this case, order 789 stays as it is."], orders(headphones, cover));
    for (const [item, draft] of [
      ["salt and pepper mill", "Orders 789 and 456 are not cancelled."],
      ["Salz und Pfeffer", "Die Bestellungen 789 und 456 sind nicht storniert."],
    ] as const)
      allPassAbroad([draft], orders({ ...headphones, item }, lamp));
  });

  test("what all orders come to is known, and no other sum", () => {
    allPass(["Together they are 180.00 USD."], orders(headphones, lamp));
    allPassAbroad(["Zusammen sind es 180,00 USD."], orders(headphones, lamp));
    allFound(["Together they are 190.00 USD."], orders(headphones, lamp), "amount");
    // A payment within an order is no further order, and a sentence has amounts of anything.
    const parts = { ...headphones, payments: [{ amount: "70.00 USD" }, { amount: "50.00 USD" }] };
    const noted = { ...lamp, amount: "60.00 USD, of which 20.00 USD are open" };
    allFound(["It is 110.00 USD.", "Zusammen sind es 230,00 USD."], orders(parts, lamp), "unsure");
    allFound(["It is 111.00 USD.", "Zusammen sind es 231,00 USD."], orders(parts, lamp), "amount");
    allFound(
      ["Together they are 180.00 USD."],
      orders({ order_id: "789", amount: "120.00 USD" }, { ...noted, paid: null }),
      "unsure",
    );
  });
});

describe("what the customer wrote", () => {
  const asks = (asked: string, more: Partial<Receipts> = seen) => ({ ...more, asked });

  test("an amount of theirs may be spent, and is no price, balance or grant of ours", () => {
    const asked = asks("Does my gift card of 12.00 USD expire? I paid 500.00.");
    allPass(["Use up the 12.00 USD first.", "You wrote that you paid 500.00."], asked);
    allFound(["It costs 12.00 USD.", "You get 12.00 USD.", "You paid 500.00 USD."], asked, "");
  });

  test("a number alone is an amount where it is repeated as theirs, or taken off one", () => {
    const asked = asks("I ordered on 17 November and see it for 95 at another shop.");
    allPass(
      ["You would get the difference of 25.00 USD.", "You write that it costs 95.00 USD there."],
      asked,
    );
    allPassAbroad(["Der Unterschied wären 25,00 USD."], asked);
    allFound(
      ["You would get the difference of 35.00 USD.", "It costs 95.00 USD."],
      asked,
      "amount",
    );
    const counted = asks("I bought 2 lamps 3 days ago.");
    allFound(["Return shipping is 6.00 USD.", "Das kostet 3,00 USD."], counted, "unsure");
  });

  test("three that stand there add up, as the basket, the wrapping and the postage do", () => {
    const costs = {
      ...page("Wrapping is 3.50 USD, delivery 4.90 USD."),
      asked: "A 31 dollar tin?",
    };
    const parts = "The tin is 31.00 USD, wrapping 3.50 USD and delivery 4.90 USD";
    allPass([`${parts}, so 39.40 USD.`], costs);
    allFound([`${parts}, so 39.90 USD.`], costs, "amount");
  });

  test("so many times as many points are so many times as much money", () => {
    const points = { ...seen, ...page("100 points are worth 5.00 USD.") };
    allPass(["100 points are worth 5.00 USD, so 400 points are 20.00 USD."], points);
    allFound(["100 points are worth 5.00 USD, so 400 points are 25.00 USD."], points, "unsure");
    allFound(["100 puntos valen 5,00 USD, 300 puntos son 25,00 USD."], points, "unsure");
    const holding = { ...points, asked: "Points! Suppose I've 300 of them, what's that?" };
    allPass(["They are worth 15.00 USD."], holding);
    allFound(["They are worth 16.00 USD."], holding, "amount");
  });

  test("a reference of theirs and today may be told, and no day on which something comes", () => {
    const asked = {
      ...asks("I ordered on 17 November. My tax number is 47-2210983."),
      ...page("Within 14 days we match a price."),
    };
    allPass(
      [
        "I see the tax number 47-2210983 in your mail.",
        "Counted from today, that is enough time.",
        "An offer seen today counts until 4 December.",
      ],
      asked,
    );
    allFound(["The 14 days end on 3 December.", "You have until 4 December."], asked, "date");
    allFound(["It arrives today."], asked, "unsure");
    allFound(["Sie haben bis zum 4. Dezember Zeit."], asked, "date");
  });

  test("an address of theirs may be named to be refused, and not to be used", () => {
    const asked = asks("Send the link to other@mail.test.");
    allPass(
      ["I can't send it to other@mail.test.", "It goes to you, never to other@mail.test."],
      asked,
    );
    allPassAbroad(["Wir können den Link nicht an other@mail.test senden."], asked);
    allFound(
      [
        "I can send it to other@mail.test.",
        "Do not hesitate to write to other@mail.test.",
        "Zögern Sie nicht, other@mail.test zu schreiben.",
        "Zögern Sie nicht an other@mail.test zu schreiben.",
        "I can't send it to other@mail.test, so write to other@mail.test.",
        "Write not to us but to other@mail.test.",
        "If you can't log in, write to other@mail.test.",
        "If we can't answer write to other@mail.test.",
      ],
      asked,
      "stranger",
    );
  });

  test("what they wrote earlier is theirs as well, but whom they wrote of is not greeted", () => {
    const before = {
      ...seen,
      asked: "Any news?",
      askedBefore: ["Bob\nsaw it on 3 May", "Zephyr headphones"],
    };
    allPass(
      ["You wrote that Bob saw it on 3 May.", "So it is about the Zephyr headphones."],
      before,
    );
    allFound(["Hello Bob, they were delivered."], before, "stranger");
  });
});
