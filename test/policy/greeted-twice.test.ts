/** A letter greets once, also where the model greets as the customer did. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compose, languageFrames } from "#policy/voice.ts";

const form = {
  greeting: "Hello {name},",
  greeting_without_name: "Hello,",
  signature: "Kind regards\nOurShop Support",
  automatic_line: "",
};

for (const text of [
  "Buenas, el pedido 2001 ya salió.",
  "Moin, die Bestellung ist unterwegs.",
  "Coucou, votre commande est partie.",
])
  test(text, () => {
    const frames = languageFrames({}, "en");
    const sent = compose({ ...form, tone: "", forbidden: [] }, text, {
      name: "Cara",
      automatic: false,
      language: "es",
      frames,
    });
    assert.equal(sent.split("\n")[0], text);
  });
