/** Presses about a case, and what Deskhand has open about an order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { NO_ROLE } from "#jobs/approval/refusals.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { ANN, onDesk } from "#test/jobs/bench.ts";
import {
  escalating,
  lookingUp,
  orderFound,
  refundOf,
  refundOfOrder,
  replying,
} from "#test/jobs/turn-results.ts";
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import { type OpenMatter, shownMatter } from "#core/cases/open-matter.ts";
import { caseStates, updateConversation } from "#store/conversations/conversations.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { ANN_IN_CHAT } from "#test/jobs/customers.ts";

onDesk("clicks about a case", (bench) => {
  /** The cards on the desk, once it shows all that was decided. */
  const shown = async () => {
    await showCards(bench.parts);
    return [...bench.cards.values()];
  };
  const waiting = async () => (await shown()).filter(({ state }) => state === "pending");
  const start = (): void => {
    bench.rule({ replyAutonomy: () => "draft" });
    bench.answer((input) => lookingUp(input));
  };
  const mail = (text: string, thread: string) => bench.write(text, { thread });
  const twoTheSame = async () => {
    start();
    const first = await mail("Where is order 789?", "m1");
    const second = await mail("Where is order 789?!", "m2");
    return { first, second };
  };
  const twoMaybe = async () => {
    start();
    const first = await mail("Please refund order 789, it broke.", "m1");
    bench.skip(30 * 60_000);
    const second = await mail("Can the money go to my new card?", "m2");
    return { first, second };
  };

  test("separated conversations are planned by themselves again, and stay apart", async () => {
    const { first, second } = await twoTheSame();
    assert.equal((await waiting()).length, 1);
    assert.ok((await waiting())[0]?.buttons.includes("separate"));
    await bench.press("separate", second);
    await bench.tick();
    const cards = [await bench.pending(first), await bench.pending(second)];
    assert.deepEqual(
      cards.map((card) => card?.answers.length),
      [1, 1],
    );
    assert.ok(
      (await waiting()).every(
        ({ context, buttons }) => context.members.length === 0 && !buttons.includes("separate"),
      ),
    );
    await mail("Where is order 789, please?", "m2");
    assert.equal((await waiting()).length, 2);
  });

  test("a conversation that may not be answered any more is not read with the others", async () => {
    const { first, second } = await twoTheSame();
    await bench.execute(sql`update conversation set barred = 'it is spam' where id = ${first}`);
    await mail("Where is order 789, please?", "m2");
    assert.equal((await bench.pending(second))?.answers.length, 2);
  });

  test("of two cards with the same refund the one that is approved first has it", async () => {
    start();
    bench.answer(() => replying("We refund it.", { actions: [refundOf(12_000)] }));
    const first = await mail("Please refund order 789", "m1");
    const second = await mail("Please refund order 789!", "m2");
    await bench.press("separate", second);
    await bench.tick();
    assert.equal((await bench.press("approve", first)).accepted, true);
    const late = await bench.press("approve", second);
    assert.equal(late.accepted, false);
    assert.match(late.message, /the same action is under way already/);
    await bench.pass(60_000);
    assert.equal(bench.made("refund").length, 1);
  });

  test("below the bar the card asks; “Same case” makes one card of both", async () => {
    const { first, second } = await twoMaybe();
    assert.equal((await waiting()).length, 2);
    const card = (await waiting()).find(({ flags }) =>
      flags.some(({ text }) => text.startsWith("Same case as")),
    );
    assert.deepEqual(card?.buttons.slice(-2), ["join", "keep_apart"]);
    await bench.press("join", second);
    await bench.tick();
    assert.equal((await waiting()).length, 1);
    const pending = (await bench.pending(second)) ?? (await bench.pending(first));
    assert.equal(pending?.answers.length, 2);
  });

  test("“Same case” as what people have gives this to people too, and says so", async () => {
    const { first, second } = await twoMaybe();
    await bench.press("take_over", first);
    const joined = await bench.press("join", second);
    await bench.tick();
    const line = `people have this case already, in email ${first.slice(0, 8)}`;
    assert.deepEqual(
      [joined.accepted, joined.message],
      [true, `Same case: ${line}, so this is theirs too.`],
    );
    assert.equal(await bench.pending(second), null);
    assert.ok((await shown()).some(({ closing }) => closing === `Handed to people: ${line}`));
    const states = await bench.at(caseStates, [first, second], bench.now());
    assert.deepEqual([...states.values()].map(({ kind }) => kind).toSorted(), ["held", "untaken"]);
    assert.match(bench.replies().join(), /^[^]*passed it on to our team(?![^]*passed it on)/);
    const messages = await bench.at(conversationMessages, second);
    assert.deepEqual(
      messages.flatMap(({ message, outcome }) =>
        message.author.kind === "requester" ? [outcome] : [],
      ),
      ["escalated"],
    );
  });

  test("“Keep apart” takes the question away and changes nothing else", async () => {
    const { second } = await twoMaybe();
    const before = await bench.pending(second);
    await bench.press("keep_apart", second);
    assert.equal((await waiting()).length, 2);
    assert.ok(
      (await waiting()).every(
        ({ flags }) => !flags.some(({ text }) => text.startsWith("Same case")),
      ),
    );
    assert.equal((await bench.pending(second))?.seal, before?.seal);
  });

  for (const [how, made, buttons] of [
    ["together", twoTheSame, ["separate"]],
    ["maybe together", twoMaybe, ["join", "keep_apart"]],
  ] as const)
    test(`a person without a role changes nothing on conversations that are ${how}`, async () => {
      const { second } = await made();
      const before = await waiting();
      for (const button of buttons) {
        const answer = await bench.press(button, second, "ned@ourshop.test");
        assert.deepEqual([answer.accepted, answer.message], [false, NO_ROLE]);
      }
      await bench.tick();
      assert.deepEqual(await waiting(), before);
    });

  test("a card without a case has nothing to separate", async () => {
    start();
    const id = await mail("Where is order 789?", "m1");
    const answer = await bench.press("separate", id);
    assert.equal(answer.accepted, false);
    assert.equal((await waiting()).length, 1);
  });
});

const BOB: BoundRequester = { ...ANN, customerId: "u456", name: "Bob", emailOnFile: null };

const line = (matter: OpenMatter): string => Object.values(shownMatter(matter)).join(", ");

onDesk("what is open about an order", (bench) => {
  /** What a question in the chat is told of these orders. The case is another one, so nothing is answered together. */
  const told = async (
    orders: readonly string[] = ["789"],
    more: { readonly requester?: BoundRequester; readonly message?: Partial<Message> } = {},
  ): Promise<readonly string[] | null> => {
    let lines: readonly string[] | null = null;
    bench.bindTo(more.requester ?? ANN);
    bench.answer(async (input: TurnInput): Promise<TurnResult> => {
      lines = ((await input.openMatters?.(orders)) ?? null)?.map(line) ?? null;
      return replying("It is 20 cm wide.", { topic: "faq" });
    });
    await bench.write("How wide is the box?", {
      channel: "chat",
      thread: `chat${bench.now().getTime()}`,
      message: more.message ?? ANN_IN_CHAT,
    });
    return lines;
  };
  const askedByMail = async (verdict: "ask" | "allow" = "ask"): Promise<string> => {
    const more = verdict === "allow" ? { decision: { verdict } } : {};
    const refund = await refundOfOrder(bench.shop, 1_990, more);
    bench.bindTo(ANN);
    bench.answer(() =>
      replying("We refund 19.90 USD.", { actions: [refund], actionsAlone: verdict === "allow" }),
    );
    const id = await bench.write("Please refund 19.90 of order 789", { channel: "email" });
    bench.skip(60_000);
    return id;
  };

  test("nothing is looked for while nothing is open, not even with one statement", async () => {
    assert.equal(await told(), null);
  });

  test("a refund that waits for a teammate is told to its customer about its order", async () => {
    await askedByMail();
    assert.deepEqual(await told(), ["waiting for a teammate, refund, 19.90 USD, 2026-11-20"]);
    assert.deepEqual(await told(["456"]), []);
  });

  test("it is told to no other customer, and to nobody where others read along", async () => {
    await askedByMail();
    // Of Bob's nothing is open, so nothing is looked for.
    assert.equal(await told(["789"], { requester: BOB }), null);
    const answerTo = { label: "chat", audience: "shared" as const, address: {} };
    assert.equal(await told(["789"], { message: { ...ANN_IN_CHAT, answerTo } }), null);
    assert.equal(await told(["789"], { requester: { ...ANN, level: 1 } }), null);
  });

  test("a refund that may or may not have happened is told as that", async () => {
    bench.faults.commit = ({ action: { operation } }) => {
      if (operation === "refund") throw new DeskhandError("shop.uncertain", "the answer was lost");
    };
    bench.faults.find = (target) => {
      if (target === "shop") throw new Error("the answer cannot be read");
    };
    const id = await askedByMail("allow");
    await bench.passes(10, 60_000);
    const [effect] = (await bench.open(id)).filter(({ operation }) => operation === "refund");
    assert.equal(effect, undefined);
    assert.deepEqual(await told(), [
      "not known whether it was done, a teammate finds out, refund, 19.90 USD, 2026-11-20",
    ]);
  });

  test("a case that a teammate has is told without its words, and not once it is solved", async () => {
    bench.bindTo(ANN);
    bench.answer(() =>
      replying("", {
        topic: "refund",
        toolResults: [orderFound("789")],
        ending: escalating("asked for a person", { summary: "s" }),
      }),
    );
    const id = await bench.write("I want a person about order 789", { channel: "email" });
    bench.skip(60_000);
    assert.deepEqual(await told(), ["with a teammate, case, mail, 2026-11-20"]);
    await bench.at(updateConversation, id, { solvedAt: bench.now() }, bench.now());
    bench.skip(60_000);
    assert.deepEqual((await told()) ?? [], []);
  });

  test("what this very answer decides again is not told", async () => {
    bench.bindTo(ANN);
    bench.answer(() => replying("A draft."));
    await bench.write("Hello", { channel: "email", thread: "elsewhere" });
    const id = await askedByMail();
    let lines: readonly string[] | null = null;
    bench.answer(async (input) => {
      lines = (await input.openMatters?.(["789"]))?.map(line) ?? null;
      return replying("We look into it.");
    });
    await bench.write("Any news on order 789?", { channel: "email" });
    assert.deepEqual(lines, []);
    assert.notEqual(await bench.pending(id), null);
  });
});
