/** Rarer forms of quotes around an answer; a customer who answers below or between such quotes is still heard. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { splitReply } from "#email/parse/split-reply.ts";
import { RESTS } from "./new-text-rest.ts";

/** Marks that few programs use, with the attribution above them. */
const RARE_MARKS = [
  ["colons", ":"],
  ["guillemets", "»"],
  ["braces", "}>"],
] as const;

const ANSWER = "Thank you, but it has not come.\nCould you look again?";

function missed(rests: typeof RESTS): readonly string[] {
  const all = Object.entries(rests);
  assert.ok(all.length >= 10);
  return all.flatMap(([name, rest]) => {
    const left = splitReply(`${ANSWER}\n\n${rest}\n`).text;
    return left === ANSWER ? [] : [`${name}: ${left}`];
  });
}

test("the answer alone is left of every form the rules were built with", () => {
  assert.deepEqual(missed(RESTS), []);
});

for (const [name, mark] of RARE_MARKS)
  test(`an answer below or between ${name} stays`, () => {
    const attribution = "On 3 Nov 2026 at 10:12, Support <support@ourshop.test> wrote:";
    const quote = `${attribution}\n${mark} It was sent.\n${mark} Is that fine?`;
    assert.equal(splitReply(`${quote}\n\n${ANSWER}`).text, ANSWER);
    const between = splitReply(`${quote}\n\nNot yet.\n\n${mark} Shall we wait?\n\n${ANSWER}`).text;
    assert.ok(between.includes("Not yet.") && between.endsWith(ANSWER), between);
  });

test("the same marks without a quote are the writer's own", () => {
  for (const text of [
    "I ordered:\n# 12 lamps\n# 3 chairs\nbut got none.",
    "Sizes:\n| S | M |\n| 1 | 2 |\nwhich one?",
    "He said «no»:\n» that is all.",
    "The steps:\n: plug in\n: wait\nNothing happens.",
  ])
    assert.equal(splitReply(text).text, text);
});

test("three lines of the writer's own with colons are no mail's fields", () => {
  const text =
    "Hello,\n\n--- My data ---\nName: Ann Fields\nMail: ann@customer.test\nOrder: 1042\n\nPlease check.";
  assert.equal(splitReply(text).text, text);
});

test("a sentence with a date and an address is no attribution", () => {
  for (const line of [
    "On 3 November 2026 at 10:12 I wrote to <support@ourshop.test>",
    "On 3 November 2026 at 10:12 you answered from <support@ourshop.test>",
  ])
    assert.equal(splitReply(`${line}\n\nNobody answered.`).text, `${line}\n\nNobody answered.`);
});

for (const [words, signature] of [
  ["Please call me at the number below.", "Best regards\nAnn Fields\n+44 20 7946 0958"],
  [
    "Bitte rufen Sie unter der Nummer unten an.",
    "Mit freundlichen Grüßen\nAnn Feld\nTel. 030 1234567",
  ],
  ["Merci de m'appeler au numéro ci-dessous.", "Cordialement\nAnne Champ\n01 23 45 67 89"],
  ["Where is it?", "Kind regards\nAnn Fields\nOrder 1042"],
  ["Wo bleibt das Paket?", "-- \nAnn Feld\nKundennummer 77881"],
] as const)
  test(`"${words}" keeps the signature it needs`, () => {
    const text = `${words}\n\n${signature}`;
    assert.equal(splitReply(text).text.replaceAll(/ +$/gm, ""), text.replaceAll(/ +$/gm, ""));
  });
