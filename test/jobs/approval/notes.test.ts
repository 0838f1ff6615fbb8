/** What is written beside a card: notes about drafts, and that the team is closed. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { NoteArguments, ReplyArguments } from "#core/values/action.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { customerCalled } from "#test/jobs/customers.ts";
import { escalating, away, refundOf, refuse, replying } from "#test/jobs/turn-results.ts";

onDesk("notes about drafts", (bench) => {
  beforeEach(() => bench.answer(() => replying("It is on its way.")));

  const notes = () =>
    bench.left.flatMap(({ action }) =>
      action.operation === "note" ? [NoteArguments.parse(action.arguments).text] : [],
    );
  const write = () => bench.write("Where is it?", { channel: "zendesk", thread: "7" });

  test("a teammate answers: the note says that the draft is withdrawn, and why", async () => {
    const id = await write();
    assert.match(notes()[0] ?? "", /not sent\. It goes out when a teammate approves it/);
    await bench.write("I look into it.", {
      channel: "zendesk",
      thread: "7",
      message: {
        author: { kind: "teammate", id: "zendesk:dana", name: "Dana Cole" },
        answerTo: null,
      },
    });
    await bench.wake(id);
    const [, withdrawn, ...more] = notes();
    assert.match(
      withdrawn ?? "",
      /^Withdrawn: the draft noted here on 20 Nov 10:00 is not sent\. Dana Cole/,
    );
    assert.deepEqual(more, []);
    await bench.wake(id);
    await bench.tick();
    assert.equal(notes().length, 2);
  });

  test("so it is for a rejected card, and for one that is never approved", async () => {
    const id = await write();
    await bench.press("reject", id, undefined, { rejection: "no_answer" });
    assert.match(notes()[1] ?? "", /^Withdrawn: .* Rejected, no answer needed · sam\.$/);
  });

  test("a hand-over that is taken back in time leaves the draft as it was noted", async () => {
    const id = await write();
    await bench.press("escalate", id);
    const card = [...bench.cards.values()].at(-1);
    assert.ok(card);
    const undone = await bench.decide(card.approvalId, "undo", { version: card.version });
    assert.equal(undone.accepted, true);
    await bench.pass(60_000);
    assert.equal(notes().length, 1);
    await bench.press("escalate", id);
    await bench.pass(60_000);
    assert.match(notes()[1] ?? "", /^Withdrawn: .* Escalated by sam/);
  });

  test("a new draft replaces the one before, and an approved one is followed by nothing", async () => {
    const id = await write();
    bench.answer(() => replying("It comes tomorrow."));
    await bench.write("And?", { channel: "zendesk", thread: "7" });
    assert.match(notes()[1] ?? "", /It replaces the draft noted before\./);
    await bench.press("approve", id);
    await bench.pass(60_000);
    assert.deepEqual(bench.replies().length, 1);
    assert.equal(notes().length, 2);
  });
});

const HOUR = 3_600_000;

const CLOSED = "Our team is back on Monday at 09:00.";

onDesk("outside duty hours", (bench) => {
  /** Closed from ten in the evening to six in the morning, every day; the tests begin at ten in the evening. */
  const opensAt = (at: Date): Date => {
    const next = new Date(at);
    next.setUTCHours(6, 0, 0, 0);
    return next > at ? next : new Date(next.getTime() + 24 * HOUR);
  };
  const isClosed = (at: Date): boolean => at.getUTCHours() >= 22 || at.getUTCHours() < 6;

  beforeEach(() => {
    bench.skip(12 * HOUR);
    bench.rule({
      closedText: (at) => (isClosed(at) ? CLOSED : null),
      expiresAt: (from) => new Date((isClosed(from) ? opensAt(from) : from).getTime() + 8 * HOUR),
    });
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
  });

  const handsOver = () => bench.answer(() => replying("", { ending: escalating("unclear") }));
  const told = () => bench.replies().filter((text) => text.includes(CLOSED));

  test("a customer who gets a card at night hears of it once, however often they write, for each conversation and again the next night", async () => {
    const id = await bench.write("Please refund order 789");
    assert.equal(told().length, 1);
    assert.equal(bench.replies().length, 1);
    await bench.write("Hello?");
    bench.skip(HOUR);
    await bench.write("It is urgent");
    assert.equal(told().length, 1);
    assert.notEqual(await bench.pending(id), null, "the card goes on waiting");
    await bench.write("Me too", { thread: "t2" });
    assert.equal(told().length, 2);
    bench.skip(24 * HOUR);
    await bench.write("Still nothing?");
    assert.equal(told().length, 3);
  });

  test("the sentence is automatic, answers nothing and does not offer a person", async () => {
    const id = await bench.write("Please refund order 789");
    const [sent] = bench.made("reply");
    const reply = ReplyArguments.parse(sent?.action.arguments);
    assert.deepEqual([reply.automatic, reply.answers], [true, []]);
    assert.doesNotMatch(reply.text, /talk to a person|sent automatically/);
    assert.match(reply.text, /^Hello Ann,/);
    const waiting = await bench.pending(id);
    assert.equal(waiting?.answers.length, 1, "what was asked is still to be answered");
    await bench.press("approve", id);
    bench.skip(60_000);
    await bench.wake(id);
    assert.equal(bench.replies().length, 2);
    assert.match(bench.replies()[1] ?? "", /We refund 120\.00 USD/);
  });

  test("a message that comes while the sentence cannot be sent is answered together with the one before", async () => {
    bench.faults.commit = ({ action }) => {
      if (action.operation === "reply") away();
    };
    const id = await bench.write("Please refund order 789");
    await bench.write("and hurry");
    assert.equal((await bench.pending(id))?.answers.length, 2);
  });

  test("a channel or a topic that shadows says nothing", async () => {
    bench.rule({ replyAutonomy: () => "shadow" });
    await bench.write("Please refund order 789");
    handsOver();
    await bench.write("Something is wrong", { thread: "t2" });
    // Of another customer, for what the same one writes is a case that people have already.
    bench.bindTo(customerCalled("bob"));
    bench.rule({ replyAutonomy: (_channel, topic) => (topic === "refund" ? "shadow" : "draft") });
    await bench.write("Something is wrong", { thread: "t3" });
    assert.deepEqual(bench.replies(), []);
  });

  test("handed over at night, the customer gets one message with both sentences", async () => {
    handsOver();
    await bench.write("Something is wrong");
    const [only, ...more] = bench.replies();
    assert.deepEqual(more, []);
    assert.match(only ?? "", /passed it on to our team.*back on Monday at 09:00\./s);
    assert.doesNotMatch(only ?? "", /talk to a person|sent automatically/);
  });

  test("escalated by a click after the card was posted, only that people take over is new", async () => {
    const id = await bench.write("Please refund order 789");
    await bench.press("escalate", id);
    assert.equal(bench.replies().length, 1);
    await bench.pass(bench.parts.policy.undoMs + 1_000, 2);
    assert.equal(bench.replies().length, 2);
    assert.equal(told().length, 1);
    assert.match(bench.replies()[1] ?? "", /passed it on to our team/);
  });

  test("rejected by a teammate who answers at once, the customer hears nothing more", async () => {
    bench.rule({ closedText: () => null });
    const id = await bench.write("Please refund order 789");
    bench.rule({ closedText: () => CLOSED });
    await bench.press("reject", id);
    assert.deepEqual(bench.replies(), []);
  });

  test("about a delicate matter only the text that was written for it goes out", async () => {
    bench.answer(() => replying("", { ending: escalating("legal", { delicate: "legal" }) }));
    await bench.write("I will see you in court");
    const [only, ...more] = bench.replies();
    assert.deepEqual(more, []);
    assert.match(only ?? "", /It is with our team now/);
    assert.deepEqual(told(), []);
  });

  test("when a sentence fails for good the team is told and the card still waits", async () => {
    bench.faults.commit = ({ action }) => {
      if (action.operation === "reply") refuse();
    };
    const id = await bench.write("Please refund order 789");
    await bench.tick();
    assert.notEqual(await bench.pending(id), null);
    assert.equal(bench.alerts(/A reply failed/).length, 1);
    bench.faults.commit = () => undefined;
    await bench.press("approve", id);
    bench.skip(60_000);
    await bench.wake(id);
    assert.deepEqual(
      bench.replies().map((text) => text.includes("We refund 120.00 USD")),
      [true],
      "the conversation is still the bot's",
    );
  });

  test("an action that fails at night: the customer hears when duty hours begin", async () => {
    bench.rule({ closedText: () => null });
    const id = await bench.write("Please refund order 789");
    bench.rule({ closedText: (at) => (isClosed(at) ? CLOSED : null) });
    bench.faults.commit = ({ action }) => {
      if (action.operation === "refund") refuse();
    };
    await bench.press("approve", id);
    bench.skip(60_000);
    await bench.wake(id);
    await bench.tick();
    assert.deepEqual(
      bench.replies().map((text) => text.includes(CLOSED)),
      [true],
    );
  });
});
