import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import type { ImapFlow } from "imapflow";
import { useMail } from "./bench.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const bench = useMail();
const MAIL =
  "From: ann@customer.test\r\nTo: support@ourshop.test\r\nMessage-ID: <m1@customer.test>\r\nSubject: hi\r\n\r\nhello\r\n";

async function sources(client: ImapFlow, folder: string): Promise<string[]> {
  const lock = await client.getMailboxLock(folder);
  try {
    // A session that does not idle learns of new mail with its next command.
    await client.noop();
    const found: string[] = [];
    if (client.mailbox !== false && client.mailbox.exists === 0) return found;
    for await (const message of client.fetch("1:*", { source: true }))
      found.push(String(message.source));
    return found;
  } finally {
    lock.release();
  }
}

test("a mail handed in over SMTP reaches an idling client within a second", async () => {
  const client = await bench.imap();
  await client.mailboxOpen("INBOX");
  const idling = client.idle();
  for (let round = 1; round <= 3; round += 1) {
    const pushed = once(client, "exists", { signal: AbortSignal.timeout(PATIENCE_MS) });
    await bench.smtp({
      from: "ann@customer.test",
      to: bench.mail.address,
      subject: "hi",
      text: `${round}`,
    });
    const [event] = await pushed;
    assert.equal(event.count, round);
  }
  await client.noop();
  await idling;
});

test("mail is readable by any client command we rely on: search, flags, move, special folders", async () => {
  bench.mail.deliver(Buffer.from(MAIL));
  const client = await bench.imap();
  const sent = (await client.list()).find((folder) => folder.path === "Sent");
  assert.deepEqual([sent?.specialUse, sent?.specialUseSource], ["\\Sent", "extension"]);
  await client.mailboxOpen("INBOX");
  assert.deepEqual(
    await client.search({ header: { "message-id": "<m1@customer.test>" } }, { uid: true }),
    [1],
  );
  assert.deepEqual(
    await client.search({ header: { "message-id": "<m2@customer.test>" } }, { uid: true }),
    [],
  );
  await client.messageFlagsAdd("1", ["\\Seen", "$Done"], { uid: true });
  const message = await client.fetchOne(
    "1",
    { flags: true, envelope: true, bodyStructure: true, internalDate: true },
    { uid: true },
  );
  assert.ok(message);
  assert.deepEqual([...(message.flags ?? [])], ["\\Seen", "$Done"]);
  assert.equal(message.envelope?.messageId, "<m1@customer.test>");
  await client.mailboxCreate("Handled");
  await client.messageMove("1", "Handled", { uid: true });
  assert.deepEqual(await sources(client, "INBOX"), []);
  assert.deepEqual(await sources(client, "Handled"), [MAIL]);
});

test("a restart replays inbox, appended copies, flags and moves, under a higher UIDVALIDITY", async () => {
  bench.mail.deliver(Buffer.from(MAIL));
  bench.mail.deliver(Buffer.from(MAIL.replace("hello", "gr\u00fc\u00dfe \u{1F600}")));
  bench.mail.deliver(Buffer.from(MAIL.replace("hello", "to be deleted")));
  let client = await bench.imap();
  await client.append(
    "Sent",
    MAIL.replace("hello", "our answer"),
    ["\\Seen"],
    new Date("2026-03-01T10:20:30Z"),
  );
  const before = await client.mailboxOpen("INBOX");
  await client.messageFlagsAdd("1", ["$Done"], { uid: true });
  await client.mailboxCreate("Handled/2026");
  await client.messageMove("2", "Handled/2026", { uid: true });
  await client.messageDelete("3", { uid: true });
  await client.logout();
  await bench.restart();
  client = await bench.imap();
  const after = await client.mailboxOpen("INBOX");
  assert.ok(after.uidValidity > before.uidValidity);
  const kept = await client.fetchOne("1", { flags: true, source: true });
  assert.ok(kept);
  assert.deepEqual([...(kept.flags ?? [])], ["$Done"]);
  assert.deepEqual(await sources(client, "INBOX"), [MAIL]);
  assert.deepEqual(await sources(client, "Handled/2026"), [
    MAIL.replace("hello", "gr\u00fc\u00dfe \u{1F600}"),
  ]);
  const opened = await client.mailboxOpen("Sent");
  assert.equal(opened.uidValidity, after.uidValidity);
  const copy = await client.fetchOne("1", { flags: true, source: true, internalDate: true });
  assert.ok(copy);
  assert.match(String(copy.source), /our answer/);
  assert.equal(new Date(copy.internalDate ?? 0).toISOString(), "2026-03-01T10:20:30.000Z");
});

test("bytes survive as they were, whatever they are", async () => {
  const body = Buffer.from(
    Array.from({ length: 256 }, (_, index) => (index === 10 || index === 13 ? 32 : index)),
  );
  const raw = Buffer.concat([Buffer.from(MAIL), body, Buffer.from("\r\n")]);
  bench.mail.deliver(raw);
  await bench.restart();
  const client = await bench.imap();
  await client.mailboxOpen("INBOX");
  const message = await client.fetchOne("1", { source: true });
  assert.ok(message && message.source);
  assert.ok(raw.equals(message.source));
});

test("a wrong password is refused, and the password survives a restart", async () => {
  const { pass } = bench.mail.imap;
  await bench.restart();
  assert.equal(bench.mail.imap.pass, pass);
  bench.mail = { ...bench.mail, imap: { ...bench.mail.imap, pass: "wrong" } };
  await assert.rejects(bench.imap(), { authenticationFailed: true });
});

test("mail that cannot be stored is refused over SMTP and APPEND, and the session goes on", async () => {
  bench.mail.deliver(Buffer.from(MAIL));
  const client = await bench.imap();
  await client.mailboxOpen("INBOX");
  await rm(join(bench.directory, "support"), { recursive: true });
  await assert.rejects(client.append("Sent", MAIL), { responseStatus: "NO" });
  await assert.rejects(
    bench.smtp({ from: "ann@customer.test", to: bench.mail.address, text: "x" }),
    { responseCode: 451 },
  );
  assert.deepEqual(await sources(client, "INBOX"), [MAIL]);
  assert.deepEqual(await sources(client, "Sent"), []);
});

test("a file that was written but never promised is gone after a restart", async () => {
  bench.mail.deliver(Buffer.from(MAIL));
  const support = join(bench.directory, "support");
  await writeFile(join(support, "00000009-1772000000000.eml"), "half a delivery");
  await bench.restart();
  assert.deepEqual(
    (await readdir(support)).filter((name) => name.startsWith("00000009")),
    [],
  );
  assert.equal((await bench.read(bench.mail.address)).length, 1);
});

test("twenty sessions and a rude one leave the server working", async () => {
  const clients = await Promise.all(Array.from({ length: 20 }, () => bench.imap()));
  await Promise.all(clients.map((client) => client.mailboxOpen("INBOX")));
  const { host, port, user, pass } = bench.mail.imap;
  const rude = connect(port, host);
  rude.setEncoding("latin1");
  let heard = "";
  rude.on("data", (text) => {
    heard += String(text);
  });
  // None of these may end the session: no command, a path as a command, broken syntax, a fetch before any folder.
  rude.write(
    `a1 NONSENSE\r\na2 ../SERVER x\r\na3 LOGIN "unclosed\r\na4 LOGIN ${user} ${pass}\r\na5 FETCH 1 (FLAGS)\r\na6 SELECT INBOX\r\na7 UID SEARCH HEADER\r\na8 NOOP\r\n`,
  );
  while (!/^a8 /mu.test(heard))
    await once(rude, "data", { signal: AbortSignal.timeout(PATIENCE_MS) });
  for (const tag of ["a1 BAD", "a2 BAD", "a4 OK", "a5 BAD", "a6 OK", "a8 OK"])
    assert.match(heard, new RegExp(`^${tag}`, "mu"));
  rude.destroy();
  bench.mail.deliver(Buffer.from(MAIL));
  const [client] = clients;
  assert.ok(client !== undefined);
  assert.deepEqual(await sources(client, "INBOX"), [MAIL]);
});

test("closing does not wait for idling clients", async () => {
  const client = await bench.imap();
  await client.mailboxOpen("INBOX");
  void client.idle();
  const closed = once(client, "close");
  await bench.mail.close();
  await closed;
});
