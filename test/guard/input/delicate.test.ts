import assert from "node:assert/strict";
import { test } from "node:test";
import { guard, mail } from "./inbox.ts";

const FOUND: readonly (readonly [string, string])[] = [
  ["legal", "I will sue you"],
  ["legal", "I'll sue you!"],
  ["legal", "We are going to sue."],
  ["legal", "See you in court."],
  ["legal", "I'll take you to court."],
  ["legal", "You will hear from my lawyer."],
  ["legal", "My attorney has advised me to write."],
  ["legal", "I am considering legal action."],
  ["legal", "My barrister is informed."],
  ["self_harm", "I want to kill myself"],
  ["self_harm", "I don't want to live anymore."],
  ["self_harm", "I am thinking about suicide."],
  ["threat", "I will kill you"],
  ["threat", "I'm going to burn down your warehouse."],
  ["threat", "There is a bomb in your office."],
  ["injury", "I was injured by the lamp."],
  ["injury", "The kettle burned my hand"],
  ["injury", "The battery exploded."],
  ["injury", "I cut my finger on the glass."],
  ["injury", "I got an electric shock."],
  ["press", "I am a journalist with the Daily News."],
  ["press", "This is a press inquiry."],
  ["press", "I am writing an article about your shop."],
  ["chargeback", "I will start a chargeback."],
  ["chargeback", "I am going to dispute the charge with my bank."],
  ["hacked_account", "My account was hacked!"],
  ["hacked_account", "Somebody logged into my account."],
  ["hacked_account", "I did not place this order."],
  ["data_request", "Please delete all my data under GDPR."],
  ["data_request", "Send me a copy of my personal data."],
  ["data_request", "Delete my account."],
  ["abuse", "Fuck you"],
  ["abuse", "You are all idiots."],
  // The most urgent wins.
  ["self_harm", "I will sue you and then I will kill myself"],
  // However it is dressed.
  ["legal", "I will ѕuе you"],
  ["legal", "I will\nsue\nyou"],
];

for (const [topic, text] of FOUND) {
  test(`${topic}: ${text.replaceAll("\n", " ")}`, () => {
    assert.equal(guard.delicate([mail(text)])?.topic, topic);
  });
}

/** Topics in which a draft would do harm, in every language that is read. */
const IN_OTHER_LANGUAGES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  de: [
    ["self_harm", "Ich will nicht mehr leben."],
    ["self_harm", "Ich bringe mich noch um wegen diesem Paket"],
    ["injury", "Der Wasserkocher ist explodiert und ich habe mir die Hand verbrannt."],
    ["legal", "Dann übergebe ich die Sache meinem Anwalt."],
    ["hacked_account", "Mein Konto wurde gehackt!"],
    ["data_request", "Bitte löschen Sie meine Daten."],
  ],
  fr: [
    ["self_harm", "Je n'ai plus envie de vivre."],
    ["injury", "Je me suis brûlé la main avec votre bouilloire"],
    ["legal", "Mon avocat va vous écrire."],
    ["hacked_account", "Mon compte a été piraté"],
  ],
  es: [
    ["self_harm", "ya no puedo más, quiero morir"],
    ["injury", "El hervidor explotó y me quemé"],
    ["legal", "Voy a poner una denuncia."],
    ["data_request", "Quiero que borren mis datos"],
  ],
  it: [
    ["self_harm", "Voglio morire"],
    ["injury", "mi sono bruciata con il bollitore"],
    ["legal", "Ne parlerò con il mio avvocato"],
  ],
  nl: [
    ["self_harm", "Ik wil niet meer leven"],
    ["injury", "De waterkoker is ontploft"],
    ["legal", "Ik schakel een advocaat in"],
  ],
  pt: [
    ["self_harm", "quero morrer"],
    ["injury", "a chaleira explodiu na minha mão"],
    ["legal", "o meu advogado vai contactar-vos"],
  ],
  pl: [
    ["self_harm", "Nie chcę już żyć"],
    ["injury", "Poparzyłam się waszym czajnikiem"],
    ["legal", "Spotkamy się w sądzie"],
    ["data_request", "Proszę usunąć moje dane"],
  ],
  sv: [
    ["self_harm", "jag vill bara dö"],
    ["injury", "Vattenkokaren exploderade"],
    ["legal", "Jag kontaktar en advokat"],
  ],
  da: [
    ["self_harm", "Jeg vil bare dø"],
    ["injury", "Kedlen eksploderede"],
    ["legal", "Så må I høre fra min advokat"],
  ],
  tr: [
    ["self_harm", "artık yaşamak istemiyorum"],
    ["injury", "Su ısıtıcısı patladı ve elim yandı"],
    ["legal", "Avukatım sizi arayacak"],
  ],
};

test("the topics in which a draft would do harm are read in every language", () => {
  assert.deepEqual(
    "da de es fr it nl pl pt sv tr".split(" "),
    Object.keys(IN_OTHER_LANGUAGES).toSorted(),
  );
  for (const [language, all] of Object.entries(IN_OTHER_LANGUAGES))
    for (const [topic, text] of all)
      assert.equal(guard.delicate([mail(text)])?.topic, topic, `${language}: ${text}`);
});

test("everyday wishes in other languages are no delicate topic", () => {
  for (const text of [
    "Wo bleibt denn meine Bestellung? Ich warte seit einer Woche.",
    "Können Sie mir die Rechnung noch einmal schicken? Meine Adresse ist neu.",
    "Mein Mann ist Anwalt, das Paket geht an seine Kanzlei.",
    "Ich arbeite im Krankenhaus, bitte dorthin liefern.",
    "Die Lampe ist kaputt, ich hätte gern mein Geld zurück.",
    "Bonjour, où en est ma commande ? Le colis est en retard.",
    "Je voudrais changer mon adresse et mon mot de passe.",
    "Hola, quiero devolver la mochila, no me gusta.",
    "¿Pueden mandar el pedido al hospital donde trabajo?",
    "Vorrei il rimborso, il prodotto non funziona.",
    "Ik wil mijn bestelling annuleren en mijn geld terug.",
    "Quero trocar o carregador, veio com defeito.",
    "Chcę zwrócić słuchawki i odzyskać pieniądze.",
    "Jag vill byta färg på skalet, går det?",
    "Jeg vil gerne ændre min adresse, jeg er flyttet.",
    "Siparişim nerede? Adresimi değiştirmek istiyorum.",
  ])
    assert.equal(guard.delicate([mail(text)]), null, text);
});

const PLAIN = [
  "Hi, this is Sue. Where is my order?",
  "Sue Miller ordered the lamp for her mother.",
  "Please deliver it to Sue, your driver knows her.",
  "My lawyer ordered a lamp and I want the same.",
  "I am a lawyer and need the invoice.",
  "I work at the hospital, please deliver it there.",
  "Is Suicide Squad in stock?",
  "This lamp is killing it, I love it.",
  "I could kill for a coffee.",
  "The kettle burned out after two days.",
  "Press the button twice and nothing happens.",
  "I would like to die-cut the paper.",
  "The product is a piece of shit",
  "My cable was cut.",
  "It does not hurt my feelings.",
  "The charge on my card is 25.00, is it correct?",
  "Please remove my data cable from the order.",
  "The Fire TV stick is on fire sale.",
  "I forgot my password.",
  "I can't log in to my account.",
  "I want to return the knife.",
  "I did not get this order.",
  "You will love this.",
];

for (const text of PLAIN) {
  test(`not delicate: ${text}`, () => {
    assert.equal(guard.delicate([mail(text)]), null);
  });
}

test("only the writer's new text counts, in subject or text", () => {
  const segments = [{ kind: "quoted" as const, text: "I will sue you" }];
  assert.equal(guard.delicate([mail("Thank you, all good.", { segments })]), null);
  assert.equal(guard.delicate([mail("Thank you.", { subject: "I will sue you" })])?.topic, "legal");
});

test("a very important person is known by address, domain or customer id", () => {
  const from = (email: string) =>
    mail("Hi", {
      identity: {
        level: 1,
        method: "claimed",
        reason: "claimed",
        handle: { kind: "email", email },
      },
    });
  assert.deepEqual(guard.delicate([from("Boss@Big.test")]), {
    topic: "vip",
    words: "boss@big.test",
  });
  assert.equal(guard.delicate([from("anybody@gold.test")])?.topic, "vip");
  assert.equal(guard.delicate([from("anybody@notgold.test")]), null);
  const signed = {
    level: 2 as const,
    method: "chat-token",
    reason: "token",
    handle: { kind: "customer" as const, customerId: "u999" },
  };
  assert.equal(guard.delicate([mail("Hi", { identity: signed })])?.topic, "vip");
});
