/** The context that a card shows besides its proposal: about whom it is shown, and about whom it is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_CARD_CONTEXT } from "#core/values/card-context.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Message } from "#core/values/message.ts";
import { sql } from "#store/db/drizzle.ts";
import { clearedCard } from "#store/privacy/clear-rows.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { flagTexts } from "#test/support/flag-texts.ts";

const DAY_MS = 86_400_000;
const PROPOSED = () => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] });
const UNKNOWN = {
  level: 0,
  customerId: null,
  emailOnFile: null,
  name: null,
  reason: "none",
} as const;

/** A message of a sender who only claims to be Ann. */
const CLAIMED: Partial<Message> = {
  identity: {
    level: 1,
    method: "claimed",
    reason: "no signature",
    handle: { kind: "email", email: "ann@customer.test" },
  },
};

onDesk("the context of a proposal", (bench) => {
  const cardOf = async (id: string): Promise<Card> => {
    const approval = await bench.pending(id);
    assert.ok(approval);
    return approval.card;
  };
  let booked = 0;
  /** Books refunds as done, so many days ago. */
  const refunded = (
    minors: readonly number[],
    { by = "person", customerId = "u900", daysAgo = 10, currency = "USD" } = {},
  ) =>
    bench.parts.store.run(async (transaction) => {
      await transaction.execute(sql`insert into conversation (id, channel, created_at, updated_at)
        values ('c_before', 'email', now(), now()) on conflict do nothing`);
      for (const minor of minors) {
        const at = new Date(bench.now().getTime() - daysAgo * DAY_MS).toISOString();
        const { action } = refundOf(minor).planned;
        const given = { ...action.arguments, amount: { minor, currency } };
        const facts = [{ orderId: "1", customerId, status: "delivered" }];
        await transaction.execute(sql`insert into effect (key, conversation_id, bundle, position, target, operation,
            action, request_digest, facts, approved_by, state, not_before, created_at, finished_at)
          values (${`booked${(booked += 1)}`}, 'c_before', 'b', 0, 'shop', 'refund', ${JSON.stringify({ ...action, arguments: given })}::jsonb,
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
      const { headline, conversationLabel, confirm } = await cardOf(id);
      for (const action of actions) assert.ok(confirm.includes(action.planned.label), confirm);
      assert.equal(headline, `${what} · a customer`);
      assert.ok(conversationLabel.endsWith(` · ${id.slice(0, 8)}`), conversationLabel);
    }
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

  test("a refund larger than nine of ten that people approved is flagged with what it was compared with", async () => {
    const usual = [1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 50_000];
    const flags = async (minor: number, thread: string): Promise<string> => {
      bench.answer(() => replying("We refund it.", { actions: [refundOf(minor)] }));
      return flagTexts(await cardOf(await bench.write("Refund", { thread }))).join("\n");
    };
    await refunded(usual.slice(1));
    await refunded([100, 100, 100], { by: "policy" });
    await refunded([100, 100, 100], { currency: "EUR" });
    assert.doesNotMatch(await flags(60_000, "few"), /Unusual/, "nine tell nothing");
    await refunded(usual.slice(0, 1));
    assert.doesNotMatch(await flags(9_000, "same"), /Unusual/);
    const flagged = await flags(12_000, "more");
    assert.match(flagged, /^Unusual amount: .* up to 90\.00 USD \(9 of 10 in 90 days\)$/m);
  });

  test("when the text of a person is deleted, the context of their cards is deleted too", async () => {
    bench.answer(PROPOSED);
    const attachments = [{ name: "a.jpg", mediaType: "image/jpeg", bytes: 1 }];
    const card = await cardOf(await bench.write("Refund please", { message: { attachments } }));
    assert.notDeepEqual(card.context, NO_CARD_CONTEXT);
    assert.deepEqual(clearedCard(card, "Erased.").context, NO_CARD_CONTEXT);
  });
});
