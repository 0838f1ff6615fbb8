import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { readMail, parserPool, type ParserPool } from "#email/parse/read-mail.ts";
import type { MailSource } from "#email/mime/raw-mail.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { openBench, resolved, type EmailBench } from "#test/email/bench.ts";
import { written } from "#test/email/mails.ts";

const LIMITS = { threadsMax: 2, mailMs: 1_500, startMs: 20_000, idleMs: 60_000, heapMb: 32 };
const TEXT_BYTES_MAX = 1_000_000;

let bench: EmailBench;
before(async () => {
  bench = await openBench();
});
after(() => bench.close());

function poolOf(script: string, changes: Partial<typeof LIMITS> = {}): ParserPool {
  const limits = { ...LIMITS, ...changes };
  return parserPool(new URL(`./threads/${script}.ts`, import.meta.url), limits);
}

async function textOf(pool: ParserPool, source: MailSource): Promise<string> {
  const result = await pool.run({ kind: "read", textBytesMax: TEXT_BYTES_MAX }, source, {});
  if (result.kind === "failed") return result.reason;
  return result.kind === "read" ? result.mail.text : result.kind;
}

const Started = z.object({ worker: z.instanceof(Worker) });

/** Calls back for each thread that this process starts until the returned function is called. */
function onThread(started: (worker: Worker) => void): () => void {
  const listen = (message: unknown): void => started(Started.parse(message).worker);
  subscribe("worker_threads", listen);
  return () => void unsubscribe("worker_threads", listen);
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

test("a thread that cannot be started is no fault of the mail, so it is tried again", async () => {
  await assert.rejects(
    textOf(poolOf("absent"), written({})),
    (error) => error instanceof DeskhandError && error.retry,
  );
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

test("threads start with the first mail, are used again, and end when no mail comes", async () => {
  const ended: Promise<unknown>[] = [];
  const stop = onThread((worker) => ended.push(once(worker, "exit")));
  const pool = poolOf("poisoned", { threadsMax: 1, idleMs: 20 });
  assert.equal(ended.length, 0);
  await Promise.all([textOf(pool, written({})), textOf(pool, written({}))]);
  assert.equal(ended.length, 1);
  await ended[0];
  assert.equal(await textOf(pool, written({ text: "two" })), "two");
  assert.equal(ended.length, 2);
  await ended[1];
  stop();
});

const PART = "Content-Type: text/plain\r\n\r\nWhere is it?\r\n";
const MIXED = "From: ann@customer.test\r\nSubject: x\r\nContent-Type: multipart/mixed;";
/** Each of them is read or is for a person; none of them is lost. */
const BROKEN: readonly (readonly [string, string, string | RegExp])[] = [
  ["an undeclared boundary", `${MIXED} x=y\r\n\r\n--b\r\n${PART}--b--`, "Where is it?"],
  [
    "another boundary than it names",
    `${MIXED} boundary=bcdef\r\n\r\n--bcd\r\n${PART}--bcd--`,
    "Where is it?",
  ],
  ["no end", `${MIXED} boundary=b\r\n\r\n--b\r\n${PART}`, "Where is it?"],
  ["no parts at all", `${MIXED} boundary=b\r\n\r\nWhere is it?`, "Where is it?"],
  [
    "2,000 parts inside one another",
    Array.from(
      { length: 2_000 },
      (_, at) =>
        `${at === 0 ? MIXED : "Content-Type: multipart/mixed;"} boundary=b${at}\r\n\r\n--b${at}\r\n`,
    ).join(""),
    /parts inside one another/,
  ],
  [
    "20,000 parts beside one another",
    `${MIXED} boundary=b\r\n\r\n${`--b\r\n${PART}`.repeat(20_000)}`,
    /more than 1000 parts/,
  ],
  [
    "100,000 headers",
    `From: ann@customer.test\r\n${"X: y\r\n".repeat(100_000)}\r\nWhere is it?`,
    "Where is it?",
  ],
  [
    "20,000 nested elements",
    `From: ann@customer.test\r\nContent-Type: text/html\r\n\r\n${"<div>".repeat(20_000)}Where is it?`,
    "Where is it?",
  ],
  [
    "a table of 4.7 MB",
    `From: ann@customer.test\r\nContent-Type: text/html\r\n\r\nWhere is it?<table>${"<tr><td>1</td></tr>".repeat(250_000)}`,
    /^Where is it\?/,
  ],
  [
    "a line of 5 MB",
    `From: ann@customer.test\r\n\r\nWhere is it? ${"x".repeat(5_000_000)}`,
    /^Where is it\?/,
  ],
  ["no headers", "\0\x01\x02\xff\xfe", /no headers/],
];

test("broken mails cost the main thread next to nothing", async () => {
  let longest = 0;
  let last = process.threadCpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(last);
    longest = Math.max(longest, user + system);
    last = process.threadCpuUsage();
  }, 1).unref();
  const before = { own: process.threadCpuUsage(), all: process.cpuUsage() };
  for (const [name, raw, wanted] of BROKEN) {
    const { text, unreadable } = await readMail(Buffer.from(raw, "latin1"));
    const found = unreadable ?? text;
    if (typeof wanted === "string") assert.equal(found, wanted, name);
    else assert.match(found, wanted, name);
  }
  clearInterval(timer);
  const own = process.threadCpuUsage(before.own);
  const all = process.cpuUsage(before.all);
  const share = (own.user + own.system) / (all.user + all.system);
  assert.ok(share < 0.4, `${Math.round(share * 100)} % of the work was on the main thread`);
  assert.ok(longest < 100_000, `it did not look up for ${longest} µs of its own time`);
});

test("a mail that cannot be read goes to a person, and the good ones around it are answered", async () => {
  const outcomes: string[] = [];
  // What verifies signatures has limits of its own, so the largest are left out.
  const broken = BROKEN.map(([, raw]) => raw).filter((raw) => raw.length < 1_000_000);
  for (const raw of ["", ...broken, ""]) {
    const bytes = raw === "" ? written({ text: "Hello" }) : Buffer.from(raw, "latin1");
    const one = await resolved(bench.channel, bytes).then(
      ({ messages }) => (messages[0]?.answerTo === null ? "silent" : (messages[0]?.text ?? "lost")),
      (error: unknown) =>
        error instanceof DeskhandError ? `${error.code}, ${error.message}` : "crash",
    );
    outcomes.push(one);
  }
  assert.equal(outcomes[0], "Hello");
  assert.equal(outcomes.at(-1), "Hello");
  assert.deepEqual(
    outcomes.filter((one) => one.startsWith("input.invalid, the mail could not be read")).length,
    3,
  );
  assert.deepEqual(
    outcomes.filter((one) => ["silent", "lost", "crash"].includes(one)),
    [],
  );
});

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
  assert.ok(most - before < 60_000_000, `${most - before} bytes more`);
});

test("of a text no more is kept than allowed, whatever it is part of", async () => {
  const long = "word ".repeat(100_000);
  const { text, unreadable } = await readMail(written({ text: long }), { textBytesMax: 1_000 });
  assert.equal(unreadable, null);
  assert.ok(text.length <= 1_000 && text.length > 900, String(text.length));
});
