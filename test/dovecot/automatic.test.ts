/** Programs that write to us: told from people, never answered, and when they carry no mark, not for long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { opened } from "#test/email/outbound/sending-bench.ts";
import { signed, written, type Written } from "#test/email/mails.ts";
import { fates, inMailroom, type Inboxes, type Mailroom } from "./mailroom.ts";

type Header = readonly [string, string];

/** The answer that went out last. */
function lastAnswer({ smtp }: Mailroom): { readonly messageId: string; readonly raw: Buffer } {
  const raw = Buffer.from(smtp.taken.at(-1) ?? "", "latin1");
  const messageId = opened(raw).headers.get("message-id") ?? "";
  assert.match(messageId, /^<[^>]+>$/);
  return { messageId, raw };
}

/** A question that is answered, so that there is something to bounce or to reply to. */
async function asked(inboxes: Inboxes, name: string): Promise<void> {
  const text = `My question is about ${name}.`;
  await inboxes.deliver(await signed(written({ messageId: `<${name}@customer.test>`, text })));
  await inboxes.settle();
}

/** A report of a mail server about the mail with this id (RFC 3464). */
function report(about: string, { action, status }: { action: string; status: string }): Buffer {
  return written({
    from: "Mail Delivery <mailer-daemon@customer.test>",
    subject: "About your mail",
    messageId: `<${action}-${about.slice(1, -1)}.customer.test>`,
    headers: [
      ["Return-Path", "<>"],
      ["Content-Type", 'multipart/report; report-type=delivery-status; boundary="b"'],
    ],
    text: [
      "--b",
      "Content-Type: text/plain",
      "",
      "The server of your customer has news about your mail.",
      "--b",
      "Content-Type: message/delivery-status",
      "",
      "Reporting-MTA: dns; mx.customer.test",
      "",
      "Final-Recipient: rfc822; ann@customer.test",
      `Action: ${action}`,
      `Status: ${status}`,
      "",
      "--b",
      "Content-Type: text/rfc822-headers",
      "",
      `Message-ID: ${about}`,
      "",
      "--b--",
    ].join("\n"),
  });
}

inMailroom("mail of programs", (room) => {
  const answers = (): number => room.smtp.taken.length;

  test("E12 a second bot without any mark gets three answers, then people have it", async () => {
    const inboxes = await room.open(["e12"]);
    let earlier: Header[] = [];
    for (let round = 1; round <= 5; round += 1) {
      const mail = written({
        from: "Desk <desk@elsewhere.test>",
        messageId: `<round-${round}@elsewhere.test>`,
        text: `Thank you for your words, they have number ${round} with us.`,
        headers: earlier,
      });
      await inboxes.deliver(await signed(mail, "elsewhere.test"));
      await inboxes.settle();
      const { messageId } = lastAnswer(room);
      earlier = [
        ["In-Reply-To", messageId],
        ["References", messageId],
      ];
    }
    assert.equal(answers(), 3);
    const [conversation = "", ...others] = inboxes.conversations;
    assert.deepEqual(others, []);
    assert.match(await room.desk.outcome(conversation), /^escalated: 3 answers went out/);
  });

  test("E12 our own mail that comes back is no mail, and our address as sender is a loop", async () => {
    const inboxes = await room.open(["e12-own"]);
    await asked(inboxes, "e12-own");
    const { raw } = lastAnswer(room);
    await inboxes.deliver(raw);
    const [address = ""] = inboxes.addresses;
    await inboxes.deliver(written({ from: address, messageId: "<self@ourshop.test>" }));
    await inboxes.settle();
    assert.equal(inboxes.deliveries.length, 3);
    const [, loop, ...more] = await fates(room);
    assert.deepEqual(more, []);
    assert.match(loop?.ignored ?? "", /^loop/);
    assert.equal(answers(), 1);
  });

  test("E13 a report that our answer cannot be delivered is told once and stops the conversation", async () => {
    const inboxes = await room.open(["e13-hard"]);
    await asked(inboxes, "e13-hard");
    const { messageId } = lastAnswer(room);
    await inboxes.deliver(report(messageId, { action: "failed", status: "5.1.1" }));
    await inboxes.settle();
    assert.equal(inboxes.conversations.length, 1, "the report found the conversation");
    assert.equal(answers(), 1);
    const told = room.desk.alerts().filter(({ text }) => text.startsWith("Not delivered"));
    assert.equal(told.length, 1);
    assert.match(told[0]?.text ?? "", /5\.1\.1/);
    const again = written({
      messageId: "<e13-again@customer.test>",
      text: "Are you there?",
      headers: [["In-Reply-To", messageId]],
    });
    await inboxes.deliver(await signed(again));
    await inboxes.settle();
    assert.equal(answers(), 1, "people have it now");
  });

  const absences: readonly (readonly [string, Written])[] = [
    ["Auto-Submitted", { headers: [["Auto-Submitted", "auto-replied"]] }],
    ["Auto-Submitted with a parameter", { headers: [["Auto-Submitted", "auto-generated; x=y"]] }],
    ["X-Autoreply", { headers: [["X-Autoreply", "yes"]] }],
    ["Precedence", { headers: [["Precedence", "auto_reply"]] }],
    ["a subject of absence", { subject: "Automatic reply: your answer" }],
    ["a German one", { subject: "Abwesenheitsnotiz: bis Montag" }],
  ];

  test("E14 automatic replies are never answered and change nothing but a note", async () => {
    const inboxes = await room.open(["e14"]);
    await asked(inboxes, "e14");
    const { messageId } = lastAnswer(room);
    const reply: Header = ["In-Reply-To", messageId];
    for (const [index, [, mail]] of absences.entries()) {
      const headers = [...(mail.headers ?? []), reply];
      const absence = {
        text: "I am away until Monday.",
        messageId: `<e14-${index}@customer.test>`,
      };
      await inboxes.deliver(await signed(written({ ...absence, ...mail, headers })));
    }
    await inboxes.settle();
    assert.equal(answers(), 1);
    assert.equal(inboxes.conversations.length, 1);
    const [, ...notes] = await fates(room);
    assert.deepEqual(
      notes.map(({ outcome }) => outcome),
      absences.map(() => "ignored"),
    );
    for (const { reason } of notes) assert.match(reason ?? "", /^auto-reply: ./);
    // The customer is back, and the bot still has the conversation.
    const back = written({
      messageId: "<e14-back@customer.test>",
      headers: [reply],
      text: "I am back.",
    });
    await inboxes.deliver(await signed(back));
    await inboxes.settle();
    assert.equal(answers(), 2);
  });

  test("E15 lists and other bulk get no answer and are there for people to see", async () => {
    const inboxes = await room.open(["e15"]);
    const bulk: readonly Written[] = [
      { headers: [["List-Id", "<news.customer.test>"]] },
      { headers: [["Precedence", "bulk"]] },
      { headers: [["Feedback-ID", "1:campaign:sender"]] },
      { from: "No Reply <no-reply@customer.test>" },
      { headers: [["List-Unsubscribe", "<mailto:leave@customer.test>"]] },
    ];
    for (const [index, mail] of bulk.entries())
      await inboxes.deliver(
        await signed(written({ messageId: `<bulk-${index}@customer.test>`, ...mail })),
      );
    await inboxes.settle();
    assert.equal(answers(), 0);
    assert.deepEqual(room.turns, []);
    const seen = await fates(room);
    assert.equal(seen.length, bulk.length);
    for (const { outcome, reason } of seen)
      assert.match(`${outcome}: ${reason}`, /^ignored: bulk: ./);
  });
});
