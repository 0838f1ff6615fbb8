import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
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
