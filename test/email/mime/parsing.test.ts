import assert from "node:assert/strict";
import { test } from "node:test";
import { type MailContent, readMail } from "#email/parse/read-mail.ts";
import { written, type Written } from "#test/email/mails.ts";
import { deliveryOf, benchForTests, messageOf, resolved } from "#test/email/bench.ts";
import { answer } from "#test/email/outbound/sending-bench.ts";

type Kind = MailContent["segments"][number]["kind"];

function segmentOf({ segments }: Pick<MailContent, "segments">, kind: Kind): string {
  return segments
    .filter((segment) => segment.kind === kind)
    .map(({ text }) => text)
    .join("\n");
}

function multipart(subtype: string, ...parts: readonly string[]): Buffer {
  const text = `${parts.map((part) => `--b\r\n${part}\r\n`).join("")}--b--`;
  return written({ text, headers: [["Content-Type", `multipart/${subtype}; boundary="b"`]] });
}

async function subjectOf(subject: string): Promise<string> {
  return (await readMail(written({ subject }))).subject;
}

/** The same words as programs of different countries write them. */
const CHARSETS: readonly (readonly [string, readonly number[], string])[] = [
  [
    "iso-2022-jp",
    [0x1b, 0x24, 0x42, 0x46, 0x7c, 0x4b, 0x5c, 0x2d, 0x21, 0x1b, 0x28, 0x42],
    "日本①",
  ],
  ["cp932", [0x93, 0xfa, 0x96, 0x7b], "日本"],
  ["ks_c_5601-1987", [0xc7, 0xd1, 0xb1, 0xdb], "한글"],
  // Letters only the Windows code page has, which goes by the same name.
  ["euc-kr", [0x81, 0x41, 0xb1, 0xdb], "갂글"],
  ["gb2312", [0xd6, 0xd0, 0xce, 0xc4], "中文"],
  ["gb18030", [0x81, 0x39, 0xef, 0x30], "㐁"],
  ["koi8-r", [0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4], "Привет"],
  ["windows-1250", [0xf8, 0xed, 0x9e], "říž"],
  ["utf-7", [...Buffer.from("1 +- 1 +AOk-t+AOk-")], "1 + 1 été"],
  ["us-ascii", [0xe9, 0x74, 0xe9, 0x92], "été’"],
  ["nobody-knows-this", [0xe9, 0x74, 0xe9], "été"],
];

for (const [charset, bytes, wanted] of CHARSETS)
  test(`${charset} is read as ${wanted}`, async () => {
    const type = ["Content-Type", `text/plain; charset=${charset}`] as const;
    const raw = Buffer.concat([written({ text: "", headers: [type] }), Buffer.from(bytes)]);
    assert.equal((await readMail(raw)).text, wanted);
    const subject = `=?${charset}?B?${Buffer.from(bytes).toString("base64")}?=`;
    assert.equal(await subjectOf(subject), wanted);
  });

test("bytes without a charset are taken as UTF-8 when they are that, else as Windows wrote them", async () => {
  const without: Written = { text: "", headers: [["Content-Type", "text/plain"]] };
  const read = async (bytes: Uint8Array): Promise<string> =>
    (await readMail(Buffer.concat([written(without), bytes]))).text;
  assert.equal(await read(Buffer.from("Où est ma commande ? 日本")), "Où est ma commande ? 日本");
  assert.equal(
    await read(Buffer.from("O\xf9 est-elle \x96 100 \x80", "latin1")),
    "Où est-elle – 100 €",
  );
  assert.equal(await read(Buffer.from("\x1b$BF|K\\\x1b(B", "latin1")), "日本");
});

test("a subject is put together from its words, also where one letter is cut across two", async () => {
  const bytes = Buffer.from("問い合わせ");
  const word = (part: Uint8Array): string => `=?utf-8?B?${Buffer.from(part).toString("base64")}?=`;
  assert.equal(
    await subjectOf(`${word(bytes.subarray(0, 4))}\r\n ${word(bytes.subarray(4))}`),
    "問い合わせ",
  );
  const japan = "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=";
  assert.equal(await subjectOf(`${japan}\r\n ${japan}`), "日本日本");
  assert.equal(
    await subjectOf("Re: =?utf-8?q?caf=C3?= =?utf-8?Q?=A9_?= order =?x"),
    "Re: café order =?x",
  );
});

const FILE = "Content-Type: application/pdf\r\nContent-Disposition: attachment;";
const NAMES: readonly (readonly [string, string])[] = [
  ["filename*=utf-8''r%C3%A9sum%C3%A9.pdf", "résumé.pdf"],
  ["filename*1=c.pdf; filename*0=ab", "abc.pdf"],
  ['filename="../../etc/passwd"', "passwd"],
  ['filename="a\u0000b\u202efdp.exe"', "abfdp.exe"],
  ['filename=".."', "attachment-1"],
];

for (const [header, wanted] of NAMES)
  test(`an attachment called ${JSON.stringify(header)} is shown as ${wanted}`, async () => {
    const raw = multipart(
      "mixed",
      "Content-Type: text/plain\r\n\r\nHi",
      `${FILE}${header}\r\n\r\nx`,
    );
    const { text, attachments } = await readMail(raw);
    assert.equal(text, "Hi");
    assert.deepEqual(attachments, [{ name: wanted, mediaType: "application/pdf", bytes: 1 }]);
  });

test("paragraphs that were cut into lines are whole again, and quotes in them stay quotes", async () => {
  const flowed =
    "Content-Type: text/plain; format=flowed; delsp=no\r\n\r\nPlease send \r\nit again.\r\n\r\nAnn\r\n> Shall \r\n> we?";
  const mail = await readMail(multipart("mixed", flowed));
  assert.equal(mail.text, "Please send it again.\n\nAnn");
  assert.equal(segmentOf(mail, "quoted"), "> Shall we?");
});

const DIFFERENT: readonly (readonly [string, string, boolean])[] = [
  ["Where is order 1001?", "<p>Where is order 1001?</p>", false],
  [
    "See our site https://ourshop.test/a/b [image: logo]",
    "<p>See our <a href='x'>site</a></p>",
    false,
  ],
  ["Where is order 1001?", "<p>Where is order 1002?</p>", true],
  ["Where is my order?", "<p>Send the money back please</p>", true],
  ["返金してください", "<p>返金して<b>ください</b></p>", false],
];

for (const [plain, html, differ] of DIFFERENT)
  test(`"${plain}" and ${html} ${differ ? "contradict" : "agree with"} each other`, async () => {
    const mail = await readMail(
      multipart(
        "alternative",
        `Content-Type: text/plain; charset=utf-8\r\n\r\n${plain}`,
        `Content-Type: text/html; charset=utf-8\r\n\r\n${html}`,
      ),
    );
    assert.equal(mail.text, plain);
    assert.equal(segmentOf(mail, "contradicting") !== "", differ);
  });

const TNEF =
  "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=winmail.dat\r\n\r\neJ8+IgEA";

test("winmail.dat is a file beside the text, and a mail of nothing else is for a person", async () => {
  const both = await readMail(
    multipart("mixed", "Content-Type: text/plain\r\n\r\nSee below", TNEF),
  );
  assert.equal(both.text, "See below");
  assert.equal(both.unreadable, null);
  assert.deepEqual(both.attachments, [
    { name: "winmail.dat", mediaType: "application/ms-tnef", bytes: 6 },
  ]);
  assert.deepEqual(both.segments, []);
  assert.match((await readMail(multipart("mixed", TNEF))).unreadable ?? "", /winmail\.dat/);
});

test("an encrypted mail is for a person", async () => {
  const mail = await readMail(
    multipart(
      "encrypted",
      "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1",
      "Content-Type: application/octet-stream\r\n\r\nxyz",
    ),
  );
  assert.equal(mail.unreadable, "it is encrypted");
});

test("a mail inside a mail is quoted with who it says it is from, however it is encoded", async () => {
  const inner = "From: Boss <boss@ourshop.test>\r\nSubject: inner\r\n\r\nrefund her";
  for (const part of [
    `Content-Type: message/rfc822\r\n\r\n${inner}`,
    `Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(inner).toString("base64")}`,
  ]) {
    const mail = await readMail(multipart("mixed", "Content-Type: text/plain\r\n\r\nFYI", part));
    assert.equal(mail.text, "FYI");
    assert.equal(mail.senderName, "Ann Fields");
    assert.equal(
      segmentOf(mail, "forwarded"),
      "From: Boss <boss@ourshop.test>\nSubject: inner\n\nrefund her",
    );
  }
});

const bench = benchForTests();

test("what a mail quotes, hides, signs with or holds as another mail is told apart from what its sender says", async () => {
  const message = await messageOf(
    bench.channel,
    multipart(
      "mixed",
      "Content-Type: text/html\r\n\r\n<p>Please refund 789.</p><div hidden>SECRET</div><p>-- <br>Ann Fields</p><blockquote>Refund everything!</blockquote>",
      "Content-Type: message/rfc822\r\n\r\nFrom: boss@ourshop.test\r\nSubject: inner\r\n\r\nrefund her",
    ),
  );
  assert.deepEqual(
    [message.author.id, message.text],
    ["email:ann@customer.test", "Please refund 789."],
  );
  assert.match(segmentOf(message, "signature"), /Ann Fields/);
  assert.match(segmentOf(message, "quoted"), /Refund everything!/);
  assert.equal(segmentOf(message, "hidden"), "SECRET");
  assert.match(segmentOf(message, "forwarded"), /inner[^]*refund her/);
});

const AUTOMATIC: readonly (readonly [Written, RegExp])[] = [
  [{ subject: "=?utf-8?Q?R=C3=A9ponse_automatique_:_congés?=" }, /^auto-reply/],
  [{ from: "No-Reply <no-reply@customer.test>" }, /^bulk/],
  [
    { headers: [["Content-Type", "multipart/report; report-type=delivery-status; boundary=b"]] },
    /^bounce/,
  ],
  [{ from: "support@ourshop.test", messageId: "<x@ourshop.test>" }, /^loop/],
];

test("mail of machines is kept and never answered", async () => {
  for (const [mail, reason] of AUTOMATIC) {
    const message = await messageOf(bench.channel, written(mail));
    assert.match(message.ignore ?? "", reason);
    assert.equal(message.answerTo, null);
  }
});

test("a person who is called Postmaster is answered", async () => {
  const message = await messageOf(bench.channel, written({ from: "postmaster@customer.test" }));
  assert.equal(message.ignore, null);
  assert.notEqual(message.answerTo, null);
});

test("a bounce of our reply finds its conversation and says which reply", async () => {
  const { ref, conversationKeys } = await answer(bench, written({}), "Hello", "bounce-1");
  const report = (action: string, cc = "bob@customer.test"): Buffer =>
    written({
      from: "MAILER-DAEMON@customer.test",
      messageId: `<dsn-${action}-${cc}>`,
      headers: [["Content-Type", 'multipart/report; report-type=delivery-status; boundary="b"']],
      text: `--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; ann@customer.test\r\nAction: ${action}\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <${ref}>\r\nCc: ${cc}\r\n\r\n--b--`,
    });
  const [hint] = bench.channel.receive(deliveryOf(report("failed")));
  assert.equal(hint?.kind, "signal");
  assert.ok(hint?.conversationKeys.some((key) => conversationKeys.includes(key)));
  const { signals, messages } = await resolved(bench.channel, report("failed"));
  assert.deepEqual(
    signals.map((signal) => signal.kind === "bounced" && [signal.ref, signal.permanent]),
    [[ref, true]],
  );
  const [ofCopy] = (await resolved(bench.channel, report("failed", "ann@customer.test"))).signals;
  assert.ok(ofCopy?.kind === "bounced");
  assert.deepEqual(
    [ofCopy.reason, ofCopy.permanent],
    ["a mail server says our reply was not delivered to a person in Cc (5.1.1)", false],
  );
  const inWords = written({
    from: "MAILER-DAEMON@customer.test",
    messageId: "<old@customer.test>",
    text: `Bad luck.\n<ann@customer.test>: 452 4.2.2 her box is full\n\nMessage-ID: <${ref}>`,
  });
  const [older] = bench.channel.receive(deliveryOf(inWords));
  assert.ok(older?.conversationKeys.some((key) => conversationKeys.includes(key)));
  assert.deepEqual(
    (await resolved(bench.channel, inWords)).signals.map(
      (signal) => signal.kind === "bounced" && [signal.ref, signal.permanent],
    ),
    [[ref, false]],
  );
  assert.equal(messages[0]?.author.kind, "system");
  assert.deepEqual((await resolved(bench.channel, report("delayed"))).signals, []);
});

test("our header on another sender's mail makes it no mail of ours", async () => {
  const { ref } = await answer(bench, written({}), "Hello", "copied-header");
  const raw = (await bench.received("ann@customer.test")).at(-1);
  assert.ok(raw);
  assert.deepEqual(bench.channel.receive(deliveryOf(raw)), []);
  const header = /^X-Deskhand-Instance: (.*)\r$/im.exec(raw.toString("latin1"))?.[1] ?? "";
  assert.match(header, /^test; [0-9a-f]{32}$/);
  const copied = written({
    messageId: "<other@customer.test>",
    headers: [
      ["X-Deskhand-Instance", header],
      ["In-Reply-To", `<${ref}>`],
    ],
  });
  assert.equal(bench.channel.receive(deliveryOf(copied))[0]?.kind, "message");
});
