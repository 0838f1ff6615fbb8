import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitReply } from "#email/parse/split-reply.ts";

/** Each is a mail and the words its writer added, in the header forms of common programs. */
const MAILS: Readonly<Record<string, readonly [string, string]>> = {
  Gmail: ["Yes.\n\nOn Mon, Jan 6, 2025 at 9:00 AM Sam <sam@o.test> wrote:\n\n> Is it?\n", "Yes."],
  "a wrapped attribution": [
    "Yes.\n\nOn Mon, Jan 6, 2025 at 9:00 AM Sam Somebody <\nsam@o.test> wrote:\n> Is it?\n",
    "Yes.",
  ],
  "Outlook with a rule": [
    "Yes.\n________________________________\nFrom: Sam\nSent: Monday\nTo: Ann\nSubject: it\n\nIs it?\n",
    "Yes.",
  ],
  "French Outlook": [
    "Oui.\n\nDe : Sam <sam@o.test>\nEnvoyé : lundi 6 janvier 2025\nÀ : Ann\nObjet : RE: ça\n\nEst-ce ?\n",
    "Oui.",
  ],
  "Dutch Gmail": [
    "Ja.\n\nOp ma 6 jan 2025 om 09:00 schreef Sam <sam@o.test>:\n\n> Is het?\n",
    "Ja.",
  ],
  "Polish Gmail": [
    "Tak.\n\npon., 6 sty 2025 o 09:00 Sam <sam@o.test> napisał(a):\n\n> Czy?\n",
    "Tak.",
  ],
  "Japanese Gmail": [
    "はい。\n\n2025年1月6日(月) 9:00 Sam <sam@o.test>:\n\n> そうですか\n",
    "はい。",
  ],
  "a signature": ["Yes.\n\n-- \nAnn\nCustomer Ltd\n", "Yes."],
  "words below the quote": [
    "On Mon, Jan 6, 2025 Sam <sam@o.test> wrote:\n> Is it?\n\nYes.\n",
    "Yes.",
  ],
  "only a quote": ["> Is it?\n", "> Is it?"],
  "a list of facts": [
    "Name: Ann\nOrder: 789\nDate: today\n\nPlease help",
    "Name: Ann\nOrder: 789\nDate: today\n\nPlease help",
  ],
};

for (const [name, [mail, words]] of Object.entries(MAILS))
  test(`${name}: the new text is found`, () => {
    assert.equal(splitReply(mail).text, words);
    assert.equal(splitReply(mail.replaceAll("\n", "\r\n")).text, words);
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
