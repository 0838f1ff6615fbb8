/** Values of a draft that follow from its sources and the customer's words, and those that only look like it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  allFound,
  allPass,
  lamp,
  objections,
  orders,
  page,
  phone,
  seen,
  tool,
} from "./evidence-world.ts";

const both = orders(phone, lamp);

describe("days", () => {
  test("time runs from a day the customer told, and what arrives is for the records to say", () => {
    const asked = { ...page("We keep it for 7 days."), asked: "I got the mail on Monday." };
    allPass(["We keep it for 7 days, so until Monday, 23 November."], asked);
    allFound(["We keep it for 7 days, so until 24 November."], asked, "date");
    const hoped = { ...both, asked: "Will the phone be here on 28 November?" };
    allPass(["You hope for 28 November.", "I can't promise a delivery on 28 November."], hoped);
    allFound(["It arrives on 28 November."], hoped, "unsure");
  });

  test("a day named by its number is one of this month or the next", () => {
    const asked = {
      ...page("It is sent on a date you choose."),
      asked: "Can it come on the 24th?",
    };
    allPass(["You can choose 24 December."], asked);
    allFound(["You can choose 26 December."], asked, "date");
  });

  test("the weekday of a day that is known is known, and no other", () => {
    allPass(["It was delivered on 8 November, which was a Sunday."], seen);
    allFound(["It was delivered on 8 November, which was a Wednesday."], seen, "date");
  });

  test("a feast is its day", () => {
    allFound(["It reaches your sister before Christmas Eve."], both, "date");
    allPass(["You can choose Christmas Eve."], {
      ...seen,
      asked: "Can it be on 24 December?",
    });
  });

  test("an order is due on the day of its record, and has left if its record says so", () => {
    allPass(["Order 2001 is due on Sunday.", "Order 456 hasn't been shipped yet."], both);
    allFound(["Order 2001 is due on 19 November."], both, "claim");
    allFound(["Order 2001 hasn't been shipped yet."], both, "claim");
  });
});

describe("amounts", () => {
  test("what so many of a thing are worth follows from what another number of it is worth", () => {
    const points = { ...page("100 points are worth 5.00 USD."), asked: "I have 340 points." };
    allPass(["Your 340 points are worth 17.00 USD.", "300 of them are worth 15.00 USD."], points);
    allFound(["Your 340 points are worth 18.00 USD."], points, "amount");
    allFound(["With 60 more you have 400, worth 20.00 USD."], points, "unsure");
    allFound(["With 60 more you have 400, worth 22.00 USD."], points, "amount");
  });

  test("an amount of the customer's is theirs to reckon with, and not what an order cost", () => {
    const asked = {
      ...page("Delivery is free from 50.00 USD."),
      asked: "My basket is 42 dollars.",
    };
    allPass(["With 42 dollars, another 8 dollars bring you to 50.00 USD."], asked);
    allFound(["Another 9 dollars bring you to 50.00 USD."], asked, "amount");
    allFound(["Your order cost 42.00 USD."], { ...seen, asked: "It was 42 dollars." }, "amount");
  });
});

describe("what stands beside a number", () => {
  const moving = {
    ...seen,
    asked: "Please send it to 17 Larkspur Lane, Apt 7, Boise.",
  };

  test("an address has the numbers it has in the action, a record or the customer's words", () => {
    allPass(["Is 17 Larkspur Lane, Apt 7, right?"], moving);
    allFound(["Is 71 Larkspur Lane, Apt 7, right?"], moving, "address");
    const points = { ...page("100 points are worth 5.00 USD."), asked: "Ich habe 340 Punkte." };
    const german = objections("Für 100 Punkte bekommen Sie an der Kasse 5.00 USD.", points);
    assert.ok(
      german.every((one) => one.startsWith("unread")),
      german.join(),
    );
    const recorded = { ...seen, toolResults: [tool({ shipping_address: "17 Larkspur Lane" })] };
    allFound(["Die Lampe geht so bald wie möglich an 71 Larkspur Lane."], recorded, "address");
    allFound(["Is 17 Larkspur Lane, Apt 17, right?"], moving, "address");
    const asked = { ...both, asked: "Where is Order 123?" };
    allPass(["Order 456 is still being packed."], asked);
    allPass(["It was delivered on 8 November."], {
      ...seen,
      asked: "It came on 7 November.",
    });
  });
});
