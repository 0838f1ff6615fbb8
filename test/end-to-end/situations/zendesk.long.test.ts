/** Situations in which the team works in Zendesk: people answer, reassign, and hand back. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { openDesk, textOf, type Desk } from "./desk.ts";

describe(`Zendesk in a support week on ${MAIN_DATABASE}`, () => {
  let desk: Desk;
  before(async () => {
    desk = await openDesk();
  });
  after(() => desk?.close());

  const saidByBot = async (ticket: number): Promise<readonly string[]> => {
    const bot = await desk.idOf("bot");
    return (await desk.comments(ticket))
      .filter((comment) => comment.public && comment.author_id === bot)
      .map(({ body }) => body);
  };

  test("19: when a teammate answers in Zendesk the card is withdrawn and says who did", async () => {
    const ticket = await desk.request("My kettle", "Where is my order 123, is it lost?");
    const card = await desk.card("Where is my order 123, is it lost?");
    await desk.change("dana", ticket, {
      comment: { body: "I am looking for it. Dana", public: true },
    });
    await until("the withdrawal", async () => /Withdrawn.*Dana/.test(await desk.now(card)));
    assert.deepEqual(await desk.open("Where is my order 123, is it lost?"), []);
    await delay(2_000);
    assert.deepEqual(await saidByBot(ticket), []);
  });

  test("20: when a lead gives it to a person the bot obeys, also for later messages", async () => {
    const ticket = await desk.request("My lamp", "When do you send order 456?");
    const card = await desk.card("When do you send order 456?");
    await desk.change("lee", ticket, { assignee_id: await desk.idOf("dana") });
    await until("the withdrawal", async () => /Withdrawn.*Dana/.test(await desk.now(card)));
    await later(ticket, "And when do you send order 123?");
    await delay(5_000);
    assert.deepEqual(await desk.open("And when do you send order 123?"), []);
    assert.deepEqual(await saidByBot(ticket), []);
  });

  test("21: handed back by the tag, the bot goes on with all that is unanswered", async () => {
    const ticket = await desk.request("My headphones", "What is the status of order 789?");
    const card = await desk.card("What is the status of order 789?");
    await desk.change("lee", ticket, { assignee_id: await desk.idOf("dana") });
    await until("the withdrawal", async () => /Withdrawn/.test(await desk.now(card)));
    await later(ticket, "Where is order 456 by the way?");
    await delay(2_500);
    await desk.change("lee", ticket, { tags: ["bot_resume"] });
    const again = await desk.card("Where is order 456 by the way?");
    assert.match(textOf(again), /Order 789 \(headphones\)/);
    assert.match(textOf(again), /Order 456 \(desk lamp\)/);
    await desk.approve("sam", again);
    await until("the answer", async () => (await saidByBot(ticket)).length === 1);
  });

  const later = async (ticket: number, body: string): Promise<void> =>
    void (await desk.deskhand.zendesk(
      "ann",
      `/requests/${ticket}`,
      { request: { comment: { body } } },
      "PUT",
    ));
});
