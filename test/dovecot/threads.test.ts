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

  test("E30 no header of a mail adds a line or a recipient to the answer, and of many ids a few are kept", async () => {
    const inboxes = await room.open(["e30"]);
    const injected = Buffer.from("hello\r\nBcc: x@evil.test\r\n\r\nbody").toString("base64");
    const ids = Array.from({ length: 10_000 }, (_, at) => `<old-${at}@customer.test> junk`);
    const headers = [
      ["In-Reply-To", "your words <1@x> X-Bad: 1> <old-9999@customer.test>"],
      ["References", ids.join("\r\n ")],
    ] as const;
    await asked(inboxes, await anns("e30", { subject: `Re: =?utf-8?B?${injected}?=`, headers }));
    assert.deepEqual(room.smtp.envelopes[0]?.to, ["ann@customer.test"]);
    const answer = headersOf(0);
    for (const name of ["bcc", "cc", "x-bad"]) assert.equal(answer.has(name), false);
    assert.match(answer.get("subject") ?? "", /^Re: hello/);
    const references = (answer.get("references") ?? "").split(" ");
    assert.ok(references.length <= 22, `${references.length} ids`);
    assert.deepEqual(
      [references[0], references.at(-1)],
      ["<old-0@customer.test>", "<e30@customer.test>"],
    );
    for (const id of references) assert.match(id, /^<[^<>\s]+@[^<>\s]+>$/);
  });
});
