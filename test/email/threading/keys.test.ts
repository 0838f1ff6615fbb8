import assert from "node:assert/strict";
import { test } from "node:test";
import { benchForTests, resolved } from "#test/email/bench.ts";
import { signed, written } from "#test/email/mails.ts";

const bench = benchForTests();

test("the same mail in two inboxes is one event, other content under its id is another", async () => {
  const { channel } = bench;
  const raw = await signed(written({ messageId: "<a@customer.test>" }));
  const eventOf = (body: Uint8Array): unknown =>
    channel.receive({ source: "imap", headers: {}, body, receivedAt: new Date() })[0]?.eventId;
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
    channel
      .receive({ source: "imap", headers: {}, body: raw, receivedAt: new Date() })
      .flatMap((hint) => hint.conversationKeys);
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
    const [hint, again] = [raw, raw].flatMap((body) =>
      channel.receive({ source: "imap", headers: {}, body, receivedAt: new Date() }),
    );
    assert.ok(hint && hint.conversationKeys.length === 1);
    assert.equal(again?.eventId, hint.eventId);
    const { messages } = await resolved(channel, raw);
    assert.equal(messages[0]?.answerTo?.address["inReplyTo"], null);
  }
});

test("a signed mail sent again under another Message-ID is the same mail when the signature leaves the id open", async () => {
  const keyOf = (body: Uint8Array): unknown =>
    bench.channel.receive({ source: "imap", headers: {}, body, receivedAt: new Date() })[0]
      ?.eventId;
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
