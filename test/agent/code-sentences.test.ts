/** What customers read about one-time codes, in their language and always in the same words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bareCheck } from "#test/guard/output/evidence-world.ts";
import { codeMailIn, codeWordsIn } from "#text/code-words.ts";
import { verified } from "#test/support/fixtures/turns.ts";

const LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pt", "pl"];
/** The languages with two forms of address whose sentences differ. */
const FAMILIAR = ["de", "fr", "es", "it", "nl"];
const FORMS = [
  ...LANGUAGES.map((language) => [language, "formal"] as const),
  ...FAMILIAR.map((language) => [language, "familiar"] as const),
];
const TODAY = new Date("2026-11-20T10:00:00.000Z");

const stranger = { ...verified("u123"), level: 1 as const, customerId: null, emailOnFile: null };

test("the mail says where and when it was asked for and how long it holds, without link or digits in its subject", () => {
  for (const language of LANGUAGES)
    for (const channel of ["chat", "slack", "email", "zendesk"] as const) {
      const words = codeWordsIn(language);
      const mail = codeMailIn(words, { digits: "042042", channel, askedAt: TODAY, minutes: 10 });
      for (const part of ["042042", "10:00 UTC", words.places[channel]])
        assert.ok(mail.includes(part), `${language}: ${part}`);
      assert.match(mail, /\b10 minu/i, language);
      assert.doesNotMatch(mail, /[{}]|https?:|www\./, language);
      assert.doesNotMatch(words.subject, /\d/, language);
    }
});

test("the output check lets every sentence out", () => {
  for (const [language, address] of FORMS) {
    const words = codeWordsIn(language, address);
    for (const text of [words.sent, `${words.refused} ${words.offered}`, words.addressWanted]) {
      const { findings } = bareCheck.check(text, {
        toolResults: [],
        passages: [],
        proposal: null,
        asked: "",
        requester: stranger,
        escalates: false,
        language,
        forbidden: [],
        today: TODAY,
      });
      assert.deepEqual(findings, [], `${language}: ${text}`);
    }
  }
});

/** What the rules ask for where no order is found, as a model says it. */
const NOT_FOUND: Readonly<Record<string, string>> = {
  en: "I can't find order 456. Please check the number and write from the e-mail address or account it was ordered with.",
  de: "Ich kann die Bestellung 456 nicht finden. Bitte prüfen Sie die Nummer und schreiben Sie uns von der E-Mail-Adresse oder dem Konto, mit dem bestellt wurde.",
  fr: "Je ne trouve pas la commande 456. Vérifiez le numéro et écrivez-nous depuis l'adresse e-mail ou le compte avec lequel elle a été passée.",
  es: "No encuentro el pedido 456. Compruebe el número y escríbanos desde la dirección de correo o la cuenta con la que se hizo.",
  it: "Non trovo l'ordine 456. Controlli il numero e ci scriva dall'indirizzo e-mail o dall'account con cui è stato fatto.",
  nl: "Ik kan bestelling 456 niet vinden. Controleer het nummer en schrijf ons vanaf het e-mailadres of account waarmee is besteld.",
  pt: "Não encontro o pedido 456. Verifique o número e escreva-nos a partir do endereço de e-mail ou da conta com que foi feito.",
  pl: "Nie mogę znaleźć zamówienia 456. Proszę sprawdzić numer i napisać z adresu e-mail lub konta, z którego zostało złożone.",
};

test("the output check objects to nothing the rules ask for where no order is found but to a language", () => {
  const result = {
    found: false,
    order_id: "456",
    remark: "There is no such order for this customer.",
  };
  for (const [language, text] of Object.entries(NOT_FOUND)) {
    const { findings } = bareCheck.check(text, {
      toolResults: [{ tool: "get_order_status", result }],
      passages: [],
      proposal: null,
      asked: "456?",
      requester: stranger,
      escalates: false,
      language,
      forbidden: [],
      today: TODAY,
    });
    const kinds = findings.map(({ kind }) => kind);
    assert.deepEqual(kinds, language === "en" ? [] : ["unread"], language);
  }
});
