/** Mail as conversations: who joins which, and who answers by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "#core/values/message.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import type { Written } from "#test/email/mails.ts";
import { opened } from "#test/email/outbound/sending-bench.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { connectMailbox, sendingServer, SUPPORT, takeMail } from "./mailbox.ts";

const ANN = "Ann Fields <ann@customer.test>";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const server = sendingServer();

onDesk("mail threads", (bench) => {
  const connect = (): void => {
    connectMailbox(bench, server());
    bench.rule({ quietMs: () => 0 });
  };
  /** A mail arrives, or lies in Sent, and is worked on; gives the conversations it went to. */
  const arrives = async (mail: Written, folder = "inbox"): Promise<readonly string[]> => {
    const domain = /@([\w.-]+)/.exec(mail.from ?? ANN)?.[1] ?? "";
    const signedBy = domain === "ourshop.test" ? null : domain;
    const conversationIds = await takeMail(bench, mail, { folder, signedBy });
    for (const id of conversationIds) await bench.wake(id);
    return conversationIds;
  };
  const answers = (): number => server().taken.length;
  const lastSent = (): Map<string, string> =>
    opened(Buffer.from(server().taken.at(-1) ?? "", "latin1")).headers;
  const told = (id: string): Promise<readonly Message[]> =>
    bench.parts.store.run(async (transaction) =>
      (await conversationMessages(transaction, id)).map(({ message }) => message),
    );
  const owner = async (id: string): Promise<string> => {
    const state = await bench.at(loadConversation, id);
    return `${state?.owner}: ${state?.reason.words}`;
  };
  const autoReplies = (text = "Your order is on its way."): void => {
    bench.answer(() => replying(text));
    bench.rule({ replyAutonomy: () => "auto", quietMs: () => 0 });
  };
  const QUESTION: Written = { messageId: "<m1@customer.test>", text: "Where is my order 456?" };

  test("another person who answers is seen by the team, and gets nothing of what was said", async () => {
    connect();
    autoReplies();
    const seen: string[] = [];
    bench.answer((input) => {
      seen.push(input.history.map(({ text }) => text).join("\n"));
      return replying(`Answer ${seen.length}.`);
    });
    const [ann = ""] = await arrives({
      ...QUESTION,
      headers: [["Cc", "bob@elsewhere.test"]],
    });
    const reply = lastSent();
    assert.equal(reply.get("to"), "ann@customer.test");
    assert.equal(reply.has("cc"), false);
    const [bob = "", beside] = await arrives({
      from: "Bob <bob@elsewhere.test>",
      to: reply.get("reply-to") ?? "",
      messageId: "<b1@elsewhere.test>",
      text: "I am her husband, tell me as well.",
      headers: [
        ["Cc", "ann@customer.test"],
        ["In-Reply-To", reply.get("message-id") ?? ""],
      ],
    });
    assert.notEqual(bob, ann);
    assert.equal(beside, ann);
    const note = (await told(ann)).at(-1);
    assert.equal(note?.visibility, "internal");
    assert.match(note?.text ?? "", new RegExp(`^bob@elsewhere.test answered .*${bob}`));
    // Bob's turn knows nothing of Ann's, and its answer goes to him alone.
    assert.equal(seen.at(-1), "");
    assert.equal(lastSent().get("to"), "bob@elsewhere.test");
    assert.equal(lastSent().has("cc"), false);
    const sentBefore = answers();
    const state = await bench.at(loadConversation, ann);
    assert.equal(state?.conversation.subject, "My order");
    assert.equal(answers(), sentBefore);
    // Ann's own answer is no answer of another.
    assert.deepEqual(
      await arrives({
        messageId: "<m2@customer.test>",
        text: "And when does it arrive?",
        headers: [["In-Reply-To", reply.get("message-id") ?? ""]],
      }),
      [ann],
    );
    const notes = (await told(ann)).filter(({ visibility }) => visibility === "internal");
    assert.equal(notes.length, 1);
  });

  test("one mail in two inboxes is one conversation and one answer", async () => {
    connect();
    autoReplies();
    const before = answers();
    const first = await arrives({ ...QUESTION, to: `${SUPPORT}, billing@ourshop.test` });
    bench.skip(-MINUTE);
    const second = await arrives({ ...QUESTION, to: `${SUPPORT}, billing@ourshop.test` });
    assert.deepEqual(second, first);
    assert.equal(answers(), before + 1);
  });

  test("a thread goes on within ninety days, and later in a conversation that follows it", async () => {
    connect();
    autoReplies();
    let shown = "";
    bench.answer((input) => {
      shown = input.history.map(({ text }) => text).join("\n");
      return replying(`Answer to ${input.unread.length}.`);
    });
    const [old = ""] = await arrives(QUESTION);
    const replyId = lastSent().get("message-id") ?? "";
    bench.skip(80 * DAY);
    const again = {
      text: "It came broken. What now?",
      headers: [["In-Reply-To", replyId]] as const,
    };
    assert.deepEqual(await arrives({ ...again, messageId: "<m2@customer.test>" }), [old]);
    assert.match(shown, /Where is my order 456/);
    bench.skip(200 * DAY);
    const before = answers();
    const [fresh = "", ...more] = await arrives({
      ...again,
      messageId: "<m3@customer.test>",
      text: "Hello again, one more thing?",
    });
    assert.notEqual(fresh, old);
    // The rested one hears that it goes on elsewhere; nothing is answered there.
    assert.deepEqual(more, [old]);
    assert.equal(answers(), before + 1);
    assert.doesNotMatch(shown, /order 456/);
    assert.match(shown, new RegExp(`goes on from conversation ${old}`));
    // The next one that names the old answer belongs to the new conversation.
    assert.equal(
      (await arrives({ ...again, messageId: "<m4@customer.test>", text: "Are you there?" }))[0],
      fresh,
    );
  });

  test("a teammate who answers from the mailbox closes the card as sent, with what they changed", async () => {
    connect();
    bench.answer(() => replying("Your order 456 left us on Monday and arrives on Friday."));
    bench.rule({ replyAutonomy: () => "draft", quietMs: () => 0 });
    const before = answers();
    const [ann = ""] = await arrives(QUESTION);
    assert.ok(await bench.pending(ann));
    const ids = await arrives(
      {
        from: "Dana <support@ourshop.test>",
        to: ANN,
        subject: "Re: My order",
        messageId: "<dana1@laptop.local>",
        text: "Your order 456 left us on Monday and arrives on Saturday.\n\nOn Monday Ann wrote:\n> Where is my order 456?",
        headers: [["In-Reply-To", "<m1@customer.test>"]],
      },
      "sent",
    );
    assert.deepEqual(ids, [ann]);
    assert.equal(await bench.pending(ann), null);
    const message = (await told(ann)).at(-1);
    assert.equal(message?.author.kind, "teammate");
    assert.equal(message?.author.name, "Dana");
    assert.doesNotMatch(message?.text ?? "", /Where is/);
    assert.match(await bench.outcome(ann), /^answered: .*Dana in the mailbox/);
    const [card] = bench.cards.values();
    assert.match(JSON.stringify(card), /Sent by Dana in the mailbox, changed/);
    assert.equal(await owner(ann), "human: Dana answered");
    // What Ann answers to Dana is for people, in the same conversation.
    assert.deepEqual(
      await arrives({
        messageId: "<m5@customer.test>",
        text: "Why not on Friday?",
        headers: [["In-Reply-To", "<dana1@laptop.local>"]],
      }),
      [ann],
    );
    assert.equal(answers(), before);
    assert.equal(await bench.pending(ann), null);
  });

  test("what else lies in Sent is no answer here: other threads, our own mail, programs, a forward", async () => {
    connect();
    autoReplies();
    const [ann = ""] = await arrives(QUESTION);
    const own = lastSent();
    const mail: Written = {
      from: SUPPORT,
      to: ANN,
      messageId: "<s@laptop.local>",
      text: "Something else entirely.",
      headers: [["In-Reply-To", "<m1@customer.test>"]],
    };
    const inReplyTo = ["In-Reply-To", "<m1@customer.test>"] as const;
    const others: readonly Written[] = [
      { ...mail, headers: [["In-Reply-To", "<supplier@elsewhere.test>"]] },
      { ...mail, headers: [] },
      { ...mail, to: "boss@ourshop.test" },
      { ...mail, to: SUPPORT },
      { ...mail, headers: [inReplyTo, ["Auto-Submitted", "auto-replied"]] },
      // As a provider keeps it that gave our mail another id.
      {
        ...mail,
        headers: [inReplyTo, ["X-Deskhand-Instance", own.get("x-deskhand-instance") ?? ""]],
      },
      { ...mail, headers: [inReplyTo, ["Reply-To", own.get("reply-to") ?? ""]] },
    ];
    for (const [index, other] of others.entries())
      assert.deepEqual(await arrives(other, "sent"), [], `mail ${index}`);
    assert.match(await owner(ann), /^bot/);
    assert.deepEqual(await arrives(mail, "sent"), [ann]);
    bench.skip(-MINUTE);
    assert.deepEqual(
      await arrives(mail, "sent"),
      [ann],
      "again, after the folder was numbered anew",
    );
    assert.equal((await told(ann)).filter(({ author }) => author.kind === "teammate").length, 1);
  });

  test("the same text in the inbox, where any sender can put it, is no teammate's", async () => {
    connect();
    bench.answer(() => replying("Your order 456 left us on Monday."));
    bench.rule({ replyAutonomy: () => "draft", quietMs: () => 0 });
    const [ann = ""] = await arrives(QUESTION);
    const before = answers();
    const forged = await arrives({
      from: "Dana <support@ourshop.test>",
      to: `${ANN}, ${SUPPORT}`,
      messageId: "<dana2@evil.test>",
      text: "Your order 456 left us on Monday.",
      headers: [["In-Reply-To", "<m1@customer.test>"]],
    });
    assert.equal(forged.includes(ann), false);
    assert.ok(await bench.pending(ann));
    assert.match(await owner(ann), /^bot/);
    assert.equal(answers(), before);
    for (const id of forged) assert.equal(await bench.pending(id), null);
  });
});
