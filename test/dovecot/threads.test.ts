/** Where a mail belongs when programs lose its ids, people join in, or a server returns it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bobsMail, signed, written, type Written } from "#test/email/mails.ts";
import { opened } from "#test/email/outbound/sending-bench.ts";
import { inMailroom, type Inboxes } from "./mailroom.ts";

const DAY = 24 * 60 * 60_000;

inMailroom("threads of mail", (room) => {
  const anns = (name: string, more: Written = {}): Promise<Buffer> =>
    signed(written({ messageId: `<${name}@customer.test>`, text: `Ann about ${name}.`, ...more }));
  const headersOf = (index: number): Map<string, string> =>
    opened(Buffer.from(room.smtp.taken.at(index) ?? "", "latin1")).headers;
  const asked = async (inboxes: Inboxes, raw: Buffer, ...to: readonly string[]): Promise<void> => {
    await inboxes.deliver(raw, ...to);
    await inboxes.settle();
  };
  const replyTo = (index: number): readonly (readonly [string, string])[] => [
    ["In-Reply-To", headersOf(index).get("message-id") ?? ""],
  ];
  /** What the agent was shown of a conversation in its last turn, in words. */
  const shown = (): readonly string[] => {
    const turn = room.turns.at(-1);
    return [...(turn?.history ?? []), ...(turn?.unread ?? [])].map(({ text }) => text);
  };

  test("E13 a report that names nothing but the return path of our answer finds its conversation", async () => {
    const inboxes = await room.open(["e13-path"]);
    await asked(inboxes, await anns("e13-path"));
    const path = room.smtp.envelopes[0]?.from ?? "";
    assert.match(path, /^e13-path\+b\.[a-z2-7.]+@ourshop\.test$/);
    const report = written({
      from: "mailer-daemon@customer.test",
      to: path,
      subject: "Undelivered mail",
      messageId: "<report@customer.test>",
      headers: [
        ["Return-Path", "<>"],
        ["Content-Type", 'multipart/report; report-type=delivery-status; boundary="b"'],
      ],
      text: "--b\nContent-Type: text/plain\n\nNobody lives here.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.customer.test\n\nFinal-Recipient: rfc822; ann@customer.test\nAction: failed\nStatus: 5.1.1\n\n--b--",
    });
    await asked(inboxes, report, path);
    assert.equal(inboxes.conversations.length, 1);
    assert.equal(room.smtp.taken.length, 1);
    const told = room.desk.alerts().filter(({ text }) => text.startsWith("Not delivered"));
    assert.equal(told.length, 1);
  });

  test("E20 a thread that rested for long goes on in a new conversation that names the old one", async () => {
    const inboxes = await room.open(["e20-long"], { clock: { now: () => room.desk.now() } });
    await asked(inboxes, await anns("e20-long"));
    room.desk.skip(200 * DAY);
    await asked(inboxes, await anns("e20-later", { headers: replyTo(0) }));
    assert.equal(room.smtp.taken.length, 2);
    assert.match(shown().join("\n"), /Ann about e20-later\./);
    assert.equal(inboxes.conversations.length, 2);
    assert.match(shown().join("\n"), new RegExp(`from conversation ${inboxes.conversations[0]}`));
  });

  test("E21 a person in Cc who answers has rights of their own, and the thread's customer hears nothing of it", async () => {
    const inboxes = await room.open(["e21"]);
    await asked(inboxes, await anns("e21", { headers: [["Cc", "bob@elsewhere.test"]] }));
    assert.deepEqual(room.smtp.envelopes[0]?.to, ["ann@customer.test"]);
    await asked(inboxes, await bobsMail("e21-bob", { headers: replyTo(0) }));
    assert.deepEqual(room.smtp.envelopes[1]?.to, ["bob@elsewhere.test"]);
    assert.doesNotMatch(shown().join("\n"), /Ann about|Answer 1/);
    assert.deepEqual(
      room.turns.at(-1)?.unread.map(({ identity }) => identity.handle),
      [{ kind: "email", email: "bob@elsewhere.test" }],
    );
    // The team sees in Ann's conversation that another person joined, and the bot does not take his text for hers.
    await asked(inboxes, await anns("e21-again", { headers: replyTo(0) }));
    assert.match(shown().join("\n"), /bob@elsewhere\.test answered in this thread/);
    assert.doesNotMatch(shown().join("\n"), /Bob about/);
    assert.deepEqual(room.smtp.envelopes[2]?.to, ["ann@customer.test"]);
  });

  test("E22 the answer comes from the address that was written to, however its letters and plus part", async () => {
    const inboxes = await room.open(["e22"], { aliases: ["alias22@ourshop.test"] });
    const [address = ""] = inboxes.addresses;
    await asked(inboxes, await anns("e22-alias", { to: "alias22@ourshop.test" }));
    assert.equal(headersOf(0).get("from"), "alias22@ourshop.test");
    await asked(inboxes, await anns("e22-case", { to: "E22@OurShop.test" }));
    assert.equal(headersOf(1).get("from"), address);
    await asked(
      inboxes,
      await anns("e22-plus", { to: "friends@customer.test" }),
      "e22+o42@ourshop.test",
    );
    assert.equal(headersOf(2).get("from"), address);
    const [, , kept] = await room.server.mails(address);
    assert.match(String(kept?.raw), /^Delivered-To: e22\+o42@ourshop\.test/im);
  });
});
