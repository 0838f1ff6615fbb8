import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { CARD_MAX, renderCard } from "#slack/cards/render-card.ts";
import { Card, plainFlag } from "#core/contracts/approval-desk.ts";
import { anyAround, aroundOf, KNOWN, refundCard } from "./card-samples.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import { runs } from "#test/support/tiers.ts";
import { ReplyArguments } from "#core/values/action.ts";
import type { Model } from "#core/contracts/model.ts";
import type { TranslationRequest, TurnResult } from "#core/contracts/agent.ts";
import { clearedCard } from "#store/privacy/clear-rows.ts";
import { findTurns } from "#store/conversations/traces.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { agentUnderTest } from "#test/support/fixtures/turns.ts";
import { type ScriptStep, scriptedModel } from "#test/support/scripted-model.ts";
import { onFloor } from "#test/slack/approvals/desk-floor.ts";
import { textObjectsIn } from "#test/slack/api/limits.ts";
import { USERS } from "#test/slack/local-slack.ts";

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
  assert.equal(
    approve.confirm?.text.text,
    "Refund 120.00 USD to the original payment method, order 789. Customer: Ann Fields. Do it?",
  );
  assert.equal(approve.style, "primary");
  assert.equal(edit.confirm, undefined);
});

const questionOn = (card: Card): string =>
  renderCard(card)
    .blocks.flatMap((block) => (block.type === "actions" ? block.elements : []))
    .map((element) => (element.type === "button" ? (element.confirm?.text.text ?? "") : ""))
    .join("");

test("a question that is too long for the dialog counts what it cannot hold, and ends as it should", () => {
  const label = "Refund 12.00 USD to the original payment method, order 789";
  const actions = (count: number) => Array.from({ length: count }, () => ({ label, rule: "" }));
  const delicate = { ...KNOWN.open[0], isSameOrder: true, delicate: "legal threat" } as const;
  const open = (count: number) =>
    aroundOf({ records: { ...KNOWN, open: Array.from({ length: count }, () => delicate) } });
  const requester = { ...refundCard({}).requester, name: "N".repeat(300) };
  const end = `Customer: ${"N".repeat(79)}….`;
  for (const [card, question] of [
    [{ actions: actions(1), requester }, `${label}. ${end} Do it?`],
    [{ actions: actions(4), requester }, `4 actions, as the card lists them. ${end} Do it?`],
    [
      { actions: actions(4), requester, context: open(1) },
      `Same order: legal threat (4711). 4 actions, as the card lists them. ${end} Do it?`,
    ],
    [
      { actions: actions(4), requester, context: open(9) },
      `9 other open cases, as the card warns. 4 actions, as the card lists them. ${end} Do it?`,
    ],
    // Anybody may write under any name.
    [
      { requester: { ...refundCard({}).requester, standing: "claimed", level: 1 } },
      `${label.replace("12.00", "120.00")}. Customer: ann@customer.test. Do it?`,
    ],
  ] as const)
    assert.equal(questionOn(refundCard(card)), question);
});

const buttonsOn = (card: Card): readonly (string | undefined)[] =>
  renderCard(card).blocks.flatMap((block) =>
    block.type === "actions" ? block.elements.map(({ action_id }) => action_id) : [],
  );
const wordsOn = (card: Card): string =>
  textObjectsIn(renderCard(card).blocks)
    .map(({ text }) => text)
    .join("\n");

test("all that Approve does and all that is warned of is on the card, whatever the texts beside it", () => {
  const actions = Array.from({ length: 9 }, (_, index) => ({
    label: `Refund ${index}1.00 USD to the original payment method of Ann Fields, order 78${index}`,
    rule: "refund.standard",
  }));
  const warnings = Array.from(
    { length: 8 },
    (_, index) => `Caution ${index}: ${"odd ".repeat(25)}`,
  );
  const money = refundCard({
    actions,
    flags: warnings.map(plainFlag),
    progress: "0 of 2 approved",
    asked: "word ".repeat(2_000),
    draft: { text: '"word" '.repeat(2_000), to: "ann@customer.test", sources: [], marks: [] },
  });
  const rules = refundCard({ kind: "policy", actions, buttons: ["approve", "reject"] });
  for (const card of [money, rules]) {
    for (const { label } of actions) assert.ok(wordsOn(card).includes(label), label);
    assert.ok(buttonsOn(card).includes("desk:approve"));
  }
  for (const words of warnings) assert.ok(wordsOn(money).includes(words.trim()), words);
});

test("a card that does not fit whole is approved where it does, one click away", () => {
  const actions = Array.from({ length: 9 }, () => ({ label: "Ship ".repeat(400), rule: "ship" }));
  const link = "https://desk.example.test/console#apr_1";
  const shown = (change: Partial<Card>): Card =>
    refundCard({ actions, context: aroundOf({ link }), ...change });
  const rules = shown({ kind: "policy", buttons: ["approve", "reject"] });
  for (const card of [shown({}), rules]) {
    assert.match(wordsOn(card), /read and decide this card in the console/);
    assert.ok(!buttonsOn(card).includes("desk:approve"));
    assert.ok(JSON.stringify(renderCard(card).blocks).includes(`"url":"${link}"`));
  }
  assert.deepEqual(buttonsOn(shown({})), ["desk:edit", "desk:reject", "desk:more"]);
  for (const decided of [
    shown({ state: "undoable", buttons: ["undo"] }),
    shown({ state: "shadow", buttons: ["thumbs_up", "thumbs_down"] }),
  ])
    assert.match(wordsOn(decided), /Not all of it fits here: the rest is in the console\./);
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
  const texts = textObjectsIn(renderCard(card).blocks);
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
        for (const object of textObjectsIn(block))
          assert.ok(object.text.length >= 1 && object.text.length <= max);
      }
    }),
    { numRuns: runs(60) },
  );
});

const ASKED = "Meine Kopfhörer sind kaputt.";
const DRAFT = "Das tut uns leid.";
const TRANSLATED = {
  asked: "My headphones <!channel> are *broken*.",
  draft: "We are <https://evil.test/?d=1|sorry>.",
};
const TRANSLATION: ScriptStep = { calls: [{ name: "translation", input: TRANSLATED }] };

onFloor("a card about another language", (floor) => {
  const { bench } = floor;

  /** This model translates, as long as the test runs. */
  const translating = (context: TestContext, model: Model): void => {
    const { agent } = agentUnderTest({ model });
    const before = { ...bench.parts.agent };
    Object.assign(bench.parts.agent, {
      translate: (words: TranslationRequest, turn: TurnResult) => agent.translate(words, turn),
    });
    context.after(() => Object.assign(bench.parts.agent, before));
  };

  /** A customer writes in this language, and the model has these answers left for a translator. */
  const write = async (
    context: TestContext,
    language: string | null,
    steps: readonly ScriptStep[],
  ) => {
    const model = scriptedModel(steps);
    translating(context, model);
    Object.assign(bench.parts.guard, { languageOf: () => language });
    bench.answer(() => replying(DRAFT));
    const asked = await floor.asked(await bench.write(ASKED));
    model.assertUsedUp();
    return { ...asked, pending: await floor.approval(asked.approvalId) };
  };

  test("shows both texts in the team's language, below the original and marked as such", async (context) => {
    const asked = await write(context, "de", [TRANSLATION]);
    const shown = await floor.cardText(asked);
    const places = [
      ASKED,
      "In English, for the team: translated by scripted, never sent",
      TRANSLATED.asked,
      "Draft, goes out by mail to ann@customer.test",
      DRAFT,
      "The draft in English, for the team: translated by scripted, never sent",
      TRANSLATED.draft,
    ].map((words) => shown.indexOf(words));
    assert.ok(!places.includes(-1), shown);
    assert.deepEqual(
      places,
      places.toSorted((one, other) => one - other),
    );
    const [card] = await floor.cards();
    for (const { type, text } of textObjectsIn(card?.blocks))
      if (type === "mrkdwn") assert.doesNotMatch(text, /[<>]/);
  });

  test("sends the draft alone: no word of the translation is sealed or said", async (context) => {
    const asked = await write(context, "de", [TRANSLATION]);
    const { proposal } = asked.pending;
    assert.ok(!JSON.stringify(proposal).includes("sorry"));
    await floor.click(USERS.sam, asked, "approve");
    await floor.until(context, 1);
    await floor.settle();
    const sealed = ReplyArguments.parse(proposal?.actions.at(-1)?.action.arguments).text;
    assert.deepEqual(bench.replies(), [sealed]);
    const [turn] = await bench.parts.store.run((transaction) =>
      findTurns(transaction, asked.conversationId),
    );
    assert.equal(turn?.steps, 2);
    assert.ok(turn.spans.some(({ name }) => name === "translate scripted"));
  });

  test("has no word of the translation left once its text is gone", async (context) => {
    const { pending } = await write(context, "de", [TRANSLATION]);
    assert.match(JSON.stringify(pending.card), /headphones.*sorry/);
    assert.doesNotMatch(JSON.stringify(clearedCard(pending.card, "Erased.")), /headphones|sorry/);
  });
});
