import assert from "node:assert/strict";
import { test } from "node:test";
import { splitReply } from "#email/parse/split-reply.ts";

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
};

for (const [name, [mail, words]] of Object.entries(SPLIT))
  test(name, () => {
    assert.equal(splitReply(mail).text, words);
  });
