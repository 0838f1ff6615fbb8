/** Every way we know of to look like a customer by mail, each with the level it reaches and the reason given. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readHead } from "#adapters/email/headers.ts";
import { verifySender, type Examined, type VerifyOptions } from "#adapters/email/identity.ts";
import { resolver, sealed, signed, topped, written } from "./mails.ts";

const NOW = new Date();
const DAY_MS = 24 * 60 * 60_000;
const ANN = "Ann Fields <ann@customer.test>";
const OWN = { authservId: "mx.ourshop.test", hops: 1 };
const RECEIVED =
  "Received: from mx.customer.test by mx.ourshop.test; Fri, 20 Nov 2026 10:00:00 +0000";

async function examined(raw: Uint8Array, changes: Partial<VerifyOptions> = {}): Promise<Examined> {
  return verifySender(raw, readHead(raw), {
    resolver,
    receivedAt: NOW,
    cutFromBytes: null,
    bytesMax: 1_000_000,
    signal: AbortSignal.timeout(10_000),
    ownServer: null,
    dnsLimits: { mailMs: 5_000, questionsMax: 40, pausesMs: [] },
    ...changes,
  });
}

function mailDate(at: Date): string {
  return at.toUTCString().replace("GMT", "+0000");
}

function dated(at: Date): Buffer {
  return written({ headers: [["Date", mailDate(at)]] });
}

function withoutHeaders(names: string): string {
  const all = "from:to:subject:date:message-id:mime-version:content-type:content-transfer-encoding";
  return all
    .split(":")
    .filter((name) => !names.split(":").includes(name))
    .join(":");
}

interface Case {
  readonly name: string;
  readonly mail: () => Promise<Buffer> | Buffer;
  readonly level: 0 | 1 | 2;
  readonly reason: string;
  /** `ann@customer.test` unless told; null for nobody. */
  readonly handle?: string | null;
  readonly with?: Partial<VerifyOptions>;
}

const OF_ANN = "DKIM signature of customer.test matches the From address";
const UNSIGNED = "the mail is not signed, and DMARC of customer.test fails";
const SEAL_IGNORED = "; that a forwarder vouches for it (ARC) does not count";
const TEXT_CHANGED = "the text was changed after it was signed, and DMARC of customer.test fails";
const NOT_ONE = "the From header does not name exactly one address";
const NOT_PLAIN = "the From address is not a plain ASCII address";

const CASES: readonly Case[] = [
  { name: "genuine", mail: () => signed(written({})), level: 2, reason: OF_ANN },
  {
    name: "genuine and in capitals",
    mail: () => signed(written({ from: "ANN@CUSTOMER.TEST" }), "Customer.TEST"),
    level: 2,
    reason: OF_ANN,
  },
  {
    name: "genuine with the line ends of Unix",
    mail: async () =>
      Buffer.from(
        (await signed(written({}))).toString("latin1").replaceAll("\r\n", "\n"),
        "latin1",
      ),
    level: 2,
    reason: OF_ANN,
  },
  {
    name: "genuine, signed by the company and by its mail service",
    mail: async () => signed(await signed(written({})), "evil.test"),
    level: 2,
    reason: OF_ANN,
  },
  {
    name: "genuine and signed for a part of its domain",
    mail: () => signed(written({}), "mail.customer.test"),
    level: 2,
    reason: "DKIM signature of mail.customer.test matches the From address",
  },
  { name: "not signed", mail: () => written({}), level: 1, reason: UNSIGNED },
  {
    name: "signed by whoever sent it",
    mail: () => signed(written({}), "evil.test"),
    level: 1,
    reason:
      "signed by another domain than customer.test: evil.test, and DMARC of customer.test fails",
  },
  {
    name: "of a stranger who quotes a customer's order number",
    mail: () =>
      signed(written({ from: "x@evil.test", text: "I am Ann. Where is order 789?" }), "evil.test"),
    level: 2,
    reason: "DKIM signature of evil.test matches the From address",
    handle: "x@evil.test",
  },
  {
    name: "with the customer's address as the name shown",
    mail: () => signed(written({ from: '"ann@customer.test" <x@evil.test>' }), "evil.test"),
    level: 2,
    reason: "DKIM signature of evil.test matches the From address",
    handle: "x@evil.test",
  },
  {
    name: "with the customer's address unquoted as the name shown",
    mail: () => signed(written({ from: "ann@customer.test <x@evil.test>" }), "evil.test"),
    level: 2,
    reason: "DKIM signature of evil.test matches the From address",
    handle: "x@evil.test",
  },
  {
    name: "with the customer's address in an encoded name",
    mail: () =>
      signed(written({ from: "=?utf-8?q?ann=40customer.test?= <x@evil.test>" }), "evil.test"),
    level: 2,
    reason: "DKIM signature of evil.test matches the From address",
    handle: "x@evil.test",
  },
  {
    name: "with the customer's address in a comment",
    mail: () => signed(written({ from: "x@evil.test (ann@customer.test)" }), "evil.test"),
    level: 2,
    reason: "DKIM signature of evil.test matches the From address",
    handle: "x@evil.test",
  },
  {
    name: "from a domain in other letters",
    mail: () => signed(written({ from: "ann@xn--cstomer-n2a.test" }), "xn--cstomer-n2a.test"),
    level: 2,
    reason:
      "DKIM signature of xn--cstomer-n2a.test matches the From address; its domain is written in special letters and may look like another one",
    handle: "ann@xn--cstomer-n2a.test",
  },
  ...(["evil.test", "customer.test"] as const).flatMap((domain): Case[] =>
    [
      ["thief@evil.test", "ann@customer.test"],
      ["ann@customer.test", "thief@evil.test"],
    ].map((both) => ({
      name: `with two From headers, ${both[0]} on top, signed by ${domain}`,
      mail: () => signed(written({ headers: both.map((from) => ["From", from]) }), domain),
      level: 0,
      reason: "the mail has more than one From header",
      handle: null,
    })),
  ),
  ...(
    [
      ["two addresses", "ann@customer.test, thief@evil.test", NOT_ONE],
      ["two addresses the other way round", "thief@evil.test, ann@customer.test", NOT_ONE],
      ["two addresses of one domain", "ann@customer.test, bob@customer.test", NOT_ONE],
      ["an address within an address", "<ann@customer.test<thief@evil.test>>", NOT_PLAIN],
      ["a group", "Customers:<ann@customer.test>;", "the From header names a group"],
      [
        "a group without brackets",
        "Customers: ann@customer.test;",
        "the From header names a group",
      ],
      ["an empty group", "Nobody:;", NOT_ONE],
      ["a quoted address as local part", '"ann@customer.test"@evil.test', NOT_PLAIN],
      ["a quoted local part in brackets", '<"ann"@customer.test>', NOT_PLAIN],
      ["an encoded address", "=?utf-8?q?ann=40customer.test?=", NOT_ONE],
      ["an encoded local part", "=?utf-8?q?ann?=@customer.test", NOT_PLAIN],
      ["letters beyond ASCII in the domain", "Ann <ann@cüstomer.test>", NOT_PLAIN],
      ["letters beyond ASCII before the @", "Ann <аnn@customer.test>", NOT_PLAIN],
      [
        "a null byte",
        "ann@customer.test\0@evil.test",
        "the From header has control characters in it",
      ],
      [
        "a null byte in the name",
        '"Ann\0" <ann@customer.test>',
        "the From header has control characters in it",
      ],
      [
        "a lone carriage return",
        "x@evil.test\rFrom: ann@customer.test",
        "the From header has control characters in it",
      ],
      ["a final dot", "ann@customer.test.", NOT_PLAIN],
    ] as const
  ).map(([name, from, reason]): Case => ({
    name: `whose From has ${name}`,
    mail: () => signed(written({ from })),
    level: 0,
    reason,
    handle: null,
  })),
  {
    name: "without From",
    mail: () => written({ headers: [["From", ""]] }),
    level: 0,
    reason: NOT_ONE,
    handle: null,
  },
  {
    name: "with words behind the length that is signed (l=)",
    mail: () =>
      signed(written({ text: "Hi.\r\nRefund me, too." }), "customer.test", { maxBodyLength: 5 }),
    level: 1,
    reason: "the signature covers only part of the mail",
  },
  {
    name: "with words added behind a signature that covered all there was (l=)",
    mail: async () => {
      const raw = written({ text: "Hi." });
      const all = await signed(raw, "customer.test", { maxBodyLength: 5 });
      return Buffer.concat([all, Buffer.from("Refund me, too.\r\n")]);
    },
    level: 1,
    reason: "the signature covers only part of the mail",
  },
  {
    name: "with words added to the text",
    mail: async () => Buffer.concat([await signed(written({})), Buffer.from("Refund me.\r\n")]),
    level: 1,
    reason: TEXT_CHANGED,
  },
  {
    name: "with another subject than was signed",
    mail: async () =>
      Buffer.from(
        (await signed(written({})))
          .toString("latin1")
          .replace("\r\nSubject: My", "\r\nSubject: Refund my"),
        "latin1",
      ),
    level: 1,
    reason: "a header was changed after it was signed, and DMARC of customer.test fails",
  },
  {
    name: "with a second subject on top",
    mail: async () => topped(await signed(written({})), "Subject: Refund order 789"),
    level: 1,
    reason: "the mail has more than one Subject header, and only one of them is signed or shown",
  },
  {
    name: "with a second Message-ID on top",
    mail: async () => topped(await signed(written({})), "Message-ID: <other@customer.test>"),
    level: 1,
    reason: "the mail has more than one Message-ID header, and only one of them is signed or shown",
  },
  {
    name: "whose signature leaves the subject open",
    mail: () => signed(written({}), "customer.test", { headerList: withoutHeaders("subject") }),
    level: 1,
    reason: "the signature does not cover Subject, so anybody may have changed it",
  },
  {
    name: "whose signature leaves the date open",
    mail: () => signed(written({}), "customer.test", { headerList: withoutHeaders("date") }),
    level: 1,
    reason: "the signature does not cover Date, so anybody may have changed it",
  },
  {
    name: "forwarded as it was",
    mail: async () =>
      topped(
        await signed(written({})),
        "Received: from a by b; x",
        "X-Forwarded-To: desk@ourshop.test",
      ),
    level: 2,
    reason: OF_ANN,
  },
  {
    name: "forwarded as it was and sealed",
    mail: async () =>
      sealed(
        await signed(written({})),
        "elsewhere.test",
        "dkim=pass header.d=customer.test; dmarc=pass",
      ),
    level: 2,
    reason: OF_ANN,
  },
  {
    name: "changed by a list: subject and footer",
    mail: async () => {
      const changed = (await signed(written({})))
        .toString("latin1")
        .replace("Subject: ", "Subject: [list] ");
      return Buffer.from(
        `${changed}-- \r\nTo leave the list, write to leave@list.test\r\n`,
        "latin1",
      );
    },
    level: 1,
    reason: TEXT_CHANGED,
  },
  {
    name: "changed by a list that seals it",
    mail: async () => {
      const changed = Buffer.concat([
        await signed(written({})),
        Buffer.from("-- \r\nthe list\r\n"),
      ]);
      return sealed(changed, "elsewhere.test", "dkim=pass header.d=customer.test; dmarc=pass");
    },
    level: 1,
    reason: `${TEXT_CHANGED}${SEAL_IGNORED}`,
  },
  {
    name: "sealed by an attacker who says that it passed",
    mail: () =>
      sealed(
        written({}),
        "evil.test",
        "dkim=pass header.d=customer.test; dmarc=pass header.from=customer.test",
      ),
    level: 1,
    reason: `${UNSIGNED}${SEAL_IGNORED}`,
  },
  {
    name: "with forged results of a check",
    mail: () =>
      topped(
        written({}),
        RECEIVED,
        "Authentication-Results: mx.ourshop.test; dkim=pass header.d=customer.test; dmarc=pass",
      ),
    level: 1,
    reason: UNSIGNED,
    with: { ownServer: OWN },
  },
  {
    name: "written a month ago and sent again",
    mail: () => signed(dated(new Date(NOW.getTime() - 30 * DAY_MS))),
    level: 1,
    reason: "the signature is older than a week, so the mail may be sent again by others",
  },
  {
    name: "signed a month ago and sent again",
    mail: () =>
      signed(written({}), "customer.test", { signTime: new Date(NOW.getTime() - 30 * DAY_MS) }),
    level: 1,
    reason: "the signature is older than a week, so the mail may be sent again by others",
  },
  {
    name: "dated far ahead, to stay young",
    mail: () => signed(dated(new Date(NOW.getTime() + 30 * DAY_MS))),
    level: 1,
    reason: "the mail is dated in the future, so its age cannot be told",
  },
  {
    name: "cut for its size",
    mail: () => signed(written({})),
    level: 1,
    reason: "the mail is too large to check its signature",
    with: { cutFromBytes: 30_000_000 },
  },
  {
    name: "above the size that is checked",
    mail: () => signed(written({})),
    level: 1,
    reason: "the mail is too large to check its signature",
    with: { bytesMax: 500 },
  },
  {
    name: "with signatures by the dozen",
    mail: async () =>
      topped(
        await signed(written({})),
        ...Array.from(
          { length: 12 },
          () => "DKIM-Signature: v=1; a=rsa-sha256; d=evil.test; s=t; h=from; bh=AA==; b=AA==",
        ),
      ),
    level: 1,
    reason: "the mail has 13 signatures, more than are checked",
  },
  {
    name: "with header lines by the thousand",
    mail: async () => topped(await signed(written({})), `X-Long: ${"a\r\n ".repeat(6_000)}b`),
    level: 1,
    reason: "the mail has more header lines than are checked",
  },
  {
    name: "while DNS is away",
    mail: () => signed(written({})),
    level: 1,
    reason: "the sender's DNS cannot be asked right now",
    with: { resolver: failing("ESERVFAIL") },
  },
  {
    name: "whose policy cannot be asked for, though its key can",
    mail: () => signed(written({})),
    level: 1,
    reason: "the sender's DNS cannot be asked right now",
    with: {
      resolver: async (name, type) =>
        name.startsWith("_dmarc.") ? failing("ESERVFAIL")(name, type) : resolver(name, type),
    },
  },
  {
    name: "whose key is gone",
    mail: () => signed(written({}), "customer.test", { selector: "t" }),
    level: 1,
    reason: "no key t is published for the signature of customer.test",
    with: { resolver: failing("ENOTFOUND") },
  },
  {
    name: "whose key is marked as a test",
    mail: () => signed(written({})),
    level: 1,
    reason: "customer.test publishes its signing key as a test only (t=y)",
    with: {
      resolver: async (name, type) =>
        (await resolver(name, type)).map((record) =>
          record.map((text) => text.replace("v=DKIM1;", "v=DKIM1; t=y;")),
        ),
    },
  },
];

function failing(code: string): (name: string, type: string) => Promise<never> {
  return async (name, type) => {
    throw Object.assign(new Error(`${type} ${name}`), { code });
  };
}

for (const { name, mail, level, reason, handle = "ann@customer.test", with: changes } of CASES)
  test(`a mail ${name}: level ${level}`, async () => {
    const { evidence, signedHeaders } = await examined(await mail(), changes);
    assert.deepEqual(evidence, {
      level,
      method: ["none", "claimed", "dkim"][level],
      reason,
      handle: handle === null ? { kind: "none" } : { kind: "email", email: handle },
    });
    assert.equal(signedHeaders.length > 0, level === 2);
  });

test("the results of the own server can only speak against a sender, and only the first of them is read", async () => {
  const raw = await signed(written({ from: ANN }));
  const level = async (...lines: string[]): Promise<string> => {
    const { evidence } = await examined(topped(raw, ...lines), { ownServer: OWN });
    return `${evidence.level} ${evidence.reason}`;
  };
  const against = (what: string): string =>
    `1 our mail server mx.ourshop.test says ${what} for customer.test`;
  const said = (results: string): string => `Authentication-Results: MX.ourshop.test 1; ${results}`;
  const agreed = `2 ${OF_ANN}`;
  assert.equal(await level(RECEIVED), agreed);
  assert.equal(await level(said("dkim=pass header.d=customer.test; dmarc=pass"), RECEIVED), agreed);
  assert.equal(
    await level(said("dmarc=fail header.from=customer.test"), RECEIVED),
    against("dmarc=fail"),
  );
  assert.equal(await level(RECEIVED, said("dmarc=fail")), against("dmarc=fail"), "right below");
  assert.equal(await level(RECEIVED, "X-Other: 1", said("dmarc=fail")), agreed, "further down");
  assert.equal(await level(said("dmarc=fail")), agreed, "no Received line at all");
  assert.equal(await level("Authentication-Results: mx.evil.test; dmarc=fail", RECEIVED), agreed);
  assert.equal(
    await level(said("dmarc=fail"), said("dmarc=pass"), RECEIVED),
    against("dmarc=fail"),
  );
  assert.equal(await level(said("dmarc=pass"), said("dmarc=fail"), RECEIVED), agreed);
  assert.equal(
    await level(said("dmarc=fail (but (dmarc=pass; really) x)"), RECEIVED),
    against("dmarc=fail"),
  );
  assert.equal(
    await level(said('dmarc (x) = (y) fail reason="a; dmarc=pass"'), RECEIVED),
    against("dmarc=fail"),
  );
  assert.equal(
    await level(said("dkim=none; spf=pass smtp.mailfrom=customer.test"), RECEIVED),
    against("dkim=none"),
  );
  assert.equal(await level(said("dkim=pass header.d=evil.test"), RECEIVED), against("dkim=pass"));
  assert.equal(await level(said("dkim=temperror"), RECEIVED), agreed);
  assert.equal(await level(said("none"), RECEIVED), agreed);
});

test("with two own servers the headers between them count, too", async () => {
  const raw = await signed(written({}));
  const said = "Authentication-Results: mx.ourshop.test; dmarc=fail";
  const mail = topped(raw, RECEIVED, "X-Scanned: yes", said, RECEIVED);
  const level = async (hops: number): Promise<number> =>
    (await examined(mail, { ownServer: { ...OWN, hops } })).evidence.level;
  assert.deepEqual([await level(1), await level(2), await level(3)], [2, 1, 2]);
});

test("a mail is verified as it arrives, and given up at the size limit", async () => {
  const raw = await signed(written({ text: "a line\r\n".repeat(2_000) }));
  let pieces = 0;
  async function* arriving(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < raw.length; at += 1_001) {
      pieces += 1;
      yield raw.subarray(at, at + 1_001);
    }
  }
  const head = readHead(raw);
  const options = {
    resolver,
    receivedAt: NOW,
    cutFromBytes: null,
    bytesMax: 1_000_000,
    signal: AbortSignal.timeout(10_000),
    ownServer: null,
  };
  assert.equal((await verifySender(arriving(), head, options)).evidence.level, 2);
  const whole = pieces;
  pieces = 0;
  const { evidence } = await verifySender(arriving(), head, { ...options, bytesMax: 5_000 });
  assert.equal(evidence.level, 1);
  assert.equal(evidence.reason, "the mail is too large to check its signature");
  assert.ok(pieces < whole, `${pieces} of ${whole} pieces were taken`);
});

test("a million lines with the line ends of Unix are checked within two seconds", async () => {
  const raw = Buffer.concat([written({}), Buffer.from("x\r\n".repeat(1_000_000))]);
  const mail = (await signed(raw)).toString("latin1").replaceAll("\r\n", "\n");
  const started = performance.now();
  const { evidence } = await examined(Buffer.from(mail, "latin1"), { bytesMax: 25_000_000 });
  assert.equal(evidence.level, 2);
  assert.ok(performance.now() - started < 2_000, `${performance.now() - started} ms`);
});
