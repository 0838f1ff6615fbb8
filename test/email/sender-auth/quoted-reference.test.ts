/** A signed reply that quotes our answer proves that its sender got that answer, although its To is not signed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { bench, benchForTests, deliveryOf, messageOf, type EmailBench } from "#test/email/bench.ts";
import {
  bobsMail,
  fromAnn,
  mailDate,
  signed,
  topped,
  written,
  type Written,
} from "#test/email/mails.ts";
import { answer, ANN, opened, signal } from "#test/email/outbound/sending-bench.ts";
import { guard } from "#test/guard/input/inbox.ts";

const world = benchForTests({ showsReference: () => true });
const SERVER = { authservId: "mx.ourshop.test", hops: 1, isSole: true, isWitness: true };
const ANSWER = "Your order 789 left today.\nIt comes on Friday.";

/** An answer of ours as it arrived. */
interface Arrived {
  readonly text: string;
  /** As a program writes it into the reply. */
  readonly inReplyTo: readonly [string, string];
  readonly replyTo: string;
  readonly page: string;
}

/** What arrives as the answer to this mail. */
async function answered(key: string, raw: Promise<Buffer>, to = ANN, at: EmailBench = world) {
  await answer(at, await raw, ANSWER, key);
  const { headers, plain, page } = opened((await at.received(to)).at(-1) ?? Buffer.from(""));
  const inReplyTo = ["In-Reply-To", headers.get("message-id") ?? ""] as const;
  const replyTo = headers.get("reply-to") ?? "";
  return { text: plain.toString("utf8"), inReplyTo, replyTo, page } satisfies Arrived;
}

function toAnn(key: string, at: EmailBench = world): Promise<Arrived> {
  return answered(key, fromAnn(`ask-${key}`), ANN, at);
}

const US = "Acme Support <support@ourshop.test>";

function block(text: string, from = US, to = "Ann Fields <ann@customer.test>"): string {
  return `From: ${from}\nSent: Thursday, November 26, 2026 10:00 AM\nTo: ${to}\nSubject: Re: My order\n\n${text}`;
}

function marked(text: string, by = US): string {
  return `On Thu, 26 Nov 2026 at 10:00, ${by} wrote:\n\n> ${text.replaceAll("\n", "\n> ")}`;
}

/** Ann's mail with these words, to us, in reply to that answer. */
function reply(text: string, { inReplyTo }: Arrived, more: Written = {}): Written {
  return { text, subject: "RE: My order", ...more, headers: [inReplyTo, ...(more.headers ?? [])] };
}

async function identityOf(raw: Buffer, { channel }: Pick<EmailBench, "channel"> = world) {
  return (await messageOf(channel, raw)).identity;
}

async function assertClaimed(name: string, mail: Written, reason = /quotes no answer of ours/) {
  const identity = await identityOf(await fromAnn(`claimed-${name.replaceAll(" ", "-")}`, mail));
  assert.deepEqual([identity.level, identity.method], [1, "claimed"], name);
  assert.match(identity.reason, reason, name);
}

test("an answer to one address ends with a reference of its own, and only there", async (context) => {
  const [first, second] = [await toAnn("one"), await toAnn("two")];
  const form = /^Your order 789 left today\.\nIt comes on Friday\.\n\nRef: [a-z]{16}$/;
  assert.match(first.text, form);
  assert.match(second.text, form);
  assert.notEqual(first.text, second.text);
  assert.equal((await toAnn("off", await bench(context))).text, ANSWER);
  const cc = await bench(context, { showsReference: () => true, keepsCc: () => true });
  const more = signed(written({ headers: [["Cc", "boss@customer.test"]] }));
  assert.equal((await answered("cc", more, ANN, cc)).text, ANSWER);
});

test("a signed reply that quotes it is level 2 to read and answer, in each form of quotes, and once", async () => {
  const ours = await toAnn("forms");
  const forms = {
    outlook: `Thanks, and 456?\n\n${"_".repeat(32)}\n${block(ours.text)}`,
    "outlook without a rule": `Thanks, and 456?\n\n${block(ours.text)}`,
    "outlook in German": `Danke, und 456?\n\nVon: ${US}\nGesendet: Donnerstag, 26. November 2026 10:00\nAn: ann@customer.test\nBetreff: Re: My order\n\n${ours.text}`,
    "Outlook's links": `Thanks, and 456?\n\n${block(ours.text, "Acme <support@ourshop.test<mailto:support@ourshop.test>>")}`,
    "Apple's marked line": `Thanks, and 456?\n\n> ${marked(ours.text).replaceAll("\n", "\n> ")}`,
    "below a signature": `Thanks, and 456?\nAnn Fields\n| Head of Buying\n\n${block(ours.text)}`,
    "marked lines": `Thanks, and 456?\n\n${marked(ours.text)}`,
    "an older quote below": `And 456?\n\n${marked(`${ours.text}\n\n${marked("Where is it?", "Ann")}`)}`,
  };
  for (const [name, text] of Object.entries(forms)) {
    const raw = await fromAnn(`by-${name.replaceAll(" ", "-")}`, reply(text, ours));
    assert.deepEqual(
      await identityOf(raw),
      {
        level: 2,
        actingLevel: 1,
        method: "dkim+reference",
        reason:
          "DKIM signature of customer.test matches the From address, and what it signs quotes an answer of ours to this address",
        handle: { kind: "email", email: ANN },
      },
      name,
    );
    const line = "DKIM-Signature: v=1; a=rsa-sha256; d=evil.test; s=t; h=from; b=AA==";
    assert.match((await identityOf(topped(raw, line))).reason, /was believed before/);
  }
});

test("so is one that quotes the page an answer of ours arrives as", async () => {
  const ours = await toAnn("page");
  const head = block("", US).trim().replaceAll("\n", "<br>").replace("<support", "&lt;support");
  const text = `<div>Thanks, and 456?</div><hr><div id="divRplyFwdMsg">${head}</div>${ours.page}`;
  const type = ["Content-Type", "text/html; charset=utf-8"] as const;
  const raw = await fromAnn("by-page", reply(text, ours, { headers: [type] }));
  assert.equal((await identityOf(raw)).method, "dkim+reference");
  assert.equal((await messageOf(world.channel, raw)).text, "Thanks, and 456?");
});

test("a forwarded answer of ours proves nothing, sent on to us by the one who got it", async () => {
  const ours = await toAnn("forwarded");
  const forward = { subject: "FW: My order" };
  await assertClaimed("bare", reply(block(ours.text), ours, forward));
  await assertClaimed("with words", reply(`FYI\n\n${block(ours.text)}`, ours, forward));
  for (const subject of ["x", "Ref: 7", "R: drive", "VS: My order", "Report: x"])
    await assertClaimed(
      subject.replace(/\W/g, "-"),
      reply(`FYI\n\n${block(ours.text)}`, ours, { subject }),
    );
  const mark = `---------- Forwarded message ---------\n${block(ours.text)}`;
  await assertClaimed("marked", reply(`FYI\n\n${mark}`, ours));
});

test("nor does one that stands deeper in a mail to others, or that others wrote into theirs", async () => {
  const ours = await toAnn("deep");
  const bob = "Bob <bob@elsewhere.test>";
  const deep = block(`Do you agree?\n\n${block(ours.text)}`, bob);
  await assertClaimed("in a chain", reply(`Yes, agreed.\n\n${deep}`, ours));
  await assertClaimed("planted", reply(`Yes.\n\n${block(ours.text, bob)}`, ours));
  const disguised = block(ours.text, "support@ourshop.test <bob@elsewhere.test>");
  await assertClaimed("by name", reply(`Yes.\n\n${disguised}`, ours));
  await assertClaimed("marked, by name", reply(`Yes.\n\n${marked(ours.text, bob)}`, ours));
  const turned = block(ours.text, "x").replace(
    /^From: x\n(.*)\nTo: .*$/m,
    `To: ${US}\n$1\nFrom: ${bob}`,
  );
  assert.match(turned, /^To: Acme.*\nSent: .*\nFrom: Bob/);
  await assertClaimed("To first", reply(`Yes.\n\n${turned}`, ours));
  const lines = {
    "in a quoted local part": block(ours.text, 'support@ourshop.test <"b"@evil.test>'),
    "in letters no domain has": block(ours.text, "<support@ourshop.test> <bob@\u{eb}vil.test>"),
    "at an address of numbers": block(ours.text, "<support@ourshop.test> <bob@[192.0.2.1]>"),
    "in a second line": block(ours.text, "<support@ourshop.test>\n <mailto:bob@evil.test>"),
    "by name alone": marked(ours.text, "support@ourshop.test"),
    "without an address": marked(ours.text, "Acme Support"),
    "below a block in another language": `\u0160alje: ${bob}\nPoslano: 26.11.2026 10:00\nPrima: Ann\nPredmet: x\n\nYes?\n\n${block(ours.text)}`,
  };
  for (const [name, quote] of Object.entries(lines))
    await assertClaimed(name, reply(`Yes.\n\n${quote}`, ours));
  const below = `> Do you agree?\n\nYes.\n\n${block(ours.text)}`;
  await assertClaimed("below another quote", reply(below, ours));
  await assertClaimed("in own words", reply(`Yes.\n${ours.text}\n\n${marked("Hm?")}`, ours));
});

test("nor does the reference of another answer, customer or installation, or a made-up one", async (context) => {
  const ours = await toAnn("foreign");
  const other = await toAnn("foreign-2");
  const bobs = await answered("bob", bobsMail("first"), "bob@elsewhere.test");
  const elsewhere = await toAnn(
    "foreign",
    await bench(context, { showsReference: () => true, instance: "other" }),
  );
  const quotes = {
    "of another answer": other.text,
    "of another customer": bobs.text,
    "of another installation": elsewhere.text,
    "made up": `${ANSWER}\n\nRef: ${"a".repeat(16)}`,
    "too long": `${ours.text}a`,
    "after many": `${`Ref: ${"a".repeat(16)}\n`.repeat(4)}${ours.text}`,
    none: ANSWER,
  };
  for (const [name, text] of Object.entries(quotes))
    await assertClaimed(name, reply(`And 456?\n\n${marked(text)}`, ours));
  const unnamed = { ...reply(`And 456?\n\n${marked(ours.text)}`, ours), headers: [] };
  await assertClaimed("in reply to nothing", unnamed);
  const bobsOwn = reply(`And?\n\n${marked(bobs.text)}`, bobs);
  await assertClaimed("an answer to Bob", bobsOwn);
});

test("it is known by References or the plus address as well, and for at most four weeks", async () => {
  const ours = await toAnn("ways");
  const text = `And 456?\n\n${marked(ours.text)}`;
  const [, id] = ours.inReplyTo;
  const byReferences = reply(text, { ...ours, inReplyTo: ["References", `<a@b.test> ${id}`] });
  assert.equal((await identityOf(await fromAnn("references", byReferences))).level, 2);
  const byAddress = { text, subject: "RE: My order", to: ours.replyTo };
  assert.match(byAddress.to, /^support\+t\./);
  assert.equal((await identityOf(await fromAnn("plus", byAddress))).level, 2);
  const levelAfter = async (days: number): Promise<number | undefined> => {
    const receivedAt = new Date(Date.now() + days * 86_400_000);
    const headers = [ours.inReplyTo, ["Date", mailDate(receivedAt)] as const];
    const raw = await fromAnn(`after-${days}`, { ...reply(text, ours), headers });
    const delivery = { ...deliveryOf(raw), receivedAt };
    const [hint] = world.channel.receive(delivery);
    assert.ok(hint);
    const { messages } = await world.channel.resolve(hint, {
      ...delivery,
      proofs: new Map(),
      signal: signal(),
    });
    return messages[0]?.identity.level;
  };
  assert.equal(await levelAfter(14), 2);
  assert.equal(await levelAfter(28), 1);
});

test("what else is asked of a second witness stays: our address in To, a fresh mail, a policy that is on", async () => {
  const ours = await toAnn("else");
  const honest = reply(`And 456?\n\n${marked(ours.text)}`, ours);
  const at = mailDate(new Date(Date.now() - 16 * 60_000));
  const old = { ...honest, headers: [ours.inReplyTo, ["Date", at] as const] };
  await assertClaimed("old", old, /older than 15 minutes/);
  await assertClaimed("to Bob", { ...honest, to: "bob@elsewhere.test" }, /no address of ours/);
  const raw = await fromAnn("honest", honest);
  const off = world.again({ showsReference: () => false });
  const { level, reason } = await identityOf(raw, { channel: off });
  assert.equal(level, 1);
  assert.match(reason, /no second witness is set up/);
  assert.equal((await identityOf(raw)).level, 2);
});

test("with our server as a witness too, either is enough; an older key still proves; the guard lets the line through", async () => {
  const ours = await toAnn("both");
  const raw = await fromAnn("both", reply(`And 456?\n\n${block(ours.text)}`, ours));
  const method = async (options: Parameters<typeof world.again>[0], mail = raw) =>
    (await identityOf(mail, { channel: world.again(options) })).method;
  assert.equal(await method({ ownServer: SERVER }), "dkim+reference");
  const unquoted = topped(
    await fromAnn("unquoted"),
    "Authentication-Results: mx.ourshop.test; spf=pass smtp.mailfrom=ann@customer.test; dkim=pass header.d=customer.test",
    "Received: from mail.customer.test by mx.ourshop.test; Fri, 20 Nov 2026 10:00:00 +0000",
  );
  assert.equal(await method({ ownServer: SERVER }, unquoted), "dkim+spf");
  const newer = "a newer secret of the tests, long";
  const secret = [newer, "a secret of the tests, long enough"] as const;
  assert.equal(await method({ secret }), "dkim+reference");
  assert.equal(await method({ secret: newer }), "claimed");
  const message = await messageOf(world.channel, raw);
  assert.equal(guard.inspect([message]).verdict, "allow");
  assert.equal(message.text, "And 456?");
});
