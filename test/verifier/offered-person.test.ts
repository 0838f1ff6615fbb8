/** An offer of a person is believed in words that wish it, and gives nothing beside it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { objections } from "./headphones.ts";

describe("an offer of a person", () => {
  const OFFER = "a person then looks at it and answers";
  test("may be made in other words, and gives nothing beside it", () => {
    for (const text of [
      "If you'd rather have somebody take a look, just tell me and a colleague will help.",
      "Would you like someone from our team to check it?",
      "If you would rather have a person, just say so.",
      "What I can offer is that a person in our team looks at it.",
      "Si vous le souhaitez, une personne de l'équipe peut regarder votre cas.",
    ])
      assert.deepEqual(objections("fact", text, OFFER), [], text);
    for (const text of [
      "If you say so, a colleague will look at it and waive the fee.",
      "If you say so, a colleague will look at it and let you keep the lamp.",
      "If you say so, a colleague wears the hat.",
      "If you say so, a person checks it within 2 hours.",
      "Wenn das Paket weg ist, kümmert sich ein Mensch darum.",
      "Wenn Sie möchten, bekommen Sie Ihr Geld sofort zurück.",
      "Wenn Sie möchten, schickt Ihnen ein Kollege eine neue.",
      "A person has your case and waived the fee, als je wil.",
      "Si vous le souhaitez, le livreur peut regarder votre cas.",
      "Wenn Sie möchten, sieht es sich ein Kollege in sieben Tagen an.",
      "We offer this to everyone: a person of our team is writing your answer right now.",
    ])
      assert.notDeepEqual(objections("fact", text, OFFER), [], text);
    const timed = "Wenn Sie möchten, sieht es sich ein Kollege in sieben Tagen an.";
    assert.notDeepEqual(objections("fact", timed, OFFER, "We keep an order for 7 days"), []);
  });
});
