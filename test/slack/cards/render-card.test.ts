import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CARD_MAX, renderCard } from "#slack/cards/render-card.ts";
import { Card } from "#core/contracts/approval-desk.ts";
import { anyAround, aroundOf, KNOWN, refundCard, textsIn } from "./card-samples.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import { runs } from "#test/support/tiers.ts";
import { plainFlag } from "#core/contracts/approval-desk.ts";

test("buttons carry approval and version, and money asks for a confirmation", () => {
  const { blocks } = renderCard(refundCard({ version: 3 }));
  const actions = blocks.find(({ type }) => type === "actions");
  assert.equal(actions?.block_id, "ap:apr_1:v3");
  assert.ok(actions?.type === "actions");
  assert.deepEqual(
    actions.elements.map((element) =>
      element.type === "overflow"
        ? [element.action_id, ...element.options.map(({ value }) => value)]
        : element.type === "button" && [element.action_id, element.value],
    ),
    [
      ["desk:approve", "apr_1:v3"],
      ["desk:edit", "apr_1:v3"],
      ["desk:reject", "apr_1:v3"],
      ["desk:more", "escalate:apr_1:v3", "why:apr_1:v3"],
    ],
  );
  const [approve, edit] = actions.elements;
  assert.ok(approve?.type === "button" && edit?.type === "button");
  assert.equal(approve.confirm?.text.text, "Refund 120.00 USD to Ann Fields for order 789?");
  assert.equal(approve.style, "primary");
  assert.equal(edit.confirm, undefined);
});

const HOSTILE =
  "<!channel> <@U0SAM> <!subteam^S1> <https://evil.test/?d=x|your invoice> *bold* ```x``` \u202Eevil";

test("S17 words of customers and models can neither mention, link nor format", () => {
  const card = refundCard({
    asked: HOSTILE,
    requester: { name: HOSTILE, address: HOSTILE, verification: HOSTILE, level: 1 },
    draft: { text: HOSTILE, to: HOSTILE, sources: [HOSTILE], marks: [] },
    flags: [plainFlag(HOSTILE)],
    changes: [HOSTILE],
    conversationLabel: HOSTILE,
    headline: HOSTILE,
    confirm: HOSTILE,
    actions: [{ label: HOSTILE, rule: HOSTILE }],
    context: aroundOf({
      due: { at: "2026-11-20T12:00:00.000Z", by: HOSTILE },
      files: HOSTILE,
      link: "javascript:alert(1)",
      copies: [HOSTILE],
      records: {
        ...KNOWN,
        open: [
          {
            channel: "email",
            called: HOSTILE,
            subject: HOSTILE,
            isWithPeople: true,
            isSameOrder: true,
            delicate: "",
          },
        ],
      },
      citations: [{ source: HOSTILE, words: [HOSTILE], quote: HOSTILE }],
      conflicts: [HOSTILE],
    }),
  });
  const texts = textsIn(renderCard(card).blocks);
  for (const { type, text, verbatim } of texts.filter((one) => one.type === "mrkdwn")) {
    assert.doesNotMatch(text.replace(/^\*([^*]*)\*$/, "$1"), /[<>&*`]/, `${type}: ${text}`);
    assert.equal(verbatim, true);
  }
  assert.ok(texts.some(({ text }) => text.includes("<!channel> <@U0SAM> <!subteam^S1>")));
  assert.ok(!texts.some(({ text }) => text.includes("\u202E")));
  assert.ok(!renderCard(card).text.includes("<"));
});

const line = fc.string({ unit: anyCharacter, maxLength: 600 });
const long = fc.array(fc.constantFrom("word ", "\n\n", "*&<>", "👩‍👩‍👧", '"', "\u0000"), {
  maxLength: 8_000,
  size: "max",
});
const anyCard = fc
  .record({
    headline: line,
    lists: fc.array(line, { maxLength: 15 }),
    asked: long,
    draft: long,
    confirm: line,
    level: fc.integer({ min: 0, max: 3 }),
    around: anyAround,
  })
  .map(({ headline, lists, asked, draft, confirm, level, around }) =>
    refundCard({
      headline: headline.slice(0, 300) || "x",
      flags: lists.map((flag) => plainFlag(flag.slice(0, 300) || "x")),
      changes: lists,
      actions: lists.slice(0, 10).map((label) => ({ label, rule: label })),
      asked: asked.join(""),
      draft: { text: draft.join(""), to: headline, sources: lists, marks: [] },
      requester: { name: headline, address: confirm, verification: confirm, level },
      confirm: confirm.slice(0, 300),
      progress: headline,
      context: around,
    }),
  );

test("no card whatever breaks a limit of Slack", () => {
  fc.assert(
    fc.property(anyCard, (card) => {
      const { text, blocks } = renderCard(Card.parse(card));
      assert.ok(text.length > 0 && text.length < 3_000);
      assert.ok(blocks.length <= 50, `${blocks.length} blocks`);
      assert.ok(JSON.stringify(blocks).length <= CARD_MAX);
      const ids = blocks.flatMap(({ block_id }) => (block_id === undefined ? [] : [block_id]));
      assert.equal(new Set(ids).size, ids.length);
      for (const block of blocks) {
        const max = block.type === "header" ? 150 : 3_000;
        for (const object of textsIn(block))
          assert.ok(object.text.length >= 1 && object.text.length <= max);
      }
    }),
    { numRuns: runs(60) },
  );
});
