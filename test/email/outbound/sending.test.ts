import assert from "node:assert/strict";
import { decodeHTML } from "entities";
import { bench, deliveryOf, resolved } from "#test/email/bench.ts";
import { test } from "node:test";
import { simpleParser } from "mailparser";
import type { ErrorCode } from "#core/values/errors.ts";
import type { Faults } from "./fault-smtp.ts";
import { namedSender } from "#email/mime/addresses.ts";
import { readHead } from "#email/mime/headers.ts";
import { signed, written } from "#test/email/mails.ts";
import {
  answer,
  commitFails,
  replyTo,
  ANN,
  failsWith,
  faulty,
  keepInSent,
  only,
  opened,
  sentIds,
  signal,
} from "./sending-bench.ts";

test("the plain part is the approved text, byte for byte", async (context) => {
  const world = await bench(context);
  const texts = [
    "windows\r\nline\r\nends\r\n",
    "unix\nline\nends\n\n\n",
    "trailing spaces   \n\ttab\t\n \n",
    `.\n..\n. dot\n${"x".repeat(5_000)}\n=20 =\n`,
    "Grüße 日本語 👩‍👩‍👧 שלום\u00a0\u200b\n",
    "From here\n>From there\n-- \n",
  ];
  for (const [index, text] of texts.entries()) {
    await answer(world, await signed(written({})), text, `bytes-${index}`);
    const raw = (await world.received(ANN)).at(-1);
    assert.ok(raw);
    assert.equal(opened(raw).plain.toString("utf8"), text);
  }
});

test("with a policy that keeps Cc, those whom a proven signature names get it too, and no account data", async (context) => {
  const world = await bench(context, { keepsCc: () => true });
  const cc = "bob@elsewhere.test, support+x@ourshop.test, Boss <boss@customer.test>";
  const mail = (...headers: readonly (readonly [string, string])[]): Buffer =>
    written({ to: "support@ourshop.test, ann@customer.test, eve@elsewhere.test", headers });
  const question = await signed(mail(["Cc", cc]));
  const [message] = (await resolved(world.channel, question)).messages;
  assert.equal(
    message?.answerTo?.label,
    "ann@customer.test, eve@elsewhere.test, bob@elsewhere.test, boss@customer.test",
  );
  assert.equal(message.answerTo.audience, "shared");
  assert.equal(message.answerPrivatelyTo?.label, ANN);
  await answer(world, question, "Here it is.", "copies");
  for (const address of [ANN, "eve@elsewhere.test", "bob@elsewhere.test", "boss@customer.test"]) {
    const { headers } = opened(await only(world, address));
    assert.equal(headers.get("to"), ANN);
    assert.match(headers.get("cc") ?? "", /^eve@.*bob@.*boss@customer\.test$/);
  }
  const labels = async (raw: Buffer, { channel } = world) =>
    (await resolved(channel, raw)).messages.map(({ answerTo }) => answerTo?.label);
  const alone = (messageId: string): readonly (readonly [string, string])[] => [
    ["Cc", cc],
    ["Message-ID", messageId],
  ];
  // Unsigned, from nobody who is proven, or by the policy as it is without a word.
  const open = await signed(mail(...alone("<open@customer.test>")), "customer.test", {
    headerList: "from:to:subject:date:message-id:mime-version:content-type",
  });
  assert.deepEqual(await labels(open), ["ann@customer.test, eve@elsewhere.test"]);
  assert.deepEqual(await labels(mail(...alone("<claimed@customer.test>"))), [ANN]);
  const asBefore = world.again({ keepsCc: () => false });
  const third = await signed(mail(...alone("<before@customer.test>")));
  assert.deepEqual(await labels(third, { ...world, channel: asBefore }), [ANN]);
});

test("the search for a copy asks for our own header only at a provider that renames", async (context) => {
  const world = await bench(context);
  await answer(world, await signed(written({})), "Text.", "by-id");
  assert.match(world.imapWire.said(), /HEADER MESSAGE-ID/i);
  assert.doesNotMatch(world.imapWire.said(), /HEADER X-DESKHAND-INSTANCE/i);
});

test("a reply is threaded under the mail it answers, from the address written to, to no other address", async (context) => {
  const world = await bench(context);
  const question = await signed(
    written({
      subject: "RE: Re: AW: My order",
      headers: [
        ["Cc", "bob@elsewhere.test, boss@customer.test"],
        ["References", "<first@customer.test> junk <second@ourshop.test>"],
        ["In-Reply-To", "<second@ourshop.test>"],
        ["Reply-To", "thief@evil.test"],
      ],
    }),
  );
  const { conversationKeys, ref } = await answer(world, question, "Here it is.", "thread");
  const { headers } = opened(await only(world));
  assert.equal(headers.get("from"), "support@ourshop.test");
  assert.equal(headers.get("to"), ANN);
  assert.equal(headers.get("subject"), "Re: My order");
  assert.equal(headers.get("in-reply-to"), "<m1@customer.test>");
  assert.equal(
    headers.get("references"),
    "<first@customer.test> <second@ourshop.test> <m1@customer.test>",
  );
  assert.equal(headers.get("message-id"), `<${ref}>`);
  assert.match(ref, /^r\.[0-9a-f]{32}@ourshop\.test$/);
  assert.equal(headers.has("cc"), false);
  assert.equal(headers.has("auto-submitted"), false);
  assert.deepEqual(await world.received("bob@elsewhere.test"), []);
  assert.deepEqual(await world.received("thief@evil.test"), []);
  // The customer's next mail finds the way back by the reply's id.
  const next = written({ messageId: "<m9@customer.test>", headers: [["In-Reply-To", `<${ref}>`]] });
  const [hint] = world.channel.receive(deliveryOf(next));
  assert.ok(hint?.conversationKeys.some((key) => conversationKeys.includes(key)));
});

test("an automatic reply says that it is one, and of many references keeps the first and the newest in short lines", async (context) => {
  const world = await bench(context);
  const ids = Array.from({ length: 30 }, (_, at) => `<${at}.${"x".repeat(60)}@customer.test>`);
  const question = await signed(written({ headers: [["References", ids.join("\r\n ")]] }));
  const action = await replyTo(world, question, "Here it is.", true);
  await world.channel.commit(action, "automatic", signal());
  const raw = await only(world);
  const { headers } = opened(raw);
  assert.equal(headers.get("auto-submitted"), "auto-replied");
  assert.match(headers.get("x-auto-response-suppress") ?? "", /OOF, AutoReply/);
  const references = (headers.get("references") ?? "").split(" ");
  assert.ok(references.length <= 22, `${references.length} ids`);
  assert.deepEqual([references[0], references.at(-1)], [ids[0], "<m1@customer.test>"]);
  for (const line of raw.toString("latin1").split("\r\n"))
    assert.ok(line.length <= 998, "RFC 5322, 2.1.1");
});

test("an answer and a notice show the name of their inbox, as it was written, before its address", async (context) => {
  const world = await bench(context);
  const { imap, smtp } = world.sandbox;
  const from = async (name: string): Promise<readonly string[]> => {
    const place = { address: "support@ourshop.test", aliases: [], name };
    const channel = world.again({
      inboxes: [{ ...place, imap: { ...imap, secure: false }, smtp: { ...smtp, secure: false } }],
    });
    await answer({ channel }, await signed(written({})), "Text.", `reply ${name}`);
    const notice = { to: ANN, subject: "Code", text: "123456" };
    await channel.commit(
      { target: "email", operation: "notice", arguments: notice },
      `notice ${name}`,
      signal(),
    );
    const lines = (await world.received(ANN)).slice(-2);
    return lines.map((raw) => opened(raw).headers.get("from") ?? "");
  };
  const plain = "Acme Support <support@ourshop.test>";
  assert.deepEqual(await from("Acme Support"), [plain, plain]);
  for (const name of ['Müller & Söhne, "Hilfe"', "日本語サポート", "a, b <c>"]) {
    const [line = ""] = await from(name);
    assert.match(line, /^[\x20-\x7e]*<support@ourshop\.test>$/);
    const read = namedSender(readHead(Buffer.from(`From: ${line}\r\n\r\n`)));
    assert.deepEqual(read, { kind: "single", address: "support@ourshop.test" });
    const parsed = await simpleParser(Buffer.from(`From: ${line}\r\n\r\n`), {});
    assert.ok(JSON.stringify(parsed).includes(`"name":${JSON.stringify(name)}`));
  }
});

test("the HTML part shows the same text, also to readers that keep no white space by style", async (context) => {
  const world = await bench(context);
  const text = '<img src=x> & "quotes":\n- 1001:  shipped\n  kept\n\nBest,\nAcme';
  await answer(world, await signed(written({})), text, "html");
  const { page: html } = opened(await only(world));
  assert.match(html, /&lt;img src=x&gt; &amp; "quotes"/);
  const collapsed = html
    .replaceAll(/\s+/g, " ")
    .replaceAll("<br>", "\n")
    .replaceAll(/<[^<>]*>/g, "");
  assert.equal(decodeHTML(collapsed).replaceAll("\u00a0", " ").trim(), text);
});

test("a server that says later, no, or nothing each gives its own error", async (context) => {
  const faults: { current: Faults } = { current: {} };
  const world = await faulty(context, faults);
  const cases: readonly [Faults, ErrorCode][] = [
    [{ greeting: "421 busy" }, "channel.unavailable"],
    [{ greeting: "cut" }, "channel.unavailable"],
    [{ recipient: "451 greylisted" }, "channel.unavailable"],
    [{ recipient: "550 no such user" }, "channel.refused"],
    [{ recipient: "cut" }, "channel.unavailable"],
    [{ data: "554 no" }, "channel.refused"],
    [{ content: "451 disk full" }, "channel.unavailable"],
    [{ content: "421 closing" }, "channel.unavailable"],
    [{ content: "550 spam" }, "channel.refused"],
    [{ data: "550 5.4.5 Daily user sending limit exceeded." }, "channel.unavailable"],
    [{ content: "554 5.2.0 STOREDRV.Submission.Exception:x" }, "channel.unavailable"],
    [{ recipient: "530 5.7.0 Must issue a STARTTLS command first" }, "channel.unavailable"],
    [{ content: "cut" }, "channel.uncertain"],
    [{ content: "silence" }, "channel.uncertain"],
  ];
  for (const [index, [fault, code]] of cases.entries()) {
    faults.current = fault;
    const sending = answer(world, await signed(written({})), "Text.", `fault-${index}`);
    await assert.rejects(sending, failsWith(code), JSON.stringify(fault));
  }
});

test("a mail that is put off is sent later under the same id, and kept in Sent only once it was taken", async (context) => {
  const faults: { current: Faults } = { current: {} };
  const world = await faulty(context, faults);
  const action = await replyTo(world, await signed(written({})), "Text.");
  const send = () => world.channel.commit(action, "put-off", signal());
  for (const fault of [
    { recipient: "450 4.2.0 greylisted" },
    { content: "451 4.3.0 disk full" },
    { content: "421 4.3.2 closing" },
  ]) {
    faults.current = fault;
    await assert.rejects(send(), failsWith("channel.unavailable"));
  }
  faults.current = {};
  const { ref } = await send();
  // Two were taken back by the server's own word.
  assert.equal(world.server.taken.length, 3);
  for (const raw of world.server.taken)
    assert.equal(opened(Buffer.from(raw, "latin1")).headers.get("message-id"), `<${ref}>`);
  assert.deepEqual(await sentIds(world), [ref]);
});

test("a server that is not there is tried again and leaves nothing in doubt", async (context) => {
  const world = await bench(context, { smtpPort: 1 });
  const action = await replyTo(world, await signed(written({})), "Text.");
  await commitFails(world.channel, [action, "gone"], "channel.unavailable");
  assert.deepEqual(await world.channel.find(action, "gone", signal()), { state: "absent" });
});

test("a lost answer is settled by the copy in Sent, and by nothing less", async (context) => {
  const faults: { current: Faults } = { current: { content: "cut" } };
  const world = await faulty(context, faults);
  const action = await replyTo(world, await signed(written({})), "Text.");
  await commitFails(world.channel, [action, "lost"], "channel.uncertain");
  const restarted = world.again();
  assert.equal((await restarted.find(action, "lost", signal())).state, "unknowable");
  await commitFails(world.channel, [action, "lost"], "channel.uncertain");
  assert.equal(world.server.taken.length, 1);
  // Some providers keep a copy of what they send by themselves.
  await keepInSent(world, Buffer.from(world.server.taken[0] ?? "", "latin1"));
  const found = await restarted.find(action, "lost", signal());
  assert.equal(found.state, "done");
  const committed = await restarted.commit(action, "lost", signal());
  assert.equal(found.state === "done" ? found.committed.ref : "", committed.ref);
  assert.equal(world.server.taken.length, 1);
});

test("a Sent folder that cannot be asked is no answer", async (context) => {
  const world = await faulty(context, { current: { content: "cut" } });
  const action = await replyTo(world, await signed(written({})), "Text.");
  await commitFails(world.channel, [action, "lost"], "channel.uncertain");
  await world.imapWire.close();
  await assert.rejects(
    world.channel.find(action, "lost", signal()),
    failsWith("channel.unavailable"),
  );
});

test("a crash before the server was reached is known to have sent nothing", async (context) => {
  const world = await bench(context);
  const action = await replyTo(world, await signed(written({})), "Text.");
  assert.deepEqual(await world.again().find(action, "crashed", signal()), { state: "absent" });
  await world.again().commit(action, "crashed", signal());
  await only(world);
});

test("a crash between the server's yes and its record leaves a reply to a person, and it is not sent again", async (context) => {
  const world = await bench(context);
  const action = await replyTo(world, await signed(written({})), "Text.");
  await world.ending("crashed").commit(action, "crashed", signal(), () => true);
  const found = await world.again().find(action, "crashed", signal());
  assert.equal(found.state, "unknowable");
  await commitFails(world.again(), [action, "crashed"], "channel.uncertain");
  await only(world);
});

test("a first try writes one note and reads none; a second one finds what was sent by its copy", async (context) => {
  const world = await bench(context);
  const action = await replyTo(world, await signed(written({})), "Text.");
  const said: string[] = [];
  const read = async (name: string): Promise<string | null> => {
    said.push("read");
    return world.cursors.read(name);
  };
  const write: typeof world.cursors.write = async (name, value) => {
    said.push(value);
    await world.cursors.write(name, value);
  };
  const channel = world.again({ cursors: { ...world.cursors, read, write } });
  const first = await channel.commit(action, "first", signal(), () => true);
  assert.deepEqual(
    said.map((one) => /"state":"([^"]+)"/.exec(one)?.[1] ?? one),
    ["sending"],
  );
  assert.deepEqual(await channel.commit(action, "first", signal()), first);
  await only(world);
  assert.deepEqual(await sentIds(world), [first.ref]);
});

test("what is out and could not be recorded is known to be out without a copy of it", async (context) => {
  const world = await bench(context);
  const action = await replyTo(world, await signed(written({})), "Text.");
  await world.imapWire.close();
  const { ref } = await world.ending("unrecorded").commit(action, "lost", signal(), () => true);
  const found = await world.again().find(action, "lost", signal());
  assert.equal(found.state === "done" ? found.committed.ref : found.state, ref);
  await only(world);
});
