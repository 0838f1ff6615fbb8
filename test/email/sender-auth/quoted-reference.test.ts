/** A signed mail that quotes an answer of ours proves that its sender got that answer, although its To is not signed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { bench, benchForTests, resolved, type EmailBench } from "#test/email/bench.ts";
import { bobsMail, fromAnn, signed, topped, written, type Written } from "#test/email/mails.ts";
import { answer } from "#test/email/outbound/replying.ts";
import { guard } from "#test/guard/input/inbox.ts";
import { ANN, only, opened } from "#test/email/outbound/sending-bench.ts";

const world = benchForTests({ showsReference: () => true });
const ANSWER = "Your order 789 left today.\nIt comes on Friday.";

/** What Ann received as the answer to a first mail. */
async function answered(at: EmailBench = world): Promise<string> {
  if ((await at.received(ANN)).length === 0)
    await answer(at, await fromAnn("first"), ANSWER, "first");
  return opened(await only(at)).plain.toString("utf8");
}

async function identityOf(raw: Buffer, { channel }: Pick<EmailBench, "channel"> = world) {
  const [message] = (await resolved(channel, raw)).messages;
  assert.ok(message);
  return message.identity;
}

const replies = {
  outlook: (quoted: string) =>
    `Thanks, and 456?\n\n________________________________\nFrom: support@ourshop.test <support@ourshop.test>\nSent: Thursday, November 26, 2026 10:00 AM\nTo: Ann Fields <ann@customer.test>\nSubject: Re: My order\n\n${quoted}`,
  "gmail-like": (quoted: string) =>
    `Thanks, and 456?\n\nOn Thu, 26 Nov 2026 at 10:00, <support@ourshop.test> wrote:\n\n> ${quoted.replaceAll("\n", "\n> ")}`,
  "a longer thread": (quoted: string) =>
    `And 456?\n\n> Thanks.\n>\n>> ${quoted.replaceAll("\n", "\n>> ")}\n>> ${"> ".repeat(20)}Ref:\u00a0aaaaaaaaaaaaaaaa`,
};

test("an answer to one address ends with a reference, and only there", async (context) => {
  const text = await answered();
  assert.match(text, /^Your order 789 left today\.\nIt comes on Friday\.\n\nRef: [a-z2-7]{16}$/);
  const without = await bench(context);
  assert.equal(await answered(without), ANSWER);
  const cc = await bench(context, { showsReference: () => true, keepsCc: () => true });
  const more = await signed(written({ headers: [["Cc", "boss@customer.test"]] }));
  await answer(cc, more, ANSWER, "cc");
  assert.equal(opened(await only(cc)).plain.toString("utf8"), ANSWER);
});

test("a signed mail that quotes it is level 2 to read and answer, in each form of quotes, and once", async () => {
  const quoted = await answered();
  for (const [name, reply] of Object.entries(replies)) {
    const raw = await fromAnn(`by-${name.replaceAll(" ", "-")}`, { text: reply(quoted) });
    assert.deepEqual(await identityOf(raw), {
      level: 2,
      actingLevel: 1,
      method: "dkim+reference",
      reason:
        "DKIM signature of customer.test matches the From address, and what it signs quotes an answer of ours to this address",
      handle: { kind: "email", email: ANN },
    });
    const again = topped(raw, "DKIM-Signature: v=1; a=rsa-sha256; d=evil.test; s=t; h=from; b=A");
    const second = await identityOf(again);
    assert.equal(second.level, 1);
    assert.match(second.reason, /was believed before/);
  }
});

test("what does not prove it: another's reference, a made-up one, one in an attached mail, an old or unsigned mail", async (context) => {
  const quoted = await answered();
  const others = await bench(context, { showsReference: () => true, instance: "other" });
  const foreign = await answered(others);
  const bobs = await answerToBob();
  const minutesAgo = (minutes: number): readonly [string, string] => [
    "Date",
    new Date(Date.now() - minutes * 60_000).toUTCString().replace("GMT", "+0000"),
  ];
  const quoting = (text: string, more: Written = {}): Written => ({
    text: replies["gmail-like"](text),
    ...more,
  });
  const tries: readonly (readonly [string, Buffer])[] = [
    ["no quote", await fromAnn("none")],
    ["of another installation", await fromAnn("foreign", quoting(foreign))],
    ["of another customer", await fromAnn("bobs", quoting(bobs))],
    ["made up", await fromAnn("made-up", quoting(`x\nRef: ${"a".repeat(16)}`))],
    ["longer", await fromAnn("longer", quoting(`${quoted}a`))],
    ["to others", await fromAnn("to-others", quoting(quoted, { to: "bob@elsewhere.test" }))],
    ["old", await fromAnn("old", quoting(quoted, { headers: [minutesAgo(16)] }))],
    ["appended", topped(await appended(quoted))],
    ["in an attached mail", await fromAnn("attached", attachedMail(quoted))],
    ["unsigned", written({ messageId: "<u@customer.test>", ...quoting(quoted) })],
  ];
  for (const [name, raw] of tries) {
    const { level, method } = await identityOf(raw);
    assert.deepEqual([level, method], [1, "claimed"], name);
  }
  const off = world.again({ showsReference: () => false });
  const honest = await fromAnn("honest", quoting(quoted));
  assert.equal((await identityOf(honest, { channel: off })).level, 1);
  assert.equal((await identityOf(honest)).level, 2);
});

test("an older key of the installation still proves it, and the guard lets the line through", async () => {
  const quoted = await answered();
  const secret = [
    "a newer secret of the tests, long",
    "a secret of the tests, long enough",
  ] as const;
  const raw = await fromAnn("older-key", { text: replies.outlook(quoted) });
  assert.equal((await identityOf(raw, { channel: world.again({ secret }) })).level, 2);
  const [message] = (await resolved(world.channel, raw)).messages;
  assert.ok(message);
  assert.equal(guard.inspect([message]).verdict, "allow");
});

/** What Bob received from us. */
async function answerToBob(): Promise<string> {
  await answer(world, await bobsMail("first"), ANSWER, "bob");
  return opened(await only(world, "bob@elsewhere.test")).plain.toString("utf8");
}

/** A mail of Ann's whose end a server on the way has added, beyond what the signature covers. */
async function appended(quoted: string): Promise<Buffer> {
  const raw = written({ messageId: "<appended@customer.test>", text: "Hello." });
  const own = await signed(raw, "customer.test", { maxBodyLength: 8 });
  return Buffer.concat([own, Buffer.from(`> ${quoted.replaceAll("\n", "\r\n> ")}\r\n`)]);
}

/** A mail that forwards another as a file. */
function attachedMail(quoted: string): Written {
  const inner = `From: support@ourshop.test\nSubject: Re: My order\n\n${quoted}`;
  return {
    text: `--b\nContent-Type: text/plain\n\nSee below.\n--b\nContent-Type: message/rfc822\n\n${inner}\n--b--`,
    headers: [["Content-Type", "multipart/mixed; boundary=b"]],
  };
}
