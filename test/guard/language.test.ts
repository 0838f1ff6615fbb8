import assert from "node:assert/strict";
import { test } from "node:test";
import { actionOf, lamp, objections, outputCheck, receipts, tool } from "./receipts-world.ts";

const seen = { toolResults: [tool({ found: true, order: lamp })] };

const FOREIGN: readonly string[] = [
  "Ich habe Ihnen 60.00 USD für Bestellung 456 auf die ursprüngliche Zahlungsart erstattet.",
  "Ihr Geld ist unterwegs.",
  "Erledigt, 60.00 USD erstattet.",
  "Ihre Bestellung 456 ist noch in Bearbeitung und wurde noch nicht versandt.",
  "Nous avons remboursé votre commande.",
  "Le remboursement est en route vers votre carte.",
  "Hemos cambiado la dirección de su pedido.",
  "Il suo ordine è stato annullato.",
  "Uw bestelling is geannuleerd en het geld komt terug.",
  "Państwa zamówienie zostało anulowane.",
  "Мы вернули вам деньги.",
  "返金しました。",
  "Your lamp is being packed. Ihr Geld ist auf dem Weg zu Ihnen.",
];

for (const text of FOREIGN) {
  test(`what cannot be read is said to be unread: ${text}`, () => {
    const found = objections(text, seen);
    assert.ok(
      found.some((words) => words.startsWith("language:")),
      found.join(" | ") || "it passed",
    );
  });
}

const ENGLISH: readonly string[] = [
  "Your lamp is still being packed.",
  "Thanks, Van!",
  "Shipped: no. Refunded: no.",
  "Order 456: desk lamp, 60.00 USD, processing",
  "We do not deliver to La Paz or Los Angeles yet.",
  "You can pick it up at Café El Sol de Mayo, as you asked.",
  "Déjà vu: your order 456 is still processing.",
  "You're welcome!",
];

test("English with foreign names in it is English", () => {
  for (const text of ENGLISH)
    assert.deepEqual(
      objections(text, seen).filter((words) => words.startsWith("language:")),
      [],
      text,
    );
});

test("a foreign address that goes with the reply does not make the reply foreign", () => {
  const address = "12 Rue de la Paix, 75002 Paris";
  const proposal = {
    actions: [actionOf("change_address", { orderId: "456", address })],
  };
  const text = `The address is changed.\n\n${address}`;
  assert.deepEqual(objections(text, { ...seen, proposal }), []);
});

test("facts in digits are compared in any language, so an invented amount is found beside it", () => {
  const { findings, receiptsFound } = outputCheck.check(
    "Sie haben für Bestellung 456 leider 61.00 USD bezahlt.",
    receipts(seen),
  );
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ["amount", "language"],
  );
  assert.equal(receiptsFound, 1);
});
