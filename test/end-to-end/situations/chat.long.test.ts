/** Situations in the chat: the questions the shop's page suggests, what is remembered, and what goes out by itself. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { suiteDesk } from "./desk.ts";

/** The line that says an answer is automatic. */
const AUTOMATIC = /This is an automatic answer/g;

describe(`the chat in a support week on ${MAIN_DATABASE}`, () => {
  const desk = suiteDesk();

  test("31: a second question is understood from the first, and that answers are automatic is said once", async () => {
    const first = await desk().deskhand.chat("u123", "Where is my order 789?");
    assert.match(first.reply, /delivered/);
    assert.equal(first.reply.match(AUTOMATIC)?.length, 1);
    const second = await desk().deskhand.chat("u123", "What about order 456?", {
      conversation: first.conversation_id,
    });
    assert.equal(second.status, "answered");
    assert.match(second.reply, /processing/);
    assert.doesNotMatch(second.reply, AUTOMATIC);
    const other = await desk().deskhand.chat("u123", "Where is my order 123?", {
      conversation: "another-window",
    });
    assert.match(other.reply, AUTOMATIC);
  });

  test("30: what the demo's page suggests is answered rightly", async () => {
    const status = await desk().deskhand.chat("u123", "Where is my order 456?", {
      conversation: "suggested-to-ann",
    });
    assert.deepEqual([status.status, /processing/.test(status.reply)], ["answered", true]);
    const shipping = await guest("How long does shipping take?", "suggested-to-nobody");
    assert.equal(shipping.status, "answered");
    assert.match(shipping.reply, /days/);
    assert.match(shipping.reply, /\(see Shipping and delivery times\)/);
    const refund = await desk().deskhand.chat("u456", "Please refund order 1001, it broke", {
      conversation: "suggested-to-bob",
    });
    assert.equal(refund.status, "pending");
  });

  test("30: a general question is answered by itself only with the page it stands on, else a person has it", async () => {
    const questions = [
      "What is your refund policy?",
      "How do I reset my password?",
      "How do I return an item?",
      "What does the warranty cover?",
      "Can I pay with Bitcoin?",
      "Do you ship to Canada?",
    ];
    for (const question of questions) {
      const { status, reply } = await guest(
        question,
        `general-question-${questions.indexOf(question)}`,
      );
      if (status === "answered") assert.match(`${question}: ${reply}`, /\(see [A-Z][^)]+\)/);
      else assert.match(`${question}: ${status} ${reply}`, /: (?:pending|escalated)/);
    }
  });

  test("30: a refund without an order names none where there is none, and a visitor is asked to sign in, not to write a mail", async () => {
    const nothing = await desk().deskhand.chat("u789", "Can I have my money back?", {
      conversation: "cara-asks",
    });
    assert.doesNotMatch(nothing.reply, /I can see \./);
    const visitor = await guest("Where is my order 456?", "a-visitor");
    assert.match(visitor.reply, /can't find order 456/);
    assert.match(visitor.reply, /sign in/);
    assert.doesNotMatch(visitor.reply, /write from|processing|lamp/);
  });

  const guest = (message: string, conversation: string) =>
    desk().deskhand.chat("a guest", message, { token: null, conversation });
});
