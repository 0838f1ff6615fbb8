/** Customers in the chat widget and in Slack. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { bearerOf, openWindow, told } from "#test/chat/window.ts";
import { decide } from "#test/support/decide.ts";
import { MAIN_DATABASE, type Deskhand } from "#test/support/deskhand.ts";
import { sharedDeskhand } from "#test/support/shared-deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { shownText } from "#test/support/slack.ts";

let deskhand: Deskhand;
before(async () => {
  deskhand = await sharedDeskhand("talks");
});

describe(`chat on ${MAIN_DATABASE}`, () => {
  test("a signed user gets the true status, and the next question is understood from the first; that it is automatic is said once", async () => {
    const first = await deskhand.chat("u123", "Where is my order 789?");
    assert.equal(first.httpStatus, 200);
    assert.equal(first.status, "answered");
    assert.match(first.reply, /delivered/);
    assert.equal(first.reply.match(/This is an automatic answer/g)?.length, 1);
    const second = await deskhand.chat("u123", "What about order 456?", {
      conversation: first.conversation_id,
    });
    assert.equal(second.status, "answered");
    assert.match(second.reply, /processing/);
    assert.doesNotMatch(second.reply, /This is an automatic answer/);
    assert.equal(second.conversation_id, first.conversation_id);
  });

  test("what waits for a person says so, arrives later in the same window and can be fetched", async () => {
    const asked = await deskhand.chat("u123", "My headphones broke, please refund order 789");
    assert.equal(asked.status, "pending");
    const window = await openWindow(
      `${deskhand.endpoints.chat.url}/${asked.conversation_id}/events`,
      bearerOf(await deskhand.chatToken("u123")),
    );
    const waits = await window.until(({ data }) => data["status"] === "pending");
    assert.doesNotMatch(told(waits).join(), /120\.00/);
    const card = await deskhand.card((text) => text.includes("Refund 120.00 USD"));
    await decide(deskhand, "sam", card, "Approve");
    const arrived = await window.until(({ data }) => data["status"] === "answered");
    assert.match(told(arrived).join(), /120\.00 USD/);
    const answer = await until("the answer", async () => {
      const response = await fetch(`${deskhand.endpoints.chat.url}/${asked.conversation_id}`, {
        headers: { authorization: `Bearer ${await deskhand.chatToken("u123")}` },
      });
      const text = await response.text();
      return text.includes("120.00 USD") && text.includes('"answered"') ? text : null;
    });
    assert.match(answer, /answered/);
    const stranger = await fetch(`${deskhand.endpoints.chat.url}/${asked.conversation_id}`);
    assert.doesNotMatch(await stranger.text(), /120\.00|headphones/);
  });

  test("what the demo's page suggests is answered with its page, or waits; a visitor is asked to sign in, not to write a mail", async () => {
    const guest = (message: string, conversation: string) =>
      deskhand.chat("a guest", message, { token: null, conversation });
    const shipping = await guest("How long does shipping take?", "suggested-to-nobody");
    assert.equal(shipping.status, "answered");
    assert.match(shipping.reply, /\(see Shipping and delivery times\)/);
    const conversation = "suggested-to-bob";
    const refund = await deskhand.chat("u456", "Please refund order 1001, it broke", {
      conversation,
    });
    assert.equal(refund.status, "pending");
    const visitor = await guest("Where is my order 456?", "a-visitor");
    assert.match(visitor.reply, /can't find order 456[^]*sign in/);
    assert.doesNotMatch(visitor.reply, /write from|processing|lamp/);
  });
});

describe(`customers in Slack on ${MAIN_DATABASE}`, () => {
  const user = (name: "ann" | "ned" | "sam") => deskhand.endpoints.slack?.users[name] ?? "";
  const help = () => deskhand.endpoints.slack?.helpChannel ?? "";

  test("a question in the help channel gets one answer in its thread, with its source", async () => {
    const ts = await deskhand.slack.post(user("ned"), help(), "What is your refund policy?");
    const answer = await deskhand.slack.waitForMessage(
      help(),
      (message) => message.thread_ts === ts && message.ts !== ts,
    );
    assert.match(shownText(answer), /30 days/);
    assert.match(shownText(answer), /refund policy/i);
    await deskhand.slack.post(user("ned"), help(), "And how long does shipping take?", ts);
    await until("the second answer", async () => (await inThread(ts)).length === 2);
    // What comes later is answered later: by then a second answer to the same would stand there.
    const later = await deskhand.slack.post(user("ned"), help(), "How long does shipping take?");
    await until("the later answer", async () => (await inThread(later)).length === 1);
    assert.equal((await inThread(ts)).length, 2);
  });

  const inThread = async (ts: string) =>
    (await deskhand.slack.messages(help())).filter(
      (message) =>
        message.thread_ts === ts &&
        message.user !== user("ned") &&
        message.user !== user("ann") &&
        message.ts !== ts,
    );

  test("a customer gets the status alone in a direct message, and in the channel only the word that it is there", async () => {
    const ts = await deskhand.slack.post(user("ann"), help(), "Where is my order 456?");
    const word = await until("the word", async () => (await inThread(ts)).at(-1));
    assert.doesNotMatch(shownText(word), /processing|lamp|60/);
    assert.match(shownText(word), /direct message/i);
    const { channel } = await deskhand.slack.direct(user("ann"), "And where is order 789?");
    await until("both answers", async () => {
      const texts = (await deskhand.slack.messages(channel)).map(shownText).join("\n");
      return texts.includes("processing") && texts.includes("delivered");
    });
  });
});
