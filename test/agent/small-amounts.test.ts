/** A part of the money back, with the amount in the customer's own words: a wish, and an amount that they chose. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { asksFor } from "#text/customer-asked.ts";
import { AMOUNT_BACK_REQUESTS } from "#text/amount-back-phrases.ts";
import { REFUND_REQUESTS } from "#text/request-phrases.ts";
import { amountChosenIn } from "#tools/customer-words.ts";

/** By language; the amount is four of whatever currency stands there. */
const WISHES: Readonly<Record<string, readonly string[]>> = {
  en: [
    "I received a cracked lid and think I should get 4 dollars back",
    "Kindly return $4 to my account",
    "I want back the 4 dollars I paid for delivery",
    "Would you mind sending $4 back to me?",
    "$4 of it back would be fair",
    "Can I have the $4 for shipping back?",
    "Please put $4 back on my card",
    "I would like to be paid back 4 dollars for the scratched lid",
    "Send the 4 dollars back to my card please",
    "I'm asking for 4 USD back because the cap is cracked",
    "Just give me 4 bucks back and we are fine",
    "Could 4 dollars be returned to me?",
    "could you give me $4 back",
    "4 dollars back",
    "I want my 4 dollars back",
  ],
  de: [
    "Kann ich 4 Euro wiederbekommen?",
    "4 Euro hätte ich gerne zurück",
    "Zahlen Sie mir 4 € zurück",
    "Ich hätte gern 4 € zurück",
    "Können Sie mir 4 Euro zurückgeben?",
    "Bitte überweisen Sie mir die 4 € zurück",
    "Ich möchte 4,00 Euro zurückbekommen",
    "Geben Sie mir bitte 4 Euro vom Kaufpreis zurück",
    "Ich will meine 4 Dollar zurückhaben",
  ],
  fr: [
    "Est-ce que je peux récupérer mes 4 euros ?",
    "Je veux 4 euros en retour",
    "Rendez-moi mes 4 euros",
    "Pouvez-vous me rendre 4 € ?",
    "J'aimerais récupérer 4 euros sur ma commande",
    "Je voudrais qu'on me rende 4 €",
    "Merci de me reverser 4 €",
    "Vous pouvez me redonner 4 euros ?",
  ],
  es: [
    "Devuélveme los 4 euros",
    "Quisiera que me devolvieran 4 euros",
    "Devuélvanme 4 dólares",
    "Quiero que me devuelvan 4 euros",
    "¿Me podéis devolver 4 € del pedido?",
    "Me gustaría recuperar 4 dólares",
    "Necesito que me regresen 4 dólares",
    "Quiero mis 4 euros de vuelta",
  ],
  it: [
    "Posso riavere i 4 euro?",
    "Mi dovete restituire 4 euro",
    "Ridatemi 4 euro",
    "Vorrei indietro 4 euro",
    "Potete ridarmi 4 €?",
    "Mi restituite 4 euro, per favore?",
    "Vorrei riavere 4 euro",
    "Rivoglio i miei 4 euro",
  ],
  nl: [
    "Kan ik 4 euro terugkrijgen?",
    "Geef me 4 euro terug",
    "Ik wil graag 4 euro terug",
    "Kunt u mij 4 euro teruggeven?",
    "Mag ik € 4 terug?",
    "Graag 4 euro terugstorten op mijn rekening",
    "Ik zou graag 4 euro terugkrijgen",
  ],
  pt: [
    "Posso ter 4 euros de volta?",
    "Poderiam me devolver 4 dólares?",
    "Quero 4 euros de volta",
    "Podem devolver-me 4 €?",
    "Gostaria de receber 4 euros de volta",
    "Queria reaver 4 euros",
    "Me devolvam os 4 reais",
  ],
  pl: [
    "Zwróćcie mi 4 zł",
    "Chcę 4 zł z powrotem",
    "Proszę oddać mi 4 zł",
    "Chcę z powrotem 4 złote",
    "Czy możecie mi zwrócić 4 zł?",
    "Chciałbym odzyskać 4 zł",
    "Oddajcie mi 4 złote",
  ],
};

/** An amount is named, and nothing is asked for. */
const NO_WISHES: readonly string[] = [
  "Thanks for the 4 dollars back",
  "Danke für die 4 Euro zurück",
  "Merci de m'avoir rendu 4 euros",
  "Gracias por devolverme 4 euros",
  "Grazie per avermi restituito 4 euro",
  "Bedankt voor de 4 euro terug",
  "My friend got $4 back",
  "The 4 euro voucher did not come back",
  "I would like to give back the 4 dollar lamp",
  "Ich möchte die 40 Euro Lampe zurückgeben",
  "Je veux rendre la lampe à 40 euros",
  "Quiero devolver la lámpara de 40 euros",
  "Vorrei restituire la lampada da 40 euro",
  "Ik wil de lamp van 40 euro terugsturen",
  "You gave me 4 dollars back, thank you",
  "Ihr habt mir 4 Euro zurückgezahlt",
  "On m'a rendu 4 euros",
  "Ho ricevuto 4 euro indietro",
  "Ik kreeg 4 euro terug",
  "It cost 4 dollars back then",
  "Was it 4 dollars that you sent back?",
  "I paid $4 for shipping",
  "I got 4 dollars back last week, thanks",
  "I already received the $4 back",
  "I don't want 4 dollars back",
  "When will I get the 4 dollars back?",
  "I want the 40 dollar lamp back",
  "The 4 dollar cable came back to me",
  "Ich habe die 4 € schon zurückbekommen",
  "Ich habe 4 Euro zurück bekommen, danke",
  "Ich will keine 4 Euro zurück",
  "J'ai déjà récupéré 4 euros",
  "Vous m'avez déjà rendu 4 €",
  "Ya me devolvieron 4 euros",
  "Ya me han devuelto 4 euros, gracias",
  "Mi avete già restituito 4 euro",
  "Ik heb 4 euro teruggekregen, bedankt",
  "Já recebi 4 euros de volta, obrigado",
  "Já me devolveram 4 euros",
  "Oddaliście mi już 4 zł, dziękuję",
  "Dostałem z powrotem 4 zł, dziękuję",
];

const REFUND_WISHES = [...REFUND_REQUESTS, ...AMOUNT_BACK_REQUESTS];
const FOUR = { minor: 400, currency: "USD" };
const PAID = { minor: 1_990, currency: "USD" };

describe("a part of the money back", () => {
  for (const [language, wishes] of Object.entries(WISHES))
    test(`is wished for with its amount in ${language}`, () => {
      for (const words of wishes) {
        assert.ok(asksFor(words, REFUND_WISHES), `asks for it: ${words}`);
        assert.notEqual(amountChosenIn(words, FOUR, [PAID]), null, `chooses it: ${words}`);
      }
    });

  test("is not wished for where the amount was paid, came back already, or is not wanted", () => {
    const taken = NO_WISHES.filter((words) => asksFor(words, REFUND_WISHES));
    assert.deepEqual(taken, []);
  });
});
