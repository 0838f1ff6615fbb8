/** One customer, one order, several conversations: one card and one answer, whatever channel they came by. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { decide } from "#test/support/decide.ts";
import { MAIN_DATABASE, startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { shownText, type SlackMessage } from "#test/support/slack.ts";

const ANN = "ann@customer.test";
const BOB = "bob@elsewhere.test";

describe(`one case on ${MAIN_DATABASE}`, () => {
  let deskhand: Deskhand;
  before(async () => {
    deskhand = await startDeskhand({ undoSeconds: 1 });
  });
  after(() => deskhand.destroy());

  /** Cards about this that can be decided now. */
  const waiting = async (about: RegExp): Promise<readonly SlackMessage[]> =>
    (await deskhand.cards()).filter(
      (card) =>
        about.test(shownText(card)) && /"text":"(?:Approve|Send)"/.test(JSON.stringify(card)),
    );
  const answersTo = async (address: string, subject: string) =>
    (await deskhand.mailbox(address)).filter((mail) => mail.subject === `Re: ${subject}`);

  test("the same refund by mail and by chat is one card, one refund and one answer", async () => {
    await deskhand.mail(ANN, "My headphones broke, please refund order 789", { subject: "Broken" });
    await deskhand.card((text) => text.includes("Refund 120.00 USD"));
    const asked = await deskhand.chat("u123", "Please refund order 789, my headphones broke");
    assert.equal(asked.status, "pending");
    const covered = await until("the card that is covered", async () =>
      (await deskhand.cards()).find((card) => shownText(card).includes("Also covered in chat")),
    );
    const [card, ...more] = await until("one card", async () => {
      const cards = await waiting(/Refund 120\.00 USD/);
      return cards.length === 1 ? cards : null;
    });
    assert.ok(card);
    assert.equal(more.length, 0);
    assert.notEqual(card.ts, covered.ts);
    await decide(deskhand, "sam", card, "Approve");
    await until("the refund", async () => (await deskhand.order("789")).refunds.length === 1);
    await until("the answer in the chat", async () => {
      const token = await deskhand.chatToken("u123");
      const response = await fetch(`${deskhand.endpoints.chat.url}/${asked.conversation_id}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return (await response.text()).includes('"answered"');
    });
    await delay(2_500);
    assert.deepEqual(await waiting(/Refund 120\.00 USD/), []);
    assert.equal((await deskhand.order("789")).refunds.length, 1);
    assert.deepEqual(await answersTo(ANN, "Broken"), []);
  });

  test("two mails within a second, the second in no thread, get one answer", async () => {
    await deskhand.mail(BOB, "Where is order 1001?", { subject: "Laptop" });
    await delay(300);
    await deskhand.mail(BOB, "I forgot to say: I need it at my office. Where is order 1001?", {
      subject: "And",
    });
    const [card] = await until("one card of both", async () => {
      const cards = await waiting(/need it at my office/);
      return cards.length === 1 && /Where is order 1001/.test(cards.map(shownText).join())
        ? cards
        : null;
    });
    await until("no other card", async () => (await waiting(/order 1001/)).length === 1);
    await decide(deskhand, "sam", card ?? assert.fail("no card"), "Send");
    const sent = async () => [
      ...(await answersTo(BOB, "Laptop")),
      ...(await answersTo(BOB, "And")),
    ];
    await until("the answer", async () => (await sent()).length > 0);
    await delay(2_500);
    assert.equal((await sent()).length, 1);
  });

  test("a third, angry mail about one order is one card with all three", async () => {
    await deskhand.mail(ANN, "Where is order 456?", { subject: "Lamp" });
    await deskhand.card((text) => text.includes("Where is order 456?"));
    await deskhand.mail(ANN, "Where is order 456? Still no answer.", { subject: "Lamp again" });
    await until("the second", async () => (await waiting(/Still no answer/)).length === 1);
    await deskhand.mail(ANN, "THIS IS MY THIRD MAIL! Where is order 456?!", { subject: "Hello?!" });
    const cards = await until("one card of three", async () => {
      const found = await waiting(/THIRD MAIL/);
      return found.length === 1 ? found : null;
    });
    const text = cards.map(shownText).join();
    assert.match(text, /Where is order 456\?[^]*Still no answer[^]*THIRD MAIL/);
    await until("no other card", async () => (await waiting(/order 456/i)).length === 1);
  });
});
