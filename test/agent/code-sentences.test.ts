/** What customers read about one-time codes, in their language and always in the same words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TurnInput } from "#core/contracts/agent.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";
import { ALL_CODE_WORDS, codeMailIn, codeWordsIn } from "#text/code-words.ts";
import { turn, verified } from "#test/support/fixtures/turns.ts";
import { play } from "./play.ts";

const LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pt", "pl"];
const TODAY = new Date("2026-11-20T10:00:00.000Z");
const check = createOutputCheck({ linkHosts: [], ownAddresses: [], isCanary: () => false });

const stranger = { ...verified("u123"), level: 1 as const, customerId: null, emailOnFile: null };

async function told(text: string, changes: Partial<TurnInput>): Promise<string> {
  const input = turn([text], { requester: stranger, ...changes });
  const { requests } = await play([{ text: "…" }], {}, input);
  return requests[0]?.messages[1]?.content ?? "";
}

test("each language has its own sentences, and one without them has the English ones", () => {
  assert.equal(new Set(ALL_CODE_WORDS.map(({ sent }) => sent)).size, LANGUAGES.length);
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
  for (const language of LANGUAGES) {
    const words = codeWordsIn(language);
    for (const text of [words.sent, `${words.refused} ${words.offered}`, words.addressWanted]) {
      const { findings } = check.check(text, {
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

test("a model is given them in the customer's language, the same for every number and address", async () => {
  const lines = async (text: string, language: string | null) =>
    (await told(text, { language })).split("\n").filter((line) => line.startsWith("Code sentence"));
  const one = await lines("Wo ist meine Bestellung 456? ann@customer.test", "de");
  assert.deepEqual(one, await lines("Wo ist meine Bestellung 9999? nobody@nowhere.test", "de"));
  assert.ok(one[0]?.includes(codeWordsIn("de").sent));
  assert.ok((await lines("Where is it?", null))[0]?.includes(codeWordsIn("en").sent));
  assert.doesNotMatch(await told("Where is it?", { requester: verified("u123") }), /Code sentence/);
});
