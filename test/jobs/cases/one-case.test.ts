/** Conversations of one customer about one order are decided as one case: one card, one answer. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { z } from "zod";
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Message } from "#core/values/message.ts";
import { NoteArguments, ReplyArguments } from "#core/values/action.ts";
import { witnessedIdentity } from "#core/values/identity.ts";
import { sql } from "#store/db/drizzle.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { lookingUp, refundOf } from "#test/jobs/turn-results.ts";
import { ANN_IN_CHAT, proof } from "#test/jobs/customers.ts";

const MINUTE = 60_000;

const Ended = z.object({
  key: z.string(),
  outcome: z.string().nullable(),
  reason: z.string().nullable(),
});

onDesk("one case", (bench) => {
  const asked: TurnInput[] = [];
  const answerBy = (how: (input: TurnInput) => TurnResult): void => {
    asked.splice(0);
    bench.answer((input) => {
      asked.push(input);
      return how(input);
    });
  };
  const mail = (text: string, thread: string, message: Partial<Message> = {}) =>
    bench.write(text, { channel: "email", thread, message });
  const chat = (text: string, thread = "chat1") =>
    bench.write(text, { channel: "chat", thread, message: ANN_IN_CHAT });
  const ended = (id: string) =>
    bench.rows(
      Ended,
      sql`select key, outcome, outcome_reason as reason from message
            where conversation_id = ${id} and author_kind = 'requester' order by id`,
    );
  /** The cards on the desk, once it shows all that was decided. */
  const shown = async () => {
    await showCards(bench.parts);
    return [...bench.cards.values()];
  };
  const waiting = async () => (await shown()).filter(({ state }) => state === "pending");
  beforeEach(() => {
    bench.rule({ replyAutonomy: () => "draft" });
    answerBy((input) => lookingUp(input));
  });

  test("the same order by mail and by chat is one card, and one answer ends both", async () => {
    answerBy((input) => lookingUp(input, { actions: [refundOf(12_000)] }));
    const first = await mail("Please refund order 789, they broke.", "m1");
    bench.skip(5 * MINUTE);
    const second = await chat("refund for order 789 please");
    assert.equal((await waiting()).length, 1);
    assert.equal(await bench.pending(first), null);
    assert.match(
      (await shown()).find(({ channel }) => channel === "email")?.closing ?? "",
      /^Also covered in chat /,
    );
    assert.deepEqual(
      (await waiting())[0]?.context.members.map(({ conversationId, isOpen }) => [
        conversationId,
        isOpen,
      ]),
      [[first, true]],
    );
    assert.equal(
      (await waiting())[0]?.asked,
      "Please refund order 789, they broke.\n\nrefund for order 789 please",
    );
    await bench.press("approve", second);
    bench.skip(10_000);
    await bench.wake(second);
    const refunds = bench.made("refund");
    const replies = bench.made("reply");
    assert.equal(refunds.length, 1);
    assert.deepEqual(
      replies.map(({ target }) => target),
      ["chat"],
    );
    const [covered] = await ended(first);
    assert.deepEqual(
      [covered?.outcome, covered?.reason],
      ["answered", `also covered in ${second}: approved by a person`],
    );
    assert.equal((await ended(second))[0]?.reason, "approved by a person");
    await bench.tick();
    assert.equal((await waiting()).length, 0);
  });

  test("the agent reads the whole case, as one customer's words, and answers where they wrote last", async () => {
    await mail("Where is order 789?", "m1");
    const second = await chat("And change the address of order 789 to 5 Hill Road");
    // The words alone show it, before the model is asked.
    assert.equal(asked.length, 2);
    const last = asked.at(-1) ?? assert.fail("the agent was not asked");
    assert.deepEqual(
      last.unread.map(({ text }) => text),
      ["Where is order 789?", "And change the address of order 789 to 5 Hill Road"],
    );
    assert.deepEqual([...new Set(last.unread.map(({ author }) => author.id))], ["chat:u123"]);
    const proposal = (await bench.pending(second))?.proposal?.actions.at(-1);
    const reply = ReplyArguments.parse(proposal?.action.arguments);
    assert.equal(reply.answers.length, 2);
    assert.equal(proposal?.action.target, "chat");
  });

  test("a long conversation about several orders is the case of what is asked in it now", async () => {
    const long = await mail("Where is order 789?", "m1");
    await bench.press("approve", long);
    bench.skip(10_000);
    await bench.wake(long);
    await mail("Thanks. And where is order 456?", "m1");
    await chat("Please refund order 789");
    assert.equal((await waiting()).length, 2);
  });

  test("a case is proven no better than its weakest mail, also for changing something", async () => {
    answerBy((input) => lookingUp(input, { actions: [refundOf(12_000)] }));
    const identity = witnessedIdentity("dkim+spf", "two witnesses", "ann@customer.test");
    await mail("Please refund order 789, they broke.", "m1", { identity });
    bench.skip(5 * MINUTE);
    await chat("refund for order 789 please");
    const both = asked.at(-1);
    assert.equal(both?.unread.length, 2);
    assert.deepEqual([both?.requester.level, both?.requester.actingLevel], [2, 1]);
  });

  test("another order, a stranger, a shared place and another brand are no part of it", async () => {
    await mail("Where is order 789?", "m1");
    await mail("Where is order 790?", "m2");
    bench.bindTo({ level: 1, customerId: null, emailOnFile: null, name: null, reason: "claimed" });
    await mail("Where is order 789?", "m3", {
      identity: proof(1, "claimed", "claimed", "ann@customer.test"),
    });
    bench.bindTo({
      level: 2,
      customerId: "u123",
      emailOnFile: null,
      name: "Ann",
      reason: "signed",
    });
    await bench.write("Where is order 789?", {
      channel: "slack",
      thread: "s1",
      message: {
        answerTo: { label: "#help", audience: "shared", address: {} },
        answerPrivatelyTo: { label: "DM", audience: "private", address: {} },
      },
    });
    assert.equal((await waiting()).length, 4);
    assert.ok((await waiting()).every(({ context }) => context.members.length === 0));
  });

  test("people who have one of them have them all, and the bot writes nothing behind their back", async () => {
    const first = await mail("Where is order 789?", "m1");
    await bench.press("take_over", first);
    const times = asked.length;
    const second = await chat("where is order 789");
    assert.equal(await bench.pending(second), null);
    assert.match(
      await bench.outcome(second),
      /^escalated: people have this case already, in email /,
    );
    // As with what the bot handed over: the order they name says that it is the same case.
    assert.equal(asked.length, times);
  });

  test("a new message in the covered conversation takes the card there", async () => {
    const first = await mail("Where is order 789?", "m1");
    const second = await chat("where is order 789?");
    bench.skip(MINUTE);
    await mail("I need it by Friday.", "m1");
    assert.equal(await bench.pending(second), null);
    const card = await bench.card(first);
    assert.equal(card.answers.length, 3);
    assert.equal((await waiting()).length, 1);
  });

  /** Asked by mail and in chat, and answered there; gives the conversation of the chat. */
  const answeredInChat = async (): Promise<string> => {
    await mail("Where is order 789?", "m1");
    const second = await chat("where is order 789?");
    await bench.press("approve", second);
    bench.skip(10_000);
    await bench.wake(second);
    return second;
  };

  test("once it is answered, the covered conversation goes on with all that was said", async () => {
    await answeredInChat();
    await mail("Thanks, and what does it weigh?", "m1");
    const last = asked.at(-1) ?? assert.fail("the agent was not asked");
    assert.deepEqual(
      last.unread.map(({ text }) => text),
      ["Thanks, and what does it weigh?"],
    );
    assert.ok(
      last.history.some(({ author, text }) => author.kind === "bot" && /look into/.test(text)),
    );
  });

  test("what is another customer's by now is shown to neither: its case is over", async () => {
    const second = await answeredInChat();
    await bench.execute(sql`update conversation set customer = 'other' where id = ${second}`);
    await mail("Thanks, and what does it weigh?", "m1");
    const last = asked.at(-1) ?? assert.fail("the agent was not asked");
    assert.deepEqual(
      last.history.filter(({ text }) => /look into|where is/.test(text)),
      [],
    );
  });

  test("once others read along, the agent is not told what the customer was answered alone", async () => {
    const id = await mail("Where is order 789?", "m1");
    const heard = (): readonly string[] =>
      (asked.at(-1)?.history ?? []).map(({ author }) => author.kind);
    await bench.press("approve", id);
    bench.skip(10_000);
    await bench.wake(id);
    await mail("And its weight?", "m1");
    assert.deepEqual(heard(), ["requester", "bot"]);
    await mail("Please tell Bob in Cc too.", "m1", {
      answerTo: { label: "Ann, Bob", audience: "shared", address: {} },
      answerPrivatelyTo: { label: "Ann", audience: "private", address: {} },
    });
    assert.deepEqual(heard(), ["requester"]);
  });

  test("a decision that is under way comes first; what comes in then is answered by itself", async () => {
    const first = await mail("Where is order 789?", "m1");
    await bench.press("approve", first);
    const second = await chat("where is order 789?");
    assert.equal(await bench.pending(second), null);
    bench.skip(10_000);
    await bench.wake(first);
    await bench.wake(second);
    const card = await bench.card(second);
    assert.equal(card.answers.length, 1);
    assert.equal(bench.replies().length, 1);
  });

  test("rejecting the one card ends both", async () => {
    const first = await mail("Where is order 789?", "m1");
    const second = await chat("where is order 789?");
    await bench.press("reject", second, undefined, { rejection: "no_answer" });
    assert.deepEqual(
      [...(await ended(first)), ...(await ended(second))].map(({ outcome }) => outcome),
      ["rejected", "rejected"],
    );
    assert.match((await ended(first))[0]?.reason ?? "", /^also covered in /);
    await bench.tick();
    assert.equal((await waiting()).length, 0);
  });

  test("two workers that plan both at once make one card all the same", async () => {
    const both = Promise.withResolvers<void>();
    let plans = 0;
    bench.answer(async (input) => {
      plans += 1;
      if (plans >= 2) both.resolve();
      await both.promise;
      return lookingUp(input);
    });
    const [first, second] = await Promise.all([
      mail("Where is order 789?", "m1"),
      chat("where is order 789?"),
    ]);
    await bench.tick();
    const pending = [await bench.pending(first), await bench.pending(second)].filter(
      (card) => card !== null,
    );
    assert.deepEqual(
      pending.map((card) => card.answers.length),
      [2],
    );
  });

  test("the third mail is known as the third, although the second named no order", async () => {
    await mail("Where is order 456?", "m1");
    bench.skip(24 * 60 * MINUTE);
    await mail("Still nothing, where is it?", "m2");
    bench.skip(24 * 60 * MINUTE);
    await mail("THIS IS MY THIRD MAIL. Answer me!", "m3");
    assert.deepEqual(
      (await waiting()).map(({ context }) => [context.messageNumber, context.members.length]),
      [[3, 2]],
    );
  });

  test("in Zendesk a note says where the ticket is answered", async () => {
    const ticket = await bench.write("Where is order 789?", { channel: "zendesk", thread: "12" });
    await chat("where is order 789?");
    await bench.wake(ticket);
    const notes = bench.made("note");
    assert.ok(
      notes.some(({ action }) =>
        NoteArguments.parse(action.arguments).text.startsWith("Also covered in chat "),
      ),
    );
  });

  test("an answer that also answers a mail asks as mail does, although the chat would answer alone", async () => {
    bench.rule({
      replyAutonomy: (channel: ChannelName) => (channel === "chat" ? "auto" : "draft"),
    });
    await mail("Where is order 789?", "m1");
    const second = await chat("where is order 789?");
    assert.deepEqual(bench.replies(), []);
    assert.equal((await bench.pending(second))?.answers.length, 2);
  });
});
