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
const REFUSED = /not right or no longer valid/;

const Comments = z.looseObject({
  comments: z.array(z.looseObject({ body: z.string(), public: z.boolean() })),
});
const Faults = z.array(z.looseObject({ fault: z.string(), times: z.int().optional() }));

/** The sandbox shop counts down a delay of one millisecond at every request. */
async function countRequests(deskhand: Deskhand): Promise<() => Promise<number>> {
  await deskhand.shop("/_sandbox/faults", { fault: "slow", delay_ms: 1, times: 1_000 });
  return async () => {
    const faults = Faults.parse(await deskhand.shop("/_sandbox/faults"));
    return 1_000 - (faults.find(({ fault }) => fault === "slow")?.times ?? 0);
  };
}

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

/** The newest turns, as a program reads them. */
async function newestTraces(deskhand: Deskhand): Promise<string> {
  const { stdout, stderr, exitCode } = await deskhand.command("trace", "--json");
  assert.equal(exitCode, 0, stderr);
  return stdout;
}

function otherThan(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, "0");
}

describe(`one-time codes in chat on ${MAIN_DATABASE}`, () => {
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

  test("the trace says by what the customer is known, and nothing that is shown holds the code", async () => {
    const asked = await visitor(`Where is my order 1001? My address is ${BOB}`);
    const code = await codeFor(deskhand(), BOB, 1);
    const answer = await visitor(`The code is ${code}`, asked.conversation_id);
    assert.match(answer.reply, /1001.*delivered/);
    const traces = await newestTraces(deskhand());
    assert.match(traces, /one-time code sent to the address on file, entered at \d\d:\d\d UTC/);
    assert.ok(!traces.includes(code));
    const messages = await fetch(`${deskhand().endpoints.chat.url}/${asked.conversation_id}`);
    assert.ok(!(await messages.text()).includes(code));
  });

  test("an unknown address is answered in the same words, and no mail is sent", async () => {
    const known = await visitor(`Where is my order 2001? I am ${CARA}`);
    const unknown = await visitor("Where is my order 2001? I am nobody@customer.test");
    assert.equal(unknown.reply, known.reply);
    assert.equal(unknown.status, known.status);
    await codeFor(deskhand(), CARA, 1);
    assert.deepEqual(await deskhand().mailbox("nobody@customer.test"), []);
    const guess = await visitor("123456", unknown.conversation_id);
    assert.match(guess.reply, REFUSED);
  });

  test("five wrong codes are answered alike, and then the right one comes too late", async () => {
    const asked = await visitor(`Where is my order 2001? I am ${CARA}`);
    const code = await codeFor(deskhand(), CARA, 2);
    const replies: string[] = [];
    for (let tries = 0; tries < 5; tries += 1)
      replies.push((await visitor(otherThan(code), asked.conversation_id)).reply);
    replies.push((await visitor(code, asked.conversation_id)).reply);
    for (const reply of replies) assert.equal(reply, replies[0]);
    assert.match(replies[0] ?? "", REFUSED);
    assert.doesNotMatch(replies.join(), /shipped|phone/);
  });

  test("a code does nothing in another conversation", async () => {
    const asked = await visitor(`Where is my order 1001? I am ${BOB}`);
    const code = await codeFor(deskhand(), BOB, 2);
    const other = await visitor(`Where is my order 1001? I am ${ANN}`);
    assert.match(other.reply, SENT);
    const stolen = await visitor(code, other.conversation_id);
    assert.match(stolen.reply, REFUSED);
    const fresh = await visitor(code);
    assert.doesNotMatch(fresh.reply, /laptop|delivered/);
    const right = await visitor(code, asked.conversation_id);
    assert.match(right.reply, /1001.*delivered/);
  });

  test("asked for too often the answer is the same and nothing is sent", async () => {
    const first = await visitor(`Please send me a code, I am ${CARA}`);
    const code = await codeFor(deskhand(), CARA, 3);
    const over = await visitor("Please send me a new code", first.conversation_id);
    // The line that an answer is automatic is said once.
    assert.ok(first.reply.startsWith(over.reply));
    assert.match(over.reply, SENT);
    await delay(2_000);
    assert.equal((await codesIn(deskhand(), CARA)).length, 3);
    const still = await visitor(`${code} Where is my order 2001?`, first.conversation_id);
    assert.match(still.reply, /2001.*shipped/);
  });

  test("own, foreign and absent orders look alike to a visitor, down to what the shop is asked", async () => {
    const requests = await countRequests(deskhand());
    const seen = [];
    for (const [index, order] of ["456", "1001", "9999"].entries()) {
      const from = await requests();
      const asked = await visitor(`Where is my order ${order}? I am guest${index}@customer.test`);
      const reply = asked.reply.replaceAll(order, "N");
      await until("the look-up for the code", async () => (await requests()) - from >= 2);
      await delay(500);
      seen.push({ reply, status: asked.status, requests: (await requests()) - from });
    }
    assert.deepEqual(seen[1], seen[0]);
    assert.deepEqual(seen[2], seen[0]);
  });
});

describe(`one-time codes by mail on ${MAIN_DATABASE}`, () => {
  const deskhand = suiteDeskhand({ undoSeconds: 1 });
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
    const code = await codeFor(deskhand(), ANN, 1);
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
    await codeFor(deskhand(), ANN, 2);
    await delay(1_000);
    for (const { text } of await repliesTo(ANN, "Lamp")) assert.doesNotMatch(text, /delivered/);
  });

  test("own, foreign and absent orders look alike to an unproven sender, down to what the shop is asked", async () => {
    const requests = await countRequests(deskhand());
    const seen = [];
    for (const order of ["1001", "456", "9999"]) {
      const from = await requests();
      await unsigned(BOB, `Where is my order ${order}?`, `Order ${order}`);
      const [reply] = await until("the reply", async () => {
        const replies = await repliesTo(BOB, `Order ${order}`);
        return replies.length > 0 ? replies : null;
      });
      await codeFor(deskhand(), BOB, seen.length + 1);
      await delay(500);
      seen.push({
        text: reply?.text.replaceAll(order, "N"),
        requests: (await requests()) - from,
      });
    }
    assert.deepEqual(seen[1], seen[0]);
    assert.deepEqual(seen[2], seen[0]);
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
