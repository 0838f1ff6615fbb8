/**
 * One card that cannot be read stops no other: not its post, not its place in the inbox, not its end; what only a newer
 * worker can read is left alone, and everything else goes on.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { confirmText } from "#core/contracts/card-sections.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { expireCards, sendReminders } from "#jobs/approval/save-card.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { recheckCards } from "#jobs/policy/recheck-cards.ts";
import { pendingApprovals } from "#store/approvals/approvals.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { customerCalled, stranger } from "#test/jobs/customers.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";

onDesk("a card that cannot be read", (bench) => {
  const asksElsewhere = async (): Promise<string> => {
    bench.bindTo(customerCalled("u9"));
    bench.answer(() => replying("We look into it."));
    return bench.write("Where is my order?", { thread: "other" });
  };
  const waiting = async () => (await bench.at(pendingApprovals, 50)).map(({ id }) => id);

  for (const [what, name, label] of [
    ["of a name", "N".repeat(400), "ann@customer.test"],
    [
      "of many in copy",
      null,
      Array.from({ length: 14 }, (_, n) => `colleague.number${n}@customer.test`).join(", "),
    ],
  ] as const)
    test(`is made by no length ${what}`, async () => {
      bench.rule({ replyAutonomy: () => "draft" as const });
      bench.bindTo(
        name === null
          ? stranger({ level: 1, reason: "no signature" })
          : { ...customerCalled("u123"), name },
      );
      bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
      const first = await bench.write("Please refund order 789", {
        message: {
          answerTo: {
            label,
            audience: "private",
            address: {
              to: "ann@customer.test",
              inbox: "support@ourshop.test",
              inReplyTo: null,
              references: [],
              subject: "x",
            },
          },
        },
      });
      const card = await bench.card(first);
      assert.match(confirmText(card.card), /^Refund 120\.00 USD.*…\. Do it\?$/);
      await asksElsewhere();
      await showCards(bench.parts);
      assert.equal(bench.cards.size, 2);
    });

  test("is named in the log, and every other one is shown, listed, judged again and ended", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const bad =
      (await bench.pending(await bench.write("Please refund order 789"))) ?? assert.fail();
    await bench.execute(
      sql`update approval set card = jsonb_set(card, '{headline}', '""'), card_stale = true, desk_ref = null`,
    );
    const other = await asksElsewhere();
    const good = await bench.card(other);
    const errors: unknown[] = [];
    const log = {
      ...bench.parts.log,
      error: (message: string, { card }: Readonly<Record<string, unknown>> = {}) =>
        void errors.push([message, card]),
    };
    const context = { ...bench.parts, log };
    bench.skip(60_000);
    await bench.execute(sql`update approval set card_stale = true, post_after = null`);
    await showCards(context);
    assert.deepEqual(errors, [["a card cannot be read", bad.id]]);
    assert.ok([...bench.cards.values()].some(({ approvalId }) => approvalId === good.id));

    assert.deepEqual(await waiting(), [good.id]);
    assert.deepEqual(
      (await bench.listed("open")).flatMap((row) => (row.kind === "card" ? [row.approval.id] : [])),
      [good.id],
    );
    const inForce = { id: "another", since: bench.now() };
    await recheckCards(context, inForce, new Set());
    await bench.execute(sql`update approval set remind_at = ${bench.now()}`);
    await sendReminders(context);
    await bench.tick();
    assert.equal(bench.alerts(/Still waiting/).length, 1);

    bench.skip(40 * DAY_MS);
    await expireCards(context);
    assert.deepEqual(await waiting(), []);
    assert.equal(errors.length, 2);
    await bench.execute(sql`update approval set card = jsonb_set(card, '{headline}', '"Refund"')`);
    assert.deepEqual(await waiting(), [], "what nobody could decide on in time is void");
    await bench.tick();
    assert.equal(told().length, 1);
  });

  const broken = (id: string) =>
    bench.execute(
      sql`update approval set card = jsonb_set(card, '{headline}', '""') where id = ${id}`,
    );
  const told = () => bench.alerts(/^The card \S+ cannot be read/);
  const stateOf = (id: string) =>
    bench.column(sql`select state as value from approval where id = ${id}`);

  for (const [what, thread, ends] of [
    ["the same conversation, where it is void", "t1", "void"],
    ["another one of the same customer", "other", "pending"],
  ] as const)
    test(`stops no turn of ${what}, and nothing of it is done`, async () => {
      bench.rule({ replyAutonomy: () => "draft" as const });
      bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
      const bad = await bench.card(await bench.write("Please refund order 789"));
      await broken(bad.id);
      bench.answer(() => replying("It is on its way."));
      const later = await bench.write("Order 789: and where is it now?", { thread });
      await bench.passes(3, 60 * 60_000);
      assert.deepEqual(await stateOf(bad.id), [ends]);
      if (ends === "void") assert.notEqual((await bench.card(later)).id, bad.id);
      else assert.match(await bench.outcome(later), /^pending: waits/);
      assert.equal(told().length, ends === "void" ? 1 : 0);
      if (ends === "void") assert.match(told()[0]?.text ?? "", /is done[^]*is kept/);
      assert.deepEqual(bench.made("refund"), []);
    });

  test("is carried out in no part, also when it was approved before", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const, undoMs: 60_000 });
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const conversation = await bench.write("Please refund order 789");
    const bad = await bench.card(conversation);
    await bench.press("approve", conversation);
    await broken(bad.id);
    bench.answer(() => replying("A person looks."));
    await bench.passes(5, 60 * 60_000);
    assert.deepEqual(bench.made("refund"), []);
    assert.deepEqual(await stateOf(bad.id), ["void"]);
    assert.equal(told().length, 1);
    await bench.card(conversation);
  });

  test("of which the refund was made is not told as void with nothing done, nor its turn as not approved", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.faults.commit = ({ action }) => {
      if (action.operation === "reply")
        throw new DeskhandError("channel.unavailable", "the mail server is away", {
          retryAfterMs: 3_600_000,
        });
    };
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const conversation = await bench.write("Please refund order 789");
    const bad = await bench.card(conversation);
    await bench.press("approve", conversation);
    await bench.passes(3, 60_000);
    assert.equal(bench.made("refund").length, 1);
    await broken(bad.id);
    bench.faults.commit = () => undefined;
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    await bench.passes(5, 60 * 60_000);
    const ended = await bench.column(
      sql`select trace ->> 'approval_granted' as value from turn where id = ${bad.turnId}`,
    );
    assert.notDeepEqual(ended, ["false"], "a person approved it, and the refund was made");
    assert.deepEqual(bench.alerts(/nothing of it is done/), []);
  });

  test("stops the end of no other card where its turn cannot be read either", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const bad = await bench.card(await bench.write("Please refund order 789"));
    await broken(bad.id);
    await bench.execute(
      sql`update turn set trace = trace || '{"$version": 99}' where id = ${bad.turnId}`,
    );
    bench.bindTo(customerCalled("u9"));
    bench.answer(() => replying("We look into it."));
    const other = await bench.write("Where is my order?", { thread: "other" });
    await bench.card(other);
    bench.skip(40 * DAY_MS);
    await expireCards(bench.parts).catch(() => undefined);
    assert.equal((await bench.pending(other)) === null, true, "it expired");
  });
});

function isNewer(error: unknown): boolean {
  return error instanceof DeskhandError && error.code === "store.newer_schema" && error.retry;
}

onDesk("beside a newer version", (bench) => {
  const asking = () =>
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));

  test("an unread message of the newer version stays unread, and is worked on once it can be read", async () => {
    const id = await bench.write("Where is order 456?");
    await bench.execute(sql`delete from approval`);
    await bench.execute(sql`delete from message_content`);
    await bench.execute(sql`delete from message`);
    await bench.execute(
      sql`update hint set state = 'unread', payload = payload || '{"$version": 2}'`,
    );
    for (let tries = 0; tries < 5; tries += 1) await assert.rejects(bench.wake(id), isNewer);
    const hint = () =>
      bench.rows(
        z.object({ state: z.string(), attempts: z.int(), lease: z.string().nullable() }),
        sql`select state, attempts, lease_owner as lease
              from hint join conversation on conversation.id = hint.conversation_id`,
      );
    assert.deepEqual(await hint(), [{ state: "unread", attempts: 0, lease: null }]);
    assert.equal(await bench.pending(id), null);
    await bench.execute(sql`update hint set payload = payload - '$version'`);
    await bench.wake(id);
    assert.deepEqual(await hint(), [{ state: "read", attempts: 0, lease: null }]);
    assert.notEqual(await bench.pending(id), null);
  });

  test("a card of the newer version holds up neither mail nor the reconciler", async () => {
    asking();
    const first = await bench.write("Please refund order 789", { thread: "one" });
    assert.notEqual(await bench.pending(first), null);
    await bench.execute(
      sql`update approval set card = card || '{"$version": 2}', card_stale = true, expires_at = ${bench.now()}`,
    );
    bench.answer(() => replying("It is on its way."));
    bench.bindTo(customerCalled("bob"));
    const second = await bench.write("Where is order 456?", { thread: "two" });
    assert.ok(await bench.pending(second));
    await bench.tick();
    // Both are to be drawn again, the unreadable one first.
    await bench.execute(
      sql`update approval set card_stale = true, post_after = null, post_locked_until = null`,
    );
    await showCards(bench.parts);
    const stale = sql`select card_stale from approval order by id`;
    assert.deepEqual(await bench.column(stale), ["true", "false"]);
    await bench.execute(sql`update approval set card = card - '$version'`);
    await bench.tick();
    assert.equal(await bench.pending(first), null, "it has expired by now");
  });
});
