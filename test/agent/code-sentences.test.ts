/** What customers read about one-time codes, in their language and always in the same words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TurnInput } from "#core/contracts/agent.ts";
import { bareCheck } from "#test/guard/output/evidence-world.ts";
import { ALL_CODE_WORDS, codeMailIn, codeWordsIn } from "#text/code-words.ts";
import { turn, verified } from "#test/support/fixtures/turns.ts";
import { play } from "./play.ts";

const LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pt", "pl"];
/** The languages with two forms of address whose sentences differ. */
const FAMILIAR = ["de", "fr", "es", "it", "nl"];
const FORMS = [
  ...LANGUAGES.map((language) => [language, "formal"] as const),
  ...FAMILIAR.map((language) => [language, "familiar"] as const),
];
const TODAY = new Date("2026-11-20T10:00:00.000Z");

const stranger = { ...verified("u123"), level: 1 as const, customerId: null, emailOnFile: null };

async function told(text: string, changes: Partial<TurnInput>): Promise<string> {
  const input = turn([text], { requester: stranger, ...changes });
  const { requests } = await play([{ text: "…" }], {}, input);
  return requests[0]?.messages[1]?.content ?? "";
}

test("each language has its own sentences, and one without them has the English ones", () => {
  const own = new Set(LANGUAGES.map((language) => codeWordsIn(language).sent));
  assert.equal(own.size, LANGUAGES.length);
  assert.equal(
    new Set(ALL_CODE_WORDS.map(({ sent }) => sent)).size,
    LANGUAGES.length + FAMILIAR.length,
  );
  assert.equal(codeWordsIn("pt-BR"), codeWordsIn("pt"));
  for (const other of ["sv", "ja", null]) assert.equal(codeWordsIn(other), codeWordsIn("en"));
});

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

test("a brand that addresses customers familiarly asks for the code so, and every other one politely", async () => {
  const asked = async (address?: "formal" | "familiar") =>
    told("Wo ist meine Bestellung 456?", {
      language: "de",
      voice: { tone: "", forbidden: [], ...(address === undefined ? {} : { address }) },
    });
  assert.match(await asked("familiar"), /Bitte schreib den Code hierher.*nennst/s);
  for (const address of [undefined, "formal"] as const)
    assert.match(await asked(address), /Bitte schreiben Sie den Code hierher.*nennen/s);
  for (const language of FAMILIAR)
    assert.doesNotMatch(
      Object.values(codeWordsIn(language, "familiar")).slice(0, 4).join(" "),
      /\b(?:Sie|Ihr\w*|vous|votre|su|usted|suo|uw|u)\b/,
    );
});

test("a model is given them in the customer's language, the same for every number and address", async () => {
  const lines = async (text: string, language: string | null) =>
    (await told(text, { language })).split("\n").filter((line) => line.startsWith("Code sentence"));
  const one = await lines("Wo ist meine Bestellung 456? ann@customer.test", "de");
  assert.deepEqual(one, await lines("Wo ist meine Bestellung 9999? nobody@nowhere.test", "de"));
  assert.ok(one[0]?.includes(codeWordsIn("de").sent));
  assert.ok((await lines("Where is it?", null))[0]?.includes(codeWordsIn("en").sent));
  assert.doesNotMatch(await told("Where is it?", { requester: verified("u123") }), /Code sentence/);
});
