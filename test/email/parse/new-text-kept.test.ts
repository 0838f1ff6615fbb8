import assert from "node:assert/strict";
import { test } from "node:test";
import { splitReply } from "#email/parse/split-reply.ts";

/** A writer's own text that looks a little like a mark. */
const KEPT: readonly (readonly [string, string])[] = [
  [
    "words about what was written",
    "On 3 May I wrote to you about these two things:\n\n1. the hat\n2. the coat\n\nPlease answer.",
  ],
  [
    "German words about what was written",
    "Am 3. Mai schrieb ich Ihnen Folgendes:\n\nDer Hut passt nicht.\n\nBitte antworten Sie.",
  ],
  [
    "French words about what was written",
    "Le 3 mai nous vous avons écrit :\n\nLe chapeau est trop petit.",
  ],
  ["a date and a colon", "On 3 May at 10:12 the following happened:\n\nthe hat fell apart."],
  [
    "a journey",
    "My parcel went like this.\n\nFrom: Bergen\nTo: Lyon\nDate: 4 February\n\nWhy does it take so long?",
  ],
  ["a French journey", "Le colis :\n\nDe : Paris\nÀ : Lyon\nDate : 4 février\n\nPourquoi ?"],
  ["what we are reminded of", "On 3 May 2025 you wrote:\n\nIt will come on Monday.\n\nIt did not."],
  [
    "what they remind us of",
    "Am 3. Mai 2025 um 10:12 schrieb ich Ihnen:\n\nDer Hut passt nicht.\n\nWas nun?",
  ],
  [
    "what a parcel service says",
    "My parcel:\n\nFrom: Oslo\nTo: Lyon\nSent: 4 February\n\nWhere is it?",
  ],
  ["fields of an order", "Order: 4711\nSize: XL\nTo: Ann Cole\n\nCan you change the size?"],
  [
    "a rule between two pieces",
    "The first hat is fine.\n\n-----\n\nThe second one is not, it came with a hole.",
  ],
  ["a rule above a list", "Hats:\n---\nred\nblue\n\nWhich do you have?"],
  [
    "a rule of equals under a heading",
    "Order 4711\n==========\nThe hat is too small.\nThe coat is too large.",
  ],
  ["a table", "These are the sizes:\n\n| hat | size |\n| --- | ---- |\n| red | 57 |"],
  ["more than", "We need\n> 50 hats by Friday, please."],
  ["code", "I typed:\n\n```\n# a\n---\nnpm start\n```\n\nand nothing happened."],
  ["a bullet list with dashes", "I want\n\n- a hat\n- a coat\n-- the blue one\n\nThanks"],
  [
    "words that begin like a phone's line",
    "Sent from my office is a parcel that never reached you, so I ask.",
  ],
  [
    "a German sentence about sending",
    "Gesendet habe ich das Paket am Montag, aber die Mail kam erst heute.",
  ],
  [
    "regards inside a sentence",
    "Best regards to Dana, she was very kind.\n\nMy question is about the other hat.",
  ],
  [
    "a postscript below a greeting",
    "The hat fits.\n\nBest regards,\nAnn\n\nPS: please send the invoice to my office.",
  ],
  ["a question below a greeting", "Cheers,\nAnn\n\nWhen will it come?"],
  [
    "more words below a greeting",
    "Thank you for the fast answer.\n\nKind regards,\nAnn Cole\n\nI forgot to say that the coat you sent last week came in the wrong colour and that I want to return it.",
  ],
  ["a name on the last line", "The hat fits.\n\nAnn"],
  ["thanks and a name", "Please cancel order 4711.\n\nThanks,\nAnn"],
  ["an address in brackets", "Please write to Ed Frey <ed@frey.test> as well.\n\nHe knows more."],
  ["an address and a colon", "My new address is Ann Cole <ann@cole.test>:\nplease change it."],
  ["a greeting that ends with a colon", "Dear Dana:\n\nthe hat does not fit.\n\nAnn"],
  [
    "a time and a colon",
    "I called at 10:12 and again at 11:30. You said:\n\nit will come on Monday.",
  ],
  ["the word forwarded", "My mail was forwarded message by message, please stop."],
  ["a line of stars", "*****\nFive stars from me!\n*****\nThanks"],
  ["arrows", "Look here:\n>>> www.shop.test <<<\nand order."],
  ["an emoticon", "That was not nice\n>:("],
  ["a number of a date at the start", "4. Feb. war der Hut bestellt.\nEr kam nie."],
  ["letters before an arrow", "Go to A> and then to B"],
  ["a version in a header-like form", "From: version 2\nTo: version 3\n\nWhat changed?"],
  [
    "a webform's fields",
    "Name: Ann Cole\nEmail: ann@cole.test\nSubject: Hat\nMessage: does it fit?",
  ],
  ["Chinese words", "你好\n\n我在 2025年2月4日 写了一封信，请回复。"],
  ["only signs", "??"],
  ["an order number of dashes", "--4711--\nis my number"],
];

for (const [name, words] of KEPT)
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
const SPLIT: readonly (readonly [string, string, string])[] = [
  [
    "answers between the lines keep what they answer",
    "Hi Dana,\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Which hat?\n\nThe red one.\n\n> Which size?\n\n57, please.\n\n> Regards\n> Dana\n",
    "Hi Dana,\n\n> Which hat?\n\nThe red one.\n\n> Which size?\n\n57, please.",
  ],
  [
    "answers right below the lines stay right below them",
    "On Tue, 4 Feb 2025 Dana Poe wrote:\n> Which hat?\nThe red one.\n> Which size?\n57\n",
    "> Which hat?\nThe red one.\n> Which size?\n57",
  ],
  [
    "an answer below an introduced quote stands alone",
    "Dana Poe <dana@poe.test> schrieb am Di., 4. Feb. 2025:\n\n> Welcher Hut?\n> Und welche Größe?\n\nDer rote in 57.\n",
    "Der rote in 57.",
  ],
  [
    "an answer below a quote without an introduction keeps it",
    "> Which hat?\n\nThe red one.\n",
    "> Which hat?\n\nThe red one.",
  ],
  [
    "an answer around a quote",
    "Hello,\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Which hat?\n> Regards\n\nThe red one.\n\nAnn\n",
    "Hello,\n\nThe red one.\n\nAnn",
  ],
  [
    "quotes of quotes",
    "Yes.\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Red?\n>> On Mon Ann wrote:\n>>> Which?\n>> Any.\n> Ok\n",
    "Yes.",
  ],
  [
    "a mail with a chain below",
    "Yes.\n\nFrom: Dana <dana@poe.test>\nSent: Monday\nTo: Ann\nSubject: Hat\n\nRed?\n\nFrom: Ann\nSent: Sunday\nTo: Dana\nSubject: Hat\n\nWhich?\n",
    "Yes.",
  ],
  [
    "a rule right above the attribution",
    "Yes.\n\n-----\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Red?\n",
    "Yes.",
  ],
  [
    "a signature above the quote",
    "Yes.\n\n-- \nAnn Cole\n+47 555 0100\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Red?\n",
    "Yes.",
  ],
  [
    "a signature below the quote",
    "Yes.\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Red?\n\n-- \nAnn Cole\n",
    "Yes.",
  ],
  [
    "a list's footer below the quote",
    "Yes.\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Red?\n_______________________________________________\nHats mailing list\nhats@lists.test\nhttps://lists.test/hats\n",
    "Yes.",
  ],
  [
    "a signature below dashes with a number to call",
    "Yes.\n\n---\nAnn Cole\nHat Street 5\n+47 555 01 00\n",
    "Yes.",
  ],
  ["a name on the line of the dashes", "Yes.\n\n-- Ann Cole\n", "Yes."],
  [
    "a greeting and a card",
    "Yes.\n\nBest regards,\n\nAnn Cole\nHead of Hats\nann@cole.test\n",
    "Yes.",
  ],
  [
    "a German greeting and a card",
    "Ja.\n\nMit freundlichen Grüßen\n\nAnn Cole\nHutstraße 5\n",
    "Ja.",
  ],
  ["a Spanish greeting", "Sí.\n\nUn saludo,\nAnn\n", "Sí."],
  ["a Dutch greeting", "Ja.\n\nMet vriendelijke groet,\n\nAnn Cole\n", "Ja."],
  [
    "a phone's line above an unmarked older mail",
    "Yes.\n\nSent from my Galaxy\n\nDoes the red hat, of which we spoke on the telephone last week, fit you as well as you had hoped it would?\n",
    "Yes.",
  ],
  [
    "a phone's line above a header block",
    "Yes.\n\nGet Outlook for iOS<https://get.test/o>\n________________________________\nFrom: Dana Poe <dana@poe.test>\nSent: Tuesday\nTo: Ann\nSubject: Hat\n\nRed?\n",
    "Yes.",
  ],
  [
    "a help desk's line",
    "Yes.\n\n##- Please type your reply above this line -##\n\nYour request (4711) has been updated.\n",
    "Yes.",
  ],
  [
    "an answer on the line of the attribution",
    "Yes. On Tue, Feb 4, 2025 at 10:12 AM, Dana Poe <dana@poe.test> wrote:\n> Red?\n",
    "Yes.",
  ],
  [
    "wrapped lines of a quote",
    "Yes.\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n\n> A line that was so long that a program wrapped\nit\n> and went on.\n",
    "Yes.",
  ],
  [
    "a quote under initials",
    "Yes.\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n\nDP> Red?\nDP> Or blue?\n",
    "Yes.",
  ],
  [
    "a marked header block",
    "Yes.\n\n> From: dana@poe.test\n> To: ann@cole.test\n> Subject: Hat\n>\n> Red?\n",
    "Yes.",
  ],
  [
    "an attribution with spaces before it",
    "Yes.\n\n   On Tue, 4 Feb 2025 at 10:12, Dana Poe <dana@poe.test> wrote:\n\n   > Red?\n",
    "Yes.",
  ],
  [
    "an attribution with invisible marks",
    "Yes.\n\n\u200eOn Tue, 4 Feb 2025 at 10:12\u202fAM, Dana Poe <dana@poe.test> wrote:\u200e\n\n> Red?\n",
    "Yes.",
  ],
  [
    "an attribution whose name has marks in it",
    "Yes.\n\nOn 4 Feb 2025, at 10:12, O'Dana (Shop: Hats), Poe <dana@poe.test> wrote:\n\nRed?\n",
    "Yes.",
  ],
  ["old line ends", "Yes.\r\rOn Tue, 4 Feb 2025 Dana Poe wrote:\r> Red?\r", "Yes."],
  [
    "escaped brackets",
    "Yes.\n\nOn 4 Feb 2025 at 10:12, Dana Poe &lt;dana@poe.test&gt; wrote:\n\nRed?\n",
    "Yes.",
  ],
  [
    "only an older mail without marks",
    "On Tue, 4 Feb 2025 at 10:12, Dana Poe <dana@poe.test> wrote:\n\nRed?\n",
    "Red?",
  ],
  ["only a signature", "-- \nAnn Cole\n", "-- \nAnn Cole"],
  ["only a phone's line", "Sent from my iPhone\n", "Sent from my iPhone"],
  [
    "a forward with a word above it",
    "See below.\n\nBegin forwarded message:\n\nFrom: Dana <dana@poe.test>\nSubject: Hat\nDate: today\nTo: Ann\n\nRed?\n",
    "See below.",
  ],
];

for (const [name, mail, words] of SPLIT)
  test(name, () => {
    assert.equal(splitReply(mail).text, words);
  });
