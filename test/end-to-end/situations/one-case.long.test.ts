/** Situations of one case on several ways and in several mails: one card, one answer, and what it says of itself. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { ANN, BOB, CARA, suiteDesk, textOf } from "./desk.ts";

describe(`one case in a support week on ${MAIN_DATABASE}`, () => {
  const desk = suiteDesk();

  test("9: the third mail of an angry customer is one case with the two before, and says so", async () => {
    await desk().deskhand.mail(ANN, "Where is my order 456?", { subject: "Lamp" });
    await desk().card("Where is my order 456?");
    await desk().deskhand.mail(ANN, "I asked already: where is order 456?", {
      subject: "Lamp again",
    });
    await desk().card("I asked already");
    await desk().deskhand.mail(
      ANN,
      "This is ridiculous! I am furious. For the third time: where is order 456?",
      { subject: "Third time" },
    );
    const card = await desk().card("I am furious");
    await until("one card", async () => (await desk().open("order 456")).length === 1);
    assert.match(await desk().now(card), /(?:3rd|third) (?:mail|message)/i);
    assert.match(await desk().now(card), /angry/i);
    await desk().approve("sam", card);
    const sent = await until("one answer", async () =>
      (await desk().deskhand.mailbox(ANN)).find(({ text }) => text.includes("Order 456")),
    );
    assert.match(sent.text, /sorry/i);
    await delay(3_000);
    const all = (await desk().deskhand.mailbox(ANN)).filter(({ text }) =>
      text.includes("Order 456"),
    );
    assert.equal(all.length, 1);
  });

  test("17: the same refund asked by mail and in the chat is one case: one card that names both", async () => {
    await desk().deskhand.mail(BOB, "My laptop is broken. Please refund order 1001.", {
      subject: "Broken laptop",
    });
    await desk().card("Refund 900.00 USD");
    await desk().deskhand.chat("u456", "My laptop is broken, please refund order 1001");
    await until("one card", async () => {
      const open = await desk().open("Refund 900.00 USD");
      return open.length === 1 && /chat/i.test(textOf(open[0] ?? assert.fail("no card")));
    });
  });

  test("27: two mails within a moment, the second without a thread, are one case and get one answer", async () => {
    await Promise.all([
      desk().deskhand.mail(CARA, "Where is my order 2001?", { subject: "Phone" }),
      desk().deskhand.mail(CARA, "I forgot to say: it is about order 2001.", {
        subject: "My phone",
      }),
    ]);
    await desk().card("Where is my order 2001?");
    await delay(4_000);
    const open = await desk().open("2001");
    assert.equal(open.length, 1);
    await desk().approve("sam", open[0] ?? assert.fail("no card"));
    await until("the answer", async () =>
      (await desk().deskhand.mailbox(CARA)).some(({ text }) => text.includes("Order 2001")),
    );
    await delay(3_000);
    const sent = (await desk().deskhand.mailbox(CARA)).filter(({ text }) =>
      /Order 2001/.test(text),
    );
    assert.equal(sent.length, 1);
  });
});
