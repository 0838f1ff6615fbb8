/** Situations in which people take over, or have to see that they should. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { ANN, BOB, CARA, suiteDesk, textOf } from "./desk.ts";

const Chat = z.looseObject({ messages: z.array(z.looseObject({ text: z.string() })) });

describe(`people in a support week on ${MAIN_DATABASE}`, () => {
  const desk = suiteDesk((text) => text.replace("vip: []", `vip: ["${CARA}"]`));

  test("11: who asks for a person in a mail gets one, and the answer in the ticket is in the mailbox as it was written", async () => {
    await desk().deskhand.mail(ANN, "Please let me talk to a real person about my lamp.", {
      subject: "A person please",
    });
    const ticket = await desk().ticket("A person please");
    assert.equal(ticket.group_id, desk().deskhand.endpoints.zendesk?.groups.tier2);
    await desk().answer(ANN, "A person please");
    const body = "This is Dana. I have your lamp in front of me.";
    await desk().change("dana", ticket.id, { comment: { body, public: true } });
    const both = await until("Dana's answer", async () => {
      const found = await desk().answers(ANN, "A person please");
      return found.length === 2 ? found : null;
    });
    assert.equal(both[1]?.text.trim(), body);
  });

  test("11: and the same in the chat, where the answer is in the window", async () => {
    const asked = await desk().deskhand.chat("u123", "I want to speak to a human");
    assert.equal(asked.status, "escalated");
    const ticket = await desk().ticket("I want to speak to a human");
    const body = "Dana here. What can I do for you?";
    await desk().change("dana", ticket.id, { comment: { body, public: true } });
    const token = await desk().deskhand.chatToken("u123");
    await until("Dana's answer in the chat", async () => {
      const response = await fetch(
        `${desk().deskhand.endpoints.chat.url}/${asked.conversation_id}`,
        {
          headers: { authorization: `Bearer ${token}` },
        },
      );
      return Chat.parse(await response.json()).messages.some(({ text }) => text.includes(body));
    });
  });

  test("12: a mail in German is flagged for the team, and nothing goes out in another language by itself", async () => {
    await desk().deskhand.mail(
      ANN,
      "Guten Tag, ich warte seit einer Woche auf meine Lampe. Wo ist meine Bestellung 456?",
      { subject: "Meine Lampe" },
    );
    const card = await desk().card("Wo ist meine Bestellung 456?");
    assert.match(textOf(card), /⚠️[^\n]*(?:German|language)/i);
    assert.deepEqual(await desk().answers(ANN, "Meine Lampe"), []);
  });

  test("23: a customer the policy lists as important is a person's, and the lead is told", async () => {
    await desk().deskhand.mail(CARA, "Where is my phone, order 2001?", { subject: "My phone" });
    const ticket = await desk().ticket("My phone");
    assert.equal(ticket.group_id, desk().deskhand.endpoints.zendesk?.groups.sensitive);
    const lea = desk().deskhand.endpoints.slack?.users.lea ?? "?";
    await until("the alert", async () =>
      (await desk().deskhand.alerts()).some((alert) => JSON.stringify(alert).includes(lea)),
    );
    assert.deepEqual(await desk().open("Where is my phone"), []);
  });

  test("24: a request to delete everything goes to a person, who does it with one command", async () => {
    await desk().deskhand.mail(BOB, "Where is my order 1001?", { subject: "Earlier question" });
    await desk().card("Where is my order 1001?");
    await desk().deskhand.mail(
      BOB,
      "Under the GDPR I ask you to delete all personal data you hold about me.",
      { subject: "Delete my data" },
    );
    const ticket = await desk().ticket("Delete my data");
    assert.equal(ticket.group_id, desk().deskhand.endpoints.zendesk?.groups.sensitive);
    assert.deepEqual(await desk().open("Under the GDPR"), []);
    await desk().answer(BOB, "Delete my data");
    await delay(1_500);
    const shown = await desk().deskhand.command("erase", BOB);
    assert.match(shown.stdout, /[23] conversation\(s\)/);
    const done = await desk().deskhand.command("erase", BOB, "--yes");
    assert.equal(done.exitCode, 0, done.stderr);
    const after = await desk().deskhand.command("erase", BOB);
    assert.doesNotMatch(after.stdout, /[1-9]\d* conversation\(s\)/);
    // The running server redraws the card the command has ended, once it hears of it.
    const cardIsGone = async () => (await desk().open("Where is my order 1001?")).length === 0;
    await until("the card's end in Slack", cardIsGone);
  });
});
