/** Deeds of ours that no class of acts names, whatever their verb. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  allFound,
  allPass,
  headphones,
  lamp,
  orders,
  outputCheck,
  receipts,
  refundOf,
  seen,
  tool,
} from "./evidence-world.ts";

describe("deeds of any name", () => {
  const drafts = [
    "I have set one aside for you.",
    "I spoke with the depot just now.",
    "We've embroidered it for you.",
    "We've embroidered it for you on order 789, as of 8 November.",
    "I have asked about order 789 for you.",
    "It has been sorted.",
    "I checked your refund. It was approved.",
    "Your voucher? It is on its way.",
    "I'll change it.",
  ];

  const open = { ...headphones, status: "processing", shipped_on: null, delivered_on: null };

  test("where nothing is done with the reply, nothing was done but to look", () => {
    allFound(drafts, orders(open), "claim");
    const { findings } = outputCheck.check("I've polished it.", receipts(seen));
    assert.match(findings[0]?.reason ?? "", /^says that we did something, and no action/);
    allPass([
      "For now I have left the order as it is.",
      "I've left it unchanged.",
      "I have left everything exactly as it is.",
      "No worries, consider it ignored!",
      "I took that one as yours.",
      "I've left 789 as it is.",
    ]);
    allFound(
      [
        "I have left the order as they asked.",
        "I have sent you a new one by mail.",
        "Refunding 60.00 USD right away and asking nothing in return.",
      ],
      seen,
      "claim",
    );
  });

  test("a deed by other hands, or told by what became of a thing for the customer, is ours", () => {
    const ledger = orders(open);
    allFound(
      [
        "I've just had a reset link sent.",
        "I had a label e-mailed to you.",
        "I got order 789 cancelled for you.",
        "We're having a second pair sent to you.",
        "I've had the cover embroidered.",
        "I've had the carrier look for it.",
        "I've had the warehouse inspect it.",
        "I've had our team issue one.",
        "I've had it cancelled.",
        "I've gotten a label sent.",
        "I've had a parcel left at your door.",
        "A fresh cover has been embroidered for you.",
        "The old links were switched off by me.",
        "A pair is being wrapped up for you.",
      ],
      ledger,
      "claim",
    );
    allPass(
      [
        "I had a look at the cover embroidered by hand.",
        "I have had a question about it answered by the page.",
        "We've got a guide for headphones.",
        "We've got a guide called Care.",
        "We've got two colours left.",
        "We've got a technician near you.",
        "We've got the warehouse address on file.",
        "I got both orders mixed up, sorry.",
        "I'm so sorry your birthday was spoiled for you.",
        "I hope it has worked for you.",
        "I can have a label sent to you if you like.",
        "Shall I have it cancelled?",
        "Once you say yes, I can have it wrapped for you.",
        "Nothing was changed by me.",
      ],
      ledger,
    );
    allPass(["I've had 120.00 USD refunded for order 789."], {
      ...seen,
      proposal: { actions: [refundOf("789", 12_000)] },
    });
  });

  test("beside an action of the reply it may be that", () => {
    const done = { ...seen, proposal: { actions: [refundOf("789", 12_000)] } };
    allPass(["It has been sorted."], done);
    const two = { ...done, toolResults: [tool({ found: true, orders: [headphones, lamp] })] };
    allFound(
      [
        "I've also stopped the lamp.",
        "I've paused order 456 as well.",
        "I've also signed you out.",
      ],
      two,
      "claim",
    );
    allPass(["I've also looked at it.", "I've also submitted the refund of order 789."], two);
  });

  test("what we have, what a thing is, what records show and what only was said is no deed", () => {
    allPass([
      "I have looked at order 789.",
      "I have held off as you asked, and we have waited.",
      "I understand, and I have read your message.",
      "We have it in green.",
      "We have a detailed guide.",
      "We have detailed guides for every model.",
      "We have seven colours.",
      "I have searched, tried and compared.",
      "I have gone through your message.",
      "That's already included in the price.",
      "This has been frustrating for you.",
      "It has been two weeks.",
      "It has been waiting for you.",
      "I'll put it simply: the headphones were delivered.",
      "We designed it for outdoor use.",
      "I'm glad we cleared that up.",
      "It was delivered.",
    ]);
  });
});
