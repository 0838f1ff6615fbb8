import assert from "node:assert/strict";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { ImapFlow } from "imapflow";
import { useMail } from "./bench.ts";

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
