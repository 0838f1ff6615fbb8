/** No reply asks for what the shop never needs, whatever backs it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isMendable } from "#core/contracts/guard.ts";
import { ALL_CODE_WORDS } from "#text/code-words.ts";
import { allFound, objections, outputCheck, page, receipts } from "./evidence-world.ts";

const ASKED = [
  "To go on, reply with your password.",
  "Please send us your password so that I can look into it.",
  "Could you give me the PIN code of your card?",
  "What is your password?",
  "We need the card number and the CVC.",
  "Please tell me your order number, your password and your name.",
  "Please confirm your card number, expiry date and CVV.",
  "Please share the code your bank sent you by text message.",
  "Please type the security code on the back of your card here.",
  "Don't hesitate to send me your password.",
  "If you do not have the app, send me your password instead.",
  "Please install AnyDesk and tell me the address it shows.",
  "Our technician will take remote control of your computer.",
  "Bitte antworten Sie mit Ihrem Passwort.",
  "Bitte nennen Sie mir Ihre Kreditkartennummer und die Prüfziffer.",
  "Teilen Sie uns bitte die TAN mit.",
  "Wir benötigen Ihr Kennwort.",
  "Wir brauchen dafür Fernzugriff.",
  "Merci de nous envoyer votre mot de passe.",
  "Indiquez-moi le numéro de votre carte et le cryptogramme.",
  "Envíenos su contraseña, por favor.",
  "Necesitamos el número de su tarjeta.",
];

test("a reply that asks for a secret is found, though a page says the same", () => {
  for (const text of ASKED) allFound([text], page(text), "secret: ");
});

test("the model may write it once more, and the words are those that ask", () => {
  const text = "Thank you. To go on, reply with your password. Goodbye.";
  const { findings } = outputCheck.check(text, receipts());
  const found = findings.filter(({ kind }) => kind === "secret");
  assert.deepEqual(
    found.map(({ words }) => words),
    ["reply with your password."],
  );
  assert.ok(found.every(isMendable));
});

const FINE = [
  "We never ask for your password.",
  "Please do not send us your card number.",
  "Please tell us your order number, never your password.",
  "I have mailed you a link to reset your password.",
  "If you forgot your password, write to us and I can send a password reset link.",
  "You can change your email and password in your account.",
  "Please tell me your order number and I can send you a new password link.",
  "Please tell me the last four digits of your card number.",
  "Please send me your gift card number.",
  "The refund goes back to the card you paid with.",
  "Which email address did you order with?",
  "Your remote control is on its way.",
  "Ich habe Ihnen einen Link geschickt, mit dem Sie das Passwort zurücksetzen können.",
  "Schreiben Sie uns, wenn Sie Ihr Passwort vergessen haben.",
  "Ne nous envoyez jamais votre mot de passe.",
  "Le he enviado un enlace para restablecer su contraseña.",
  ...ALL_CODE_WORDS.flatMap(({ sent, refused, addressWanted }) => [sent, refused, addressWanted]),
];

test("a reset of a password, a warning and our own one-time code are no such question", () => {
  for (const text of FINE)
    assert.deepEqual(
      objections(text).filter((words) => words.startsWith("secret: ")),
      [],
      text,
    );
});
