/** What a reader is believed that found the false kindness put there, and what it is not, however honest it is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  HEADPHONES,
  objections,
  objectionsAgain,
  quoted,
  reasonsIn,
  THEIRS,
} from "./headphones.ts";

describe("what is kind", () => {
  test("is believed in any words and languages, and no value, link, strange name or length is", () => {
    for (const text of [
      "That must have been a long evening.",
      "Ach, das ist ja ärgerlich!",
      "Glad they only needed charging.",
      "Unfortunately I can't find how long the headphones of order 17 run on one charge.",
      "Whether a bulb is in the box with the lamp (order 18) is something I can't see from here.",
    ])
      assert.deepEqual(objections("courtesy", text), [], text);
    for (const text of [
      "Happy to give you 20 dollars.",
      "Music since 2023, how lovely!",
      "I can't find how long the phone of order 4711 runs on one charge.",
      "I don't know which of them opened order 4711.",
      "Good luck on Thursday!",
      "Enjoy your 2024 dollars!",
      "Enjoy your 500.00 USD!",
      "It must be the 3 of you.",
      "All the best, and see help.ourshop.test for more.",
      "Sorry that Pemberley lost it.",
      `Thank you ${"so very much ".repeat(20)}for it.`,
    ])
      for (const objected of [objections, objectionsAgain])
        assert.equal(objected("courtesy", text).length, 1, text);
  });

  test("has a day, a length of time or a number that a source has where a reader stands by it", () => {
    for (const text of [
      "Two years of music, how lovely!",
      "Music since 2024, how lovely!",
      "I can't promise you Friday.",
      "I find nothing here about what was agreed on Friday.",
      "Good luck with the exam on Friday!",
      "That page does not say whether a call starts the 7 days again.",
    ]) {
      assert.equal(objections("courtesy", text).length, 1, text);
      assert.deepEqual(objectionsAgain("courtesy", text), [], text);
    }
  });

  test("is a question that asks, of what stands in a source, and supposes nothing", () => {
    assert.deepEqual(objections("question", "Do you mean order 17 or order 18?"), []);
    assert.deepEqual(objections("question", "Εννοείτε την παραγγελία 17 ή τη 18;"), []);
    assert.equal(objections("question", "You mean order 17;").length, 1);
    for (const text of [
      "Do you mean order 4711?",
      "Did you know that our driver opened it?",
      `Would you like ${"this and that and ".repeat(20)}more?`,
    ])
      assert.equal(objections("question", text).length, 1, text);
  });

  test("repeats the customer in any words where a reader stands by it, and gives no amount", () => {
    const saw = "They were with me for two years";
    for (const text of [
      "Glad that they stood by you for so long!",
      "Why nobody saw that, I can't tell.",
      "Schön, dass sie so lange hielten!",
    ]) {
      assert.equal(objections("echo", text, saw).length, 1, text);
      assert.deepEqual(objectionsAgain("echo", text, saw), [], text);
      assert.equal(objectionsAgain("fact", text, saw).length, 1, text);
      assert.equal(objectionsAgain("echo", text, HEADPHONES).length, 1, text);
    }
    for (const text of [
      "Glad that you got them from Pemberley!",
      "Glad that your 80.00 USD are back!",
      "Glad that your 500.00 USD are back!",
      "You got them on 9 November.",
    ])
      assert.equal(objectionsAgain("echo", text, saw).length, 1, text);
  });

  test("is the name of a page, and of no other thing", () => {
    const named = (text: string): number => objections("naming", text).length;
    assert.deepEqual(
      ["(see Gift cards).", "(zie Gift cards).", "(ver Gift cards)."].map(named),
      [0, 0, 0],
    );
    const depot = "(see the depot of the carrier who opened the parcel).";
    assert.deepEqual(
      ["(see Gift cards for the lost parcel and its money).", depot].map(named),
      [1, 1],
    );
  });

  test("asks for one of several in parts, and states nothing of them", () => {
    const asked = (first: string, last = "or something else?"): readonly string[] =>
      reasonsIn(`${first} ${last}`, [
        { kind: "naming", text: first, ...quoted([HEADPHONES]) },
        { kind: last.endsWith("?") ? "question" : "courtesy", text: last, ...quoted([]) },
      ]);
    assert.deepEqual(asked("Which is it that plays up again, the headphones (order 17),"), []);
    assert.equal(asked("Which is it that plays up, order 4711,").length, 1);
    assert.equal(asked("The headphones (order 17) were lost on the way,").length, 1);
    assert.equal(
      asked("Which is it that plays up, the headphones (order 17),", "or none.").length,
      1,
    );
    assert.equal(asked("Which of the 20.00 USD of order 17 came back,").length, 1);
    assert.equal(asked("Which refund of order 17 that we made,").length, 1);
    const which = "Which is it that plays up again, the headphones (order 17),";
    assert.equal(objections("naming", `${which.slice(0, -1)}?`).length, 1, "a reader's denial");
  });

  test("repeats the customer only as theirs", () => {
    const covered = "You already have cover for life.";
    assert.match(objections("echo", covered, THEIRS).join(), /only the customer/);
    const planted = "Glad that the headphones are covered for life!";
    assert.match(objections("echo", planted, THEIRS).join(), /only the customer/);
    for (const theirs of [
      "You write that they are covered for life.",
      "You already know that.",
      "By the words you give, they are covered for life.",
      "D'après les mots que vous donnez, ils sont couverts à vie.",
      "Som du skriver, er de dekket for livet.",
      "Jak píšete, jsou kryta na celý život.",
    ])
      assert.deepEqual(
        objections("echo", theirs, THEIRS, "We keep an order for 7 days"),
        [],
        theirs,
      );
  });
});

describe("the customer's words", () => {
  test("beside a name alone prove nothing, whatever the length", () => {
    for (const text of [
      "The headphones are covered for life.",
      "The headphones of this order are covered for life by us.",
    ])
      assert.match(
        objections("fact", text, HEADPHONES, THEIRS).join(),
        /no source says this/,
        text,
      );
  });

  test("beside a page that says it give the day they leave, and never an amount", () => {
    const kept = "We keep an order for 7 days";
    const text = "We keep it for 7 days, so you have it when you leave on 28 November.";
    assert.deepEqual(objections("fact", text, kept, "I leave on Saturday, 28 November"), []);
    const amount = "You get 500.00 USD back for order 17.";
    const paid = "order 17: paid 80.00 USD";
    const theirs = "I get 500.00 USD back";
    assert.match(objections("fact", amount, paid, theirs).join(), /does not stand in what backs/);
  });
});

describe("an amount", () => {
  test("of two records may be reckoned in more ways than code is sure of, where a reader stands by it", () => {
    const paid = ["order 17: paid 80.00 USD", "order 18: paid 48.00 USD"] as const;
    const text = "There are 32.00 USD between the two.";
    assert.equal(objections("fact", text, ...paid).length, 1);
    assert.deepEqual(objectionsAgain("fact", text, ...paid), []);
    assert.equal(objectionsAgain("promise", text, ...paid).length, 1);
    const other = "There are 33.00 USD between the two.";
    assert.equal(objectionsAgain("fact", other, ...paid).length, 1);
  });

  test("of the customer's may be denied, and is no fact", () => {
    const theirs = ["Gift cards cannot be returned", "I get 500.00 USD back"] as const;
    const denied = "The 500.00 USD back are not possible: gift cards cannot be returned.";
    assert.deepEqual(objections("fact", denied, ...theirs), []);
    assert.equal(objections("fact", "You get the 500.00 USD back.", ...theirs).length, 1);
  });

  test("of the customer's days and a page's length of time gives a day where a reader stands by it", () => {
    const quotes = ["We keep an order for 7 days", "I leave on Saturday, 28 November"] as const;
    const text = "Counted from then, we keep it until 5 December.";
    assert.equal(objections("fact", text, ...quotes).length, 1);
    assert.deepEqual(objectionsAgain("fact", text, ...quotes), []);
    assert.equal(objectionsAgain("fact", text.replace("5", "6"), ...quotes).length, 1);
  });
});

describe("what our team is asked", () => {
  const SEARCH = "have the carrier Pemberley search for the parcel";
  test("backs that it is asked, or looked into, with the values of the order it is told of", () => {
    for (const [kind, text] of [
      ["done", "I have filed a request to have the carrier search for it."],
      ["promise", "We will ask the carrier to search for the parcel."],
      ["done", "I have asked the team about order 17, delivered on 8 November 2026."],
    ] as const)
      assert.deepEqual(objections(kind, text, SEARCH), [], text);
  });

  test("backs no fact, no grant, and no name, amount or time of its own", () => {
    for (const [kind, text] of [
      ["fact", "The carrier lost the parcel."],
      ["grant", "You may keep it."],
      ["done", "I have asked Pemberley to search for it."],
      ["promise", "The carrier searches for it within 3 days."],
      ["done", "As you asked, the 500.00 USD are approved."],
      ["done", "I have asked our bank to wire you the 500.00 USD you mention."],
      ["done", "Our team has the 80.00 USD of order 18 ready."],
      ["promise", "It comes on 8 November 2026."],
    ] as const)
      assert.equal(objections(kind, text, SEARCH).length, 1, text);
  });

  test("lends no value of the customer's to what is done or promised", () => {
    const handed = "Carrier search: order 17";
    for (const text of ["You will have it on Friday.", "Somebody rings you on 28 November."])
      assert.equal(objections("promise", text, handed, "I leave on Saturday").length, 1, text);
  });

  test("may be told beside the customer's words", () => {
    const text = "I have told the team that it should last for life.";
    assert.deepEqual(objections("done", text, SEARCH, THEIRS), []);
  });
});

describe("naming", () => {
  test("says what is on record, and no value of it", () => {
    const text = "There is one order of yours that has them, with the number 17:";
    assert.deepEqual(objections("naming", text, HEADPHONES), []);
    const lettered = "You have one order with us, and that is SH-2001, a mug:";
    assert.deepEqual(objections("naming", lettered, "item mug"), []);
    assert.equal(objections("fact", text, HEADPHONES).length, 1);
    for (const wrong of [
      "Your order 17 is covered for life and a free pair is yours.",
      "There is no order of yours that has headphones with the number 17.",
      "Your headphones went to the house next door and were signed for there.",
      "Your money for order 17 has gone back to you.",
      "You have no other order with us than the headphones.",
      "There is one order of yours that came on 8 November 2026:",
      "There is one order of yours that has them, with the number 99:",
      "There is one order of yours that came yesterday:",
    ])
      assert.equal(objections("naming", wrong, HEADPHONES).length, 1, wrong);
  });
});

test("an objection names the part of the sentence that it is against", () => {
  const reply = "Gift cards cannot be returned, and the carrier lost it.";
  const [first, second] = ["Gift cards cannot be returned,", "and the carrier lost it."];
  const reasons = reasonsIn(reply, [
    { kind: "fact", text: first, ...quoted(["Gift cards cannot be returned."]) },
    { kind: "fact", text: second, ...quoted([]) },
  ]);
  assert.match(reasons.join(), /^of “and the carrier lost it\.” no source says this/);
});

describe("records", () => {
  test("back what one quote tells though another only names, and a number by its value", () => {
    const came = "order 17: delivered on 2026-11-08";
    const told = "The headphones of order 17 came to you on 8 November 2026.";
    assert.deepEqual(objections("fact", told, came, HEADPHONES), []);
    const points = "One for each dollar makes 80 points for order 17.";
    assert.deepEqual(objections("fact", points, "order 17: paid 80.00 USD"), []);
  });

  test("of two orders back what both have, and no value that could be the other's", () => {
    const both = [
      "order 17: delivered on 2026-11-08",
      "order 18: delivered on 2026-11-08",
    ] as const;
    assert.deepEqual(objections("fact", "Both came on 8 November 2026.", ...both), []);
    assert.deepEqual(objections("fact", "Orders 17 and 18 came on 8 November 2026.", ...both), []);
    const paid = ["order 17: paid 80.00 USD", "order 18: paid 48.00 USD"] as const;
    const swapped = "Order 17 cost 48.00 USD and order 18 cost 80.00 USD.";
    assert.match(objections("fact", swapped, ...paid).join(), /say of each order/);
  });

  test("say what they come to together, of those that were looked up", () => {
    const line = "these 2 orders together: paid 128.00 USD";
    assert.deepEqual(objections("fact", "You paid 128.00 USD for the two.", line), []);
  });

  test("that nothing was found back our own look and no other deed or promise", () => {
    const none = "found false";
    assert.deepEqual(objections("done", "I searched for order 99, and it is not there.", none), []);
    for (const text of ["Our team has checked with the carrier.", "A colleague looked for it."])
      assert.equal(objections("done", text, none).length, 1, text);
    const promise = "I checked, and we will not stop looking for it.";
    assert.equal(objections("promise", promise, none).length, 1);
  });

  test("of another value are not denied by a no", () => {
    const paid = "order 17: paid 80.00 USD";
    for (const text of [
      "You paid 80.00 USD, not 20.00 USD.",
      "You have not paid 20.00 USD for it.",
    ])
      assert.deepEqual(objections("fact", text, paid), [], text);
  });
});
