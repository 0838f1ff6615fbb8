/** Mails that cannot be taken in, or are gone before they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { imapClient } from "#email/inbox/imap-connection.ts";
import { FolderPosition } from "#email/inbox/cursor.ts";
import type { Accept } from "#core/contracts/channel.ts";
import type { Delivery } from "#core/values/delivery.ts";
import type { Blobs } from "#core/contracts/ports.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { until } from "#test/support/waiting.ts";
import { openBench } from "#test/email/bench.ts";
import { written } from "#test/email/mails.ts";

const CURSOR = "email:support@ourshop.test:INBOX";

function mail(name: string): Buffer {
  return written({ subject: name, messageId: `<${name}@customer.test>` });
}

test("tries of a mail count on after a restart, and also when the process ended with it", async (context) => {
  const world = await openBench({ startAt: "all" });
  context.after(world.close);
  world.sandbox.deliver(mail("poison"));
  const tried: (string | undefined)[] = [];
  const accept: Accept = async ({ headers }) => {
    tried.push(headers["x-cut-from-bytes"]);
    throw new Error("cannot be stored");
  };
  const position = (): FolderPosition =>
    FolderPosition.parse(JSON.parse(world.cursors.values.get(CURSOR) ?? "{}"));
  const run = async (): Promise<void> => {
    const before = tried.length;
    const channel = world.again();
    await channel.start(accept);
    await until("it", async () => tried.length === before + 1);
    await channel.stop();
  };
  await run();
  assert.deepEqual(position().tries, [{ uid: 1, count: 1 }]);
  world.cursors.values.set(CURSOR, JSON.stringify({ ...position(), inHand: 1 }));
  await run();
  assert.deepEqual(
    tried.map((cut) => cut !== undefined),
    [false, true],
    "the second time here is its third",
  );
});

test("a mail that a teammate moves away before it was read is left to them, and the log says so", async (context) => {
  const world = await openBench({ startAt: "all" });
  context.after(world.close);
  for (const name of ["a", "moved", "b"]) world.sandbox.deliver(mail(name));
  const subjects: string[] = [];
  const person = imapClient(
    { ...world.sandbox.imap, secure: false },
    { imapSilenceMs: 5_000, connectMs: 5_000 },
  );
  await person.connect();
  await person.mailboxOpen("INBOX");
  await world.channel.start(async (delivery) => {
    if (subjects.length === 0) await person.messageMove("2", "Sent", { uid: true });
    subjects.push(/^Subject: (.*)\r$/m.exec(Buffer.from(delivery.body).toString())?.[1] ?? "");
  });
  await until("it", async () => subjects.length === 2);
  await person.logout();
  assert.deepEqual(subjects, ["a", "b"]);
  assert.ok(world.log.lines.some((line) => line.startsWith("mail was moved or deleted")));
});

test("a stop breaks a large mail off, which is no try of it", async (context) => {
  const begun = Promise.withResolvers<void>();
  let pieces = 0;
  const putStream: Blobs["putStream"] = async (source) => {
    for await (const _ of source) {
      pieces += 1;
      begun.resolve();
      await until("the stop", async () => stopping !== null);
    }
    return { ref: "a", bytes: 1 };
  };
  const world = await openBench({ startAt: "all", blobs: { ...memoryBlobs(), putStream } });
  context.after(world.close);
  let stopping: Promise<void> | null = null;
  world.sandbox.deliver(written({ text: "words\n".repeat(250_000) }));
  const taken: Delivery[] = [];
  await world.channel.start(async (delivery) => void taken.push(delivery));
  await begun.promise;
  stopping = world.channel.stop();
  await stopping;
  const position = FolderPosition.parse(JSON.parse(world.cursors.values.get(CURSOR) ?? ""));
  assert.deepEqual([pieces, taken.length], [1, 0]);
  assert.deepEqual([position.uid, position.tries, position.inHand], [0, [], null]);
});
