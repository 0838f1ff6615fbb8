import assert from "node:assert/strict";
import { test } from "node:test";
import { useMail } from "./bench.ts";

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
