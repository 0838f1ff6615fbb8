import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startSandboxMail } from "#sandbox/mail/index.ts";
import { z } from "zod";
import { nestedMail, useMail } from "./bench.ts";

const bench = useMail();
const DRAFT = {
  from: "ann@customer.test",
  to: "support@ourshop.test",
  subject: "Where is 456?",
  text: "Hello\n",
};

test("a mail written on the page lies in the support inbox with the customer's name and a trace of its way", async () => {
  const messageId = await bench.write(DRAFT);
  const [mail, ...others] = await bench.read("support@ourshop.test");
  assert.ok(mail !== undefined && others.length === 0);
  assert.match(messageId, /^<[^<>\s]+@customer\.test>$/);
  assert.equal(mail.messageId, messageId);
  assert.deepEqual(
    [mail.from, mail.to, mail.subject, mail.text],
    [DRAFT.from, DRAFT.to, DRAFT.subject, DRAFT.text],
  );
  assert.equal(mail.headers["from"], "Ann Fields <ann@customer.test>");
  assert.equal(mail.headers["return-path"], "<ann@customer.test>");
  assert.equal(mail.headers["delivered-to"], "support@ourshop.test");
});

test("an answer reaches the customer's mailbox with its thread and its text as it was sent", async () => {
  const question = await bench.write(DRAFT);
  const text =
    "Hello Ann,\n\norder 456 is being packed.\n  two spaces first\n.a dot first\n\n-- \nThe OurShop team\nGrüße \u{1F600}";
  await bench.smtp({
    from: "OurShop Support <support@ourshop.test>",
    to: "Ann@Customer.test",
    subject: "Re: Where is 456?",
    inReplyTo: question,
    references: question,
    text,
    html: "<p>Hello Ann</p>",
  });
  const [answer] = await bench.read("ann@customer.test");
  assert.equal(answer?.text, text);
  assert.equal(answer?.html, "<p>Hello Ann</p>");
  assert.equal(answer?.from, "support@ourshop.test");
  assert.equal(answer?.headers["in-reply-to"], question);
  assert.equal(answer?.headers["references"], question);
});

test("mail is newest last, for each recipient once, and no recipient sees another's", async () => {
  for (const subject of ["one", "two", "three"])
    await bench.smtp({
      from: "support@ourshop.test",
      to: ["ann@customer.test", "ANN@customer.test", "bob@elsewhere.test"],
      subject,
      text: "x",
    });
  assert.deepEqual(
    (await bench.read("ann@customer.test")).map(({ subject }) => subject),
    ["one", "two", "three"],
  );
  assert.equal((await bench.read("bob@elsewhere.test")).length, 3);
  assert.deepEqual(await bench.read("cara@customer.test"), []);
});

test("mail to the support address with a plus part is support mail, and a restart keeps every mailbox", async () => {
  await bench.smtp({
    from: "ann@customer.test",
    to: "Support+t.12.abc@ourshop.test",
    subject: "plus",
    text: "x",
  });
  await bench.smtp({
    from: "support@ourshop.test",
    to: "ann@customer.test",
    subject: "answer",
    text: "x",
  });
  await bench.restart();
  assert.equal(
    (await bench.read("support@ourshop.test"))[0]?.headers["delivered-to"],
    "support+t.12.abc@ourshop.test",
  );
  assert.equal((await bench.read("ann@customer.test"))[0]?.subject, "answer");
});

test("a bounce has an empty return path", async () => {
  await bench.smtp({
    envelope: { from: "", to: "support@ourshop.test" },
    from: "mailer-daemon@customer.test",
    subject: "Undelivered",
    text: "x",
  });
  assert.equal((await bench.read("support@ourshop.test"))[0]?.headers["return-path"], "<>");
});

test("the page's threads put what a customer wrote and what came back together", async () => {
  const question = await bench.write(DRAFT);
  await bench.write({ ...DRAFT, subject: "Something else" });
  await bench.smtp({
    from: "support@ourshop.test",
    to: DRAFT.from,
    subject: "Re: Where is 456?",
    inReplyTo: question,
    text: "answer",
  });
  const response = await fetch(`${bench.mail.web}/api/threads/${DRAFT.from}`);
  const threads = z
    .array(
      z.object({
        subject: z.string(),
        mails: z.array(z.object({ direction: z.string(), text: z.string() })),
      }),
    )
    .parse(await response.json());
  assert.deepEqual(
    threads.map(({ subject, mails }) => [subject, mails.map(({ direction }) => direction)]),
    [
      ["Where is 456?", ["sent", "received"]],
      ["Something else", ["sent"]],
    ],
  );
});

test("what is no mail is refused naming the field", async () => {
  for (const [field, body] of [
    ["from", { ...DRAFT, from: "ann" }],
    ["from", { ...DRAFT, from: "ann@customer.test\r\nBcc: eve@evil.test" }],
    ["to", { ...DRAFT, to: undefined }],
    ["text", { ...DRAFT, text: 5 }],
    ["bcc", { ...DRAFT, bcc: "eve@evil.test" }],
    ["", []],
  ] as const) {
    const { status, json } = await bench.post(body);
    assert.equal(status, 422);
    assert.equal(
      z.object({ error: z.object({ field: z.string() }) }).parse(json).error.field,
      field,
    );
  }
  assert.equal((await bench.post("{")).status, 400);
  assert.deepEqual(await bench.read("support@ourshop.test"), []);
});

test("line breaks in a subject add no header", async () => {
  await bench.write({ ...DRAFT, subject: "hi\r\nX-Evil: 1\r\n\r\nbody" });
  const [mail] = await bench.read("support@ourshop.test");
  assert.equal(mail?.headers["x-evil"], undefined);
  assert.equal(mail?.text, DRAFT.text);
});

test("a form of another site cannot send mail, while a page of this machine can", async () => {
  const form = await fetch(`${bench.mail.web}/api/mail`, {
    method: "POST",
    body: new URLSearchParams({ from: "a@b.test" }),
  });
  assert.equal(form.status, 415);
  const allowed = async (origin: string) => {
    const response = await fetch(`${bench.mail.web}/api/mail`, {
      method: "OPTIONS",
      headers: { origin },
    });
    return response.headers.get("access-control-allow-origin");
  };
  assert.equal(await allowed("http://127.0.0.1:4000"), "http://127.0.0.1:4000");
  assert.equal(await allowed("http://127.0.0.1.evil.test"), null);
});

test("five megabytes pass, and fifty-one are refused before they are stored", async () => {
  const text = "0123456789abcde\n".repeat((5 * 1024 * 1024) / 16);
  await bench.write({ ...DRAFT, text });
  assert.equal((await bench.read("support@ourshop.test"))[0]?.text, text);
  const raw = Buffer.concat([
    Buffer.from("Subject: huge\r\n\r\n"),
    Buffer.alloc(51 * 1024 * 1024, "0123456789abcdef\r\n"),
  ]);
  const envelope = { from: "ann@customer.test", to: "support@ourshop.test" };
  await assert.rejects(bench.smtp({ envelope, raw }), { responseCode: 552 });
  assert.equal((await bench.read("support@ourshop.test")).length, 1);
});

test("a mail no parser likes is kept and shown", async () => {
  const strange = [
    Buffer.from("no header at all"),
    Buffer.alloc(0),
    Buffer.from(
      'From: "\r\nTo: <\r\nSubject: =?utf-8?B?////?=\r\n__proto__: x\r\nconstructor: y\r\n\r\n\u0000',
    ),
    nestedMail(3000),
    Buffer.from(`Content-Type: text/html\r\n\r\n${"<div>".repeat(50_000)}`),
  ];
  for (const raw of strange) bench.mail.deliver(raw);
  const mails = await bench.read("support@ourshop.test");
  assert.equal(mails.length, strange.length);
  assert.equal(mails[2]?.headers["constructor"], "y");
  assert.equal(mails[3]?.subject, "(unreadable)");
  assert.match(mails[3]?.text ?? "", /boundary=b17/);
  assert.match(mails[4]?.html ?? "", /<div><div>/);
  for (const [index, mail] of mails.entries()) {
    const response = await fetch(`${bench.mail.web}/api/mail/support@ourshop.test/${mail.id}`);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), strange[index]);
  }
  assert.equal(
    (await fetch(`${bench.mail.web}/api/mail/support@ourshop.test/..%2findex.json`)).status,
    404,
  );
});

test("an address too long for a mailbox is refused at RCPT", async () => {
  await assert.rejects(
    bench.smtp({ from: "support@ourshop.test", to: `${"a".repeat(200)}@customer.test`, text: "x" }),
    { responseCode: 550 },
  );
});

test("a port in use fails the start and leaves nothing listening", async () => {
  const second = await mkdtemp(join(tmpdir(), "mail-"));
  const taken = Number(new URL(bench.mail.web).port);
  for (const ports of [
    { web: taken },
    { smtp: bench.mail.smtp.port },
    { imap: bench.mail.imap.port },
  ])
    await assert.rejects(startSandboxMail({ directory: second, now: () => new Date(), ports }), {
      code: "EADDRINUSE",
    });
  await rm(second, { recursive: true });
});
