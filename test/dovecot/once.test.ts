/** Nothing lost and nothing twice: what a mail is, whichever way and however often it comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { opened } from "#test/email/outbound/sending-bench.ts";
import { signed, written, type Written } from "#test/email/mails.ts";
import { until } from "#test/support/waiting.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { memoryCursors } from "#test/jobs/memory-ports.ts";
import { fates, inMailroom, QUICK } from "./mailroom.ts";

inMailroom("mail that comes again", (room) => {
  const mail = (name: string, more: Written = {}): Promise<Buffer> =>
    signed(written({ messageId: `<${name}@customer.test>`, text: `About ${name}.`, ...more }));
  const answers = (): number => room.smtp.taken.length;
  /** What the agent was asked, in order. */
  const asked = (): readonly string[] =>
    room.turns.flatMap(({ unread }) => unread.map(({ text }) => text));
  const headersOf = (index: number): Map<string, string> =>
    opened(Buffer.from(room.smtp.taken.at(index) ?? "", "latin1")).headers;

  test("E09 the same mail delivered twice is one message and one answer", async () => {
    const inboxes = await room.open(["e09"]);
    const once = await mail("e09");
    await inboxes.deliver(once);
    await inboxes.settle();
    await inboxes.deliver(once);
    await inboxes.settle();
    assert.equal(inboxes.deliveries.length, 2);
    assert.deepEqual([answers(), room.turns.length], [1, 1]);
    assert.equal((await fates(room)).length, 1);
  });

  test("E10 one Message-ID under two mails makes neither swallow the other, nor join it", async () => {
    const inboxes = await room.open(["e10"]);
    await inboxes.deliver(await mail("e10"));
    const other = written({
      messageId: "<e10@customer.test>",
      from: "Bob <bob@elsewhere.test>",
      text: "I am somebody else.",
    });
    await inboxes.deliver(await signed(other, "elsewhere.test"));
    await inboxes.deliver(await mail("e10", { text: "Another mail of mine under the same id." }));
    await inboxes.settle();
    assert.deepEqual(asked().toSorted(), [
      "About e10.",
      "Another mail of mine under the same id.",
      "I am somebody else.",
    ]);
    const [ann, bob, annAgain] = await fates(room);
    assert.notEqual(ann?.conversation, bob?.conversation);
    assert.equal(ann?.conversation, annAgain?.conversation);
    for (const { unread, history } of room.turns) {
      const authors = new Set([...history, ...unread].map(({ author }) => author.id));
      assert.ok(
        !(authors.has("email:ann@customer.test") && authors.has("email:bob@elsewhere.test")),
      );
    }
  });

  test("E11 a mail without a usable Message-ID is worked on once, also when all are offered again", async () => {
    const inboxes = await room.open(["e11"]);
    const twoIds = [
      ["Message-ID", "<e11-a@customer.test>"],
      ["Message-ID", "<e11-b@customer.test>"],
    ] as const;
    const mails = [
      await mail("", { messageId: null, text: "No id." }),
      await mail("", { messageId: "e11.without.brackets", text: "No brackets." }),
      await mail("", { messageId: "<e 11 @ customer.test>", text: "Spaces." }),
      await mail("", { headers: twoIds, text: "Two ids." }),
      await mail("e11-good", { text: "A good one." }),
    ];
    for (const one of mails) {
      await inboxes.deliver(one);
      await inboxes.settle();
    }
    assert.deepEqual(asked(), ["No id.", "No brackets.", "Spaces.", "Two ids.", "A good one."]);
    assert.deepEqual(
      mails.map((_, index) => headersOf(index).get("in-reply-to")),
      [undefined, undefined, undefined, undefined, "<e11-good@customer.test>"],
    );
    await inboxes.stop();
    const forgetful = inboxes.again({ cursors: memoryCursors(), startAt: "all" });
    await forgetful.start();
    await forgetful.settle();
    assert.equal(forgetful.deliveries.length, 5);
    assert.equal(answers(), 5);
  });

  for (const how of ["reset", "end", "silence"] as const)
    test(`E23 a server lost in the middle of a mail (${how}): whole mails only, each once`, async () => {
      const limits = { ...QUICK, imapSilenceMs: 300 };
      const inboxes = await room.prepare([`e23-${how}`], { limits, startAt: "all" });
      const filler = `\n${"All of this belongs to it.\n".repeat(4_000)}`;
      const names = ["one", "two", "three", "four", "five"];
      for (const name of names)
        await inboxes.deliver(
          written({ messageId: `<${how}-${name}@customer.test>`, text: `About ${name}.${filler}` }),
        );
      // In the middle of the second.
      inboxes.imapWire.failAfter(160_000, how);
      await inboxes.start();
      await inboxes.settle();
      assert.ok(inboxes.imapWire.connections() > 1, "the connection was lost and made again");
      assert.deepEqual(
        inboxes.deliveries.map(
          ({ body }) => Buffer.from(body).toString("latin1").split("All of this").length,
        ),
        names.map(() => 4_001),
      );
      // Each is a conversation of its own, and conversations have no order among them.
      assert.deepEqual(
        asked()
          .map((text) => text.slice(0, 12).split(".")[0] ?? "")
          .toSorted(),
        names.map((name) => `About ${name}`).toSorted(),
      );
      assert.equal(answers(), 5);
    });

  test("E24 a mailbox numbered anew answers nothing again, and new mail once", async () => {
    const inboxes = await room.open(["e24"]);
    for (const name of ["e24-a", "e24-b", "e24-c"]) await inboxes.deliver(await mail(name));
    await inboxes.settle();
    assert.equal(answers(), 3);
    const [address = ""] = inboxes.addresses;
    const before = await room.server.numbering(address);
    // So that the highest UID of the old numbering says nothing about the new one.
    await room.server.asPerson(address, async (client) => {
      await client.mailboxOpen("INBOX");
      await client.messageDelete("1", { uid: true });
    });
    await room.server.renumber(address);
    await inboxes.deliver(await mail("e24-d"));
    await inboxes.settle();
    const after = await room.server.numbering(address);
    assert.notEqual(after.uidValidity, before.uidValidity);
    assert.equal(after.uidNext, 4);
    assert.deepEqual(asked(), ["About e24-a.", "About e24-b.", "About e24-c.", "About e24-d."]);
    assert.equal(answers(), 4);
    // Those that are left are offered again; that they are known keeps them from a second answer.
    assert.equal(inboxes.deliveries.length, 6);
  });

  test("E27 one mail in two inboxes is one conversation and one answer, and both inboxes are through", async () => {
    const inboxes = await room.open(["e27-support", "e27-billing"]);
    const both = await mail("e27", { to: inboxes.addresses.join(", ") });
    await inboxes.deliver(both, ...inboxes.addresses);
    await inboxes.settle();
    assert.equal(inboxes.deliveries.length, 2);
    assert.deepEqual([answers(), room.turns.length, inboxes.conversations.length], [1, 1, 1]);
  });

  test("E28 a connection that died in silence is noticed in time, and the mail of the gap comes once", async () => {
    // Nothing but the silence brings it to look again.
    const limits = { ...QUICK, pollMs: 3_600_000, imapSilenceMs: 400 };
    const inboxes = await room.open(["e28"], { limits });
    await until("it to idle", async () => inboxes.imapWire.said().includes("IDLE"));
    inboxes.imapWire.freeze();
    await inboxes.deliver(await mail("e28"));
    await until("the mail", async () => inboxes.deliveries.length > 0);
    await inboxes.settle();
    assert.deepEqual([answers(), inboxes.deliveries.length], [1, 1]);
  });

  test("E29 what people read, mark and move changes nothing, and two processes answer once", async () => {
    const inboxes = await room.open(["e29"]);
    const [address = ""] = inboxes.addresses;
    await inboxes.stop();
    await inboxes.deliver(await mail("e29-read"));
    await room.server.asPerson(address, async (client) => {
      await client.mailboxOpen("INBOX");
      await client.messageFlagsAdd("1:*", ["\\Seen", "\\Flagged"]);
    });
    const second = inboxes.again();
    await Promise.all([inboxes.start(), second.start()]);
    await inboxes.settle();
    assert.equal(answers(), 1);
    await inboxes.deliver(await mail("e29-both"));
    await until("both to have it", async () =>
      [inboxes, second].every(({ deliveries }) =>
        deliveries.some(({ body }) => Buffer.from(body).includes("e29-both")),
      ),
    );
    // The other process may have been first with the mail before.
    const conversation = inboxes.conversations.at(-1) ?? "";
    await Promise.all(
      ["one", "other"].map((worker) =>
        processConversation({ ...room.desk.parts, worker }, conversation),
      ),
    );
    await inboxes.settle();
    assert.deepEqual(asked(), ["About e29-read.", "About e29-both."]);
    assert.equal(answers(), 2);
    const flags = (await room.server.mails(address)).map((kept) => kept.flags);
    assert.deepEqual(flags, ["FS", ""], "the bot marks nothing");
    // Moved away before Deskhand looked, and back: a new UID, and it is worked on then.
    await inboxes.stop();
    await second.stop();
    await inboxes.deliver(await mail("e29-moved"));
    await room.server.asPerson(address, async (client) => {
      await client.mailboxCreate("Aside");
      await client.mailboxOpen("INBOX");
      await client.messageMove("1:*", "Aside");
      await client.mailboxOpen("Aside");
      await client.messageMove("1:*", "INBOX");
    });
    await inboxes.start();
    await inboxes.settle();
    assert.deepEqual(asked(), ["About e29-read.", "About e29-both.", "About e29-moved."]);
    assert.equal(answers(), 3);
  });

  test("E32 of two thousand mails that were there before the first start none is answered", async () => {
    const inboxes = await room.prepare(["e32"]);
    const [address = ""] = inboxes.addresses;
    const old = written({ text: "From long ago." });
    await room.server.fill(
      address,
      Array.from({ length: 2_000 }, () => old),
    );
    await inboxes.start();
    await inboxes.deliver(await mail("e32"));
    await inboxes.settle();
    assert.equal((await room.server.numbering(address)).uidNext, 2_002);
    const told = inboxes.log.lines.filter((line) => line.startsWith("first look at a mailbox"));
    assert.match(told.join("\n"), /"mails":2000\D/);
    assert.deepEqual(asked(), ["About e32."]);
    assert.deepEqual([answers(), inboxes.deliveries.length], [1, 1]);
  });
});
