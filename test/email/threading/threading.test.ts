/** Where a mail belongs, whatever became of its Message-IDs, and what that never tells about who wrote it. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Hint } from "#core/contracts/channel.ts";
import type { CommitResult } from "#core/contracts/tool.ts";
import {
  openBench,
  deliveryOf,
  resolved,
  type EmailBench,
  benchForTests,
} from "#test/email/bench.ts";
import { faultSmtp, type Faults, type FaultSmtp } from "#test/email/outbound/fault-smtp.ts";
import { signed, written, type Written } from "#test/email/mails.ts";
import { answer, ANN, failsWith, opened } from "#test/email/outbound/sending-bench.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const SUPPORT = "support@ourshop.test";
const QUESTION = written({ messageId: "<m1@customer.test>" });

let server: FaultSmtp;
let world: EmailBench;
const faults: { current: Faults } = { current: {} };
before(async () => {
  server = await faultSmtp(faults);
  world = await openBench({ smtpPort: server.port });
});
after(async () => {
  await world.close();
  await server.close();
});

interface Sent {
  readonly committed: CommitResult;
  readonly headers: Map<string, string>;
  readonly envelopeFrom: string;
}

/** The answer to the question, as it left. */
async function sent(key: string, channel = world.channel): Promise<Sent> {
  const committed = await answer({ channel }, QUESTION, "Here it is.", key);
  const { headers } = opened(Buffer.from(server.taken.at(-1) ?? "", "latin1"));
  return { committed, headers, envelopeFrom: server.senders.at(-1) ?? "" };
}

function hintsOf(mail: Written, channel = world.channel): readonly Hint[] {
  return channel.receive(deliveryOf(written(mail)));
}

/** Whether the mail finds the conversation of what was sent. */
function joins(mail: Written, { committed }: Sent): boolean {
  const [hint] = hintsOf({ messageId: `<${Math.random()}@customer.test>`, ...mail });
  return hint?.conversationKeys.some((key) => committed.conversationKeys.includes(key)) === true;
}

test("the address an answer asks to be answered at threads without any Message-ID, wherever a server wrote it", async () => {
  const reply = await sent("token");
  const to = reply.headers.get("reply-to") ?? "";
  assert.match(to, /^support\+t\.[a-z2-7]{26}\.[a-z2-7]{12}@ourshop\.test$/);
  assert.equal(reply.headers.get("from"), SUPPORT);
  assert.equal(joins({ to }, reply), true);
  assert.equal(joins({ to: `"Shop, Our" <${to.toUpperCase()}>` }, reply), true);
  assert.equal(joins({ to: "bob@elsewhere.test", headers: [["Cc", to]] }, reply), true);
  for (const header of ["Delivered-To", "X-Original-To", "Envelope-To"])
    assert.equal(joins({ headers: [[header, to]] }, reply), true, header);
  assert.equal(joins({}, reply), false);
});

test("an address that was changed in one letter, or made for another use, says nothing", async () => {
  const reply = await sent("token-proof");
  const to = reply.headers.get("reply-to") ?? "";
  const at = to.indexOf("@");
  for (const place of [12, 20, at - 12, at - 1]) {
    const other = to[place] === "a" ? "b" : "a";
    assert.equal(joins({ to: to.slice(0, place) + other + to.slice(place + 1) }, reply), false);
  }
  const forged = to.replace("+t.", "+b.");
  assert.equal(joins({ to: forged }, reply), false);
  const elsewhere = world.again({ secret: "another secret, as long as it has to be" });
  const [hint] = hintsOf({ to, messageId: "<x1@customer.test>" }, elsewhere);
  assert.equal(hint?.conversationKeys.length, 2);
});

test("an address threads and never identifies: another sender gets a conversation of their own", async () => {
  const reply = await sent("token-thief");
  const to = reply.headers.get("reply-to") ?? "";
  const thief = { from: "thief@evil.test", to, messageId: "<x2@evil.test>" };
  assert.equal(joins(thief, reply), false);
  const [own, aside] = hintsOf(thief);
  assert.ok(own && aside);
  assert.deepEqual(
    own.conversationKeys.filter((key) => reply.committed.conversationKeys.includes(key)),
    [],
  );
  // Whose thread it is hears of it, and opens nothing.
  assert.equal(aside.opens, false);
  assert.ok(aside.conversationKeys.some((key) => reply.committed.conversationKeys.includes(key)));
  assert.equal(aside.keepBody, false);
  const { messages } = await world.channel.resolve(
    { ...aside, related: "c_other" },
    {
      body: null,
      receivedAt: new Date(),
      proofs: new Map(),
      signal: AbortSignal.timeout(PATIENCE_MS),
    },
  );
  assert.equal(messages[0]?.visibility, "internal");
  assert.equal(messages[0]?.answerTo, null);
  assert.match(messages[0]?.text ?? "", /^thief@evil\.test answered .* conversation c_other/);
  assert.doesNotMatch(messages[0]?.text ?? "", /Where is my order/);
  const [verified] = (await resolved(world.channel, await signed(written({ to })))).messages;
  const [claimed] = (await resolved(world.channel, written({ to }))).messages;
  assert.equal(verified?.identity.level, 2);
  assert.equal(claimed?.identity.level, 1);
});

test("where the provider knows no plus addresses a tag in the subject threads, for who is in the conversation", async () => {
  const plain = world.again({ inboxes: [{ ...inboxOf(), plusAddressing: false }] });
  const reply = await sent("tag", plain);
  assert.equal(reply.headers.has("reply-to"), false);
  assert.equal(reply.envelopeFrom, SUPPORT);
  const subject = reply.headers.get("subject") ?? "";
  assert.match(subject, /^Re: My order \[#[a-z2-7]{12}\]$/);
  assert.equal(joins({ subject: `AW: ${subject}` }, reply), true);
  assert.equal(joins({ subject, from: "thief@evil.test" }, reply), false);
  assert.equal(joins({ subject: subject.replace(/..\]$/, "aa]") }, reply), false);
  // The next answer carries the same tag, once.
  const again = await answer(
    { channel: plain },
    written({ subject: `Re: ${subject}`, messageId: "<m2@customer.test>" }),
    "And again.",
    "tag-again",
  );
  const { headers } = opened(Buffer.from(server.taken.at(-1) ?? "", "latin1"));
  assert.equal(headers.get("subject"), subject);
  assert.ok(again.conversationKeys.some((key) => reply.committed.conversationKeys.includes(key)));
});

test("the return path names its mail, and a bounce to it needs to hold nothing else", async () => {
  const reply = await sent("bounced");
  const path = reply.envelopeFrom;
  assert.match(path, /^support\+b\./);
  const bounce = {
    from: "Mail Delivery System <mailer-daemon@mx.test>",
    to: path,
    subject: "Undelivered Mail Returned to Sender",
    messageId: "<dsn@mx.test>",
    text: "I could not deliver your message. 5.1.1 no such user",
    headers: [["Return-Path", "<>"]] as const,
  };
  assert.equal(joins(bounce, reply), true);
  const { messages, signals } = await resolved(world.channel, written(bounce));
  assert.match(messages[0]?.ignore ?? "", /^bounce/);
  assert.equal(messages[0]?.answerTo, null);
  assert.deepEqual(
    signals.map((signal) => signal.kind === "bounced" && [signal.ref, signal.permanent]),
    [[reply.committed.ref, true]],
  );
  // Of two mails it names the one it was sent back for, whatever it quotes.
  const other = await sent("not-bounced");
  const quoting = { ...bounce, text: `${bounce.text}\nMessage-ID: <${other.committed.ref}>` };
  const told = (await resolved(world.channel, written(quoting))).signals;
  assert.deepEqual(
    told.map((signal) => signal.kind === "bounced" && signal.ref),
    [reply.committed.ref],
  );
  const unproven = { ...bounce, to: path.replace(/..@/, "aa@") };
  assert.deepEqual((await resolved(world.channel, written(unproven))).signals, []);
});

function inboxOf() {
  const { imap } = world.sandbox;
  return {
    address: SUPPORT,
    aliases: ["Hello@OurShop.test", "support+eu@ourshop.test"],
    imap: { ...imap, secure: false },
    smtp: { host: "127.0.0.1", port: server.port, secure: false },
  };
}

test("an answer comes from the address that was written to, of those the inbox has", async () => {
  const channel = world.again({ inboxes: [inboxOf()] });
  const fromOf = async (mail: Written): Promise<unknown> => {
    const [message] = (await resolved(channel, written(mail))).messages;
    return message?.answerTo?.address["inbox"];
  };
  const cases: readonly (readonly [Written, string])[] = [
    [{ to: "SUPPORT@ourshop.test" }, SUPPORT],
    [{ to: "Us <hello@ourshop.test>" }, "hello@ourshop.test"],
    [{ to: "hello+o42@ourshop.test" }, "hello@ourshop.test"],
    [{ to: "support+eu@ourshop.test" }, "support+eu@ourshop.test"],
    [{ to: "bob@elsewhere.test", headers: [["Cc", "hello@ourshop.test"]] }, "hello@ourshop.test"],
    [{ to: "hello@ourshop.test", headers: [["Delivered-To", SUPPORT]] }, "hello@ourshop.test"],
    [
      { to: "list@elsewhere.test", headers: [["X-Original-To", "hello@ourshop.test"]] },
      "hello@ourshop.test",
    ],
    [
      {
        to: `${SUPPORT}, hello@ourshop.test`,
        headers: [["Delivered-To", "hello@ourshop.test"]],
      },
      "hello@ourshop.test",
    ],
    [
      {
        to: "list@elsewhere.test",
        headers: [
          ["Received", "from x by mx.ourshop.test; today"],
          ["Delivered-To", "hello@ourshop.test"],
        ],
      },
      SUPPORT,
    ],
    [{ to: "list@elsewhere.test", headers: [["Delivered-To", "ceo@elsewhere.test"]] }, SUPPORT],
  ];
  for (const [mail, expected] of cases)
    assert.equal(await fromOf(mail), expected, JSON.stringify(mail));
  await answer({ channel }, written({ to: "HELLO+o42@ourshop.test" }), "From hello.", "alias");
  const { headers } = opened(Buffer.from(server.taken.at(-1) ?? "", "latin1"));
  assert.equal(headers.get("from"), "hello@ourshop.test");
  assert.equal(headers.get("to"), ANN);
  assert.match(headers.get("reply-to") ?? "", /^hello\+t\./);
});

test("mail comes in through its mailbox alone: what others hand in is refused, whatever it says of itself", () => {
  const headers = { "x-inbox": SUPPORT, "x-folder": "sent" };
  const delivery = { source: "webhook", headers, body: QUESTION, receivedAt: new Date() };
  assert.throws(() => world.channel.receive(delivery), failsWith("input.unverified"));
});

test("who writes under our own address into the inbox is no teammate and gets no answer", async () => {
  for (const to of ["ann@customer.test", SUPPORT]) {
    const mail = written({ from: "Sam <SUPPORT@ourshop.test>", to, messageId: "<f@laptop.local>" });
    const [message] = (await resolved(world.channel, mail)).messages;
    assert.equal(message?.answerTo, null);
    assert.equal(message?.author.kind === "teammate", false);
    // A form on a website writes like that; a person has to look at a mail that cannot be answered.
    const ignored = to === SUPPORT ? /^$/ : /^loop: it is from our own address/;
    assert.match(message?.ignore ?? "", ignored);
  }
});

const bench = benchForTests();

test("the same mail in two inboxes is one event, other content under its id is another", async () => {
  const { channel } = bench;
  const raw = await signed(written({ messageId: "<a@customer.test>" }));
  const eventOf = (body: Uint8Array): unknown => channel.receive(deliveryOf(body))[0]?.eventId;
  const elsewhere = Buffer.concat([
    Buffer.from("Delivered-To: billing@ourshop.test\r\nReceived: from x by y; today\r\n"),
    raw,
  ]);
  assert.equal(eventOf(elsewhere), eventOf(raw));
  assert.equal(eventOf(Buffer.concat([raw, Buffer.from("\r\n\r\n")])), eventOf(raw));
  assert.notEqual(eventOf(Buffer.concat([raw, Buffer.from("more")])), eventOf(raw));
  const otherSender = Buffer.from(
    raw.toString("latin1").replace("ann@customer", "bob@customer"),
    "latin1",
  );
  assert.notEqual(eventOf(otherSender), eventOf(raw));
});

test("quoting another customer's Message-ID gives no access to their conversation", async () => {
  const { channel } = bench;
  const keysOf = (raw: Buffer): readonly string[] =>
    channel.receive(deliveryOf(raw)).flatMap((hint) => hint.conversationKeys);
  const ann = keysOf(written({ messageId: "<a@customer.test>" }));
  const thief = keysOf(
    written({
      from: "thief@evil.test",
      messageId: "<x@evil.test>",
      headers: [
        ["In-Reply-To", "<a@customer.test>"],
        ["References", "<a@customer.test>"],
      ],
    }),
  );
  assert.deepEqual(
    thief.filter((key) => ann.includes(key)),
    [],
  );
  const twoFroms = keysOf(
    written({
      messageId: "<y@evil.test>",
      headers: [
        ["From", "ann@customer.test"],
        ["From", "thief@evil.test"],
        ["In-Reply-To", "<a@customer.test>"],
      ],
    }),
  );
  assert.deepEqual(
    twoFroms.filter((key) => ann.includes(key)),
    [],
  );
});

test("a mail without a usable Message-ID still has one event and one conversation", async () => {
  const { channel } = bench;
  const twice = ["<m1@customer.test>", "<m2@customer.test>"].map(
    (id) => ["Message-ID", id] as const,
  );
  for (const raw of [
    ...[null, "no brackets", "<a b@c>"].map((messageId) => written({ messageId })),
    written({ headers: twice }),
  ]) {
    const [hint, again] = [raw, raw].flatMap((body) => channel.receive(deliveryOf(body)));
    assert.ok(hint && hint.conversationKeys.length === 1);
    assert.equal(again?.eventId, hint.eventId);
    const { messages } = await resolved(channel, raw);
    assert.equal(messages[0]?.answerTo?.address["inReplyTo"], null);
  }
});

test("a signed mail sent again under another Message-ID is the same mail when the signature leaves the id open", async () => {
  const keyOf = (body: Uint8Array): unknown => bench.channel.receive(deliveryOf(body))[0]?.eventId;
  const isSameAgain = async (headerList: string): Promise<boolean> => {
    const first = await signed(written({}), "customer.test", { headerList });
    const other = first.toString("latin1").replace("<m1@", "<m2@");
    return keyOf(first) === keyOf(Buffer.from(other, "latin1"));
  };
  assert.equal(await isSameAgain("from:to:subject:date"), true);
  assert.equal(await isSameAgain("from:to:subject:date:message-id"), false, "that breaks it");
  assert.notEqual(
    keyOf(written({ messageId: "<m1@a.test>" })),
    keyOf(written({ messageId: "<m2@a.test>" })),
    "an unsigned one proves nothing either way",
  );
});

test("what a form of the company's own site sends is answered by people, since nobody proves whom it names", async () => {
  const form = (from: string, messageId = "<form2@ourshop.test>") =>
    resolved(
      world.channel,
      written({
        from,
        messageId,
        headers: [["Reply-To", "Ann <ann@customer.test>"]],
      }),
    );
  for (const from of ["wordpress@ourshop.test", SUPPORT, "Ann (Shopify) <mailer@shopify.test>"]) {
    const [said] = (await form(from)).messages;
    assert.deepEqual([said?.ignore, said?.answerTo, said?.answerPrivatelyTo], [null, null, null]);
    assert.equal(
      said?.identity.reason,
      "a form or a service sent it for another person, who is not proven",
    );
  }
  // By a person's program, at the provider where the inbox is as well.
  const [near] = (await form("ann@ourshop.test", "<CAB1@mail.gmail.com>")).messages;
  assert.equal(near?.answerTo?.label, "ann@ourshop.test");
  const [other] = (await form("ann@private.test")).messages;
  assert.equal(other?.answerTo?.label, "ann@private.test");
});
