import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cut, literal, readableText } from "#slack/api/text.ts";
import { sectionsOf } from "#slack/api/mrkdwn.ts";
import { anyCharacter } from "#test/support/any-character.ts";

const words = fc.string({ unit: anyCharacter, maxLength: 400 });
const prose = fc.array(
  fc.constantFrom("word", " ", "\n", "\n\n", "*", "&", "_x_", "https://a.test"),
  {
    maxLength: 200,
  },
);

test("a text cut into pieces and joined again is the same text", () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 50 }), (text, max) => {
      const pieces = cut(text, max);
      assert.equal(pieces.map((piece) => piece.text + piece.joint).join(""), text);
      for (const piece of pieces) assert.ok(piece.text.length <= max);
    }),
  );
});

test("a cut never parts a surrogate pair", () => {
  for (const { text } of cut("👩".repeat(20), 7)) assert.ok(text.isWellFormed());
});

test("sections joined are the words given, byte for byte", () => {
  fc.assert(
    fc.property(prose, fc.constantFrom("literal", "inert", "linked"), (parts, manner) => {
      const text = parts.join("");
      const sections = sectionsOf(text, { manner, sectionsMax: 40 });
      assert.equal(sections.map((section) => section.text?.text).join(""), text);
    }),
  );
});

test("no section is longer than Slack allows, and there are never more than asked for", () => {
  const text = `${"a".repeat(7_000)}\n\n${"b *c*\n\n".repeat(200)}`;
  const sections = sectionsOf(text, { manner: "inert", sectionsMax: 10 });
  assert.ok(sections.length <= 10);
  for (const section of sections) assert.ok((section.text?.text.length ?? 0) <= 3_000);
});

test("markup is used only where it shows exactly the same characters", () => {
  const risky = [
    "a *b*",
    "<!channel>",
    "&amp;",
    "`x`",
    "_x_",
    ":tada:",
    "https://evil.test",
    "~x~",
  ];
  for (const text of risky)
    assert.equal(
      sectionsOf(text, { manner: "inert", sectionsMax: 9 })[0]?.text?.type,
      "plain_text",
    );
  const [plain] = sectionsOf("Hello Ann,\nsee order_789.", { manner: "inert", sectionsMax: 9 });
  assert.deepEqual(plain?.text, {
    type: "mrkdwn",
    text: "Hello Ann,\nsee order_789.",
    verbatim: true,
  });
});

test("a reply's web address becomes a link, but never beside a name that Slack could find", () => {
  const objects = ["See https://a.test/x", "See https://a.test/x @channel"].map(
    (text) => sectionsOf(text, { manner: "linked", sectionsMax: 9 })[0]?.text,
  );
  assert.deepEqual(
    objects.map((object) => object?.type === "mrkdwn" && object.verbatim),
    [false, true],
  );
});

test("overrides of the reading direction are named instead of obeyed, and emptiness shows", () => {
  assert.equal(literal("pay \u202Edna", 100).text, "pay [U+202E]dna");
  assert.equal(literal("  \n", 100).text, "–");
});

test("a message reads as its writer saw it", () => {
  const names = { self: "U0BOT", users: new Map([["U0SAM", "Sam Ortiz"]]) };
  const said =
    "<@U0BOT> hi <@U0SAM> and <@U0X|zoe>, see <#C1|help>, <https://a.test/?x=1&amp;y=2|the page>, " +
    "<https://b.test>, <mailto:ann@customer.test|ann@customer.test>, <!here> &lt;b&gt; &amp;amp;";
  assert.equal(
    readableText(said, names),
    "hi @Sam Ortiz and @zoe, see #help, the page (https://a.test/?x=1&y=2), " +
      "https://b.test, ann@customer.test, @here <b> &amp;",
  );
});
