import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { objections } from "./evidence-world.ts";

describe("text of the team's internal notes", () => {
  const teamNotes = [
    "Customer is known for returning worn shoes, be careful with this one. Ask Lee first.",
    "Warehouse burned down",
    "VIP",
  ];

  test("a run of words from a note is objected to, also in other capitals and punctuation", () => {
    assert.deepEqual(
      objections("You are a customer, known for returning worn shoes: we are sorry.", {
        teamNotes,
      }).filter((one) => one.startsWith("note")),
      [],
      "six words in a row make a quotation",
    );
    assert.match(
      objections("The customer is known for returning worn shoes!", { teamNotes }).join(),
      /note: customer is known for returning worn/,
    );
  });

  test("what the customer wrote too is no secret, and neither is a single word", () => {
    const text = "You say: the customer is known for returning worn shoes. VIP.";
    const asked = "Your note says customer is known for returning worn shoes";
    assert.doesNotMatch(objections(text, { teamNotes, asked }).join(), /note:/);
    assert.doesNotMatch(objections("You are a VIP.", { teamNotes }).join(), /note:/);
  });
});
