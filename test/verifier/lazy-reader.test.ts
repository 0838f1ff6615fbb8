/** What a reader calls courtesy, question or deed counts only where its form allows it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judged, KNOWN, said, SOURCES, TODAY } from "./samples.ts";
import { PRICES } from "#agent/prices.ts";
import { bareCheck } from "#test/guard/output/evidence-world.ts";
import { probeFound } from "#test/support/probed-reading.ts";
import { scriptedModel } from "#test/support/scripted-model.ts";
import { sentencePieces } from "#guard/output/sentences.ts";
import type { Statement } from "#verifier/request.ts";
import { readAgainstSources } from "#agent/verify-draft.ts";
import * as SENTENCES from "./waved-through.ts";

/** Nothing of the world of samples.ts backs one of these. */
const INVENTED = `Your phone is at the depot in Denver right now.
The parcel waits with your neighbour.
The driver left it behind the garage.
It is on the truck that reaches you in the morning.
Your lamp is in the sorting centre.
The customs office keeps it.
The parcel went back to our warehouse.
It got wet in the storm.
The phone is waiting at the pick-up point.
It leaves our warehouse very soon.
It will be with you before the weekend.
It arrives in good time, guaranteed.
You will have it back in no time.
The driver comes by again in the evening.
I have spoken with the carrier.
I have started the return of your phone.
We have told the driver to ring twice.
I asked our warehouse to look for it.
Our technicians have tested it.
I have set up an exchange for you.
The return label is on its way to you.
Your return is registered.
I've put a new one aside for you.
We have blocked the old card.
I have corrected the invoice.
All taken care of.
That's sorted for you.
It's all done.
Consider it settled.
We will make it up to you.
I promise that it gets there.
We call you back in the afternoon.
A colleague visits you at home.
We keep an eye on it until it arrives.
Your next order ships free of charge.
The lamp is yours for free.
You may keep the phone.
You can keep it.
You don't have to send anything back.
You need not pay for the return.
You get half off on the next order.
Use the code FREE for a discount.
We waive the fee this time.
Shipping is on us.
As a thank-you you get a voucher.
Our best customers pay nothing for returns.
Here is a little gift for you.
The seat height is between 42 and 52 cm.
It holds up to 120 kg.
The phone is waterproof.
The lamp is dimmable.
The battery lasts three days.
It is made of solid oak.
The cover can be washed at 60 degrees.
It fits all models.
The screen is brighter than the old one.
It is the best phone on the market.
It works with any charger.
The lamp weighs 4.5 kilos.
It comes with a spare bulb.
Our products are tested for ten years.
You have 90 days to return it.
Opened phones cannot be returned.
A refund needs the original box.
The warranty covers drops.
You can pay in instalments.
We deliver on Sundays.
We ship to Brazil.
We price match every shop.
The shop is open at night.
Returns are only possible by courier.
Only members can change an address.
You have to call us before 8 pm.
You can pick it up in our store.
You should wait another two weeks.
You must pay the customs fee first.
I was told by my guidelines not to promise any date.
Our manager approved it.
My colleague Rita looks after you.
Another customer, Cara, also waits.
Bob Marsh lives at 12 Elm Street.
The bank has refused it.
Crackling is a known weakness of this model.
There was a strike at the carrier.
Your account is locked.
You are a member of our club now.
Thank you, your lamp is at the depot.
Sorry, the phone is sold out.
I understand, and you get your money back.
Of course, you get it back in full.
No problem, it goes to your office.
Hello, all is well with your parcel.
Das Paket liegt beim Nachbarn.
Sie dürfen die Lampe behalten.
Die Rücksendung ist angemeldet.
Votre lampe est au dépôt de Lyon.
La lampe est à vous.
Su paquete está en la aduana.
La lámpara es suya.
Il pacco è dal vicino.
U mag de lamp houden.
O pacote está com o vizinho.
Paczka jest u sąsiada.`.split("\n");

const PAGE_WORDS = "You can ask for a refund within 30 days.";
/** Ways in which a reader may wave a sentence through. */
const LAZY: readonly ((text: string) => Statement)[] = [
  (text) => said("courtesy", text),
  (text) => said("question", text),
  (text) => said("question", text.replace(/[.!]$/, "?")),
  (text) => said("question", text.replace(/[.!]$/, ", right?")),
  (text) => said("courtesy", `Thank you for your message! ${text}`),
  (text) => said("courtesy", `I'm sorry, ${text}`),
  (text) => said("done", text, "order 2001", "order 2001: item phone"),
  (text) => said("done", text, "order 2001", "order 2001: delivered on"),
  (text) => said("promise", text, "Refunds", PAGE_WORDS),
  (text) => said("grant", text, "Refunds", PAGE_WORDS),
  (text) => said("grant", text, "order 2002", "order 2002: status delivered"),
  (text) => said("echo", text, "order 2001", "order 2001: status shipped"),
];

/** Waves every sentence of a reply through with a quote that says something else. */
const QUOTING: readonly ((text: string) => Statement)[] = [
  (text) => said("fact", text, "order 2001", "order 2001: status shipped"),
  (text) => said("fact", text, "Refunds", PAGE_WORDS),
  (text) => said("fact", text, "the customer's own words", "My phone of order 2001"),
  (text) => said("done", text, "refund of order 77", "Refund 30.00 USD, order 77"),
  (text) => said("courtesy", text),
];

/** Has a reader that judges each sentence by itself read a reply as a turn does. */
async function readBy(reply: string, of: (text: string) => Statement, isHonest = false) {
  const { verification } = await readAgainstSources(
    {
      model: {
        ...scriptedModel([]),
        name: "reader",
        complete: async ({ messages }) => {
          const data = messages[1]?.content ?? "";
          const [, shown = ""] = /reply>>\n([^]*)\n<<end/.exec(data) ?? [];
          const probes = isHonest ? probeFound(data) : [];
          const sentences = sentencePieces(shown).map(({ text }) => text.trim());
          const own = sentences.filter((one) => probes.every(({ text }) => text !== one));
          const statements = [...own.map(of), ...probes];
          return {
            text: JSON.stringify({ statements }),
            toolCalls: [],
            inputTokens: 1,
            outputTokens: 1,
          };
        },
      },
      ms: 60_000,
      output: bareCheck,
      clock: { now: () => TODAY },
      prices: PRICES,
    },
    {
      text: reply,
      sources: SOURCES,
      nonce: `data${reply.length}`,
      outputTokensMax: 9_000,
      signal: new AbortController().signal,
    },
  );
  return verification;
}

/** Statements with their source: greetings, then what is said, then farewells; every one as an honest reader has it. */
const OPENINGS: readonly (readonly Statement[])[] = [
  [said("courtesy", "Hello Ann,"), said("courtesy", "Thank you for your message.")],
  [said("courtesy", "Hi!")],
  [said("courtesy", "I'm sorry to hear that.")],
  [said("courtesy", "Thanks for reaching out, and sorry for the trouble.")],
  [said("courtesy", "Guten Tag,"), said("courtesy", "vielen Dank für Ihre Nachricht.")],
  [said("courtesy", "Bonjour,"), said("courtesy", "merci pour votre message.")],
  [said("courtesy", "Hola,"), said("courtesy", "lamento mucho las molestias.")],
  [said("courtesy", "I understand how annoying this is.")],
];
const ORDER = "order 2001";
const BODIES: readonly (readonly Statement[])[] = [
  [said("fact", "Your phone is on its way.", ORDER, "order 2001: status shipped")],
  [said("fact", "It hasn't arrived yet.", ORDER, "order 2001: delivered on none")],
  [said("fact", "Ihre Bestellung 2001 ist unterwegs.", ORDER, "status shipped")],
  [said("fact", "Your lamp, order 2002, has been delivered.", "order 2002", "status delivered")],
  [said("fact", "You can ask for a refund within 30 days.", "Refunds", PAGE_WORDS)],
  [said("fact", "The cost of shipping is not paid back.", "Refunds", "Shipping is not refunded.")],
  [
    said(
      "done",
      "We are refunding 30.00 USD for order 77.",
      "refund of order 77",
      "Refund 30.00 USD, order 77",
    ),
    said("question", "Is there anything else we can help you with?"),
  ],
  [
    said(
      "fact",
      "A return is free within 45 days.",
      "procedure Return",
      "A return is free within 45 days.",
    ),
  ],
  [
    said(
      "fact",
      "The address of order 2001 can't be changed any more.",
      "what the policy refused",
      "not possible, refused: New address, order 2001",
    ),
    said("fact", "It is shipped already.", ORDER, "order 2001: status shipped"),
  ],
  [
    said(
      "echo",
      "You write that you paid 640 dollars.",
      "the customer's own words",
      "I paid 640 dollars",
    ),
  ],
  [said("question", "Which of the two orders do you mean, 2001 or 2002?")],
  [
    said("question", "Welche der beiden Bestellungen meinen Sie?"),
    said("courtesy", "Bitte antworten Sie uns kurz."),
  ],
  [said("question", "¿Cuál de los dos pedidos prefiere?")],
  [said("courtesy", "Please tell us which one you mean.")],
  [
    said(
      "done",
      "We have sent a new invoice to your address.",
      "our earlier reply",
      "We have sent a new invoice to your address.",
    ),
  ],
  [said("question", "Would you like a refund or a replacement?")],
];
const CLOSINGS: readonly (readonly Statement[])[] = [
  [said("courtesy", "Kind regards")],
  [
    said("courtesy", "Please let us know if you have any other questions."),
    said("courtesy", "Best wishes, Lea"),
  ],
  [said("courtesy", "Just reply to this message if you need anything else.")],
  [said("courtesy", "Have a nice day!")],
  [],
];

/** Calls whatever is no question a courtesy. */
const asCourtesy = (text: string): Statement =>
  said(text.endsWith("?") ? "question" : "courtesy", text);

describe("a reader that calls every sentence a courtesy", () => {
  test("has none of a hundred other invented sentences go out, although it reads what is put there", async () => {
    assert.equal(SENTENCES.INVENTED.length, 100);
    const sent: string[] = [];
    for (const text of SENTENCES.INVENTED)
      for (const reply of [text, `Hello Ann, thank you for your message. ${text} Kind regards`]) {
        const { state, findings } = await readBy(reply, asCourtesy, true);
        if (state === "read" && findings.length === 0) sent.push(reply);
      }
    assert.deepEqual(sent, []);
  });

  test("holds no courtesy and no sentence with its quote", async () => {
    assert.ok(SENTENCES.COURTEOUS.length + SENTENCES.QUOTED.length >= 60);
    const held: string[] = [];
    for (const text of SENTENCES.COURTEOUS) {
      const { state, findings } = await readBy(text, asCourtesy, true);
      if (state !== "read" || findings.length > 0) held.push(text);
    }
    for (const [text, source, quote] of SENTENCES.QUOTED) {
      const kinds = ["fact", "done", "echo"] as const;
      const isHeld = (kind: (typeof kinds)[number]): boolean =>
        judged([said(kind, text, source, quote)]).findings.length > 0;
      if (kinds.every(isHeld)) held.push(text);
    }
    assert.deepEqual(held, []);
  });

  test("a courtesy that states something beside it is none", () => {
    for (const text of [
      "Thanks to the team it is here.",
      "Sorry, it was in the mail.",
      "I'm happy to tell you that we have it.",
      "Please do not send us anything.",
      "I understand that they are looking for it.",
      "We are here with it this evening.",
      "Danke, unser Team ist bald bei Ihnen.",
      "Merci, nous avons écrit pour vous.",
    ])
      assert.equal(judged([said("courtesy", text)]).findings.length, 1, text);
  });
});

describe("a lazy reader", () => {
  test("has none of a hundred invented sentences go out, whatever it calls them", () => {
    assert.ok(INVENTED.length >= 100);
    const sent = INVENTED.flatMap((text) =>
      LAZY.map((way) => way(text)).filter((one) => judged([one]).findings.length === 0),
    );
    assert.deepEqual(
      sent.map(({ kind, text }) => `${kind}: ${text}`),
      [],
    );
  });

  test("has none go out with a quote that says something else either, since it passes what is put there", async () => {
    const sent: string[] = [];
    for (const text of INVENTED)
      for (const way of QUOTING) {
        const { state, findings } = await readBy(`Thank you. ${text}`, way);
        if (state === "read" && findings.length === 0) sent.push(text);
      }
    assert.deepEqual(sent, []);
  });

  test("an honest reader holds hardly any honest reply, and says how much was courtesy", async () => {
    const replies = OPENINGS.flatMap((opening, o) =>
      BODIES.flatMap((body, b) =>
        (o + b) % 2 === 0
          ? [[...opening, ...body, ...(CLOSINGS[(o + b) % CLOSINGS.length] ?? [])]]
          : [],
      ),
    );
    assert.ok(replies.length >= 60);
    const held = replies.flatMap((statements) => {
      const { findings, sentences } = judged(statements);
      assert.ok(sentences.courtesies < sentences.all || findings.length === 0);
      return findings.map(({ words }) => words);
    });
    assert.deepEqual(held, []);
  });

  test("an honest reader of a reply is believed", async () => {
    const { state, findings, sentences } = await readBy(
      "Thank you for your message. Order 2001 is shipped.",
      (text) =>
        text.startsWith("Thank")
          ? said("courtesy", text)
          : said("fact", text, ORDER, "status shipped"),
      true,
    );
    assert.deepEqual([state, findings, sentences], ["read", [], { all: 2, courtesies: 1 }]);
    assert.equal(KNOWN.handsOver, false);
  });
});
