/** Situations in which the team is told who, what and where; what never came; and junk, which is nobody's work. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import type { SlackMessage } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";
import { ANN, BOB, CARA, suiteDesk, textOf } from "./desk.ts";

describe(`alerts in a support week on ${MAIN_DATABASE}`, () => {
  const desk = suiteDesk((text) => text.replace("vip: []", `vip: ["${CARA}"]`));

  const alertWith = (words: string): Promise<SlackMessage> =>
    until(`an alert with “${words}”`, async () =>
      (await desk().deskhand.alerts()).find((alert) => textOf(alert).includes(words)),
    );
  const shown = (alert: SlackMessage): string => JSON.stringify(alert.blocks ?? alert.text);

  test("10: of a legal threat the lead reads who, the subject, the words and the ticket", async () => {
    const words = "My solicitor will sue you if order 1001 is not refunded by Friday.";
    await desk().deskhand.mail(BOB, words, { subject: "Last warning" });
    const { id } = await desk().ticket("Last warning");
    const alert = await alertWith(words);
    for (const told of ["Bob Marsh", "Last warning", "legal", `/tickets/${id}`, "Take over"])
      assert.ok(shown(alert).includes(told), told);
    const lea = desk().deskhand.endpoints.slack?.users.lea ?? "?";
    assert.ok(shown(alert).includes(lea), "Lea is not mentioned");
    assert.deepEqual(await desk().open("My solicitor"), []);
  });

  test("8: a parcel that never came is answered from its page, or handed over with what the shop knows", async () => {
    await desk().deskhand.mail(
      ANN,
      "My kettle, order 123, never arrived. I have waited for months.",
      {
        subject: "Kettle never came",
      },
    );
    const found = await until("a card or a ticket", async () => {
      const card = (await desk().deskhand.cards())
        .map(textOf)
        .find((text) => text.includes("I have waited for months"));
      if (card !== undefined) return { card, notes: "" };
      const ticket = (await desk().tickets()).find(({ subject }) => /Kettle never/.test(subject));
      if (ticket === undefined) return null;
      const notes = (await desk().comments(ticket.id)).map(({ body }) => body).join("\n");
      return { card: "", notes: `${ticket.description}\n${notes}` };
    });
    if (found.card !== "") assert.match(found.card, /Missing parcel/i);
    else assert.match(found.notes, /kettle[^]*10 Jan 2025|2025-01-10/i);
  });

  test("16: a cold sales mail is nobody's ticket and gets no promise that a person will write", async () => {
    const subject = "Boost your web traffic";
    await desk().deskhand.mail(
      "sales@growth-agency.test",
      "Hi there, we help shops like yours to double their sales with our SEO packages. Do you have 15 minutes for a call this week? Book a slot with me.",
      { subject },
    );
    await caughtUp();
    assert.deepEqual(await desk().answers("sales@growth-agency.test", subject), []);
    assert.ok(!(await desk().tickets()).some((ticket) => ticket.subject.includes(subject)));
    assert.deepEqual(await desk().open("SEO packages"), []);
  });

  test("25: a phishing mail is junk: no draft, no tick, nothing to send", async () => {
    const subject = "Your account is limited";
    await desk().deskhand.mail(
      "service@paypa1.test",
      "Dear customer, your PayPal account has been limited. Verify your password now at http://paypa1.test/login or it will be closed within 24 hours.",
      { subject },
    );
    await caughtUp();
    assert.deepEqual(await desk().open("has been limited"), []);
    assert.deepEqual(await desk().answers("service@paypa1.test", subject), []);
    for (const card of await desk().deskhand.cards())
      assert.doesNotMatch(textOf(card), /✅[^\n]*paypa1/);
  });

  test("19: a draft's note in Zendesk says that it was withdrawn once a teammate has answered", async () => {
    const ticket = await desk().request("My kettle", "Where is my order 123, is it lost?");
    await desk().card("Where is my order 123, is it lost?");
    await desk().change("dana", ticket, { comment: { body: "I look for it. Dana", public: true } });
    await until("the note", async () =>
      (await desk().comments(ticket)).some(
        (comment) => !comment.public && /withdrawn/i.test(comment.body),
      ),
    );
  });

  test("23: of an important customer the lead reads who it is", async () => {
    await desk().deskhand.mail(CARA, "Where is my phone, order 2001?", { subject: "My phone" });
    const alert = await alertWith("Where is my phone");
    assert.match(shown(alert), /Cara Lind/);
  });

  test("24: of a request to delete personal data the alert says whose", async () => {
    await desk().deskhand.mail(BOB, "Under the GDPR I ask you to erase all data about me.", {
      subject: "Erase me",
    });
    const alert = await alertWith("Under the GDPR");
    assert.match(shown(alert), /Bob Marsh/);
  });

  /** Cara is important here and gets no card, so another customer's comes after what was sent. */
  const caughtUp = async (): Promise<void> => {
    const words = `Where is order 456 at ${Date.now()}?`;
    await desk().deskhand.mail(ANN, words, { subject: `Check ${words}` });
    await desk().card(words);
  };
});
