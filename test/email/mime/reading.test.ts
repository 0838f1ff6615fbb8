import assert from "node:assert/strict";
import { test } from "node:test";
import { EMAIL_LIMITS } from "#email/options.ts";
import { imapClient } from "#email/inbox/imap-connection.ts";
import { FolderPosition } from "#email/inbox/cursor.ts";
import type { Delivery } from "#core/values/delivery.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { signed, written } from "#test/email/mails.ts";
import { bench, collector, mail, waitFor } from "#test/email/parse/reader.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const CURSOR = "email:support@ourshop.test:INBOX";

test("the first start leaves the backlog alone and takes what comes after it", async (context) => {
  const { sandbox, channel, log } = await bench(context);
  sandbox.deliver(mail("old"));
  const { accept, subjects } = collector();
  await channel.start(accept);
  sandbox.deliver(mail("new"));
  await waitFor(context, () => subjects.length > 0);
  assert.deepEqual(subjects, ["new"]);
  const told = log.lines.filter((line) => line.startsWith("first look at a mailbox"));
  assert.match(told.join("\n"), /"mails":1\D/);
});

test("mail that came while no process ran is found at the next start, once", async (context) => {
  const world = await bench(context);
  const first = collector();
  await world.channel.start(first.accept);
  world.sandbox.deliver(mail("a"));
  await waitFor(context, () => first.subjects.length === 1);
  await world.channel.stop();
  world.sandbox.deliver(mail("b"));
  const restarted = world.again();
  const second = collector();
  await restarted.start(second.accept);
  await waitFor(context, () => second.subjects.length > 0);
  await restarted.stop();
  assert.deepEqual(second.subjects, ["b"]);
});

test("reading a mail leaves it unread for people", async (context) => {
  const world = await bench(context);
  const { accept, subjects } = collector();
  await world.channel.start(accept);
  world.sandbox.deliver(mail("a"));
  await waitFor(context, () => subjects.length === 1);
  const timeouts = { imapSilenceMs: 5_000, connectMs: 5_000 };
  const client = imapClient({ ...world.sandbox.imap, secure: false }, timeouts);
  await client.connect();
  await client.mailboxOpen("INBOX", { readOnly: true });
  const about = await client.fetchOne("1", { flags: true });
  await client.logout();
  assert.ok(about && about.flags?.has("\\Seen") === false);
});

test("a mail that was not accepted is not passed: a store that is away gets it later, in order", async (context) => {
  const { sandbox, channel, cursors } = await bench(context, { startAt: "all" });
  let refusals = 3;
  sandbox.deliver(mail("a"));
  sandbox.deliver(mail("b"));
  const { accept, subjects } = collector(() =>
    refusals-- > 0 ? new DeskhandError("store.unavailable", "away") : null,
  );
  await channel.start(accept);
  await waitFor(context, () => subjects.length === 2);
  assert.deepEqual(subjects, ["a", "b"]);
  await waitFor(context, () => /"uid":2/.test(cursors.values.get(CURSOR) ?? ""));
});

test("the position is written only after the mail was accepted", async (context) => {
  const { sandbox, channel, cursors } = await bench(context);
  const release = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  await channel.start(async () => {
    entered.resolve();
    await release.promise;
  });
  const uid = (): number => FolderPosition.parse(JSON.parse(cursors.values.get(CURSOR) ?? "")).uid;
  sandbox.deliver(mail("a"));
  await entered.promise;
  const before = uid();
  const stopped = channel.stop();
  release.resolve();
  await stopped;
  assert.deepEqual([before, uid()], [0, 1]);
});

test("a poison mail blocks no other mail and is tried again with its headers and text only", async (context) => {
  const { sandbox, channel, log } = await bench(context, {
    startAt: "all",
    limits: { ...EMAIL_LIMITS, pollMs: 20, retryMs: { first: 20, most: 100 } },
  });
  sandbox.deliver(mail("before"));
  sandbox.deliver(mail("poison"));
  sandbox.deliver(mail("after"));
  let tries = 0;
  const { accept, subjects, deliveries } = collector((subject) =>
    subject === "poison" && (tries += 1) < 3 ? new Error("cannot be stored") : null,
  );
  await channel.start(accept);
  await waitFor(context, () => subjects.length === 3);
  assert.deepEqual(subjects, ["before", "after", "poison"]);
  assert.ok(deliveries[2]?.headers["x-cut-from-bytes"]);
  assert.equal(log.lines.filter((line) => line.startsWith("mail could not be taken in")).length, 2);
});

test("a mail that fails for good is given up aloud, not in silence", async (context) => {
  const { sandbox, channel, log } = await bench(context, {
    startAt: "all",
    limits: { ...EMAIL_LIMITS, pollMs: 20, retryMs: { first: 20, most: 100 } },
  });
  sandbox.deliver(mail("poison"));
  const { accept } = collector(() => new Error("never"));
  await channel.start(accept);
  await waitFor(context, () =>
    log.lines.some((line) => line.startsWith("mail could not be taken in and stays")),
  );
});

test("new numbering by the server offers everything since the first start again, and nothing older", async (context) => {
  const world = await bench(context);
  const { sandbox, channel, cursors } = world;
  const first = collector();
  await channel.start(first.accept);
  sandbox.deliver(mail("a"));
  await waitFor(context, () => first.subjects.length === 1);
  await channel.stop();
  const position: unknown = JSON.parse(cursors.values.get(CURSOR) ?? "");
  assert.ok(typeof position === "object" && position !== null);
  cursors.values.set(CURSOR, JSON.stringify({ ...position, uidValidity: "1" }));
  sandbox.deliver(mail("b"));
  const second = collector();
  await channel.start(second.accept);
  await waitFor(context, () => second.subjects.length === 2);
  assert.deepEqual(second.subjects, ["a", "b"]);
  const eventOf = (delivery: Delivery | undefined): unknown =>
    delivery && channel.receive(delivery)[0]?.eventId;
  assert.equal(eventOf(second.deliveries[0]), eventOf(first.deliveries[0]));
});

test("a mail over the limit comes as headers and text, unverified, and says how large it was", async (context) => {
  const { sandbox, channel } = await bench(context, {
    startAt: "all",
    limits: { ...EMAIL_LIMITS, mailBytesMax: 50_000 },
  });
  const body = [
    "--b",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "Gr=C3=BC=C3=9Fe, my order is broken.",
    "--b",
    'Content-Type: application/zip; name="big.zip"',
    "Content-Transfer-Encoding: base64",
    "",
    Buffer.alloc(90_000, 7).toString("base64").replace(/.{76}/g, "$&\r\n"),
    "--b--",
  ].join("\r\n");
  const raw = await signed(
    written({ text: body, headers: [["Content-Type", 'multipart/mixed; boundary="b"']] }),
  );
  sandbox.deliver(raw);
  const { accept, deliveries } = collector();
  await channel.start(accept);
  await waitFor(context, () => deliveries.length === 1);
  const [delivery] = deliveries;
  assert.ok(delivery && delivery.body.length < 5_000);
  assert.ok(Number(delivery.headers["x-cut-from-bytes"]) > 100_000);
  const [hint] = channel.receive(delivery);
  assert.ok(hint);
  const { messages } = await channel.resolve(hint, {
    body: delivery.body,
    receivedAt: delivery.receivedAt,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  assert.equal(messages[0]?.text, "Grüße, my order is broken.");
  assert.equal(messages[0]?.identity.level, 1);
  assert.match(messages[0]?.identity.reason ?? "", /too large/);
  const [file] = messages[0]?.attachments ?? [];
  assert.deepEqual([file?.name, file?.mediaType], ["big.zip", "application/zip"]);
  assert.ok(Math.abs((file?.bytes ?? 0) - 90_000) < 3_000, "without being fetched");
  const limits = { bytesMax: 1_000_000, signal: AbortSignal.timeout(PATIENCE_MS) };
  const opened = await channel.openFile(file?.ref ?? "", limits);
  assert.match(opened.state === "refused" ? opened.reason : "", /in the inbox/);
});

test("a wrong password stops neither start nor stop, and is told", async (context) => {
  const world = await bench(context);
  const { imap } = world.sandbox;
  const smtp = { host: "127.0.0.1", port: 1, secure: false };
  const locked = world.again({
    inboxes: [
      {
        address: world.sandbox.address,
        aliases: [],
        imap: { ...imap, secure: false, pass: "x" },
        smtp,
      },
    ],
  });
  await locked.start(async () => {});
  await locked.stop();
  const lost = world.log.lines.filter((line) => line.startsWith("inbox lost"));
  assert.match(lost.join("\n"), /IMAP needs login: .*Login failed/);
});
