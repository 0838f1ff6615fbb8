import assert from "node:assert/strict";
import { test } from "node:test";
import { readMail, parserPool, type ParserPool } from "#email/parse/read-mail.ts";
import type { MailSource } from "#email/mime/raw-mail.ts";
import { written } from "#test/email/mails.ts";

const LIMITS = { threadsMax: 2, mailMs: 1_500, startMs: 20_000, idleMs: 60_000, heapMb: 32 };
const TEXT_BYTES_MAX = 1_000_000;

function poolOf(script: string, changes: Partial<typeof LIMITS> = {}): ParserPool {
  const limits = { ...LIMITS, ...changes };
  return parserPool(new URL(`./threads/${script}.ts`, import.meta.url), limits);
}

async function textOf(pool: ParserPool, source: MailSource): Promise<string> {
  const result = await pool({ kind: "read", textBytesMax: TEXT_BYTES_MAX }, source);
  if (result.kind === "failed") return result.reason;
  return result.kind === "read" ? result.mail.text : result.kind;
}

test("a mail that hangs, eats memory or ends its thread is unreadable, and those around it are read", async () => {
  const pool = poolOf("poisoned");
  const words = ["before", "HANG", "between", "EAT", "and", "DIE", "after"];
  const read = await Promise.all(words.map((text) => textOf(pool, written({ text }))));
  assert.deepEqual(
    read.filter((_, index) => index % 2 === 0),
    ["before", "between", "and", "after"],
  );
  assert.match(read[1] ?? "", /^it took more than \d+ ms$/);
  assert.match(read[3] ?? "", /memory|took more than/);
  assert.match(read[5] ?? "", /ended with code 3/);
});

test("a source that fails says so itself, and the next mail is read from its beginning", async () => {
  const pool = poolOf("poisoned", { threadsMax: 1 });
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield written({ text: "half of it" });
    throw new Error("the disk is gone");
  }
  await assert.rejects(textOf(pool, broken()), /the disk is gone/);
  assert.equal(await textOf(pool, written({ text: "whole" })), "whole");
});

const PART = "Content-Type: text/plain\r\n\r\nWhere is it?\r\n";
const MIXED = "From: ann@customer.test\r\nSubject: x\r\nContent-Type: multipart/mixed;";

test("an attachment of 30 MB that comes as a stream takes no memory to speak of", async () => {
  const lines = Buffer.from(`${"QUJD".repeat(19)}\r\n`.repeat(3_300));
  async function* large(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(
      `${MIXED} boundary=b\r\n\r\n--b\r\n${PART}--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.zip\r\n\r\n`,
    );
    for (let count = 0; count < 160; count += 1) yield lines;
    yield Buffer.from("--b--\r\n");
  }
  await readMail(written({}));
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 2).unref();
  const { text, attachments } = await readMail(large());
  clearInterval(timer);
  assert.equal(text, "Where is it?");
  assert.deepEqual(attachments, [
    { name: "a.zip", mediaType: "application/zip", bytes: 30_096_000 },
  ]);
  assert.ok(most - before < 130_000_000, `${most - before} bytes more`);
});

test("of a text no more is kept than allowed, whatever it is part of", async () => {
  const long = written({ text: "word ".repeat(100_000) });
  const result = await poolOf("poisoned")({ kind: "read", textBytesMax: 1_000 }, long);
  assert.ok(result.kind === "read");
  const { text, unreadable } = result.mail;
  assert.equal(unreadable, null);
  assert.ok(text.length <= 1_000 && text.length > 900, String(text.length));
});
