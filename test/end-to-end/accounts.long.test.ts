/** Address, password, questions that need asking back, and the hand-over to people and back to the customer. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { decide } from "#test/support/decide.ts";
import { MAIN_DATABASE, startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { shownText } from "#test/support/slack.ts";

const ANN = "ann@customer.test";
const Tickets = z.looseObject({
  tickets: z.array(
    z.looseObject({
      id: z.int(),
      subject: z.string(),
      group_id: z.int().nullable(),
      description: z.string(),
    }),
  ),
});
const Comments = z.looseObject({
  comments: z.array(z.looseObject({ body: z.string(), public: z.boolean() })),
});

describe(`accounts and people on ${MAIN_DATABASE}`, () => {
  let deskhand: Deskhand;
  before(async () => {
    deskhand = await startDeskhand({ undoSeconds: 1 });
  });
  after(async () => {
    await deskhand.destroy();
  });
  const mails = async (subject: string) =>
    (await deskhand.mailbox(ANN)).filter((mail) => mail.subject === subject);

  test("an address change before shipping asks, happens once, and the old contact is told", async () => {
    await deskhand.mail(
      ANN,
      "Please change the shipping address of order 456 to 12 Hill Road, 10115 Berlin",
      { subject: "Address" },
    );
    const card = await deskhand.card(
      (text) => /address/i.test(text) && text.includes("12 Hill Road") && text.includes("456"),
    );
    assert.ok(!(await deskhand.order("456")).shipping_address.includes("12 Hill Road"));
    await decide(deskhand, "sam", card, "Approve");
    await until("the change", async () =>
      (await deskhand.order("456")).shipping_address.includes("12 Hill Road"),
    );
    await until("the reply", async () => (await mails("Re: Address")).length === 1);
    await until("the notice", async () =>
      (await deskhand.mailbox(ANN)).some(
        (mail) =>
          mail.from.includes("ourshop.test") &&
          /address/i.test(mail.subject) &&
          mail.subject !== "Re: Address",
      ),
    );
  });

  test("after shipping it is refused and explained", async () => {
    const before = (await deskhand.order("123")).shipping_address;
    await deskhand.mail(
      ANN,
      "Please change the shipping address of order 123 to 12 Hill Road, 10115 Berlin",
      { subject: "Too late" },
    );
    const card = await deskhand.card((text) => text.includes("order 123 to 12 Hill Road"));
    assert.match(shownText(card), /shipped/);
    await decide(deskhand, "sam", card, "Send");
    await until("the reply", async () => (await mails("Re: Too late")).length === 1);
    assert.equal((await deskhand.order("123")).shipping_address, before);
  });

  test("a password reset goes to the address on file; the reply does not hold the link", async () => {
    await deskhand.mail(ANN, "I forgot my password, please reset it", { subject: "Password" });
    const link = await until("the link", async () =>
      (await deskhand.mailbox(ANN)).find((mail) => mail.text.includes("/reset/")),
    );
    assert.notEqual(link.subject, "Re: Password");
    const [reply] = await until("the reply", async () => {
      const found = await mails("Re: Password");
      return found.length === 1 ? found : null;
    });
    assert.doesNotMatch(reply?.text ?? "", /http/);
  });

  test("“I want a refund” is asked back as often as the policy says, then goes to people", async () => {
    const first = await deskhand.mail(ANN, "I want a refund", { subject: "Refund" });
    const card = await deskhand.card((text) => text.includes("I want a refund"));
    for (const order of ["123", "456", "789"]) assert.ok(shownText(card).includes(order), order);
    assert.match(shownText(card), /\?/);
    await decide(deskhand, "sam", card, "Send");
    const one = await question(1);
    await deskhand.mail(ANN, "The one I bought, you know which", {
      subject: "Re: Refund",
      inReplyTo: one?.messageId ?? first,
    });
    const again = await deskhand.card((text) => text.includes("you know which"));
    assert.match(shownText(again), /\?/);
    await decide(deskhand, "sam", again, "Send");
    const two = await question(2);
    await deskhand.mail(ANN, "The one I bought, as I said", {
      subject: "Re: Refund",
      inReplyTo: two?.messageId ?? first,
    });
    await until("the ticket", async () =>
      (await tickets()).find((ticket) => /refund/i.test(ticket.subject)),
    );
  });

  const question = (count: number) =>
    until(`question ${count}`, async () => {
      const found = await mails("Re: Refund");
      return found.length === count ? found.at(-1) : null;
    });

  const tickets = async () =>
    Tickets.parse(await deskhand.zendesk("admin", "/tickets.json")).tickets;

  test("a request for a person opens a ticket in Tier 2, and what is said goes both ways, once", async () => {
    const asked = await deskhand.mail(ANN, "I want to talk to a human please", {
      subject: "Human",
    });
    const ticket = await until("the ticket", async () =>
      (await tickets()).find(({ subject }) => subject.includes("Human")),
    );
    assert.equal(ticket.group_id, deskhand.endpoints.zendesk?.groups.tier2);
    assert.match(ticket.description, /human/i);
    const [told] = await until("the word to Ann", async () => {
      const found = await mails("Re: Human");
      return found.length === 1 ? found : null;
    });
    await deskhand.zendesk(
      "dana",
      `/tickets/${ticket.id}.json`,
      { ticket: { comment: { body: "Dana here, how can I help?", public: true } } },
      "PUT",
    );
    await until("Dana's answer", async () => (await mails("Re: Human")).length === 2);
    const answer = (await mails("Re: Human")).at(-1);
    assert.equal(answer?.text.trim(), "Dana here, how can I help?");
    await deskhand.mail(ANN, "My lamp flickers", {
      subject: "Re: Human",
      inReplyTo: answer?.messageId ?? told?.messageId ?? asked,
    });
    await until("the note", async () => {
      const { comments } = Comments.parse(
        await deskhand.zendesk("dana", `/tickets/${ticket.id}/comments.json`),
      );
      return comments.some(
        (comment) => !comment.public && comment.body.includes("My lamp flickers"),
      );
    });
    await delay(3_000);
    assert.equal((await mails("Re: Human")).length, 2);
    assert.ok(
      !(await deskhand.cards()).some((card) => shownText(card).includes("My lamp flickers")),
    );
  });

  test("a question without an answer goes to people with what was tried", async () => {
    await deskhand.mail(ANN, "Do you sell saddles for unicorns made of moonlight?", {
      subject: "Unicorns",
    });
    const ticket = await until("the ticket", async () =>
      (await tickets()).find(({ subject }) => subject.includes("Unicorns")),
    );
    assert.match(ticket.description, /Tried/);
    await until("the word to Ann", async () => (await mails("Re: Unicorns")).length === 1);
  });
});
