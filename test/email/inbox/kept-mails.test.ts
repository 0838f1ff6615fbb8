/** Real mails through the real jobs: what is stored of them, who gets it, and what happens to unreadable ones. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { EMAIL_LIMITS } from "#email/options.ts";
import type { Accept, Channel } from "#core/contracts/channel.ts";
import { erasePerson, findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { intake } from "#jobs/intake.ts";
import { messageFiles, findFile } from "#store/inbox/attachments.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { rowsOf } from "#store/db/database.ts";
import { personNames } from "#store/people/person-names.ts";
import { removeStrayBlobs } from "#store/blobs/storage.ts";
import { onDesk } from "#test/jobs/bench.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { escalating, replying } from "#test/jobs/turn-results.ts";
import { until } from "#test/support/waiting.ts";
import { bench, deliveryOf, type EmailBench } from "#test/email/bench.ts";
import { written } from "#test/email/mails.ts";
import { FolderPosition } from "#email/inbox/folder-position.ts";

const LIMITS = { ...EMAIL_LIMITS, pollMs: 20, retryMs: { first: 20, most: 100 } };
const Row = z.object({ id: z.string(), event: z.string(), body: z.string().nullable() });

/** A mailbox whose mails are worked on by the desk. */
async function connected(
  context: TestContext,
  desk: JobBench,
  changes: Parameters<typeof bench>[1] = {},
): Promise<EmailBench & { readonly take: Accept; readonly settle: () => Promise<void> }> {
  const blobs = changes.blobs ?? desk.parts.blobs;
  const { clock } = desk.parts;
  const options = { startAt: "all", limits: LIMITS, clock, ...changes, blobs } as const;
  const world = await bench(context, options);
  desk.connect(world.channel);
  return {
    ...world,
    take: async (delivery) =>
      acceptOf(desk, world.channel)({ ...delivery, receivedAt: desk.now() }),
    settle: async () => {
      for (const { id } of await hintsOf(desk))
        for (let round = 0; round < 4; round += 1) {
          await desk.wake(id);
          desk.skip(10_000);
        }
    },
  };
}

function acceptOf(desk: JobBench, channel: Channel): Accept {
  return async (delivery) => void (await intake(desk.parts, channel, delivery));
}

async function hintsOf({ parts }: JobBench): Promise<readonly z.infer<typeof Row>[]> {
  return parts.store.run((transaction) =>
    rowsOf(
      transaction,
      Row,
      sql`select conversation_id as id, event_id as event, body_ref as body from hint order by hint.id`,
    ),
  );
}

function multipart(parts: readonly string[], end = "--b--"): string {
  return `${parts.map((part) => `--b\r\n${part}\r\n`).join("")}${end}`;
}

function mixed(
  text: string,
  name: string,
  headers: readonly (readonly [string, string])[] = [],
): Buffer {
  return written({
    text,
    subject: name,
    messageId: `<${name}@customer.test>`,
    headers: [["Content-Type", 'multipart/mixed; boundary="b"'], ...headers],
  });
}

function file(type: string, name: string, content: Buffer): string {
  const base64 = content.toString("base64").replace(/.{76}/g, "$&\r\n");
  return `Content-Type: ${type}\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}`;
}

const WORDS = "Content-Type: text/plain\r\n\r\nHere are my papers.";
const FILES = [
  ["application/pdf", "bill.pdf", Buffer.alloc(50_000, 1)],
  [
    "application/ms-tnef",
    "winmail.dat",
    Buffer.from("x\u0078\u009f\u003e\u0022 not a text", "latin1"),
  ],
  [
    "text/calendar; method=REQUEST",
    "invite.ics",
    Buffer.from("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"),
  ],
  ["text/csv", "list.csv", Buffer.from("lamp;1\nchair;2")],
] as const;

onDesk("mails that are kept", (desk) => {
  test("give their files to the team, whatever kind they are, until their writer is erased", async (context) => {
    const world = await connected(context, desk);
    const read: string[] = [];
    desk.answer(({ unread }) => {
      read.push(...unread.flatMap(({ segments }) => segments.map(({ text }) => text.trim())));
      return replying("Thank you.");
    });
    const parts = FILES.map(([type, name, content]) => file(type, name, content));
    await world.take(deliveryOf(mixed(multipart([WORDS, ...parts]), "papers")));
    await world.settle();
    const [row] = await hintsOf(desk);
    const { store, blobs, clock, ids } = desk.parts;
    const stored = await store.run((transaction) => messageFiles(transaction, [row?.event ?? ""]));
    assert.deepEqual(
      stored.map(({ name, state }) => [name, state]),
      FILES.map(([, name]) => [name, "kept"]),
    );
    for (const [index, [, , content]] of FILES.entries())
      assert.deepEqual(Buffer.from(await blobs.get(stored[index]?.blobRef ?? "")), content);
    assert.equal(read.filter((text) => text === "lamp;1\nchair;2").length, 1, "read once");
    assert.ok(
      read.every((text) => !text.includes("not a text")),
      "winmail.dat is no text",
    );
    const kept = [row?.body ?? "", ...stored.map(({ blobRef }) => blobRef ?? "")];
    const erasing = { store, blobs, clock, ids, secret: "a secret of the bench" };
    await erasePerson(erasing, await findPersonTraces(erasing, personNames("ann@customer.test")));
    for (const ref of kept) await assert.rejects(blobs.get(ref), { code: "ENOENT" });
    for (const { id } of stored)
      assert.equal(await store.run((transaction) => findFile(transaction, id)), null);
  });

  test("give their files to the team also while people own the conversation", async (context) => {
    const world = await connected(context, desk);
    desk.answer(() => replying("", { ending: escalating("it asks for a person") }));
    await world.take(deliveryOf(written({ messageId: "<first@customer.test>" })));
    await world.settle();
    const reply = [["In-Reply-To", "<first@customer.test>"]] as const;
    const photo = file("image/jpeg", "lamp.jpg", Buffer.alloc(50_000, 1));
    await world.take(deliveryOf(mixed(multipart([WORDS, photo]), "photo", reply)));
    await world.settle();
    const [first, second] = await hintsOf(desk);
    assert.equal(second?.id, first?.id, "it is the same conversation");
    const keys = [second?.event ?? ""];
    const stored = await desk.parts.store.run((transaction) => messageFiles(transaction, keys));
    assert.deepEqual(
      stored.map(({ name, state }) => [name, state]),
      [["lamp.jpg", "kept"]],
    );
  });

  test("and large are kept once, also from two inboxes, and are no strays", async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "deskhand-mails-"));
    const blobs = diskBlobs(folder);
    context.after(() => rm(folder, { recursive: true }));
    const world = await connected(context, desk, { blobs });
    const raw = mixed(multipart([WORDS, file("a/b", "c", Buffer.alloc(1_000_000, 5))]), "large");
    world.sandbox.deliver(raw);
    const other = Buffer.from("Delivered-To: billing@ourshop.test\r\n");
    world.sandbox.deliver(Buffer.concat([other, raw]));
    const seen: (string | undefined)[] = [];
    await world.channel.start(async (delivery) => {
      seen.push(delivery.kept);
      await intake({ ...desk.parts, blobs }, world.channel, delivery);
    });
    await until("both", async () => seen.length === 2);
    await world.channel.stop();
    assert.equal(new Set(seen).size, 2, "each was streamed to a file of its own");
    assert.deepEqual(
      (await hintsOf(desk)).map(({ body }) => body),
      [seen[0]],
    );
    assert.deepEqual(await readdir(folder), [seen[0]]);
    const later = new Date(Date.now() + 3 * 86_400_000);
    const { store } = desk.parts;
    assert.equal(await removeStrayBlobs(store, blobs, later), 0);
    // One that a process left behind between its file and its row.
    await blobs.put(raw);
    assert.equal(await removeStrayBlobs(store, blobs, later), 1);
  });

  test("that cannot be read go to a person, and the good ones around them are answered", async (context) => {
    const world = await connected(context, desk);
    const nested = Array.from(
      { length: 2_000 },
      (_, at) => `--n${at}\r\nContent-Type: multipart/mixed; boundary="n${at + 1}"\r\n\r\n`,
    );
    const poisons = {
      endless: mixed(multipart([WORDS], ""), "endless"),
      nested: written({
        messageId: "<nested@customer.test>",
        text: nested.join(""),
        headers: [["Content-Type", 'multipart/mixed; boundary="n0"']],
      }),
      headers: Buffer.concat([
        Buffer.from("X-Filler: filling\r\n".repeat(30_000)),
        written({ messageId: "<headers@customer.test>" }),
      ]),
      divs: written({
        messageId: "<divs@customer.test>",
        text: `${"<div>".repeat(20_000)}Where is my order?${"</div>".repeat(20_000)}`,
        headers: [["Content-Type", "text/html"]],
      }),
      truncated: mixed(
        multipart([WORDS, file("a/b", "c", Buffer.alloc(900))]).slice(0, 300),
        "cut",
      ),
    };
    const good = (name: string): Buffer => written({ messageId: `<${name}@customer.test>` });
    const mails = [good("before"), ...Object.values(poisons), good("after")];
    for (const raw of mails) world.sandbox.deliver(raw);
    let count = 0;
    await world.channel.start(async (delivery) => {
      await world.take(delivery);
      count += 1;
    });
    await until("all", async () => count === mails.length);
    await world.channel.stop();
    await world.settle();
    const rows = await hintsOf(desk);
    assert.equal(rows.length, mails.length);
    const outcomes: string[] = [];
    for (const [index, { id, body }] of rows.entries()) {
      const kept = Buffer.from(await desk.parts.blobs.get(body ?? ""));
      assert.deepEqual(kept, mails[index], "the raw mail is kept whatever it is");
      outcomes.push((await desk.outcome(id)).split(":")[0] ?? "");
    }
    assert.deepEqual(outcomes, [
      "pending",
      "pending",
      // No turn: it is with people as a dead letter.
      "",
      // Its sender stands behind more headers than are read.
      "escalated",
      "pending",
      "pending",
      "pending",
    ]);
    const alerts = desk.alerts().map(({ text }) => text);
    assert.equal(alerts.length, 1);
    assert.match(alerts[0] ?? "", /could not be read: .* more than 100 parts inside one another/);
  });

  test("not at all because they never could be taken in are told to people as well, once", async (context) => {
    const world = await connected(context, desk);
    world.sandbox.deliver(written({ messageId: "<poison@customer.test>" }));
    const accept: Accept = async (delivery) => {
      if (delivery.body.length > 0) throw new Error("nothing takes this");
      await world.take(delivery);
    };
    await world.channel.start(accept);
    const isTold = async (): Promise<boolean> => (await hintsOf(desk)).length === 1;
    await until("the word", isTold);
    await world.channel.stop();
    await world.settle();
    const alerts = desk.alerts().map(({ text }) => text);
    assert.equal(alerts.length, 1);
    assert.match(
      alerts[0] ?? "",
      /nothing takes this; it is still in support@ourshop.test, as number 1 there, arrived 20\d\d-/,
    );
    assert.match(alerts[0] ?? "", /people have the conversation now/);
    // As after new numbering that was none: the next look finds that the team was told.
    const [[cursor, kept] = ["", ""]] = world.cursors.rows;
    const position = FolderPosition.parse(JSON.parse(kept));
    world.cursors.rows.set(cursor, JSON.stringify({ ...position, uid: 0 }));
    const again = world.again();
    await again.start(accept);
    await until(
      "it to be given up again",
      async () =>
        world.log.lines.filter((line) => line.includes("stays in the inbox")).length === 2,
    );
    await again.stop();
    assert.equal((await hintsOf(desk)).length, 1);
  });
});
