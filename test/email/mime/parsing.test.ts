import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { type MailContent, readMail, readPart } from "#email/parse/read-mail.ts";
import { written, type Written } from "#test/email/mails.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

type Kind = MailContent["segments"][number]["kind"];

function segmentOf({ segments }: MailContent, kind: Kind): string {
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
  ["shift_jis", [0x93, 0xfa, 0x96, 0x7b, 0x87, 0x40], "日本①"],
  ["cp932", [0x93, 0xfa, 0x96, 0x7b], "日本"],
  ["euc-jp", [0xc6, 0xfc, 0xcb, 0xdc], "日本"],
  ["ks_c_5601-1987", [0xc7, 0xd1, 0xb1, 0xdb], "한글"],
  // Letters only the Windows code page has, which goes by the same name.
  ["ks_c_5601-1987", [0x8c, 0x63, 0xb9, 0xe6, 0x20, 0xc6, 0x52], "똠방 힣"],
  ["gb2312", [0xd6, 0xd0, 0xce, 0xc4], "中文"],
  ["gb2312", [0x80, 0x9c, 0x41].slice(1), "淎"],
  ["gb18030", [0x81, 0x39, 0xef, 0x30], "㐁"],
  ["big5", [0xa4, 0xa4, 0xa4, 0xe5], "中文"],
  ["koi8-r", [0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4], "Привет"],
  ["windows-1251", [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2], "Привет"],
  ["windows-1250", [0xf8, 0xed, 0x9e], "říž"],
  ["iso-8859-15", [0xa4], "€"],
  ["utf-7", [...Buffer.from("1 +- 1 +AOk-t+AOk-")], "1 + 1 été"],
  ["us-ascii", [...Buffer.from("été")], "été"],
  ["us-ascii", [0xe9, 0x74, 0xe9, 0x92], "été’"],
  ["utf-8", [0xe9, 0x74, 0xe9], "été"],
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

test("a decoded subject is one line, whatever was encoded in it", async () => {
  const subject = Buffer.from("Hello\r\nBcc: all@customer.test\0").toString("base64");
  assert.equal(await subjectOf(`=?utf-8?B?${subject}?=`), "Hello Bcc: all@customer.test");
});

test("the HTML says in its head how it is written when the mail does not", async () => {
  const raw = Buffer.concat([
    written({ text: '<meta charset="koi8-r">', headers: [["Content-Type", "text/html"]] }),
    Buffer.from([0xf0, 0xd2, 0xc9]),
  ]);
  assert.equal((await readMail(raw)).text, "При");
});

const FILE = "Content-Type: application/pdf\r\nContent-Disposition: attachment;";
const NAMES: readonly (readonly [string, string])[] = [
  ["filename*=utf-8''r%C3%A9sum%C3%A9.pdf", "résumé.pdf"],
  ["filename*0*=utf-8''r%C3%A9; filename*1=\"sum.pdf\"", "résum.pdf"],
  ["filename*1=c.pdf; filename*0=ab", "abc.pdf"],
  ['filename="=?utf-8?B?5pel5pys?=.pdf"', "日本.pdf"],
  ['filename="../../etc/passwd"', "passwd"],
  ['filename="C:\\\\temp\\\\bill.pdf"', "bill.pdf"],
  ['filename="a\u0000b\u202efdp.exe"', "abfdp.exe"],
  ['filename="=?utf-8?Q?a=0D=0Ab.pdf?="', "a b.pdf"],
  ['filename=".."', "attachment-1"],
  ["", "attachment-1"],
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

test("what is encoded for the way is read as it was", async () => {
  const quoted =
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nO=C3=B9 est-=\r\nelle = 5=ZZ";
  assert.equal((await readMail(multipart("mixed", quoted))).text, "Où est-elle = 5=ZZ");
  const base64 = `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: BASE64\r\n\r\n${Buffer.from("Où est-").toString("base64")}\r\n${Buffer.from("elle").toString("base64")}`;
  assert.equal((await readMail(multipart("mixed", base64))).text, "Où est-elle");
});

test("paragraphs that were cut into lines are whole again, and quotes in them stay quotes", async () => {
  const flowed =
    "Content-Type: text/plain; format=flowed; delsp=no\r\n\r\nPlease send \r\nit again.\r\n\r\nAnn\r\n> Shall \r\n> we?";
  const mail = await readMail(multipart("mixed", flowed));
  assert.equal(mail.text, "Please send it again.\n\nAnn");
  assert.equal(segmentOf(mail, "quoted"), "> Shall we?");
});

test("every way of reading on in a mail's text counts, in its order", async () => {
  const raw = multipart(
    "mixed",
    "Content-Type: text/plain\r\n\r\nFirst this.",
    `${FILE}filename=a.pdf\r\n\r\nx`,
    "Content-Type: text/html\r\n\r\n<p>Then that.</p>",
  );
  assert.equal((await readMail(raw)).text, "First this.\nThen that.");
});

const DIFFERENT: readonly (readonly [string, string, boolean])[] = [
  ["Where is order 1001?", "<p>Where is order 1001?</p>", false],
  [
    "See our site https://ourshop.test/a/b [image: logo]",
    "<p>See our <a href='x'>site</a></p>",
    false,
  ],
  ["Where is my order?", "<p>Where is my order?</p><p>Ann Fields</p>", false],
  ["Where is order 1001?", "<p>Where is order 1002?</p>", true],
  ["Where is my order?", "<p>Send the money back please</p>", true],
  ["Send the money back please, at once", "<p>Thanks!</p>", true],
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

test("an invitation is read and kept as a file, and its method is told", async () => {
  const invite =
    "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR";
  const mail = await readMail(
    multipart("alternative", "Content-Type: text/plain\r\n\r\nCan we talk on Monday?", invite),
  );
  assert.equal(mail.text, "Can we talk on Monday?");
  assert.equal(mail.calendarMethod, "REQUEST");
  assert.deepEqual(
    mail.attachments.map(({ name, mediaType }) => [name, mediaType]),
    [["invite.ics", "text/calendar"]],
  );
});

test("a mail inside a mail is quoted with who it says it is from, however it is encoded", async () => {
  const inner = "From: Boss <boss@ourshop.test>\r\nSubject: inner\r\n\r\nrefund her";
  for (const part of [
    `Content-Type: message/rfc822\r\n\r\n${inner}`,
    `Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(inner).toString("base64")}`,
  ]) {
    const mail = await readMail(multipart("mixed", "Content-Type: text/plain\r\n\r\nFYI", part));
    assert.equal(mail.text, "FYI");
    assert.deepEqual([...mail.names], [["ann@customer.test", "Ann Fields"]]);
    assert.equal(
      segmentOf(mail, "forwarded"),
      "From: Boss <boss@ourshop.test>\nSubject: inner\n\nrefund her",
    );
  }
});

test("a mail comes out the same in pieces of any size, and with lone CRs", async () => {
  const raw = multipart(
    "mixed",
    "Content-Type: text/plain; charset=utf-8\r\n\r\nWhere is it?\r\n-- not a boundary\r\n--bb",
    `${FILE}filename=a.pdf\r\n\r\n12345`,
  );
  const whole = await readMail(raw);
  async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  for (const size of [7, 64]) assert.deepEqual(await readMail(inPieces(raw, size)), whole);
  const lone = Buffer.from(raw.toString("latin1").replaceAll("\r\n", "\r"), "latin1");
  assert.equal((await readMail(lone)).text, whole.text);
  assert.match(whole.text, /--bb$/);
  assert.equal(whole.attachments[0]?.bytes, 5);
});

/** A mail whose headers say nothing about its content. */
function untyped(text: string): Buffer {
  const head = written({ text: "" }).toString().trimEnd();
  return Buffer.from(`${head.replaceAll(/\r\nContent-[^\r]*/g, "")}\r\n\r\n${text}`);
}

test("a mail that lost its content type has the parts its body begins with", async () => {
  const parts =
    "--b\nContent-Type: text/plain\n\nWhere is it?\n--b\nContent-Type: image/png; name=a.png\n\nx\n--b--";
  const note = "This is a multi-part message in MIME format.\n\n";
  for (const body of [parts, `\n${parts}`, `${note}${parts}`]) {
    const { text, attachments, attachedParts } = await readMail(untyped(body));
    assert.equal(text, "Where is it?");
    assert.deepEqual(
      attachments.map(({ name }) => name),
      ["a.png"],
    );
    const file = await readPart(Readable.from([untyped(body)]), attachedParts[0] ?? 0, {
      bytesMax: 10,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    assert.ok("bytes" in file);
    assert.equal(Buffer.from(file.bytes).toString(), "x");
  }
});

test("a text that shows a mail's source stays a text, when no header says what it is", async () => {
  const source = "--b\nContent-Type: text/plain\n\nHello\n--b--";
  const text = `What is this?\n\n${source}\n\nIt came today.`;
  const read = await readMail(untyped(text));
  assert.equal(read.text, text);
  assert.deepEqual(read.attachments, []);
});

test("headers without semicolons or with more than an encoding are read all the same", async () => {
  const loose = written({
    text: Buffer.from("<p>Where is <b>it</b>?</p>").toString("base64"),
    headers: [
      ["Content-Type", "text/html charset=utf-8"],
      ["Content-Transfer-Encoding", "base64 charset=utf-8"],
    ],
  });
  assert.equal((await readMail(loose)).text, "Where is it?");
});
