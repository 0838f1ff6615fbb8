/** A reader is believed that something is kind when it found the false kindness put there; all else needs its quote. */
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
import { isCourtesy } from "#verifier/courtesies.ts";
import * as SENTENCES from "./waved-through.ts";

const PAGE_WORDS = "You can ask for a refund within 30 days.";
/** Ways in which a reader may wave a sentence through. */
const LAZY: readonly ((text: string) => Statement)[] = [
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
  (text) => said("question", text),
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
      dayOf: (at) => at,
      prices: PRICES,
    },
    {
      text: reply,
      sources: SOURCES,
      customer: "Ann Fields",
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
  test("has none of a hundred invented sentences go out, since it calls the one put there a courtesy, too", async () => {
    assert.ok(SENTENCES.INVENTED.length >= 100);
    const sent: string[] = [];
    for (const text of SENTENCES.INVENTED)
      for (const reply of [text, `Hello Ann, thank you for your message. ${text} Kind regards`]) {
        const { state } = await readBy(reply, asCourtesy);
        if (state === "read") sent.push(reply);
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

  test("without a reader, a courtesy that states something beside it is none", () => {
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
      assert.equal(
        isCourtesy(text, () => false),
        false,
        text,
      );
  });
});

describe("a lazy reader", () => {
  test("has none of a hundred invented sentences go out, whatever it calls them", () => {
    const sent = SENTENCES.INVENTED.flatMap((text) =>
      LAZY.map((way) => way(text)).filter((one) => judged([one]).findings.length === 0),
    );
    assert.deepEqual(
      sent.map(({ kind, text }) => `${kind}: ${text}`),
      [],
    );
  });

  test("has none go out with a quote that says something else either, since it passes what is put there", async () => {
    const sent: string[] = [];
    for (const text of SENTENCES.INVENTED)
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
    assert.equal(KNOWN.asksTeam, null);
  });
});
