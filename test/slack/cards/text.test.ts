import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, sectionBlocks } from "#slack/api/text.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import fc from "fast-check";

const words = fc.string({ unit: anyCharacter, maxLength: 400 });

test("a text cut into pieces and joined again is the same text", () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 50 }), (text, max) => {
      const pieces = cut(text, max);
      assert.equal(pieces.map((piece) => piece.text + piece.joint).join(""), text);
      for (const piece of pieces) assert.ok(piece.text.length <= max);
    }),
  );
});

test("no section is longer than Slack allows, and there are never more than asked for", () => {
  const text = `${"a".repeat(7_000)}\n\n${"b *c*\n\n".repeat(200)}`;
  const sections = sectionBlocks(text, { manner: "inert", sectionsMax: 10 });
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
      sectionBlocks(text, { manner: "inert", sectionsMax: 9 })[0]?.text?.type,
      "plain_text",
    );
  const [plain] = sectionBlocks("Hello Ann,\nsee order_789.", { manner: "inert", sectionsMax: 9 });
  assert.deepEqual(plain?.text, {
    type: "mrkdwn",
    text: "Hello Ann,\nsee order_789.",
    verbatim: true,
  });
});

test("a reply's web address becomes a link, but never beside a name that Slack could find", () => {
  const objects = ["See https://a.test/x", "See https://a.test/x @channel"].map(
    (text) => sectionBlocks(text, { manner: "linked", sectionsMax: 9 })[0]?.text,
  );
  assert.deepEqual(
    objects.map((object) => object?.type === "mrkdwn" && object.verbatim),
    [false, true],
  );
});
