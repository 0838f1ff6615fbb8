import assert from "node:assert/strict";
import { test } from "node:test";
import type { IdentityEvidence } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import { readHead } from "#email/mime/headers.ts";
import { trustedReplyTo } from "#email/sender-auth/sender-identity.ts";
import { benchForTests, resolved } from "#test/email/bench.ts";
import { signed, written } from "#test/email/mails.ts";

const bench = benchForTests();

async function messageOf(raw: Uint8Array): Promise<Message> {
  const [message] = (await resolved(bench.channel, raw)).messages;
  assert.ok(message);
  return message;
}

async function identityOf(raw: Uint8Array): Promise<IdentityEvidence> {
  return (await messageOf(raw)).identity;
}

test("the sandbox's own signed mail is verified over its DNS, its unsigned mail is not", async () => {
  const { sandbox } = bench;
  const channel = bench.again({ resolver: sandbox.resolver, startAt: "all" });
  const levels = new Map<string, number>();
  for (const isSigned of [true, false])
    await sandbox.send({
      from: "ann@customer.test",
      to: sandbox.address,
      subject: isSigned ? "signed" : "unsigned",
      text: "Where is my order?",
      signed: isSigned,
    });
  const both = Promise.withResolvers<void>();
  await channel.start(async ({ body }) => {
    const { subject, messages } = await resolved(channel, body);
    levels.set(subject, messages[0]?.identity.level ?? -1);
    if (levels.size === 2) both.resolve();
  });
  await both.promise;
  await channel.stop();
  assert.deepEqual(Object.fromEntries(levels), { signed: 2, unsigned: 1 });
});

test("without a DMARC policy the signature alone decides, and must cover all of the mail", async () => {
  const raw = written({ from: "Pia <pia@plain.test>", text: "Hi.\r\nRefund me, too." });
  assert.equal((await identityOf(await signed(raw, "plain.test"))).level, 2);
  assert.equal((await identityOf(await signed(raw, "evil.test"))).level, 1);
  const part = await identityOf(await signed(raw, "plain.test", { maxBodyLength: 5 }));
  assert.equal(part.level, 1);
  assert.match(part.reason, /only part/);
});

test("a Reply-To is followed only when it is signed and stays in the sender's organisation", async () => {
  const to = async (replyTo: string, headerList?: string): Promise<unknown> => {
    const raw = written({ headers: [["Reply-To", replyTo]] });
    const options = headerList === undefined ? {} : { headerList };
    return (await messageOf(await signed(raw, "customer.test", options))).answerTo?.address["to"];
  };
  assert.equal(await to("office@customer.test"), "office@customer.test");
  assert.equal(await to("office@desk.customer.test"), "office@desk.customer.test");
  assert.equal(await to("office@customer.test", "from:to:subject:date"), "ann@customer.test");
  assert.equal(await to("ann@evil.test"), "ann@customer.test");
  assert.equal(await to("ann@evilcustomer.test"), "ann@customer.test");
  assert.equal(await to("ann@customer.test.evil.test"), "ann@customer.test");
  assert.equal(await to("a@customer.test, b@customer.test"), "ann@customer.test");
});

test("a domain without a policy has no organisation beyond itself for a Reply-To", async () => {
  const to = async (replyTo: string): Promise<unknown> => {
    const raw = written({
      from: "pia@plain.test",
      messageId: `<${replyTo}>`,
      headers: [["Reply-To", replyTo]],
    });
    return (await messageOf(await signed(raw, "plain.test"))).answerTo?.address["to"];
  };
  assert.equal(await to("office@plain.test"), "office@plain.test");
  assert.equal(await to("office@desk.plain.test"), "pia@plain.test");
});

test("whatever Reply-To says, account data goes to the address that was proven", async () => {
  const raw = written({ headers: [["Reply-To", "office@customer.test"]] });
  const { answerTo, answerPrivatelyTo } = await messageOf(await signed(raw));
  assert.equal(answerTo?.audience, "shared");
  assert.equal(answerPrivatelyTo?.audience, "private");
  assert.equal(answerPrivatelyTo?.address["to"], "ann@customer.test");
  const plain = await messageOf(await signed(written({})));
  assert.equal(plain.answerTo?.audience, "private");
  assert.equal(plain.answerPrivatelyTo, null);
});

test("a Reply-To of a sender who is not verified is not followed, whatever a signature covers", async () => {
  const raw = written({ headers: [["Reply-To", "office@customer.test"]] });
  const { answerTo, identity } = await messageOf(raw);
  assert.equal(answerTo?.address["to"], "ann@customer.test");
  assert.equal(identity.level, 1);
  const covered = { evidence: identity, signedHeaders: ["from", "reply-to"], organisation: null };
  assert.deepEqual(trustedReplyTo(readHead(raw), "ann@customer.test", covered), {
    address: null,
    ignored: "the sender is not verified",
  });
});
