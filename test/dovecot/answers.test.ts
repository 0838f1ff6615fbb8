/** Sending answers: threads, envelopes, servers that refuse or hang, and a process that dies in between. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inboxName } from "#email/login/sign-in.ts";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf } from "#store/db/database.ts";
import { bobsMail, signed, written, type Written } from "#test/email/mails.ts";
import { opened } from "#test/email/outbound/sending-bench.ts";
import { inMailroom } from "./mailroom.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

inMailroom("answers by mail", (room) => {
  const mail = (name: string, more: Written = {}): Promise<Buffer> =>
    signed(written({ messageId: `<${name}@customer.test>`, text: `About ${name}.`, ...more }));
  const raw = (index: number): Buffer => Buffer.from(room.smtp.taken.at(index) ?? "", "latin1");
  const headersOf = (index: number): Map<string, string> => opened(raw(index)).headers;
  const idOf = (index: number): string => headersOf(index).get("message-id") ?? "";
  /** So many minutes pass at the desk, in a few steps. */
  const pass = async (minutes: number): Promise<void> => {
    for (let step = 0; step < 3; step += 1) {
      room.desk.skip((minutes * MINUTE) / 3);
      await room.desk.tick();
    }
  };
  /** What became of the replies, oldest first. */
  const replies = () =>
    room.desk.parts.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ state: z.string(), attempts: z.int() }),
        sql`select state, attempts from effect where operation = 'reply' order by created_at`,
      ),
    );

  test("E20 a reply to an old thread is never lost, and shows its past to no other person", async () => {
    const inboxes = await room.open(["e20"], { clock: { now: () => room.desk.now() } });
    await inboxes.deliver(await mail("e20"));
    await inboxes.settle();
    const reply = [
      ["In-Reply-To", idOf(0)],
      ["References", `<e20@customer.test> ${idOf(0)}`],
    ] as const;
    room.desk.skip(200 * DAY);
    await inboxes.deliver(await bobsMail("e20-bob", { headers: reply }));
    await inboxes.settle();
    const other = room.turns.at(-1);
    assert.equal(other?.unread[0]?.text, "Bob about e20-bob.");
    assert.deepEqual(other?.history, []);
    await inboxes.deliver(await mail("e20-late", { headers: reply }));
    await inboxes.settle();
    assert.equal(room.turns.at(-1)?.unread[0]?.text, "About e20-late.");
    assert.equal(room.smtp.taken.length, 3);
    assert.deepEqual(
      room.smtp.envelopes.map(({ to }) => to),
      [["ann@customer.test"], ["bob@elsewhere.test"], ["ann@customer.test"]],
    );
  });

  test("E25 a server that says later gets the same mail again, one that says no gets it never", async () => {
    const inboxes = await room.open(["e25"]);
    for (const [index, fault] of [
      { recipient: "450 4.2.1 later" },
      { content: "451 4.3.0 later" },
      { content: "421 4.3.2 going down" },
    ].entries()) {
      room.fail(fault);
      await inboxes.deliver(await mail(`e25-${index}`, { subject: `Later ${index}` }));
      await inboxes.settle();
      room.fail({});
      await pass(10);
      const ids = room.smtp.taken
        .map((taken) => opened(Buffer.from(taken, "latin1")).headers)
        .filter((headers) => headers.get("subject") === `Re: Later ${index}`)
        .map((headers) => headers.get("message-id"));
      assert.ok(ids.length >= 1, JSON.stringify(fault));
      assert.equal(new Set(ids).size, 1, "every try has the same id");
      await pass(10);
      assert.equal(room.turns.length, index + 1);
    }
    assert.deepEqual(
      (await replies()).map(({ state }) => state),
      ["done", "done", "done"],
    );
    const before = room.smtp.taken.length;
    room.fail({ recipient: "550 5.1.1 nobody here" });
    await inboxes.deliver(await mail("e25-no"));
    await inboxes.settle();
    room.fail({});
    await pass(30);
    assert.equal(room.smtp.taken.length, before, "a refusal is final");
    assert.equal((await replies()).at(-1)?.state, "failed");
    assert.match(
      JSON.stringify([room.desk.alerts(), [...room.desk.cards.values()]]),
      /550|nobody here|refused|could not be sent|not be delivered/,
    );
  });

  for (const [how, content] of [
    ["hangs up", "cut"],
    ["falls silent", "silence"],
  ] as const)
    test(`E26 a server that ${how} after taking the mail: found in Sent it is sent, else a person decides`, async () => {
      const name = `e26-${content}`;
      const inboxes = await room.open([name]);
      const [address = ""] = inboxes.addresses;
      const keep = (sent: string) =>
        room.server.append(address, "Sent", Buffer.from(sent, "latin1"));
      room.fail({ content, keep });
      await inboxes.deliver(await mail(`${name}-kept`, { subject: "Kept" }));
      await inboxes.settle();
      room.fail({});
      await pass(30);
      assert.equal(room.smtp.taken.length, 1, "it is found, so nothing goes out again");
      assert.deepEqual(
        (await replies()).map(({ state }) => state),
        ["done"],
      );
      room.fail({ content });
      await inboxes.deliver(await mail(`${name}-lost`, { subject: "Lost" }));
      await inboxes.settle();
      room.fail({});
      await pass(30);
      assert.equal(room.smtp.taken.length, 2, "it is not sent again unasked");
      assert.deepEqual(
        (await replies()).map(({ state }) => state),
        ["done", "unknown"],
      );
      assert.match(JSON.stringify(room.desk.alerts()), /Nobody knows|unknown|in doubt|whether/i);
    });

  test("E30 no header of a mail adds a line or a recipient to the answer, and it threads", async () => {
    const inboxes = await room.open(["e30"]);
    const [address = ""] = inboxes.addresses;
    const injected = Buffer.from("hello\r\nBcc: x@evil.test\r\n\r\nbody").toString("base64");
    const ids = Array.from({ length: 10_000 }, (_, at) => `<old-${at}@customer.test> junk`);
    await inboxes.deliver(
      await mail("e30", {
        subject: `Re: RE: =?utf-8?B?${injected}?=`,
        headers: [
          ["In-Reply-To", "your words <1@x> X-Bad: 1> <old-9999@customer.test>"],
          ["References", ids.join("\r\n ")],
          ["X-Long", "y".repeat(2_000)],
        ],
      }),
    );
    await inboxes.settle();
    assert.deepEqual(room.smtp.envelopes[0]?.to, ["ann@customer.test"]);
    const headers = headersOf(0);
    for (const name of ["bcc", "cc", "x-bad", "x-long"]) assert.equal(headers.has(name), false);
    assert.match(headers.get("subject") ?? "", /^Re: hello/);
    assert.doesNotMatch(headers.get("subject") ?? "", /Re: re:/i);
    assert.equal(headers.get("in-reply-to"), "<e30@customer.test>");
    const references = (headers.get("references") ?? "").split(" ");
    assert.ok(references.length <= 22, `${references.length} ids`);
    assert.deepEqual(
      [references[0], references.at(-1)],
      ["<old-0@customer.test>", "<e30@customer.test>"],
    );
    for (const id of references) assert.match(id, /^<[^<>\s]+@[^<>\s]+>$/);
    for (const line of raw(0).toString("latin1").split("\r\n")) assert.ok(line.length <= 998);
    await room.server.append(address, "INBOX", raw(0));
    const plain = (id: string): string => id.slice(1, -1);
    assert.deepEqual(await room.server.threads(address), [["e30@customer.test", plain(idOf(0))]]);
  });

  test("E31 a refused login is told, is not hammered, holds up no other inbox, and resumes where it was", async () => {
    const inboxes = await room.open(["e31-locked", "e31-open"]);
    const [locked = "", open = ""] = inboxes.addresses;
    await inboxes.deliver(await mail("e31-before"), locked);
    await inboxes.settle();
    await inboxes.stop();
    await room.server.takePassword(locked, false);
    await inboxes.start();
    await inboxes.deliver(await mail("e31-locked"), locked);
    await inboxes.deliver(await mail("e31-open"), open);
    await inboxes.looked(open);
    await room.desk.tick();
    assert.deepEqual(
      room.turns.map(({ unread }) => unread[0]?.text),
      ["About e31-before.", "About e31-open."],
    );
    // It takes the server a second or two to know, in which it must not be asked again and again.
    await room.server.takePassword(locked, true);
    const refusals = inboxes.log.lines.filter(
      (line) => line.startsWith("inbox lost") && line.includes(inboxName(locked)),
    );
    // At most one for each folder that is watched.
    assert.ok(refusals.length === 1 || refusals.length === 2, refusals.join("\n"));
    assert.match(refusals[0] ?? "", /IMAP needs login: .*[Aa]uth/);
    await inboxes.stop();
    // As an operator does who has put in the new password; without that it is tried again by itself, much later.
    const mended = inboxes.again();
    await mended.start();
    await mended.settle();
    assert.deepEqual(
      room.turns.map(({ unread }) => unread[0]?.text),
      ["About e31-before.", "About e31-open.", "About e31-locked."],
    );
  });
});
