/** What stands around an answer: greeting, signature and fixed sentences, in the brand's words and the customer's language. */
import assert from "node:assert/strict";
import { test, describe } from "node:test";
import { loadPolicy, openPolicyFile } from "#policy/load-policy.ts";
import { comparePolicies } from "#policy/compare/compare-policies.ts";
import { berlinText, sandboxText } from "./policy-files.ts";

const policy = loadPolicy(sandboxText, "deskhand.policy.yaml");
const mail = { channel: "email", brand: "OurShop", name: "Ann Fields", automatic: false } as const;

test("an automatic reply says that it is one, on every channel", () => {
  for (const channel of ["email", "zendesk", "slack", "chat"] as const) {
    const text = policy.sign("It is on its way.", { ...mail, channel, automatic: true });
    assert.match(text, /automatic/);
    assert.doesNotMatch(policy.sign("It is on its way.", { ...mail, channel }), /automatic/);
  }
});

test("below an answer that says it, the line about automatic replies is left out", () => {
  const chat = { ...mail, channel: "chat", automatic: true } as const;
  const first = policy.sign("It is on its way.", chat);
  assert.equal(policy.sign("It comes today.", { ...chat, above: [first] }), "It comes today.");
  // An answer that a person approved says nothing about being automatic.
  const byHand = policy.sign("It is on its way.", { ...chat, automatic: false });
  assert.match(policy.sign("It comes today.", { ...chat, above: [byHand] }), /automatic/);
});

test("chat and Slack have neither greeting nor signature", () => {
  assert.equal(policy.sign("It is there.", { ...mail, channel: "chat" }), "It is there.");
  assert.equal(policy.sign("It is there.", { ...mail, channel: "slack" }), "It is there.");
});

test("a text that greets already is not greeted twice", () => {
  assert.match(
    policy.sign("Hi Ann,\n\nit is there.", mail),
    /^Hello Ann,\n\nit is there\.\n\nKind/,
  );
  assert.match(policy.sign("Hi Ann, it is there.", mail), /^Hi Ann, it is there\.\n\nKind/);
});

test("an answer in the line of its greeting is kept, however the line ends", () => {
  for (const [answer, kept] of [
    ["Buonasera! Aspetti 30 minuti, e buona pace al nonno!", true],
    ["Hi Ann, I have refunded 25.00 USD, and it is there within 7 days!", true],
    ["Hi Ann, these are your orders:", true],
    ["Hi Ann, thank you,", true],
    ["Hello, Ann Fields!", false],
    ["Buonasera!", false],
    ["Chers clients,", false],
  ] as const) {
    const sent = policy.sign(`${answer}\n\nSee Returns.`, mail);
    assert.equal(sent.includes(answer), kept, sent);
    assert.equal(sent.startsWith("Hello Ann,"), !kept, sent);
    assert.ok(sent.includes("See Returns."), sent);
  }
});

test("what is no plain first name is not printed", () => {
  for (const name of [null, "", "http://evil.test", "<b>", "$& $1", "{name}", "4711"])
    assert.match(policy.sign("It is there.", { ...mail, name }), /^Hello,\n/);
  assert.match(policy.sign("It is there.", { ...mail, name: "Zoë O’Neil" }), /^Hello Zoë,\n/);
});

test("a brand speaks in its own words, and in the channel's where it has none", () => {
  const berlin = loadPolicy(berlinText, "berlin.yaml");
  const sign = (brand: string, automatic = false) =>
    berlin.sign("Die Lampe ist da.", { channel: "email", brand, name: "Ann Fields", automatic });
  assert.equal(sign("Nordlicht"), "Moin Ann,\n\nDie Lampe ist da.\n\nDein Nordlicht");
  assert.match(sign("Nordlicht", true), /Diese Antwort wurde automatisch gesendet/);
  for (const brand of ["", "Tischlicht", "constructor", "__proto__"])
    assert.match(sign(brand), /^Hallo Ann,\n\n.*\n\nViele Grüße\nIhr Team von Tischlicht$/, brand);
});

test("tone and forbidden phrases follow the brand, and a brand can only forbid more", () => {
  const berlin = loadPolicy(berlinText, "berlin.yaml");
  assert.deepEqual(berlin.voiceOf("email", "Nordlicht"), {
    tone: 'Warm and brief; say "du".',
    forbidden: ["guarantee", "Garantie", "leider"],
  });
  assert.deepEqual(berlin.voiceOf("email", "").forbidden, ["guarantee", "Garantie"]);
  assert.deepEqual(policy.voiceOf("chat", "OurShop"), { tone: "", forbidden: [] });
});

test("roles are read by address or desk id, without case, and strangers have none", () => {
  const withIds = loadPolicy(sandboxText.replace("lead: [lea@", "lead: [U0LEA, lea@"), "ids.yaml");
  assert.equal(withIds.roleOf({ id: "U1", email: "Sam@OurShop.test" }), "support");
  assert.equal(withIds.roleOf({ id: "u0lea", email: null }), "lead");
  assert.equal(withIds.roleOf({ id: "U0LEA", email: "sam@ourshop.test" }), "support");
  assert.equal(withIds.roleOf({ id: "U2", email: "ned@ourshop.test" }), null);
  assert.equal(withIds.roleOf({ id: "U2", email: null }), null);
});

test("each number of the chat's limit and of the caps is the one that the file gives under its name", () => {
  const { chatMessagesPerMinute, caps } = loadPolicy(sandboxText, "sandbox.yaml");
  const { turn, conversation, day } = caps;
  assert.deepEqual(chatMessagesPerMinute, { perUser: 20, perAddress: 60 });
  assert.deepEqual(turn, { stepsMax: 12, outputTokensMax: 6_000, usdMax: 0.5, ms: 60_000 });
  assert.deepEqual([conversation.usdMax, day.usdMax], [5, 100]);
});

const berlin = loadPolicy(berlinText, "berlin.yaml");

const SHIPPED = ["en", "de", "fr", "es", "it", "nl", "pt", "pl"];
const SUNDAY = new Date("2026-11-22T10:00:00.000Z");

const SWEDISH = `languages:
  sv:
    greeting: "Hej {name},"
    greeting_without_name: "Hej,"
    closing: Vänliga hälsningar
    automatic_line: Det här är ett automatiskt svar.
    handover: Tack för ditt meddelande. Vårt team svarar dig.
    unavailable: Jag kan inte kontrollera det just nu.
    pending: En kollega måste bekräfta det först.
    paused: Ditt svar tar längre tid än vanligt.
    answered_privately: Jag har skickat svaret i ett direktmeddelande.
    closed: Vi har stängt. Vi läser ditt meddelande {opening}.
    holding: Tack för ditt meddelande. Det ligger hos vårt team.
`;
const withSwedish = `${sandboxText}\n${SWEDISH}`;

describe("words around an answer", () => {
  test("are in the customer's language, with the operator's own name below", () => {
    const sign = (language: string | null) => policy.sign("…\r\n", { ...mail, language });
    assert.equal(sign("de"), "Hallo Ann,\n\n…\n\nFreundliche Grüße\nOurShop Support");
    assert.equal(sign("es"), "Hola, Ann:\n\n…\n\nUn saludo\nOurShop Support");
    assert.equal(sign("pl"), "Dzień dobry,\n\n…\n\nZ poważaniem\nOurShop Support");
    assert.equal(sign("pt-BR"), sign("pt"));
    for (const own of ["en", null]) assert.match(sign(own), /^Hello Ann,[^]*Kind regards\n/);
  });

  test("are the file's own for its own language and where the language is not known", () => {
    const sign = (language: string | null) => berlin.sign("…", { ...mail, brand: "", language });
    for (const own of ["de", null])
      assert.match(sign(own), /^Hallo Ann,[^]*Ihr Team von Tischlicht$/);
    assert.equal(sign("en"), "Hello Ann,\n\n…\n\nKind regards\nIhr Team von Tischlicht");
    assert.equal(policy.textsIn("ja", mail).handover, policy.texts.handover);
  });

  test("are left out, but for the name and that nobody read it, in a language that has none", () => {
    const words = { ...mail, language: "el" };
    assert.equal(policy.sign("Καλημέρα.", words), "Καλημέρα.\n\nOurShop Support");
    const german = berlin.sign("Καλημέρα.", { ...words, brand: "" });
    assert.equal(german, "Καλημέρα.\n\nIhr Team von Tischlicht");
    const alone = policy.sign("Καλημέρα.", { ...words, automatic: true });
    assert.match(alone, /^Καλημέρα\.\n\nOurShop Support\n\nThis answer was sent automatically\./);
  });

  test("stay away where a channel has none, and a signature without a closing stays as it is", () => {
    for (const channel of ["chat", "slack"] as const)
      assert.equal(policy.sign("…", { ...mail, channel, language: "de" }), "…");
    const brand = { ...mail, brand: "Nordlicht", language: "fr" } as const;
    assert.match(berlin.sign("…", brand), /^Bonjour Ann,[^]*\n\nDein Nordlicht$/);
  });

  test("name the next opening in the same language", () => {
    const closed = sandboxText.replace(
      /^ {2}open: always/m,
      '  open: {monday: "09:00-17:00", tuesday: closed, wednesday: closed, thursday: closed, friday: closed, saturday: closed, sunday: closed}',
    );
    const shop = loadPolicy(closed, "closed.yaml");
    assert.match(
      shop.closedText(SUNDAY, "de") ?? "",
      /^Wir haben gerade geschlossen\..* am Montag, 23\. November 2026/,
    );
    assert.match(shop.closedText(SUNDAY, "fr") ?? "", /le lundi 23 novembre 2026/);
    assert.match(shop.closedText(SUNDAY, "en") ?? "", /on Monday 23 November 2026/);
  });

  test("address customers as the channel or the brand says, formally where neither says it", () => {
    const entry = '        tone: Warm and brief; say "du".\n';
    const nordlicht = loadPolicy(
      berlinText.replace(entry, `${entry}        address: familiar\n`),
      "b.yaml",
    );
    const [here, there] = [
      { ...mail, brand: "Nordlicht" },
      { ...mail, brand: "" },
    ] as const;
    for (const [language, formal, familiar] of [
      ["fr", /votre message.*vous répondra/, /ton message.*te répondra/],
      ["es", /su mensaje.*le responderá/, /tu mensaje.*te responderá/],
      ["it", /suo messaggio.*le risponderà/, /tuo messaggio.*ti risponderà/],
      ["nl", /uw bericht.*met u op/, /je bericht.*met je op/],
    ] as const) {
      assert.match(nordlicht.textsIn(language, there).handover, formal);
      assert.match(nordlicht.textsIn(language, here).handover, familiar);
    }
    const automatic = { ...here, language: "fr", automatic: true } as const;
    assert.match(nordlicht.sign("…", automatic), /Dis-le-nous si tu souhaites/);
    const above = [nordlicht.sign("…", automatic)];
    assert.doesNotMatch(nordlicht.sign("…", { ...automatic, above }), /automatique/);
    assert.equal(nordlicht.voiceOf("email", "Nordlicht").address, "familiar");
    assert.equal(nordlicht.voiceOf("email", "").address, undefined);
    const german = loadPolicy(
      sandboxText.replace(
        /^voice:\n {2}email:[^\n]*\n/m,
        (line) => `${line}    address: familiar\n`,
      ),
      "d.yaml",
    );
    assert.match(german.textsIn("de", mail).handover, /deine Nachricht.*meldet sich bei dir/);
  });

  test("have every sentence in every language that is built in, each in words of its own", () => {
    assert.deepEqual(policy.languages, SHIPPED);
    const all = SHIPPED.map((language) => policy.textsIn(language, mail));
    for (const name of [
      "handover",
      "unavailable",
      "pending",
      "paused",
      "answeredPrivately",
      "holding",
    ] as const)
      assert.equal(new Set(all.map((texts) => texts[name])).size, SHIPPED.length, name);
  });

  test("say once in a window that answers are automatic, in whatever language it was said", () => {
    const chat = { ...mail, channel: "chat", automatic: true } as const;
    const first = policy.sign("…", { ...chat, language: "de" });
    assert.match(first, /automatische Antwort/);
    assert.equal(policy.sign("…", { ...chat, language: "en", above: [first] }), "…");
  });
});

describe("a letter that a model wrote around its answer", () => {
  test("loses its closing with the name, and a greeting on a line of its own", () => {
    for (const [language, text] of [
      ["en", "Hi Ann,\n\nIt is there.\n\nBest regards,\nOurShop Support"],
      ["en", "It is there.\n\nKind regards\n\nAnna\nOurShop"],
      [
        "de",
        "Sehr geehrte Frau Fields,\n\nIt is there.\n\nMit freundlichen Grüßen\nIhr OurShop-Team",
      ],
      ["es", "Estimada Ann:\nIt is there.\nAtentamente,\nOurShop"],
    ] as const) {
      const body = policy.sign(text, { ...mail, channel: "chat", language });
      assert.equal(body, "It is there.", text);
      assert.equal(
        policy.sign(text, { ...mail, language }),
        policy.sign("It is there.", { ...mail, language }),
      );
    }
  });

  test("keeps what only looks like one", () => {
    for (const text of [
      "Hiking boots are in stock, and so are tents.",
      "Best regards from your parcel: it arrived at 10:00.",
      "We send regards\nand a parcel with 2 lamps.",
      "Dear customers get the same price. Hello, too.",
      "Kind regards",
    ])
      assert.equal(policy.sign(text, { ...mail, channel: "chat" }), text);
  });

  test("is not greeted twice when its greeting shares a line with the answer", () => {
    for (const text of [
      "Hola Ann, ya está ahí.",
      "Buenas, el pedido 2001 ya salió.",
      "Moin, die Bestellung ist unterwegs.",
      "Coucou, votre commande est partie.",
    ])
      assert.equal(policy.sign(text, { ...mail, language: "es" }).split("\n")[0], text);
  });
});

describe("a language that the operator adds", () => {
  test("is used like a built-in one, and replaces one of the same code", () => {
    const shop = loadPolicy(withSwedish, "sv.yaml");
    assert.equal(
      shop.sign("…", { ...mail, language: "sv" }),
      "Hej Ann,\n\n…\n\nVänliga hälsningar\nOurShop Support",
    );
    assert.match(shop.textsIn("sv", mail).handover, /^Tack/);
    const own = loadPolicy(withSwedish.replace("  sv:", "  de:"), "de.yaml");
    assert.match(own.sign("…", { ...mail, language: "de" }), /^Hej Ann/);
    assert.equal(
      own.sign("Hej Ann,\n…\nVänliga hälsningar\nBo", { ...mail, channel: "chat" }),
      "…",
    );
  });

  test("is refused with its line when a sentence is missing, has no {opening}, or links elsewhere", () => {
    const refused = (from: string, to: string, why: RegExp) =>
      assert.throws(() => loadPolicy(withSwedish.replace(from, to), "sv.yaml"), why);
    refused("    closing: Vänliga hälsningar\n", "", /sv\.yaml:\d+ languages\.sv.*closing/);
    refused(
      "meddelande {opening}",
      "meddelande snart",
      /sv\.yaml:\d+ languages\.sv\.closed: must say \{opening\}/,
    );
    refused(
      "Vårt team svarar dig.",
      "Se https://evil.test/a",
      /languages\.sv\.handover: .*evil\.test/,
    );
    refused("  sv:", "  swedish:", /languages\.swedish/);
  });

  test("needs the leads, like every text that goes out unasked", () => {
    const before = openPolicyFile(sandboxText, "a.yaml");
    const changes = comparePolicies(before, openPolicyFile(withSwedish, "b.yaml"));
    assert.match(JSON.stringify(changes), /languages\.sv\.handover/);
  });
});
