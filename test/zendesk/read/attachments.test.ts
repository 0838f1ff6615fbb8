/** Files customers send: which are opened, from where and with what, and what teammates and the agent get of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { erasePerson, findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { openWaitingAttachments } from "#jobs/conversation/attachments.ts";
import { runRetention } from "#jobs/privacy/retention.ts";
import {
  keepDescription,
  addFile,
  messageFiles,
  findFile,
  type StoredFile,
} from "#store/inbox/attachments.ts";
import { everyRow } from "#test/support/read-all.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { forgetBodies } from "#store/privacy/clear-rows.ts";
import { personNames } from "#store/people/person-names.ts";
import { removeStrayBlobs } from "#store/blobs/storage.ts";
import { silentLog } from "#test/store/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { inOffice } from "#test/zendesk/office.ts";

/** What is kept in memory has no strays. */
async function* none(): AsyncGenerator<never> {}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const PDF = Buffer.alloc(2_000_000, 1).toString("base64");

const CLEAN = { malware_scan_result: "malware_not_found" };

inOffice("files that came with a ticket", (office) => {
  const storedFiles = async (ticketId: number): Promise<readonly StoredFile[]> => {
    const keys = (await office.comments(ticketId)).map(({ id }) => `zendesk:comment:${id}`);
    return await office.desk.parts.store.run((transaction) => messageFiles(transaction, keys));
  };
  const clearAfter = (contentDays: number): Promise<unknown> => {
    const { store, blobs, clock, desk } = office.desk.parts;
    const keep = { contentDays, auditMonths: 24 };
    const kept = { ...blobs, list: none };
    return runRetention({ store, blobs: kept, clock, desk, log: silentLog, keep });
  };
  const cardsSay = (): string => JSON.stringify([...office.desk.cards.values()]);

  test("are kept for the team, whatever kind they are, and the token stays with the account", async () => {
    office.desk.answer(() => replying("Thank you for the papers."));
    const ticketId = await office.mail("ann@customer.test", "Here are my papers.", {
      attachments: [
        { name: "bill.pdf", type: "application/pdf", base64: PDF },
        { name: "a.jpg", type: "image/jpeg", base64: base64("one") },
        { name: "b.jpg", type: "image/jpeg", base64: base64("two") },
        { name: "logo.png", type: "image/png", base64: base64("logo"), inline: true },
      ],
    });
    await office.settle();
    const files = await storedFiles(ticketId);
    assert.deepEqual(
      files.map(({ name, bytes, state }) => [name, bytes, state]),
      [
        ["bill.pdf", 2_000_000, "kept"],
        ["a.jpg", 3, "kept"],
        ["b.jpg", 3, "kept"],
      ],
    );
    const { blobs } = office.desk.parts;
    assert.equal(Buffer.from(await blobs.get(files[1]?.blobRef ?? "")).toString(), "one");
    assert.match(
      cardsSay(),
      /3 photos and 1 file, not seen by the bot|1 file and 3 photos, not seen by the bot/,
    );
    // The host of files refuses a request with a credential, so what is kept was fetched without one.
    const content = office.calls().filter(({ path }) => path.startsWith("/attachments/token/"));
    assert.equal(content.length, 3);
    assert.ok(content.every(({ authorization }) => authorization.startsWith("Bearer ")));
  });

  test("with malware are never asked for, and those not scanned only once they were", async () => {
    office.desk.answer(() => replying("Thank you."));
    const ticketId = await office.mail("ann@customer.test", "Two files.", {
      attachments: [
        { name: "bad.exe", base64: base64("bad"), scan: "malware_found" },
        { name: "new.pdf", type: "application/pdf", base64: base64("new"), scan: "not_scanned" },
        { name: "odd.zip", base64: base64("odd"), scan: "failed_to_scan" },
      ],
    });
    await office.settle();
    const contentCalls = () => office.calls().filter(({ path }) => path.includes("/token/")).length;
    const [bad, fresh, odd] = await storedFiles(ticketId);
    assert.deepEqual([bad?.state, bad?.reason], ["refused", "malware was found in it"]);
    assert.deepEqual([fresh?.state, odd?.state], ["waiting", "refused"]);
    assert.equal(contentCalls(), 0);
    office.desk.skip(61_000);
    await openWaitingAttachments(office.desk.parts);
    assert.equal((await storedFiles(ticketId))[1]?.state, "waiting");
    await office.edit("attachments", Number(fresh?.ref), CLEAN);
    office.desk.skip(301_000);
    await openWaitingAttachments(office.desk.parts);
    assert.equal((await storedFiles(ticketId))[1]?.state, "kept");
    assert.equal(contentCalls(), 1);
  });

  test("are read by the turn after they could be opened, and once", async () => {
    const read: (readonly string[])[] = [];
    office.desk.answer(({ unread }) => {
      read.push(unread.flatMap(({ segments }) => segments.map(({ text }) => text)));
      return replying("Thank you.", { actions: [refundOf(1_000)] });
    });
    const list = { name: "list.csv", type: "text/csv", base64: base64("lamp;1") };
    const ticketId = await office.mail("ann@customer.test", "My list.", {
      attachments: [{ ...list, scan: "not_scanned" }],
    });
    await office.settle();
    const [file] = await storedFiles(ticketId);
    await office.edit("attachments", Number(file?.ref), CLEAN);
    office.desk.skip(61_000);
    await openWaitingAttachments(office.desk.parts);
    for (const text of ["Any news?", "Hello?"]) {
      await office.mail("ann@customer.test", text, { ticketId });
      await office.settle();
    }
    assert.deepEqual(read, [[], ["lamp;1"], ["lamp;1"]]);
    const rows = await everyRow(office.desk.parts.store);
    assert.ok(
      rows.some((row) => row.includes("My list.") && row.includes("lamp;1")),
      "it is a part of the message from then on, also where a person judges it",
    );
  });

  test("go with the person who sent them, and when their time is over", async () => {
    const { store, blobs, clock, ids } = office.desk.parts;
    office.desk.answer(() => replying("Thank you."));
    const keepOne = async (email: string): Promise<StoredFile> => {
      const attachments = [{ name: "a.pdf", base64: base64("personal") }];
      const ticketId = await office.mail(email, "A file.", { attachments });
      await office.settle();
      const [file] = await storedFiles(ticketId);
      assert.ok(file !== undefined && file.state === "kept");
      await store.run((transaction) => keepDescription(transaction, file.id, "a red zebra"));
      return file;
    };
    const isGone = async ({ id, blobRef }: StoredFile): Promise<boolean> => {
      const row = await store.run((transaction) => findFile(transaction, id));
      const bytes = await blobs.get(blobRef ?? "").catch(() => null);
      return row === null && bytes === null;
    };
    const described = async () =>
      (await everyRow(store)).filter((row) => row.includes("a red zebra")).length;
    const anns = await keepOne("ann@customer.test");
    const bobs = await keepOne("bob@customer.test");
    const erasing = { store, blobs, clock, ids, secret: "a secret of the bench" };
    await erasePerson(erasing, await findPersonTraces(erasing, personNames("ann@customer.test")));
    assert.deepEqual([await isGone(anns), await isGone(bobs)], [true, false]);
    assert.equal(await described(), 1, "what a model said of a picture goes with it");
    office.desk.skip(31 * 86_400_000);
    await clearAfter(30);
    assert.equal(await isGone(bobs), true);
    assert.equal(await described(), 0);
  });

  test("that a teammate redacts there are gone here: the file, its text, and what waits for it", async () => {
    const { store, blobs } = office.desk.parts;
    const read: string[] = [];
    office.desk.answer(({ unread }) => {
      read.push(JSON.stringify(unread.map(({ attachments, segments }) => [attachments, segments])));
      return replying("Thank you.", { actions: [refundOf(1_000)] });
    });
    const ticketId = await office.mail("ann@customer.test", "My papers.", {
      attachments: [
        { name: "passport.csv", type: "text/csv", base64: base64("C01X00T47") },
        { name: "bill.csv", type: "text/csv", base64: base64("lamp;1") },
      ],
    });
    await office.settle();
    const [passport, bill] = await storedFiles(ticketId);
    const [comment] = await office.comments(ticketId);
    const redact = `/tickets/${ticketId}/comments/${comment?.id}/attachments/${passport?.ref}/redact`;
    await office.as("lea", "PUT", redact);
    await office.settle();
    assert.deepEqual(
      (await storedFiles(ticketId)).map(({ id }) => id),
      [bill?.id],
    );
    assert.match(read[0] ?? "", /C01X00T47.*lamp;1/);
    assert.match(read[1] ?? "", /redacted\.txt.*bill\.csv.*lamp;1/);
    assert.doesNotMatch(read[1] ?? "", /passport|C01X00T47/);
    const rows = await everyRow(store);
    assert.deepEqual(
      rows.filter((row) => row.includes("C01X00T47")),
      [],
    );
    await clearAfter(90);
    await assert.rejects(blobs.get(passport?.blobRef ?? ""));
    assert.equal(Buffer.from(await blobs.get(bill?.blobRef ?? "")).toString(), "lamp;1");
    assert.equal(read.length, 2, "its names here and there are the same from then on");
  });

  test("are no strays as long as a row names them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "deskhand-files-"));
    const { store, clock } = office.desk.parts;
    const blobs = diskBlobs(folder);
    office.desk.answer(() => replying("Thank you."));
    const ticketId = await office.mail("ann@customer.test", "Words.");
    await office.settle();
    const conversationId = await office.conversationOf(ticketId);
    const blobRef = await blobs.put(Buffer.from("x"));
    const file = {
      id: "f_x",
      conversationId,
      messageKey: "m",
      place: 0,
      channel: "zendesk" as const,
    };
    const attachment = { name: "a", mediaType: "text/plain", bytes: 1 };
    await store.run((transaction) =>
      addFile(
        transaction,
        { ...file, ref: "1", attachment },
        { state: "kept", blobRef, bytes: 1 },
        clock.now(),
      ),
    );
    const later = new Date(Date.now() + 3 * 86_400_000);
    assert.equal(await removeStrayBlobs(store, blobs, later), 0);
    await store.run((transaction) => forgetBodies(transaction, [blobRef]));
    assert.equal(await removeStrayBlobs(store, blobs, later), 1);
    await rm(folder, { recursive: true, force: true });
  });
});
