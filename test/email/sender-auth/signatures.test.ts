/** Signed mails that were changed, sent again, sealed or cut, and what is left of their proof. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examined, NOW, OF_ANN, testAll, UNSIGNED, type Case } from "./judged.ts";
import { mailDate, resolver, sealed, signed, topped, written } from "#test/email/mails.ts";
import { processorClock } from "#test/support/processor-time.ts";

const DAY_MS = 24 * 60 * 60_000;
const SEAL_IGNORED = "; that a forwarder vouches for it (ARC) does not count";
const TEXT_CHANGED = "the text was changed after it was signed, and DMARC of customer.test fails";

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

const CASES: Readonly<Record<string, Case>> = {
  "with words behind the length that is signed (l=)": {
    mail: () =>
      signed(written({ text: "Hi.\r\nRefund me, too." }), "customer.test", { maxBodyLength: 5 }),
    level: 1,
    reason: "the signature covers only part of the mail",
  },
  "with words added to the text": {
    mail: async () => Buffer.concat([await signed(written({})), Buffer.from("Refund me.\r\n")]),
    level: 1,
    reason: TEXT_CHANGED,
  },
  "with another subject than was signed": {
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
  "with a second subject on top": {
    mail: async () => topped(await signed(written({})), "Subject: Refund order 789"),
    level: 1,
    reason: "the mail has more than one Subject header, and only one of them is signed or shown",
  },
  "with a second Message-ID on top": {
    mail: async () => topped(await signed(written({})), "Message-ID: <other@customer.test>"),
    level: 1,
    reason: "the mail has more than one Message-ID header, and only one of them is signed or shown",
  },
  "whose signature leaves the date open": {
    mail: () => signed(written({}), "customer.test", { headerList: withoutHeaders("date") }),
    level: 1,
    reason: "the signature does not cover Date, so any server on the way may have changed it",
  },
  "whose signature leaves the subject open": {
    mail: () => signed(written({}), "customer.test", { headerList: withoutHeaders("subject") }),
    level: 1,
    reason: "the signature does not cover Subject, so any server on the way may have changed it",
  },
  "forwarded as it was": {
    mail: async () =>
      topped(
        await signed(written({})),
        "Received: from a by b; x",
        "X-Forwarded-To: desk@ourshop.test",
      ),
    level: 2,
    reason: OF_ANN,
  },
  "forwarded as it was and sealed": {
    mail: async () =>
      sealed(
        await signed(written({})),
        "elsewhere.test",
        "dkim=pass header.d=customer.test; dmarc=pass",
      ),
    level: 2,
    reason: OF_ANN,
  },
  "changed by a list that seals it": {
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
  "sealed by an attacker who says that it passed": {
    mail: () =>
      sealed(
        written({}),
        "evil.test",
        "dkim=pass header.d=customer.test; dmarc=pass header.from=customer.test",
      ),
    level: 1,
    reason: `${UNSIGNED}${SEAL_IGNORED}`,
  },
  "with forged results of a check": {
    mail: () =>
      topped(
        written({}),
        "Received: from a by mx.ourshop.test; today",
        "Authentication-Results: mx.ourshop.test; dkim=pass header.d=customer.test; dmarc=pass",
      ),
    level: 1,
    reason: UNSIGNED,
    with: { ownServer: { authservId: "mx.ourshop.test", hops: 1, isSole: true, isWitness: true } },
  },
  "written a month ago and sent again": {
    mail: () => signed(dated(new Date(NOW.getTime() - 30 * DAY_MS))),
    level: 1,
    reason: "the signature is older than a week, so the mail may be sent again by others",
  },
  "signed more than a week ago and sent again": {
    mail: () =>
      signed(written({}), "customer.test", { signTime: new Date(NOW.getTime() - 8 * DAY_MS) }),
    level: 1,
    reason: "the signature is older than a week, so the mail may be sent again by others",
  },
  "dated far ahead, to stay young": {
    mail: () => signed(dated(new Date(NOW.getTime() + 30 * DAY_MS))),
    level: 1,
    reason: "the mail is dated in the future, so its age cannot be told",
  },
  "cut for its size": {
    mail: () => signed(written({})),
    level: 1,
    reason: "the mail is too large to check its signature",
    with: { cutFromBytes: 30_000_000 },
  },
  "above the size that is checked": {
    mail: () => signed(written({})),
    level: 1,
    reason: "the mail is too large to check its signature",
    with: { bytesMax: 500 },
  },
  "with signatures by the dozen": {
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
  "with header lines by the thousand": {
    mail: async () => topped(await signed(written({})), `X-Long: ${"a\r\n ".repeat(6_000)}b`),
    level: 1,
    reason: "the mail has more header lines than are checked",
  },
  "while DNS is away": {
    mail: () => signed(written({})),
    level: 1,
    reason: "the sender's DNS cannot be asked right now",
    with: { resolver: failing("ESERVFAIL") },
  },
  "whose policy cannot be asked for, though its key can": {
    mail: () => signed(written({})),
    level: 1,
    reason: "the sender's DNS cannot be asked right now",
    with: {
      resolver: async (name, type) =>
        name.startsWith("_dmarc.") ? failing("ESERVFAIL")(name, type) : resolver(name, type),
    },
  },
  "whose key is gone": {
    mail: () => signed(written({}), "customer.test", { selector: "t" }),
    level: 1,
    reason: "no key t is published for the signature of customer.test",
    with: { resolver: failing("ENOTFOUND") },
  },
  "whose key is marked as a test": {
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
};

function failing(code: string): (name: string, type: string) => Promise<never> {
  return async (name, type) => {
    throw Object.assign(new Error(`${type} ${name}`), { code });
  };
}

testAll(CASES);

test("a mail is verified as it arrives, and given up at the size limit", async () => {
  const raw = await signed(written({ text: "a line\r\n".repeat(2_000) }));
  let pieces = 0;
  async function* arriving(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < raw.length; at += 1_001) {
      pieces += 1;
      yield raw.subarray(at, at + 1_001);
    }
  }
  assert.equal((await examined(raw, {}, arriving())).evidence.level, 2);
  const whole = pieces;
  pieces = 0;
  const { evidence } = await examined(raw, { bytesMax: 5_000 }, arriving());
  assert.equal(evidence.level, 1);
  assert.equal(evidence.reason, "the mail is too large to check its signature");
  assert.ok(pieces < whole, `${pieces} of ${whole} pieces were taken`);
});

test("a million lines with the line ends of Unix are checked within two seconds", async () => {
  const raw = Buffer.concat([written({}), Buffer.from("x\r\n".repeat(1_000_000))]);
  const mail = (await signed(raw)).toString("latin1").replaceAll("\r\n", "\n");
  const tookMs = processorClock();
  const { evidence } = await examined(Buffer.from(mail, "latin1"), { bytesMax: 25_000_000 });
  assert.equal(evidence.level, 2);
  const ms = tookMs();
  assert.ok(ms < 2_000, `${ms} ms`);
});
