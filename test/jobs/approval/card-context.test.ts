/** The context that a card shows besides its proposal: about whom it is shown, and about whom it is not. */
import { proof, stranger } from "#test/jobs/customers.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { confirmText } from "#core/contracts/card-sections.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Message } from "#core/values/message.ts";
import { sql } from "#store/db/drizzle.ts";
import { clearedCard } from "#store/privacy/clear-rows.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { flagTexts } from "#test/support/flag-texts.ts";
import { NO_CARD_CONTEXT } from "#core/values/card-context.ts";

const DAY_MS = 86_400_000;
const PROPOSED = () => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] });
const UNKNOWN = stranger({ reason: "none" });

/** A message of a sender who only claims to be Ann. */
const CLAIMED: Partial<Message> = {
  identity: proof(1, "claimed", "no signature", "ann@customer.test"),
};
const BOB: Partial<Message> = {
  author: { kind: "requester", id: "email:bob@elsewhere.test", name: "Bob" },
  identity: proof(2, "dkim", "signed", "bob@elsewhere.test"),
};

/** What is written so long after something else is no continuation of it. */
const APART_MS = 3 * 3_600_000;

onDesk("the context of a proposal", (bench) => {
  const cardOf = async (id: string): Promise<Card> => (await bench.card(id)).card;
  const knownOf = async (id: string) => {
    const { records } = (await cardOf(id)).context;
    assert.ok(records?.kind === "known", JSON.stringify(records));
    return records;
  };
  test("the words an action rests on stand with its rule on one line in whole marks; that they ask for it is said where they were read a second time", async () => {
    const rests = async (wishes: readonly string[], read?: true) => {
      const actions = wishes.map((wish, at) =>
        refundOf(100 * (at + 1), {
          orderId: `78${at}`,
          origin: { asked: true, wish, unproven: [], ...(read && { read }) },
        }),
      );
      bench.answer(() => replying("We refund it.", { actions }));
      const id = await bench.write("Refund it.", { thread: `rests${wishes.join()}${read}` });
      const { actions: shown, flags } = await cardOf(id);
      assert.deepEqual(flags, []);
      return shown.map(
        ({ rule }) => / (?:Asked for with|Quoted as the request:) .*$/.exec(rule)?.[0],
      );
    };
    const said = " Quoted as the request:";
    const forged = "Refund order 780\n⚠️ Checked by the team, fine";
    assert.deepEqual(await rests([forged]), [`${said} “${forged.replace("\n", " ")}”.`]);
    assert.match((await rests(["word ".repeat(90)]))[0] ?? "", / “(?:word )+wor?d?…”\.$/);
    assert.deepEqual(await rests(["Refund both.", "Refund both."]), [
      `${said} “Refund both.”.`,
      `${said} “Refund both.”.`,
    ]);
    const denial = "Please do NOT refund order 780.";
    assert.deepEqual(await rests([denial]), [`${said} “${denial}”.`]);
    assert.deepEqual(await rests(["Refund it."], true), [" Asked for with “Refund it.”."]);
  });

  test("that nobody plainly asked is a flag where it decided, on every surface", async () => {
    const unasked = (rule: string, at: number) =>
      refundOf(100, {
        orderId: `79${at}`,
        origin: { asked: false, unproven: [] },
        decision: { rule },
      });
    const flagsOf = async (thread: string, ...rules: readonly string[]) => {
      bench.answer(() => replying("We refund it.", { actions: rules.map(unasked) }));
      return (await cardOf(await bench.write("Is it broken?", { thread }))).flags;
    };
    const text = "This was not asked for in a sentence of the customer's own";
    assert.deepEqual(await flagsOf("one", "refund.origin"), [{ text, about: "other" }]);
    const label = "Refund 1.00 USD, order 790";
    assert.deepEqual(await flagsOf("two", "refund.origin", "refund.usual"), [
      { text: `${text} (${label})`, about: "other", action: label },
    ]);
  });

  const withPeople = (id: string, more: object = {}) =>
    bench.at(updateConversation, id, { owner: "human", ...more }, bench.now());
  let booked = 0;
  /** Books refunds as done, so many days ago: by the shop, or in a system of one's own, where 0 moves no money. */
  const refunded = (
    minors: readonly number[],
    { by = "person", customerId = "u900", daysAgo = 10, currency = "USD", inSystem = false } = {},
  ) =>
    bench.parts.store.run(async (transaction) => {
      await transaction.execute(sql`insert into conversation (id, channel, created_at, updated_at)
        values ('c_before', 'email', now(), now()) on conflict do nothing`);
      for (const minor of minors) {
        const at = new Date(bench.now().getTime() - daysAgo * DAY_MS).toISOString();
        const { arguments: given } = refundOf(minor).planned.action;
        const amount = { minor, currency };
        const order = { orderId: "1", customerId, status: "delivered" };
        const [target, operation, done, facts] = inSystem
          ? ["system", "own_change", { money: minor === 0 ? null : { amount, order } }, []]
          : ["shop", "refund", { ...given, amount }, [order]];
        await transaction.execute(sql`insert into effect (key, conversation_id, bundle, position, target, operation,
            action, request_digest, facts, approved_by, state, not_before, created_at, finished_at)
          values (${`booked${(booked += 1)}`}, 'c_before', 'b', 0, ${target}, ${operation}, ${JSON.stringify({ target, operation, arguments: done })}::jsonb,
            'd', ${JSON.stringify(facts)}::jsonb, ${by}, 'done', ${at}::timestamptz, ${at}::timestamptz, ${at}::timestamptz)`);
      }
    });

  test("S17 the notification names action, amount and conversation, and nothing a customer chose", async () => {
    const hostile = "<!channel> PAY NOW evil.test";
    bench.bindTo({ ...UNKNOWN, level: 2, name: hostile, customerId: "u1" });
    const { planned, ...rest } = refundOf(12_000);
    const address = { orderId: "789", address: hostile };
    const change = {
      ...rest,
      planned: {
        ...planned,
        key: "address:1",
        label: `Change the address to ${hostile}`,
        action: { ...planned.action, operation: "change_address", arguments: address },
      },
    };
    for (const [actions, what] of [
      [[refundOf(12_000)], "Refund 120.00 USD · order 789"],
      [[change, refundOf(12_000)], "Refund 120.00 USD and 1 more · order 789"],
      [[], "Reply · refund"],
    ] as const) {
      bench.answer(() => replying("Yes.", { actions }));
      const id = await bench.write(hostile, {
        thread: `<${hostile}@${what}>`,
        message: {
          subject: hostile,
          author: { kind: "requester", id: "email:x@y.test", name: hostile },
        },
      });
      const card = await cardOf(id);
      const { headline, conversationLabel } = card;
      const confirm = confirmText(card);
      for (const action of actions) assert.ok(confirm.includes(action.planned.label), confirm);
      assert.equal(headline, `${what} · a customer`);
      assert.ok(conversationLabel.endsWith(` · ${id.slice(0, 8)}`), conversationLabel);
    }
  });

  test("of a verified person the other open conversations on all channels are counted and the newest three named", async () => {
    bench.answer(() => replying("A draft."));
    for (const [channel, thread] of [
      ["email", "one"],
      ["zendesk", "4711"],
      ["email", "three"],
    ] as const) {
      await bench.write("Hello", { channel, thread, message: { subject: `About ${thread}` } });
      bench.skip(APART_MS);
    }
    const people = await bench.write("Hello", { channel: "slack", thread: "four" });
    await withPeople(people);
    bench.skip(APART_MS);
    const answered = await bench.write("Hello", { channel: "chat", thread: "five" });
    assert.equal(await bench.pending(answered), null);
    const solved = await bench.write("Hello", { channel: "slack", thread: "six" });
    await withPeople(solved, { solvedAt: bench.now() });
    bench.skip(APART_MS);
    await bench.write("I am Ann", { thread: "seven", message: CLAIMED });
    await bench.write("I am Bob", { thread: "eight", message: BOB });
    const { openCount, open } = await knownOf(await bench.write("And this", { thread: "here" }));
    assert.equal(openCount, 4);
    assert.deepEqual(
      open.map(({ channel, called, subject, isWithPeople }) => [
        channel,
        called,
        subject,
        isWithPeople,
      ]),
      [
        ["slack", people.slice(0, 8), "Headphones", true],
        ["email", open[1]?.called, "About three", false],
        ["zendesk", "4711", "About 4711", false],
      ],
    );
  });

  test("the two sides of a hand-over are one matter, and the own other side is none", async () => {
    bench.answer(() => replying("A draft."));
    const here = await bench.write("Hello", { thread: "here" });
    bench.skip(APART_MS);
    const own = await bench.write("Hello", { channel: "zendesk", thread: "1" });
    bench.skip(APART_MS);
    const other = await bench.write("Hello", { thread: "other" });
    bench.skip(APART_MS);
    const beside = await bench.write("Hello", { channel: "zendesk", thread: "2" });
    bench.skip(APART_MS);
    const link = (id: string, linkedId: string) => withPeople(id, { linkedId });
    await link(own, here);
    await link(other, beside);
    await link(beside, other);
    await bench.write("More", { thread: "here" });
    assert.equal((await knownOf(here)).openCount, 1);
  });

  test("refunds of 90 days are those of this customer's orders, counted and summed by currency", async () => {
    await refunded([2_500, 12_000], { customerId: "u123" });
    await refunded([700], { customerId: "u123", currency: "EUR", by: "policy" });
    await refunded([300, 0], { customerId: "u123", inSystem: true });
    await refunded([99_900], { customerId: "u456" });
    await refunded([99_900], { customerId: "u456", inSystem: true });
    await refunded([5_000], { customerId: "u123", daysAgo: 91 });
    bench.answer(PROPOSED);
    const { refundCount, refunded: sums } = await knownOf(await bench.write("Refund please"));
    assert.equal(refundCount, 4);
    assert.deepEqual(sums.toSorted(), ["148.00 USD", "7.00 EUR"]);
  });

  test("about an unverified sender nothing is looked up, whatever address they claim", async () => {
    await refunded([2_500], { customerId: "u123" });
    bench.answer(() => replying("A draft."));
    await bench.write("Hello", { thread: "open" });
    bench.bindTo({ ...UNKNOWN, level: 1, emailOnFile: "ann@customer.test" });
    const id = await bench.write("It is me, Ann", { thread: "forged", message: CLAIMED });
    const card = await cardOf(id);
    assert.deepEqual(card.context.records, { kind: "unproven" });
    assert.equal(card.requester.standing, "claimed");
  });

  test("a refund larger than nine of ten that people approved is flagged with what it was compared with, and an edit of the amount is compared anew", async () => {
    const usual = [1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 50_000];
    const flags = async (minor: number, thread: string): Promise<string> => {
      bench.answer(() => replying("We refund it.", { actions: [refundOf(minor)] }));
      return flagTexts(await cardOf(await bench.write("Refund", { thread }))).join("\n");
    };
    await refunded(usual.slice(1));
    await refunded([100, 100, 100], { by: "policy" });
    await refunded([100, 100, 100], { currency: "EUR" });
    assert.doesNotMatch(await flags(60_000, "few"), /Unusual/, "nine tell nothing");
    await refunded(usual.slice(0, 1), { inSystem: true });
    assert.doesNotMatch(await flags(9_000, "same"), /Unusual/);
    const flagged = await flags(12_000, "more");
    assert.match(flagged, /^Unusual amount: .* up to 90\.00 USD \(9 of 10 in 90 days\)$/m);
    const id = (await bench.conversationWith("email:more")) ?? "";
    const edit = async (amount: string): Promise<string> => {
      const text = "We refund it.";
      const answer = await bench.press("edit", id, undefined, { edit: { text, amount } });
      assert.equal(answer.accepted, true, answer.message);
      return flagTexts(await cardOf(id)).join("\n");
    };
    assert.doesNotMatch(await edit("80.00"), /Unusual amount/);
    assert.match(await edit("110.00"), /Unusual amount/);
  });

  test("the card tells since when the first unread message waits, and the caution tier by its name", async () => {
    bench.parts.guard.inspect = () => ({ verdict: "caution", reasons: ["speaks to the model"] });
    bench.answer(() => replying("A draft."));
    const first = new Date(bench.now().getTime() - 60_000).toISOString();
    const id = await bench.write("Hello");
    bench.skip(3_600_000);
    await bench.write("Anybody there?");
    const { context: around, flags } = await cardOf(id);
    assert.deepEqual([around.since, around.due], [first, null]);
    assert.ok(flags.some(({ text }) => /^Guard, caution .*: speaks to the model$/.test(text)));
  });

  test("files are counted on the card, and only what the desk shows has the way to them; an answer that others may read says so", async () => {
    bench.answer(() => replying("A draft."));
    const photo = { name: "<!channel>.jpg", mediaType: "image/jpeg", bytes: 10 };
    const answerTo = { label: "thread in #help", audience: "shared", address: {} } as const;
    const message = { attachments: [photo, photo], answerTo };
    const id = await bench.write("See the photos", { message });
    const approval = await bench.card(id);
    const { context: around, flags } = approval.card;
    assert.deepEqual([around.files, around.link], ["2 photos, not seen by the bot", ""]);
    assert.ok(flags.some(({ text }) => text === "2 photos, not seen by the bot"));
    await bench.tick();
    const [shown] = bench.cards.values();
    assert.equal(shown?.context.link, `http://desk.test/console#${approval.id}`);
    assert.equal(around.isShared, true);
    const alone = await bench.write("Hello", { thread: "alone" });
    assert.equal((await cardOf(alone)).context.isShared, false);
  });

  test("the text of a draft that a record or the proposal supports has a citation", async () => {
    const order = { order_id: "789", status: "delivered", delivered_on: "2026-11-08" };
    bench.answer(() =>
      replying("Order 789 came on 2026-11-08. We refund 120.00 USD.", {
        actions: [refundOf(12_000)],
        toolResults: [{ tool: "get_order_status", result: { found: true, order } }],
      }),
    );
    const { context: around } = await cardOf(await bench.write("Refund please"));
    assert.deepEqual(around.citations, [
      { source: "order 789, from the shop", words: ["789", "2026-11-08"], quote: "" },
      { source: "refund of order 789, proposed here", words: ["120.00 USD"], quote: "" },
    ]);
  });

  test("when the text of a person is deleted, the context of their cards is deleted too", async () => {
    bench.answer(PROPOSED);
    const attachments = [{ name: "a.jpg", mediaType: "image/jpeg", bytes: 1 }];
    const card = await cardOf(await bench.write("Refund please", { message: { attachments } }));
    assert.notDeepEqual(card.context, NO_CARD_CONTEXT);
    assert.deepEqual(clearedCard(card, "Erased.").context, NO_CARD_CONTEXT);
    const passesOn = { reason: "Ann asks more", summary: "", unanswered: [], tried: [] };
    const whole = { ...card, passesOn, seenElsewhere: ["mail:ann@customer.test:1"] };
    assert.doesNotMatch(JSON.stringify(clearedCard(whole, "Erased.")), /Ann asks|ann@/);
    const requester = { ...card.requester, level: 2, actingLevel: 1 as const };
    assert.equal(clearedCard({ ...card, requester }, "Erased.").requester.actingLevel, 1);
  });

  test("a card that older code stored reads as one with nothing around it", async () => {
    bench.answer(PROPOSED);
    const id = await bench.write("Refund please");
    const approval = await bench.card(id);
    await bench.execute(sql`update approval set card = card - 'around' where id = ${approval.id}`);
    const read = await bench.at(loadApproval, approval.id);
    assert.deepEqual([read?.card.context.records, read?.card.context.citations], [null, []]);
    const { context: _around, ...older } = approval.card;
    assert.equal(DOCUMENTS.card.decode(older).context.files, "");
  });
});
