/** A mail that was believed once, sent again in every form its sender's signature still holds for: it is believed no second time. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { benchForTests, deliveryOf, resolved } from "#test/email/bench.ts";
import { mailDate, signed, topped, written } from "#test/email/mails.ts";
import { examined } from "./judged.ts";

const bench = benchForTests();

/** Ann's mail with two signatures of her own domain, as providers make while they change keys. */
async function fromAnn(id: string): Promise<Buffer> {
  const raw = written({ messageId: `<${id}@customer.test>`, text: "Refund my order 12." });
  const headerList = "from:to:cc:subject:date:message-id:mime-version:content-type:reply-to";
  return signed(await signed(raw), "customer.test", { headerList });
}

const UNNAMED = "DKIM-Signature: v=1; a=rsa-sha256; d=evil.test; s=t; h=from; bh=AA==; b=AA==";

/** Each keeps a signature of the sender's own domain valid. */
const FORMS: Readonly<Record<string, (mail: string) => string>> = {
  "a foreign signature without Message-ID on top": (mail) => `${UNNAMED}\r\n${mail}`,
  "other blanks in Subject": (mail) => mail.replace("Subject: My order", "Subject: My  order"),
  "Subject folded": (mail) =>
    mail.replace("Subject: My order", "Subject:\r\n\tMy\r\n order").replace("Ann ", "Ann  "),
  "other blanks in From": (mail) => mail.replace("From: Ann ", "From: Ann \t "),
  "Date folded": (mail) =>
    mail.replace(/^Date: (\w+,) /m, "Date:  $1\r\n ").replace("Ann ", "Ann  "),
  "Message-ID folded, with a foreign signature": (mail) =>
    `${UNNAMED}\r\n${mail.replace("Message-ID: ", "Message-ID:\r\n ")}`,
  "blanks at the end of its lines": (mail) => mail.replace("order 12.", "order 12. \t"),
  "other blanks within its lines": (mail) => mail.replace("Refund my", "Refund   my"),
  "empty lines at its end": (mail) => `${UNNAMED}\r\n${mail}\r\n\r\n`,
  "its second signature taken out": (mail) =>
    mail.replace(/^DKIM-Signature:.*(?:\r\n[ \t].*)*\r\n/i, "").replace("My order", "My  order"),
  "its first signature taken out": (mail) =>
    mail.replace(/\r\nDKIM-Signature:.*(?:\r\n[ \t].*)*/i, "").replace("My order", "My  order"),
  "blanks in b=": (mail) =>
    mail.replaceAll(/(;\s*b=)(\w)/g, "$1\r\n \t$2 ").replace("My order", "My  order"),
  "its fields in another order, and one more": (mail) =>
    mail
      .replace(/(Subject: .*\r\n)(Date: .*\r\n)/, "$2X-Other: here\r\nCc: \r\n$1")
      .replace("My order", "My  order"),
};

for (const [form, altered] of Object.entries(FORMS))
  test(`sent again with ${form}, it is a claim`, async () => {
    const honest = await fromAnn(form.replaceAll(/\W/g, "-"));
    const again = Buffer.from(altered(honest.toString("latin1")), "latin1");
    const before = await resolved(bench.channel, honest);
    assert.equal(before.messages[0]?.identity.level, 2);
    assert.equal((await examined(again)).evidence.level, 2, "its signature still holds");
    const [first, second] = [honest, again].map((raw) => bench.channel.receive(deliveryOf(raw))[0]);
    assert.notEqual(second?.eventId, first?.eventId);
    const [message] = (await resolved(bench.channel, again)).messages;
    assert.equal(message?.identity.level, 1);
    assert.match(message?.identity.reason ?? "", /was believed before/);
    // A job that is done once more reads it as it did before.
    assert.equal((await resolved(bench.channel, honest)).messages[0]?.identity.level, 2);
  });

test("the next mail is believed, with the same words and under the same Message-ID", async () => {
  const at = (seconds: number): readonly [string, string] => [
    "Date",
    mailDate(new Date(Date.now() - seconds * 1_000)),
  ];
  for (const seconds of [60, 30]) {
    const raw = await signed(
      written({ messageId: "<same@customer.test>", headers: [at(seconds)] }),
    );
    assert.equal((await resolved(bench.channel, raw)).messages[0]?.identity.level, 2);
  }
});

for (const [what, more, altered] of [
  ["", ":message-id", (mail: string) => mail.replace("My order", "My  order")],
  [
    ", with another Message-ID that no signature covers",
    "",
    (mail: string) => mail.replace("<copy@", "<other@").replace("My order", "My  order"),
  ],
] as const)
  test(`another recipient's copy with a signature of its own, sent on${what}, is a claim`, async () => {
    const headerList = `from:to:cc:subject:date:mime-version:content-type${more}`;
    const at = new Date(Math.floor(Date.now() / 1_000) * 1_000);
    const copy = async (text: string, seconds = 0): Promise<Buffer> => {
      const date = mailDate(new Date(at.getTime() - 60_000));
      const headers = [["Cc", "mallory@evil.test"] as const, ["Date", date] as const];
      const messageId = `<copy@${text}${more.length}.customer.test>`;
      const signTime = new Date(at.getTime() - seconds * 1_000);
      return signed(written({ headers, messageId, text }), "customer.test", {
        headerList,
        signTime,
      });
    };
    const levelIn = async (raw: Buffer) =>
      (await resolved(bench.channel, raw)).messages[0]?.identity.level;
    assert.equal(await levelIn(await copy("first")), 2);
    const other = Buffer.from(altered((await copy("first", 5)).toString("latin1")), "latin1");
    assert.equal((await examined(other)).evidence.level, 2, "its signature holds");
    assert.equal(await levelIn(other), 1);
    assert.equal(await levelIn(await copy("second")), 2, "another text of the same moment");
  });

test("of one mail in two forms that come at the same moment, one is believed", async () => {
  const honest = await fromAnn("at-once");
  const again = topped(honest, UNNAMED);
  const both = await Promise.all([honest, again].map((raw) => resolved(bench.channel, raw)));
  const levels = both.map(({ messages: [message] }) => message?.identity.level ?? 0);
  assert.deepEqual(
    levels.toSorted((a, b) => a - b),
    [1, 2],
  );
});

test("a mail keeps the key it had in versions before", () => {
  const raw = written({ headers: [["Date", "Fri, 20 Nov 2026 10:00:00 +0000"]] });
  const [hint] = bench.channel.receive(deliveryOf(raw));
  assert.equal(hint?.eventId, "mail:644626b6f9ba77964a9964d2df2919cbb9e31939");
});
