import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { IdentityEvidence } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import { readHead } from "#email/mime/headers.ts";
import { trustedReplyTo } from "#email/sender-auth/sender-identity.ts";
import { openBench, resolved, type EmailBench } from "#test/email/bench.ts";
import { signed, written, type Written } from "#test/email/mails.ts";

let bench: EmailBench;
before(async () => {
  bench = await openBench();
});
after(() => bench.close());

async function messageOf(raw: Uint8Array): Promise<Message> {
  const [message] = (await resolved(bench.channel, raw)).messages;
  assert.ok(message);
  return message;
}

async function identityOf(raw: Uint8Array): Promise<IdentityEvidence> {
  return (await messageOf(raw)).identity;
}

test("a mail signed by the domain of its From address is verified, and says how", async () => {
  assert.deepEqual(await identityOf(await signed(written({}))), {
    level: 2,
    method: "dkim",
    reason: "DKIM signature of customer.test matches the From address",
    handle: { kind: "email", email: "ann@customer.test" },
  });
});

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

const UNVERIFIED: readonly (readonly [string, () => Promise<Buffer>, RegExp])[] = [
  ["not signed at all", async () => written({}), /DMARC of customer.test fails|not signed/],
  [
    "signed by another domain",
    async () => signed(written({}), "evil.test"),
    /DMARC of customer.test fails|another domain/,
  ],
  [
    "changed after signing",
    async () =>
      Buffer.concat([await signed(written({})), Buffer.from("Send it to me instead.\r\n")]),
    /fails|does not match/,
  ],
  [
    "signed only up to a length, with words behind it",
    async () => {
      const raw = written({ text: "Hi.\r\nRefund me, too." });
      return signed(raw, "customer.test", { maxBodyLength: 5 });
    },
    /only part|fails/,
  ],
  [
    "signed more than a week ago",
    async () => {
      const signTime = new Date(Date.now() - 8 * 24 * 60 * 60_000);
      return signed(written({}), "customer.test", { signTime });
    },
    /older than a week/,
  ],
  [
    "forged results of a check in its own headers",
    async () =>
      written({
        headers: [
          [
            "Authentication-Results",
            "mx.ourshop.test; dkim=pass header.d=customer.test; dmarc=pass",
          ],
          ["ARC-Seal", "i=1; a=rsa-sha256; cv=none; d=evil.test; s=t; b=AAAA"],
          [
            "ARC-Authentication-Results",
            "i=1; evil.test; dkim=pass header.d=customer.test; dmarc=pass",
          ],
        ],
      }),
    /fails|not signed/,
  ],
];

for (const [name, make, reason] of UNVERIFIED)
  test(`a mail ${name} is only a claim`, async () => {
    const identity = await identityOf(await make());
    assert.equal(identity.level, 1);
    assert.equal(identity.method, "claimed");
    assert.match(identity.reason, reason);
    assert.deepEqual(identity.handle, { kind: "email", email: "ann@customer.test" });
  });

const UNCLEAR: readonly (readonly [string, Written])[] = [
  [
    "two From headers",
    {
      headers: [
        ["From", "thief@evil.test"],
        ["From", "ann@customer.test"],
      ],
    },
  ],
  ["two addresses in From", { from: "ann@customer.test, thief@evil.test" }],
  ["an address inside the brackets of another", { from: "<ann@customer.test<thief@evil.test>>" }],
  ["no From header", { headers: [["From", ""]] }],
  ["letters beyond ASCII in the address", { from: "Ann <ann@cüstomer.test>" }],
];

for (const [name, mail] of UNCLEAR)
  test(`a mail with ${name} has no proven sender, even when signed`, async () => {
    for (const domain of ["customer.test", "evil.test"]) {
      const message = await messageOf(await signed(written(mail), domain));
      assert.equal(message.identity.level, 0);
      assert.deepEqual(message.identity.handle, { kind: "none" });
      assert.equal(message.answerTo, null);
      assert.equal(message.ignore, null);
    }
  });

test("without a DMARC policy the signature alone decides, and must cover all of the mail", async () => {
  const raw = written({ from: "Pia <pia@plain.test>", text: "Hi.\r\nRefund me, too." });
  assert.equal((await identityOf(await signed(raw, "plain.test"))).level, 2);
  assert.equal((await identityOf(await signed(raw, "evil.test"))).level, 1);
  const part = await identityOf(await signed(raw, "plain.test", { maxBodyLength: 5 }));
  assert.equal(part.level, 1);
  assert.match(part.reason, /only part/);
});

test("an address in the display name is not the sender", async () => {
  const message = await messageOf(
    await signed(written({ from: '"ann@customer.test" <x@evil.test>' }), "evil.test"),
  );
  assert.equal(message.identity.level, 2);
  assert.deepEqual(message.identity.handle, { kind: "email", email: "x@evil.test" });
  assert.equal(message.author.id, "email:x@evil.test");
});

test("a domain that looks like the customer's is verified as itself", async () => {
  const domain = "xn--cstomer-n2a.test";
  const identity = await identityOf(await signed(written({ from: `ann@${domain}` }), domain));
  assert.deepEqual(identity.handle, { kind: "email", email: `ann@${domain}` });
});

test("DNS that cannot be asked verifies no sender", async () => {
  const away = bench.again({
    resolver: async () => {
      throw Object.assign(new Error("no answer"), { code: "ETIMEOUT" });
    },
  });
  const { messages } = await resolved(away, await signed(written({})));
  assert.equal(messages[0]?.identity.level, 1);
  assert.match(messages[0]?.identity.reason ?? "", /DNS cannot be asked/);
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
    const raw = written({ from: "pia@plain.test", headers: [["Reply-To", replyTo]] });
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

test("a Reply-To added on top of a signed mail changes nothing", async () => {
  const raw = await signed(written({}));
  const forged = Buffer.concat([Buffer.from("Reply-To: thief@customer.test\r\n"), raw]);
  const message = await messageOf(forged);
  assert.equal(message.answerTo?.address["to"], "ann@customer.test");
});
