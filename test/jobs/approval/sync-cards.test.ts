/** What a card says and where it goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { CardTopic } from "#core/contracts/policy.ts";
import { refreshCards, showCards } from "#jobs/approval/sync-cards.ts";
import { onDesk } from "#test/jobs/bench.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { until } from "#test/support/waiting.ts";
import { customerCalled } from "#test/jobs/customers.ts";
import { flagTexts } from "#test/support/flag-texts.ts";

onDesk("cards", (bench) => {
  const onlyCard = (from: JobBench) => {
    const [card, ...more] = from.cards.values();
    assert.ok(card);
    assert.deepEqual(more, []);
    return card;
  };

  test("the policy is asked with channel, brand, topic, language and the largest amount, and its place is taken; one without money has no amount, and one without a place goes to the usual one", async () => {
    const asked: CardTopic[] = [];
    bench.rule({
      deskChannelOf: (topic) => {
        asked.push(topic);
        return topic.amount === null ? null : "approvals-money";
      },
    });
    bench.answer(() =>
      replying("We refund both.", {
        actions: [refundOf(1_000, { orderId: "123" }), refundOf(12_000)],
      }),
    );
    await bench.write("Please refund both", { channel: "chat" });
    assert.deepEqual(asked, [
      {
        channel: "chat",
        brand: "ourshop",
        topic: "refund",
        language: null,
        amount: { minor: 12_000, currency: "USD" },
      },
    ]);
    assert.equal(onlyCard(bench).deskChannel, "approvals-money");
    bench.cards.clear();
    bench.answer(() => replying("It is on its way.", { topic: "order_status" }));
    await bench.write("Where is it?", { thread: "t2" });
    assert.equal(asked.at(-1)?.amount, null);
    assert.equal(onlyCard(bench).deskChannel, null);
  });

  test("a card that belongs elsewhere after a new message is posted there, and the old one decides nothing", async () => {
    bench.rule({ deskChannelOf: ({ amount }) => (amount === null ? null : "money") });
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is my order 789?");
    const before = await bench.pending(id);
    await bench.press("edit", id, undefined, { edit: { text: "It is coming.", amount: null } });
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    await bench.write("Please refund it instead");
    const [first, second] = bench.cards.values();
    assert.deepEqual([first?.state, first?.buttons], ["closed", []]);
    assert.match(first?.closing ?? "", /another place/);
    assert.deepEqual([second?.deskChannel, second?.state], ["money", "pending"]);
    assert.notEqual(second?.approvalId, before?.id);
    assert.deepEqual(second?.changes, [
      "Edited by sam. Approvals before the edit do not count.",
      "The customer wrote again.",
      "The proposed action changed.",
    ]);
    assert.equal((await bench.pending(id))?.id, second?.approvalId);
    await bench.write("and hurry");
    assert.equal(bench.cards.size, 2, "an update that stays where it is keeps its card");
    assert.equal((await bench.pending(id))?.version, 2);
  });

  test("values from a third party's text are said first of all, and that nobody plainly asked stands in the reason alone", async () => {
    bench.answer(() =>
      replying("We refund 5.00 USD.", {
        actions: [
          refundOf(500, {
            origin: {
              asked: false,
              unproven: [
                { argument: "amount", words: "5.00" },
                { argument: "new_address", words: "1 New\nStreet 4111 1111 1111 1111" },
                { argument: "reason", words: "" },
              ],
            },
          }),
        ],
      }),
    );
    await bench.write("Please refund order 789");
    assert.deepEqual(flagTexts(onlyCard(bench)), [
      "Amount 5.00 is from the customer's words, not from a record",
      "New address 1 New Street [card number] is from the customer's words, not from a record",
      "Reason is not named in the customer's words",
    ]);
  });

  test("where the customer names another amount than the refund, the card says both", async () => {
    const unproven = [{ argument: "amount", words: "120.00 usd" }];
    bench.answer(() =>
      replying("We refund it.", {
        actions: [refundOf(90_000, { origin: { asked: true, unproven } })],
      }),
    );
    await bench.write("Please refund order 789. 120.00 USD are enough.");
    assert.deepEqual(flagTexts(onlyCard(bench)), [
      "The customer names 120.00 usd, and this is 900.00 USD",
    ]);
  });

  test("a customer that an own system knows without a name is no stranger in the headline", async () => {
    bench.answer(() => replying("We refund it.", { actions: [refundOf(12_000)] }));
    bench.bindTo({ ...customerCalled("kira"), name: null });
    await bench.write("Please refund order 789", {
      message: { author: { kind: "requester", id: "k", name: "Kira Kunde" } },
    });
    const { headline, requester } = onlyCard(bench);
    assert.equal(requester.standing, "known");
    assert.match(headline, / · Kira Kunde$/);
  });

  test("text the output check objects to is marked in the draft, which stays as it will be sent", async () => {
    bench.answer(() =>
      replying("We have sent 7.00 USD to you.", {
        findings: [
          { kind: "amount", words: "7.00 USD", reason: "stands in no result" },
          { kind: "amount", words: "9.00 USD", reason: "stood in the first try" },
          { kind: "claim", words: "7.00 USD", reason: "nothing was sent" },
        ],
      }),
    );
    const id = await bench.write("Where is my money?");
    const { draft } = onlyCard(bench);
    assert.deepEqual(draft?.marks, ["7.00 USD"]);
    const reply = (await bench.pending(id))?.proposal?.actions.at(-1);
    assert.equal(draft?.text, reply?.action.arguments["text"]);
  });

  test("the turn of a card that gave way says so instead of waiting for ever", async () => {
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const id = await bench.write("Please refund order 789");
    const first = (await bench.pending(id))?.turnId ?? "";
    await bench.write("and hurry");
    const second = (await bench.pending(id))?.turnId ?? "";
    assert.equal(await bench.outcome(first), `ignored: overtaken by ${second}`);
    assert.equal(await bench.outcome(second), "pending: waits for approval");
    await bench.write("I do this one.", {
      message: { author: { kind: "teammate", id: "t:dana", name: "Dana" }, answerTo: null },
    });
    assert.match(await bench.outcome(second), /^escalated: Withdrawn: Dana answered/);
  });

  test("a text the database keeps differently can be approved all the same", async () => {
    bench.answer(() =>
      replying("We refund\u0000 120.00 USD \uD83D.", { actions: [refundOf(12_000)] }),
    );
    const id = await bench.write("Please refund order 789");
    const answer = await bench.press("approve", id);
    assert.deepEqual([answer.accepted, answer.message], [true, ""]);
    bench.skip(60_000);
    await bench.wake(id);
    assert.equal(bench.replies().length, 1);
  });

  test("a new card goes before the cards that are only drawn again, also one that comes while they are", async () => {
    bench.answer(() => replying("We looked into it.", { accountData: true }));
    // Each is another customer's, for one customer's would be one case.
    const write = (thread: string) => {
      bench.bindTo(customerCalled(thread));
      return bench.write("Where is it?", { thread });
    };
    const ids: string[] = [];
    for (const thread of ["t1", "t2", "t3", "t4"]) ids.push(await write(thread));
    const { desk } = bench.parts;
    const asked: string[] = [];
    const watching: typeof desk = {
      ...desk,
      post: (card, key, signal) => (asked.push("new"), desk.post(card, key, signal)),
      async update(ref, card, signal) {
        asked.push("again");
        // A desk that takes its time: meanwhile another person writes.
        if (asked.filter((one) => one === "again").length === 2) await nextOneIsNew();
        await desk.update(ref, card, signal);
      },
    };
    const nextOneIsNew = async (): Promise<void> => {
      // Away for the new card and the two that are left to draw, and there again for whoever asks later.
      bench.connectDesk(awayAtFirst(watching, 3));
      ids.push(await write("t6"));
      // On a slow machine the desk is asked after the turn has ended.
      await until("all that is due to be refused", async () => {
        const cards = await Promise.all(ids.map((id) => bench.pending(id)));
        return cards.filter((card) => (card?.posting.failures ?? 0) > 0).length === 3;
      });
      bench.connectDesk(watching);
      bench.skip(MINUTE);
    };
    bench.connectDesk(refusing(desk));
    await write("t5");
    bench.connectDesk(watching);
    bench.skip(5 * MINUTE);
    await refreshCards(bench.parts);
    await showCards(bench.parts);
    // On a slow machine the turn of the new card still shows cards, and draws those that are due in place of this one; what
    // it was refused meanwhile, perhaps twice and thus for longer than a minute, a later look draws.
    await until("all cards to be drawn", async () => {
      await showCards(bench.parts);
      bench.skip(MINUTE);
      return asked.length >= 6;
    });
    assert.deepEqual(asked.slice(0, 6), ["new", "again", "again", "new", "again", "again"]);
  });

  test("waiting cards are looked after a few at a time, the longest unseen first, after a card that was decided and not while one waits for its turn", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("We looked into it."));
    const ids: string[] = [];
    for (let count = 0; count < 12; count += 1) {
      bench.bindTo(customerCalled(`u${count}`));
      ids.push(await bench.write("Where is it?", { thread: `t${count}` }));
      bench.skip(1_000);
    }
    const refs = await Promise.all(
      ids.map(async (id) => (await bench.pending(id))?.posting.deskRef ?? ""),
    );
    const { desk } = bench.parts;
    const asked: string[] = [];
    const limited = { now: false };
    bench.connectDesk({
      ...desk,
      async update(ref, card, signal) {
        asked.push(`${refs.indexOf(ref)} ${card.state}`);
        if (limited.now)
          throw new DeskhandError("channel.rate_limited", "slow down", { retryAfterMs: MINUTE });
        await desk.update(ref, card, signal);
      },
    });
    const lookAfter = async (): Promise<readonly string[]> => {
      bench.skip(30_000);
      await refreshCards(bench.parts);
      await showCards(bench.parts);
      return asked.splice(0);
    };
    const pending = (...cards: readonly number[]) => cards.map((card) => `${card} pending`);
    assert.deepEqual(await lookAfter(), [], "none was posted long ago");
    bench.skip(5 * MINUTE);
    assert.deepEqual(await lookAfter(), pending(0, 1, 2, 3, 4));
    limited.now = true;
    assert.deepEqual(await lookAfter(), pending(5, 6, 7, 8, 9));
    limited.now = false;
    assert.deepEqual(await lookAfter(), [], "those before wait for their turn");
    assert.deepEqual(await lookAfter(), pending(5, 6, 7, 8, 9));
    await refreshCards(bench.parts);
    await bench.press("reject", ids[11] ?? "");
    await showCards(bench.parts);
    assert.deepEqual(asked.splice(0), ["11 closed", ...pending(10)]);
    bench.skip(5 * MINUTE);
    assert.deepEqual(await lookAfter(), pending(0, 1, 2, 3, 4));
  });
});

const MINUTE = 60_000;

/** A desk that is away: what it was asked for comes again. */
function refusing(desk: ApprovalDesk): ApprovalDesk {
  const away = async (): Promise<never> => {
    throw new DeskhandError("channel.unavailable", "the desk is away");
  };
  return { ...desk, post: away, update: away };
}

/** A desk that refuses so many calls, and is there then. */
function awayAtFirst(desk: ApprovalDesk, calls: number): ApprovalDesk {
  const left = { calls };
  const now = (): ApprovalDesk => ((left.calls -= 1) >= 0 ? refusing(desk) : desk);
  return {
    ...desk,
    post: (card, key, signal) => now().post(card, key, signal),
    update: (ref, card, signal) => now().update(ref, card, signal),
  };
}
