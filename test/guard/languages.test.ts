import assert from "node:assert/strict";
import { test } from "node:test";
import { withVerification } from "#agent/verify-draft.ts";
import {
  isMendable,
  OTHER_LANGUAGE,
  type Receipts,
  UNBACKED,
  unverified,
  type Verification,
} from "#core/contracts/guard.ts";
import { isOutside, detectedLanguage } from "#guard/languages/detect.ts";
import { guard, mail } from "./input/inbox.ts";
import {
  actionOf,
  allFound,
  allPass,
  lamp,
  objections,
  orders,
  outputCheck,
  receipts,
  tool,
} from "./output/evidence-world.ts";

const seen = orders(lamp);

const UNREAD: readonly string[] = [
  "Tilauksenne on peruutettu ja rahat on palautettu teille.",
  "Ordren er kansellert, og beløpet er refundert.",
  "Vaše objednávka byla zrušena a peníze jsme vám vrátili.",
  "Мы вернули вам деньги.",
  "返金しました。",
  "ငွေပြန်အမ်းပြီးပါပြီ။",
  "យើងបានសងប្រាក់អ្នកវិញហើយ។",
  "Vi har refundert beløpet for deg.",
  "Your lamp is being packed. Peníze jsou na cestě na váš účet.",
  "Your lamp, order 456, is being packed and has not been shipped yet, as far as I can see in our records. Peníze jsou na cestě k vám.",
  "Peníze vráceny.",
  "Thank you for your message! Peníze vráceny. Kind regards",
  "Your lamp is being packed.\n\n- Peníze vráceny",
  "Refund ✔",
  "Lamp: 👍",
  "Your lamp is being packed. Pengene er på vej til din konto.",
  "Your lamp, order 456, is being packed and has not been shipped yet, as far as I can see in our records. Pengarna är på väg till er.",
  "Thank you for your message! Rimborso effettuato. Kind regards",
  "Your lamp is being packed.\n\n- Zwrot zrobiony",
];

for (const text of UNREAD) {
  test(`what cannot be read is said to be unread: ${text}`, () => {
    allFound([text], seen, "unread:");
  });
}

/** One true and one false answer about order 456, which is being packed. */
const ABROAD: Readonly<Record<string, readonly [honest: string, invented: string]>> = {
  da: ["Din ordre 456 er stadig under behandling.", "Din ordre er annulleret."],
  de: ["Ihre Bestellung 456 ist noch in Bearbeitung.", "Erledigt, 60.00 USD erstattet."],
  es: ["Su pedido 456 todavía no se ha enviado.", "Hemos cambiado la dirección de su pedido."],
  fr: ["Votre commande 456 n'a pas encore été expédiée.", "Le remboursement est en route."],
  it: ["Il suo ordine 456 è ancora in lavorazione.", "Rimborso effettuato."],
  nl: ["Uw bestelling 456 is nog niet verzonden.", "Is geannuleerd!"],
  pl: ["Zamówienie 456 jest jeszcze pakowane.", "Zwrot zrobiony."],
  pt: ["O seu pedido 456 ainda está em preparação.", "Cancelei a encomenda 456, como pediu."],
  sv: ["Din beställning 456 har inte skickats än.", "Återbetalning gjord."],
  tr: ["456 numaralı siparişiniz henüz kargoya verilmedi.", "Siparişiniz iptal edildi!"],
};

for (const [language, [honest, invented]] of Object.entries(ABROAD))
  test(`${language}: a draft waits for a person, whatever it tells, until a quote backs all of it`, () => {
    for (const text of [honest, invented]) {
      const { findings } = outputCheck.check(text, receipts({ ...seen, language }));
      assert.deepEqual([...new Set(findings.map(({ kind }) => kind))], ["unread"], text);
      assert.ok(findings.every((found) => !isMendable(found)));
      assert.deepEqual(withVerification(findings, READ_WHOLE), [], text);
      const unbacked = { kind: UNBACKED, words: text, reason: "no source says this" };
      const waits = { ...READ_WHOLE, findings: [unbacked] };
      assert.deepEqual(withVerification(findings, waits), [...findings, unbacked]);
      assert.deepEqual(withVerification(findings, unverified("away")), findings);
    }
    const wrong = outputCheck.check(`${honest} 61.00 USD.`, receipts({ ...seen, language }));
    assert.ok(
      wrong.findings.some(({ kind }) => kind === "amount"),
      honest,
    );
  });

const READ_WHOLE: Verification = { state: "read", reason: "", findings: [], backed: [] };

const READ: readonly string[] = [
  "Your lamp is still being packed.",
  "Thanks, Van!",
  "Shipped: no. Refunded: no.",
  "Order 456: desk lamp, 60.00 USD, processing",
  "We do not deliver to La Paz or Los Angeles yet.",
  "You can pick it up at Café El Sol de Mayo, as you asked.",
  "Déjà vu: your order 456 is still processing.",
  "You're welcome!",
  "Thank you!",
  "Order 456: processing.",
  "Kind regards",
  "Kind regards 🙂",
  "Hi Ann 👋",
  "Hello Ann Fields,\n\nyour lamp is still being packed.\n\nBest wishes",
  "Status:\n\n- Desk lamp, order 456: processing\n- Amount: 60.00 USD",
];

test("what is so may be said in English, with foreign names in it", () => {
  const asked = "Do you deliver to La Paz, Los Angeles or the Café El Sol de Mayo?";
  allPass(READ, { ...seen, asked });
});

test("a short title of a page and a name of a record are no sentence in another language", () => {
  const page = { id: "p", title: "Pravidla vracení peněz", url: "https://help.ourshop.test/" };
  const sources = {
    toolResults: [tool({ order_id: "456", item: "Kávovar pro espresso", carrier: "Zásilkovna" })],
    passages: [{ ...page, text: "Refunds take a week.", score: 1 }],
  };
  for (const title of ["Pravidla vracení peněz", "- Kávovar espresso", "Zásilkovna"])
    assert.deepEqual(objections(`It is so.\n\n${title}`, sources), [], title);
  assert.ok(objections("It is so.\n\nPravidla vracení peněz").length > 0);
});

test("a foreign address that goes with the reply does not make the reply foreign", () => {
  const address = "12 Rue de la Paix, 75002 Paris";
  const proposal = {
    actions: [actionOf("change_address", { orderId: "456", address })],
  };
  const text = `The address is changed.\n\n${address}`;
  assert.deepEqual(objections(text, { ...seen, proposal, language: "en" }), []);
});

test("an address and a name of a record or of the customer's do not make the reply foreign", () => {
  const shipping_address = "Ann Fields, 12 Orchard Lane, Springfield, OR 97477, US";
  const text = `Na razie mamy adres: ${shipping_address}.`;
  const isOther = (sources: Partial<Receipts>): boolean =>
    outputCheck
      .check(text, receipts({ ...sources, language: "pl" }))
      .findings.some(({ kind }) => kind === OTHER_LANGUAGE);
  assert.ok(isOther({}));
  assert.ok(
    !isOther({ toolResults: [tool({ found: true, order: { ...lamp, shipping_address } })] }),
  );
  assert.ok(!isOther({ asked: `Adres: ${shipping_address}.` }));
});

test("nor does a page's title, and a sentence in capitals is a sentence", () => {
  const kinds = (text: string, more: Partial<Receipts>): readonly string[] =>
    outputCheck.check(text, receipts({ ...more, language: "de" })).findings.map(({ kind }) => kind);
  const title = "Shipping and delivery times for the whole of your order";
  const passage = { id: "s#1", title, url: "", text: "3 bis 5 Werktage", score: 1 };
  const cited = `Es dauert 3 bis 5 Werktage (siehe ${title}).`;
  assert.ok(!kinds(cited, { passages: [passage] }).includes(OTHER_LANGUAGE));
  assert.ok(kinds(cited, { passages: [{ ...passage, title: "S" }] }).includes(OTHER_LANGUAGE));
  const loud = "WIR HABEN IHNEN DAS GANZE GELD ERSTATTET";
  assert.deepEqual(kinds(`${loud}.`, { asked: `${loud}?` }), kinds(`${loud}.`, {}));
  assert.notDeepEqual(kinds(`${loud}.`, {}), []);
});

test("facts in digits are compared in any language, so an invented amount is found beside it", () => {
  const { findings, receiptsFound } = outputCheck.check(
    "Bohužel jste zaplatili jen 61.00 USD za order 456 a to je málo.",
    receipts(seen),
  );
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ["amount", "unread"],
  );
  assert.equal(receiptsFound, 1);
});

test("a reply in another language than the customer's is told so, with the language to write in", () => {
  const text = "Your order 456 is still being prepared in our warehouse, so please wait a little.";
  const { findings } = outputCheck.check(text, receipts({ ...seen, language: "de" }));
  assert.deepEqual(
    findings.map(({ kind, reason, remedy }) => [kind, reason, remedy]),
    [["language", "the customer writes German, the draft is English", "write in German"]],
  );
  assert.ok(text.includes(findings[0]?.words ?? "?"));
  assert.deepEqual(objections(text, { ...seen, language: "en" }), []);
  assert.deepEqual(objections(text, { ...seen, language: null }), []);
});

test("a language that is easily taken for the customer's own is not told as another", () => {
  const text =
    "A sua encomenda já foi enviada e deve chegar à sua morada dentro de poucos dias, sem mais custos.";
  assert.equal(detectedLanguage(text), "pt");
  const kinds = (language: string): readonly string[] =>
    outputCheck
      .check(text, receipts({ ...seen, language }))
      .findings.filter(({ kind }) => kind === "language")
      .map(({ reason }) => reason);
  assert.deepEqual(kinds("es"), []);
  assert.deepEqual(kinds("de"), ["the customer writes German, the draft is Portuguese"]);
});

test("one long sentence in another language is enough, but not the quote of a help page or a short title", () => {
  const german = "Ihre Bestellung 456 ist noch in Bearbeitung. ";
  const quote = "You can ask for a refund within 30 days after delivery of the order to you.";
  const passages = [
    { id: "p", title: "Refund policy", url: "https://help.ourshop.test/", text: quote, score: 1 },
  ];
  const found = objections(`${german}${quote}`, { ...seen, language: "de" });
  assert.ok(found.includes(`language: ${quote}`.slice(0, 90)), found.join(" | "));
  for (const [text, known] of [
    [`${german}${quote}`, { ...seen, passages }],
    [`${german}(siehe Order changes)`, seen],
  ] as const)
    assert.match(objections(text, { ...known, language: "de" }).join(), /^unread: [^,]*$/, text);
});

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  en: ["Where is my order 456?", "I forgot my password", "WHERE IS MY ORDER 456"],
  de: ["Wo ist meine Bestellung 456?", "Ich habe mein Passwort vergessen"],
  fr: ["Où est ma commande 456 ?", "J'ai oublié mon mot de passe"],
  es: ["¿Dónde está mi pedido 456?", "He olvidado mi contraseña"],
  it: ["Dov'è il mio ordine 456?"],
  nl: ["Waar is mijn bestelling 456?"],
  pl: ["Gdzie jest moje zamówienie 456?"],
  ru: ["Где мой заказ 456?"],
  ja: ["返金してください。"],
  tr: ["Merhaba, 789 numaralı sipariş için para iadesi istiyorum."],
};

test("the language of a message is found in a few words", () => {
  for (const [language, texts] of Object.entries(KNOWN))
    for (const text of texts) assert.equal(guard.languageOf([mail(text)]), language, text);
});

const TOO_SHORT: readonly string[] = [
  "",
  "?",
  "789",
  "Hi",
  "ok",
  "order 456",
  "Refund 789 pls",
  "Order 789 refund",
  "password reset",
  "OK danke",
  "danke schön",
  "wifi is broken",
  "Ann Fields",
  "12 Mill Lane, 90210 Town",
  "Hauptstraße 5, 10115 Berlin",
  "Bob Marsh, Elsewhere Street 4",
  "Café El Sol de Mayo",
  "Headphones, Sony WH-1000XM4",
  "USB-C cable 2m",
  "tracking 1Z999AA10123456784",
  "ann@customer.test https://shop.test/de/bestellung",
];

test("names, addresses, products and order numbers tell no language", () => {
  for (const text of TOO_SHORT) assert.equal(guard.languageOf([mail(text)]), null, text);
});

test("a text is outside a set of languages when the language found for it is", () => {
  const sets = [new Set(["en", "de", "fr", "es"]), new Set(["it", "en"]), new Set<string>()];
  for (const text of [
    ...Object.values(KNOWN).flat(),
    ...UNREAD,
    ...Object.values(ABROAD).flat(),
    ...TOO_SHORT,
  ])
    for (const languages of sets) {
      const language = detectedLanguage(text);
      const expected = language !== null && !languages.has(language);
      assert.equal(isOutside(text, languages), expected, `${text} is ${String(language)}`);
    }
});

test("messages in two languages have none, and what others wrote does not count", () => {
  const german = mail("Wo ist meine Bestellung 456?");
  const english = mail("Where is my order 456, please?");
  assert.equal(guard.languageOf([german, english]), null);
  assert.equal(guard.languageOf([german, mail("ok")]), "de");
  const ours = mail("Where is my order?", { author: { kind: "teammate", id: "t", name: "Sam" } });
  assert.equal(guard.languageOf([german, ours]), "de");
  assert.equal(guard.languageOf([]), null);
});
