/** Sending answers: threads, envelopes, servers that refuse or hang, and a process that dies in between. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inboxName } from "#email/login/sign-in.ts";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf } from "#store/db/database.ts";
import { signed, written, type Written } from "#test/email/mails.ts";
import { inMailroom } from "./mailroom.ts";

const MINUTE = 60_000;
inMailroom("answers by mail", (room) => {
  const mail = (name: string, more: Written = {}): Promise<Buffer> =>
    signed(written({ messageId: `<${name}@customer.test>`, text: `About ${name}.`, ...more }));
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
