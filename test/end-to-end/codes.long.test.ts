/** One-time codes: an unknown visitor proves who they are by the mailbox the shop has on file. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { ask } from "#test/support/http-request.ts";
import { decide } from "#test/support/decide.ts";
import { MAIN_DATABASE, type Deskhand } from "#test/support/deskhand.ts";
import { suiteDeskhand } from "#test/support/shared-deskhand.ts";
import type { Mail } from "#test/support/response-shapes.ts";
import { shownText } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";

const ANN = "ann@customer.test";
const BOB = "bob@elsewhere.test";
const CARA = "cara@customer.test";
const SUBJECT = "Your one-time code";
const SENT = /six-digit code is on its way/;

const Comments = z.looseObject({
  comments: z.array(z.looseObject({ body: z.string(), public: z.boolean() })),
});

async function codesIn(deskhand: Deskhand, address: string): Promise<readonly Mail[]> {
  return (await deskhand.mailbox(address)).filter(({ subject }) => subject === SUBJECT);
}

/** The code of the newest mail, once there are so many. */
async function codeFor(deskhand: Deskhand, address: string, count: number): Promise<string> {
  const mail = await until(`code ${count} for ${address}`, async () =>
    (await codesIn(deskhand, address)).at(count - 1),
  );
  return /^(\d{6})$/m.exec(mail.text)?.[1] ?? "";
}

describe(`one-time codes on ${MAIN_DATABASE}`, () => {
  const deskhand = suiteDeskhand({ undoSeconds: 1 });
  let visitors = 0;
  // Twenty messages a minute are the most for one name, and a visitor may call themselves anything.
  const visitor = (message: string, conversation?: string) =>
    deskhand().chat(`guest-${(visitors += 1)}`, message, {
      token: null,
      ...(conversation === undefined ? {} : { conversation }),
    });

  test("the code comes to the address on file alone, and with it the question is answered", async () => {
    const asked = await visitor(`Where is my order 456? I am ${ANN}`);
    assert.equal(asked.status, "answered");
    assert.match(asked.reply, SENT);
    assert.doesNotMatch(asked.reply, /processing|lamp|60\.00|\d{6}/);
    const code = await codeFor(deskhand(), ANN, 1);
    const [mail] = await codesIn(deskhand(), ANN);
    assert.match(mail?.text ?? "", /in our chat/);
    assert.equal(mail?.headers["auto-submitted"], "auto-generated");
    for (const other of [BOB, CARA]) assert.deepEqual(await codesIn(deskhand(), other), []);

    const answer = await visitor(code, asked.conversation_id);
    assert.equal(answer.status, "answered");
    assert.match(answer.reply, /456.*processing/);
    const later = await visitor("And where is order 789?", asked.conversation_id);
    assert.match(later.reply, /789.*delivered/);
    const foreign = await visitor("Where is order 1001?", asked.conversation_id);
    assert.match(foreign.reply, /can't find order 1001/);
    const elsewhere = await visitor(`Where is my order 456?`);
    assert.doesNotMatch(elsewhere.reply, /processing/);
  });

  const repliesTo = async (address: string, subject: string) =>
    (await deskhand().mailbox(address)).filter((mail) => mail.subject === `Re: ${subject}`);
  const unsigned = (from: string, text: string, subject: string, inReplyTo?: string) =>
    deskhand().mail(from, text, {
      subject,
      signed: false,
      ...(inReplyTo === undefined ? {} : { inReplyTo }),
    });

  test("an unsigned mail with the code is answered as its sender's, and it speaks for that mail alone", async () => {
    const asked = await unsigned(ANN, "Where is my order 456?", "Lamp");
    const code = await codeFor(deskhand(), ANN, 2);
    const [word] = await until("the word about it", async () => {
      const replies = await repliesTo(ANN, "Lamp");
      return replies.length > 0 ? replies : null;
    });
    assert.match(word?.text ?? "", SENT);
    assert.doesNotMatch(word?.text ?? "", /processing|\d{6}/);
    await unsigned(ANN, `Here you are: ${code}`, "Re: Lamp", asked);
    const card = await deskhand().card((text) => text.includes("processing"));
    assert.match(shownText(card), /Confirmed by code/);
    assert.ok(!shownText(card).includes(code));
    await decide(deskhand(), "sam", card, "Send");
    const answer = await until("the answer", async () =>
      (await repliesTo(ANN, "Lamp")).find(({ text }) => text.includes("processing")),
    );
    assert.equal(answer.to, ANN);
    await unsigned(ANN, "And where is my order 789?", "Re: Lamp", asked);
    await codeFor(deskhand(), ANN, 3);
    await delay(1_000);
    for (const { text } of await repliesTo(ANN, "Lamp")) assert.doesNotMatch(text, /delivered/);
  });

  test("a ticket that came by mail is confirmed the same way", async () => {
    const intoTicket = async (text: string, ticketId?: number) =>
      z.object({ ticket_id: z.int() }).parse(
        await ask(`${deskhand().endpoints.zendesk?.url}/_sandbox/mail`, {
          body: { from: { email: CARA }, subject: "Phone", text, ticketId },
        }),
      ).ticket_id;
    const ticket = await intoTicket("Where is my order 2001?");
    const code = await codeFor(deskhand(), CARA, 1);
    const comments = async () =>
      Comments.parse(await deskhand().zendesk("admin", `/tickets/${ticket}/comments.json`))
        .comments;
    await until("the word about it", async () =>
      (await comments()).some((comment) => comment.public && SENT.test(comment.body)),
    );
    await intoTicket(`My code: ${code}`, ticket);
    const card = await deskhand().card((text) => /2001.*shipped/.test(text));
    assert.match(shownText(card), /Confirmed by code/);
    await decide(deskhand(), "sam", card, "Send");
    await until("the answer", async () =>
      (await comments()).some((comment) => comment.public && /2001.*shipped/.test(comment.body)),
    );
  });
});
