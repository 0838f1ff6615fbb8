import assert from "node:assert/strict";
import { test } from "node:test";
import { splitReply } from "#email/parse/split-reply.ts";
import { ATTRIBUTIONS, HEADER_BLOCKS } from "./new-text-forms.ts";
import { DEVICE_LINES, FORWARDS, SEPARATORS } from "./new-text-marks.ts";
import { RESTS } from "./new-text-rest.ts";
import fc from "fast-check";

const ANSWER = "Thanks, that fits.\n\nPlease send the other one as well.";
const OLDER = "Does the hat fit?\n\nRegards\nDana";
const OLDER_MARKED = "> Does the hat fit?\n>\n> Regards\n> Dana";

for (const [program, lines] of ATTRIBUTIONS)
  test(`above a quote and above plain text, the attribution of ${program} ends the answer`, () => {
    assert.equal(splitReply(`${ANSWER}\n\n${lines}\n\n${OLDER_MARKED}\n`).text, ANSWER);
    assert.equal(splitReply(`${ANSWER}\n${lines}\n${OLDER_MARKED}\n`).text, ANSWER);
    assert.equal(splitReply(`${ANSWER}\n\n${lines}\n\n${OLDER}\n`).text, ANSWER);
  });

for (const [program, block] of HEADER_BLOCKS)
  test(`the header block of ${program} ends the answer`, () => {
    assert.equal(splitReply(`${ANSWER}\n\n${block}\n\n${OLDER}\n`).text, ANSWER);
    assert.equal(splitReply(`${ANSWER}\n\n\n${block}\n\n${OLDER_MARKED}\n`).text, ANSWER);
    const marked = block.split("\n").map((line) => `> ${line}`);
    assert.equal(
      splitReply(`${ANSWER}\n\n${marked.join("\n")}\n>\n${OLDER_MARKED}\n`).text,
      ANSWER,
    );
  });

for (const mark of SEPARATORS)
  test(`"${mark}" ends the answer`, () => {
    assert.equal(splitReply(`${ANSWER}\n\n${mark}\n\n${OLDER}\n`).text, ANSWER);
    assert.equal(splitReply(`${ANSWER}\n${mark}\nFrom: Dana\n\n${OLDER}\n`).text, ANSWER);
  });

for (const mark of FORWARDS)
  test(`the text below "${mark}" was forwarded, and is kept when there is no other`, () => {
    const forward = `${mark}\nFrom: Dana Poe <dana@poe.test>\nDate: Tue, 4 Feb 2025\nSubject: Hat\nTo: Ann\n\n${OLDER}\n`;
    const below = splitReply(`${ANSWER}\n\n${forward}`);
    assert.equal(below.text, ANSWER);
    assert.deepEqual(
      below.segments.map(({ kind }) => kind),
      ["forwarded"],
    );
    assert.match(splitReply(forward).text, /^Does the hat fit\?/);
  });

for (const line of DEVICE_LINES)
  test(`"${line}" is not part of the text`, () => {
    assert.equal(splitReply(`${ANSWER}\n\n${line}\n`).text, ANSWER);
    assert.equal(
      splitReply(`${ANSWER}\n\n${line}\n\n${ATTRIBUTIONS[0]?.[1]}\n\n${OLDER_MARKED}\n`).text,
      ANSWER,
    );
  });

/** A writer's own text that looks a little like a mark. */
const KEPT: Readonly<Record<string, string>> = {
  "words about what was written":
    "On 3 May I wrote to you about these two things:\n\n1. the hat\n2. the coat\n\nPlease answer.",
  "French words about what was written":
    "Le 3 mai nous vous avons écrit :\n\nLe chapeau est trop petit.",
  "a journey":
    "My parcel went like this.\n\nFrom: Bergen\nTo: Lyon\nDate: 4 February\n\nWhy does it take so long?",
  "what we are reminded of": "On 3 May 2025 you wrote:\n\nIt will come on Monday.\n\nIt did not.",
  "what a parcel service says":
    "My parcel:\n\nFrom: Oslo\nTo: Lyon\nSent: 4 February\n\nWhere is it?",
  "a rule between two pieces":
    "The first hat is fine.\n\n-----\n\nThe second one is not, it came with a hole.",
  "a rule of equals under a heading":
    "Order 4711\n==========\nThe hat is too small.\nThe coat is too large.",
  "more than": "We need\n> 50 hats by Friday, please.",
  "a bullet list with dashes": "I want\n\n- a hat\n- a coat\n-- the blue one\n\nThanks",
  "a German sentence about sending":
    "Gesendet habe ich das Paket am Montag, aber die Mail kam erst heute.",
  "a postscript below a greeting":
    "The hat fits.\n\nBest regards,\nAnn\n\nPS: please send the invoice to my office.",
  "more words below a greeting":
    "Thank you for the fast answer.\n\nKind regards,\nAnn Cole\n\nI forgot to say that the coat you sent last week came in the wrong colour and that I want to return it.",
  "thanks and a name": "Please cancel order 4711.\n\nThanks,\nAnn",
  "an address and a colon": "My new address is Ann Cole <ann@cole.test>:\nplease change it.",
  "a time and a colon":
    "I called at 10:12 and again at 11:30. You said:\n\nit will come on Monday.",
  "a line of stars": "*****\nFive stars from me!\n*****\nThanks",
  "an emoticon": "That was not nice\n>:(",
  "letters before an arrow": "Go to A> and then to B",
  "a webform's fields": "Name: Ann Cole\nEmail: ann@cole.test\nSubject: Hat\nMessage: does it fit?",
  "a list of facts": "Name: Ann\nOrder: 789\nDate: today\n\nPlease help",
  "only signs": "??",
};

for (const [name, words] of Object.entries(KEPT))
  test(`${name}: nothing is cut off`, () => {
    assert.equal(splitReply(words).text, words);
    assert.equal(
      splitReply(
        `${words}\n\nOn Tue, Feb 4, 2025 at 10:12 AM Dana <dana@poe.test> wrote:\n\n> Older\n`,
      ).text,
      words,
    );
  });

/** A mail, and what of it is new. */
const SPLIT: Readonly<Record<string, readonly [string, string]>> = {
  "answers between the lines keep what they answer": [
    "Hi Dana,\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Which hat?\n\nThe red one.\n\n> Which size?\n\n57, please.\n\n> Regards\n> Dana\n",
    "Hi Dana,\n\n> Which hat?\n\nThe red one.\n\n> Which size?\n\n57, please.",
  ],
  "an answer below an introduced quote stands alone": [
    "Dana Poe <dana@poe.test> schrieb am Di., 4. Feb. 2025:\n\n> Welcher Hut?\n> Und welche Größe?\n\nDer rote in 57.\n",
    "Der rote in 57.",
  ],
  "an answer around a quote": [
    "Hello,\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Which hat?\n> Regards\n\nThe red one.\n\nAnn\n",
    "Hello,\n\nThe red one.\n\nAnn",
  ],
  "a mail with a chain below": [
    "Yes.\n\nFrom: Dana <dana@poe.test>\nSent: Monday\nTo: Ann\nSubject: Hat\n\nRed?\n\nFrom: Ann\nSent: Sunday\nTo: Dana\nSubject: Hat\n\nWhich?\n",
    "Yes.",
  ],
  "a signature above the quote": [
    "Yes.\n\n-- \nAnn Cole\n+47 555 0100\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Red?\n",
    "Yes.",
  ],
  "a list's footer below the quote": [
    "Yes.\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Red?\n_______________________________________________\nHats mailing list\nhats@lists.test\nhttps://lists.test/hats\n",
    "Yes.",
  ],
  "a name on the line of the dashes": ["Yes.\n\n-- Ann Cole\n", "Yes."],
  "a German greeting and a card": [
    "Ja.\n\nMit freundlichen Grüßen\n\nAnn Cole\nHutstraße 5\n",
    "Ja.",
  ],
  "a Dutch greeting": ["Ja.\n\nMet vriendelijke groet,\n\nAnn Cole\n", "Ja."],
  "a phone's line above a header block": [
    "Yes.\n\nGet Outlook for iOS<https://get.test/o>\n________________________________\nFrom: Dana Poe <dana@poe.test>\nSent: Tuesday\nTo: Ann\nSubject: Hat\n\nRed?\n",
    "Yes.",
  ],
  "an answer on the line of the attribution": [
    "Yes. On Tue, Feb 4, 2025 at 10:12 AM, Dana Poe <dana@poe.test> wrote:\n> Red?\n",
    "Yes.",
  ],
  "a quote under initials": [
    "Yes.\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n\nDP> Red?\nDP> Or blue?\n",
    "Yes.",
  ],
  "an attribution with spaces before it": [
    "Yes.\n\n   On Tue, 4 Feb 2025 at 10:12, Dana Poe <dana@poe.test> wrote:\n\n   > Red?\n",
    "Yes.",
  ],
  "an attribution whose name has marks in it": [
    "Yes.\n\nOn 4 Feb 2025, at 10:12, O'Dana (Shop: Hats), Poe <dana@poe.test> wrote:\n\nRed?\n",
    "Yes.",
  ],
  "escaped brackets": [
    "Yes.\n\nOn 4 Feb 2025 at 10:12, Dana Poe &lt;dana@poe.test&gt; wrote:\n\nRed?\n",
    "Yes.",
  ],
  "only a signature": ["-- \nAnn Cole\n", "-- \nAnn Cole"],
  "a forward with a word above it": [
    "See below.\n\nBegin forwarded message:\n\nFrom: Dana <dana@poe.test>\nSubject: Hat\nDate: today\nTo: Ann\n\nRed?\n",
    "See below.",
  ],
  "only a quote": ["> Is it?\n", "> Is it?"],
};

for (const [name, [mail, words]] of Object.entries(SPLIT))
  test(name, () => {
    assert.equal(splitReply(mail).text, words);
    assert.equal(splitReply(mail.replaceAll("\n", "\r\n")).text, words);
  });

/** Marks that few programs use, with the attribution above them. */
const RARE_MARKS = [
  ["colons", ":"],
  ["guillemets", "»"],
  ["braces", "}>"],
] as const;

const OWN_WORDS = "Thank you, but it has not come.\nCould you look again?";

function missed(rests: typeof RESTS): readonly string[] {
  const all = Object.entries(rests);
  assert.ok(all.length >= 10);
  return all.flatMap(([name, rest]) => {
    const left = splitReply(`${OWN_WORDS}\n\n${rest}\n`).text;
    return left === OWN_WORDS ? [] : [`${name}: ${left}`];
  });
}

test("the answer alone is left of every form the rules were built with", () => {
  assert.deepEqual(missed(RESTS), []);
});

for (const [name, mark] of RARE_MARKS)
  test(`an answer below or between ${name} stays`, () => {
    const attribution = "On 3 Nov 2026 at 10:12, Support <support@ourshop.test> wrote:";
    const quote = `${attribution}\n${mark} It was sent.\n${mark} Is that fine?`;
    assert.equal(splitReply(`${quote}\n\n${OWN_WORDS}`).text, OWN_WORDS);
    const between = splitReply(
      `${quote}\n\nNot yet.\n\n${mark} Shall we wait?\n\n${OWN_WORDS}`,
    ).text;
    assert.ok(between.includes("Not yet.") && between.endsWith(OWN_WORDS), between);
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

const LINE = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.constantFrom(
    "> quoted",
    "On Mon, 6 Jan 2025 Sam <s@o.test> wrote:",
    "From: Sam <s@o.test>",
    "Sent: today",
    "-- ",
    "",
    "_____",
    "--- thanks ---",
    "Regards,",
    "> 5 hats",
    "[cid:picture]",
    "---------- Forwarded message ----------",
    "-----Original Message-----",
    "Sent from my iPhone",
  ),
);

test("no mail with text in it is ever emptied", () => {
  fc.assert(
    fc.property(fc.array(LINE, { maxLength: 25 }), (lines) => {
      const mail = lines.join("\n");
      const { text, segments } = splitReply(mail);
      assert.equal(text.trim() === "", mail.trim() === "");
      for (const segment of segments) assert.notEqual(segment.text, "");
    }),
  );
});

test("below words of one's own no word is lost: what is not new is a segment", () => {
  fc.assert(
    fc.property(fc.array(LINE, { maxLength: 25 }), (lines) => {
      const mail = ["My own words.", "", ...lines].join("\n");
      const { text, segments } = splitReply(mail);
      const found = [text, ...segments.map((segment) => segment.text)].join("\n");
      // Initials before ">" are a mark of quoting, not a word.
      const written = mail.replaceAll(/^[ \t]{0,2}[A-Za-z]{1,3}>/gm, "");
      for (const word of written.match(/[\p{L}\p{N}]+/gu) ?? [])
        assert.ok(found.includes(word), word);
      assert.ok(text.startsWith("My own words."));
    }),
  );
});
