/** A case goes on: the customer writes again, people hand it back, it is full. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { openWarnings } from "#core/values/card-text.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT, assigned } from "#test/jobs/customers.ts";
import { lookedInto, lookingUp, orderFound, replying } from "#test/jobs/turn-results.ts";
import { redrive } from "#jobs/effects/dead-letters.ts";
import { addDeadLetter } from "#store/effects/dead-letters.ts";
import { MEMBERS_MAX } from "#store/cases/members.ts";
import { sql } from "#store/db/drizzle.ts";

onDesk("a customer who writes again", (bench) => {
  const asksAbout = (order: string, refunds: boolean, needs = { count: 1, leads: 0 }): void => {
    bench.rule({ replyAutonomy: () => "draft" });
    bench.answer(() => lookedInto(order, { refunds, needs }));
  };

  test("marks every money card of theirs as changed, lapses an approval and says whose it was, and an old press is refused", async () => {
    asksAbout("3301", true, { count: 2, leads: 1 });
    const first = await bench.write("Please refund order 3301.", { thread: "m1" });
    const before = await bench.card(first);
    await bench.press("approve", first);
    bench.skip(10 * 60_000);
    asksAbout("3302", true);
    await bench.write("I meant the milk jug of order 3302, the machine is fine.", {
      channel: "chat",
      thread: "c1",
      message: ANN_IN_CHAT,
    });
    const card = await bench.card(first);
    assert.equal(card.version, before.version + 1);
    assert.match(
      card.card.changes.join(),
      /^The customer wrote again at .+, in chat \S+: “I meant the milk jug of order 3302, the machine is fine\.” Read/,
    );
    assert.deepEqual(card.votes, []);
    assert.equal(card.card.changes.at(-1), "sam's approval lapsed.");
    const old = await bench.press("approve", first, undefined, { version: before.version });
    assert.equal(old.accepted, false);
    assert.equal((await bench.press("approve", first)).accepted, true);
  });

  test("marks them before the model is asked, which may take long, in a case that is known and in one that is not", async () => {
    for (const [order, text] of [
      ["3301", "On second thought 12.00 USD are enough for order 3301."],
      ["3302", "I keep it."],
    ] as const) {
      asksAbout(order, true);
      const first = await bench.write(`Please refund order ${order}.`, { thread: `first${order}` });
      const before = await bench.card(first);
      bench.skip(10 * 60_000);
      const presses: ReturnType<typeof bench.press>[] = [];
      bench.answer(() => {
        const shown = [...bench.cards.values()].flatMap(({ changes }) => changes).join();
        assert.ok(
          shown.includes(`: “${text}” Read`),
          "the desk shows it before the model is asked",
        );
        presses.push(bench.press("approve", first, undefined, { version: before.version }));
        return replying("We look into it.");
      });
      await bench.write(text, { thread: `again${order}` });
      const accepted = (await Promise.all(presses)).map((press) => press.accepted);
      assert.deepEqual(accepted, [false]);
    }
  });

  test("marks one that waits longer than a case lasts, over holidays, and still tells of it later", async () => {
    asksAbout("3301", true);
    const first = await bench.write("Please refund order 3301.", { thread: "m1" });
    bench.skip(8 * 24 * 3_600_000);
    asksAbout("3302", true);
    await bench.write("Keep it, it works now.", {
      channel: "chat",
      thread: "c1",
      message: ANN_IN_CHAT,
    });
    assert.match(
      (await bench.pending(first))?.card.changes.join() ?? "",
      /“Keep it, it works now\.” Read/,
    );
    const waiting = await bench.column(
      sql`select jsonb_array_elements_text(waiting) from case_customer`,
    );
    assert.ok(waiting.includes(first));
  });

  test("leaves in the list of what waits for them none that ended long ago, however many wait", async () => {
    const ids: string[] = [];
    for (let order = 3300; order < 3302 + MEMBERS_MAX; order += 1) {
      asksAbout(`${order}`, true);
      ids.push(await bench.write(`Please refund order ${order}.`, { thread: `m${order}` }));
    }
    const [ended] = ids;
    await bench.execute(
      sql`update approval set state = 'expired' where conversation_id = ${ended}`,
    );
    bench.skip(8 * 24 * 3_600_000);
    await bench.write("Please refund order 3301.", { thread: "m3301" });
    const waiting = sql`select jsonb_array_elements_text(waiting) as key from case_customer`;
    assert.deepEqual((await bench.column(waiting)).toSorted(), ids.slice(1).toSorted());
  });

  test("marks them once, whatever characters a message holds that cannot be stored", async () => {
    asksAbout("3301", true);
    const first = await bench.write("Please refund order 3301.", { thread: "m1" });
    bench.guard({ mask: (text) => text.replaceAll("NUL", "\u0000") });
    bench.skip(10 * 60_000);
    bench.answer(() => replying("We look into it."));
    const second = await bench.write("I keep NUL it.", { thread: "m2" });
    assert.equal((await bench.pending(first))?.version, 2);
    assert.notEqual(await bench.pending(second), null);
  });

  test("keeps on a card what each of two other conversations of theirs said, marked once for each", async () => {
    asksAbout("3301", true);
    const first = await bench.write("Please refund order 3301.", { thread: "m1" });
    const away = { kind: "unavailable", part: "model", reason: "no answer in time" } as const;
    bench.answer(() => replying("", { ending: away }));
    bench.skip(60_000);
    await bench.write("I keep it.", { thread: "m2" });
    await bench.write("Do you sell filters?", { thread: "m3" });
    await bench.pass(120_000);
    const { card, version } = await bench.card(first);
    assert.match(card.changes.join(), /“I keep it\.” Read.+“Do you sell filters\?” Read/);
    assert.equal(version, 3);
  });

  test("about a chargeback warns on the refund card of that order, before all else", async () => {
    asksAbout("3301", true);
    const first = await bench.write("Please refund order 3301.", { thread: "m1" });
    const before = await bench.card(first);
    bench.skip(10 * 60_000);
    bench.guard({
      delicate: (messages) =>
        messages.some((message) => message.text.includes("chargeback"))
          ? { topic: "legal", words: "a chargeback" }
          : null,
    });
    const text = "I have started a chargeback at my bank for order 3301.";
    const second = await bench.write(text, { thread: "m2" });
    assert.match(await bench.outcome(second), /^escalated: legal/);
    const { card, version } = await bench.card(first);
    assert.equal(version, before.version + 1);
    assert.match(
      card.changes.join(),
      /^The customer wrote again at .+, in email \S+: legal threat: “I have started a chargeback/,
    );
    const [warning = ""] = openWarnings(card.context.records);
    assert.match(warning, /^Same order in another open case: legal threat/);
    const old = await bench.press("approve", first, undefined, { version: before.version });
    assert.equal(old.accepted, false);
    const plain = await bench.press("approve", first, undefined, { isPlain: true });
    assert.equal(plain.accepted, false);
  });

  test("leaves a card alone that changes nothing, and another customer's", async () => {
    asksAbout("3301", false);
    const first = await bench.write("Where is order 3301?", { thread: "m1" });
    asksAbout("3303", true);
    const theirs = await bench.write("Please refund order 3303.", { thread: "m2" });
    bench.bindTo({
      level: 2,
      customerId: "u9",
      emailOnFile: "bob@customer.test",
      name: "Bob",
      reason: "signed",
    });
    bench.skip(10 * 60_000);
    await bench.write("Please refund order 3304.", { thread: "m3" });
    assert.deepEqual((await bench.pending(theirs))?.version, 1);
    assert.equal((await bench.pending(first))?.version, 1);
  });

  test("about another order is answered, although people have their ticket about the first", async () => {
    asksAbout("3301", false);
    await bench.write("Where is order 3301?", { channel: "zendesk", thread: "12" });
    const chat = { channel: "chat", thread: "c1", message: ANN_IN_CHAT } as const;
    const here = await bench.write("Where is order 3301?", chat);
    await bench.press("approve", here);
    bench.skip(10_000);
    await bench.wake(here);
    await bench.write("Mine.", {
      channel: "zendesk",
      thread: "12",
      message: { author: { kind: "teammate", id: "lea", name: "Lea" }, visibility: "internal" },
      signals: [
        assigned("human", "taken", bench.now().toISOString(), { assignee: "Lea", actor: "Lea" }),
      ],
    });
    asksAbout("3302", false);
    await bench.write("Where is order 3302?", chat);
    assert.equal((await bench.pending(here))?.answers.length, 1);
  });
});

onDesk("a conversation that was given back", (bench) => {
  beforeEach(() => {
    bench.rule({ replyAutonomy: () => "draft" });
    bench.answer(() => replying("We look into it."));
  });
  const assignment = (to: "bot" | "human") => ({
    signals: [assigned(to, `to ${to}`, bench.now().toISOString(), { actor: "Dana" })],
  });
  const note = {
    author: { kind: "teammate", id: "dana", name: "Dana" },
    visibility: "internal",
  } as const;
  const leftWithPeople = async (): Promise<void> => {
    await bench.write("Where is order 456?", { key: "first" });
    await bench.write("Still no answer!", { key: "second" });
    await bench.write("Ours.", { message: note, ...assignment("human") });
  };

  /** Bob and Ann wrote in it while people had it. */
  const givenBackByBoth = async (): Promise<string> => {
    const bob = { author: { kind: "requester", id: "email:bob", name: "Bob" } } as const;
    await bench.write("Ours.", { message: note, ...assignment("human") });
    await bench.write("Where is order 456?", { key: "bobs", message: bob });
    await bench.write("Where is order 789?", { key: "anns" });
    return bench.write("Yours.", { message: note, ...assignment("bot") });
  };

  test("keeps what people left on the card when the customer writes once more", async () => {
    await leftWithPeople();
    await bench.write("Yours.", { message: note, ...assignment("bot") });
    const id = await bench.write("Where is order 789?", { key: "third" });
    assert.deepEqual((await bench.pending(id))?.answers, ["first", "second", "third"]);
  });

  test("gets a card for it although thanks, which need no answer, came with it", async () => {
    await leftWithPeople();
    const id = await bench.write("Thank you!", assignment("bot"));
    assert.deepEqual((await bench.pending(id))?.answers, ["first", "second"]);
  });

  test("comes to each person who wrote in it, one after the other, whoever wrote last", async () => {
    const id = await givenBackByBoth();
    assert.deepEqual((await bench.pending(id))?.answers, ["anns"]);
    await bench.press("approve", id);
    await bench.passes(3, 8_000);
    assert.deepEqual((await bench.pending(id))?.answers, ["bobs"]);
  });

  test("comes to the other person in it when the first needs no answer, although the queue loses the wake", async (context) => {
    const id = await givenBackByBoth();
    context.mock.method(bench.parts, "wake", () => Promise.reject(new Error("Redis is away")));
    await bench.press("reject", id, undefined, { rejection: "no_answer" });
    await bench.pass(8_000);
    assert.deepEqual((await bench.pending(id))?.answers, ["bobs"]);
  });

  for (const [button, more] of [
    ["approve", {}],
    ["reject", { rejection: "no_answer" }],
  ] as const)
    test(`comes to the other person in it although another conversation covered the first: ${button}`, async () => {
      bench.answer(() => replying("We look into it.", { toolResults: [orderFound("789")] }));
      await givenBackByBoth();
      const mail = await bench.write("Where is order 789?", { key: "third" });
      const chat = await bench.write("Where is order 789?", {
        channel: "chat",
        key: "again",
        message: ANN_IN_CHAT,
      });
      assert.deepEqual((await bench.pending(chat))?.answers, ["anns", "third", "again"]);
      assert.equal(await bench.pending(mail), null);
      await bench.press(button, chat, undefined, more);
      await bench.passes(3, 8_000);
      assert.deepEqual((await bench.pending(mail))?.answers, ["bobs"]);
    });

  test("with a dead letter is with the bot in whole, not with the failed message alone", async () => {
    const id = await bench.write("Ours.", { message: note, ...assignment("human") });
    await bench.write("Where is order 456?", { key: "first" });
    await bench.at(addDeadLetter, {
      id: "dl_1",
      conversationId: id,
      kind: "wake",
      reason: "broken",
      hints: [],
      effects: [],
      messages: [],
      at: bench.now(),
    });
    bench.answer(() => replying("We look into it."));
    await redrive(bench.parts, "dl_1", { toBot: true, by: "lea" });
    await bench.pass(1_000);
    assert.deepEqual((await bench.pending(id))?.answers, ["first"]);
  });
});

const CONVERSATIONS = MEMBERS_MAX + 4;

onDesk("a full case", (bench) => {
  test("takes no further conversation, and every message waits on a card", async () => {
    bench.rule({ replyAutonomy: () => "draft" });
    bench.answer((input) => lookingUp(input));
    for (let count = 0; count < CONVERSATIONS; count += 1)
      await bench.write("Where is order 789?", { thread: `m${count}` });
    await bench.tick();
    const sizes = await bench.column(
      sql`select count(*) from case_member where case_id is not null group by case_id`,
    );
    assert.ok(Math.max(...sizes.map(Number)) <= MEMBERS_MAX, sizes.join());
    const open = await bench.column(
      sql`select key from message where author_kind = 'requester' and outcome is null order by key`,
    );
    assert.equal(open.length, CONVERSATIONS);
    const asked = await bench.column(
      sql`select jsonb_array_elements_text(answers) as key from approval where state = 'pending' order by key`,
    );
    assert.deepEqual(asked, open);
  });
});
