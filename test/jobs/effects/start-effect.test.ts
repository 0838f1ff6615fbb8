/** The commit that begins an effect looks once more at what may have changed since the effect was due. */
import { toldReason } from "#core/cases/ownership.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { giveUp } from "#jobs/effects/give-up.ts";
import { startEffect, type StartDecision } from "#jobs/effects/preconditions.ts";
import { recordDone } from "#jobs/effects/record-done.ts";
import { loadConversation, updateConversation } from "#store/conversations/conversations.ts";
import {
  claimLease,
  releaseLease,
  type Lease,
  handBackLeases,
  releaseAllLeases,
} from "#store/conversations/lease.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql, type SQL } from "#store/db/drizzle.ts";
import { bundleEffects, effectByKey, type Effect } from "#store/effects/ledger.ts";
import { addWebhook, followWebhooks, shownDeliveries } from "#store/webhooks/webhooks.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { assigned } from "#test/jobs/customers.ts";
import { silentLog } from "#test/store/bench.ts";
import { refundOf, refundOfOrder, replying } from "#test/jobs/turn-results.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { until } from "#test/support/waiting.ts";
import { memoryTarget } from "#test/jobs/memory-ports.ts";
import { arrive } from "#test/jobs/worker/lost-work.ts";

const REFUND = "refund:shop:789:0";
/** As long as an approval can be taken back. */
const UNDO_MS = 60_000;
const LEASE = { owner: "w", leaseMs: 60_000 };

onDesk("an effect that is due", (bench) => {
  const { store } = bench.parts;
  const run = <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> => store.run(work);

  /** An approved refund of a conversation, which this test holds. */
  const due = async (): Promise<{ readonly lease: Lease; readonly effect: Effect }> => {
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const conversationId = await bench.write("Please refund order 789");
    await bench.press("approve", conversationId);
    bench.skip(UNDO_MS);
    const lease = await run((now) => claimLease(now, { conversationId, ...LEASE }));
    const effect = await run((now) => effectByKey(now, REFUND));
    assert.ok(lease !== null && effect !== null);
    return { lease, effect };
  };
  const begun = ({ lease, effect }: { readonly lease: Lease; readonly effect: Effect }) =>
    startEffect(bench.parts, lease, effect, null);
  const why = (decision: StartDecision): string =>
    decision.kind === "no" ? decision.reason.why : decision.kind;
  const count = async (statement: SQL): Promise<number> => {
    const [row] = await run((now) => rowsOf(now, z.object({ count: z.int() }), statement));
    return row?.count ?? 0;
  };
  const state = async () => (await run((now) => effectByKey(now, REFUND)))?.state;

  test("is not ended again by a process that read it before it ended", async () => {
    const { effect } = await due();
    const entries = () =>
      count(sql`select count(*)::int as count from (
        select kind from audit union all select kind from audit_pending) a where kind in ('withdrawn', 'failed')`);
    await giveUp(bench.parts, effect, "withdrawn", "the order changed");
    const before = await entries();
    assert.ok(before > 0);
    await giveUp(bench.parts, effect, "withdrawn", "it is over");
    await giveUp(bench.parts, effect, "failed", "it is over");
    assert.equal(await entries(), before);
    assert.equal((await run((now) => effectByKey(now, REFUND)))?.error, "the order changed");
  });

  test("does not begin for a worker that lost its lease", async () => {
    const held = await due();
    await assert.rejects(
      begun({ ...held, lease: { ...held.lease, fence: held.lease.fence - 1 } }),
      {
        code: "store.fenced",
      },
    );
    assert.equal(await state(), "intended");
  });

  test("does not begin once people own the conversation, the bot may not write there, or the customer's words changed", async () => {
    const held = await due();
    const { conversationId } = held.lease;
    const changes = [
      ["people_own", { owner: "human", ownerReason: toldReason("taken over") }, { owner: "bot" }],
      ["barred", { barred: "the customer closed the account" }, { barred: null }],
    ] as const;
    for (const [expected, change, back] of changes) {
      await run((now) => updateConversation(now, conversationId, change, bench.now()));
      assert.equal(why(await begun(held)), expected);
      await run((now) => updateConversation(now, conversationId, back, bench.now()));
    }
    const earlier = { ...held.effect, revision: "of an earlier text" };
    assert.equal(why(await begun({ ...held, effect: earlier })), "news");
    assert.equal(await state(), "intended");
    assert.equal(why(await begun(held)), "begun");
  });

  test("tells webhooks once that its helpdesk gave the case to people meanwhile", async () => {
    const held = await due();
    const { conversationId } = held.lease;
    const added = { id: "wh_1", url: "https://a.test/", withText: true, secret: "whsec_" };
    const event = "case.handed_over";
    await run((now) => addWebhook(now, { ...added, events: event, createdAt: bench.now() }));
    const unfollow = await followWebhooks(store, silentLog);
    const taken = assigned("human", "taken", bench.now().toISOString(), { actor: "Dana" });
    const news = { messages: [], signals: [taken], brand: "" };
    for (let times = 0; times < 2; times += 1)
      assert.equal(
        why(await startEffect(bench.parts, held.lease, held.effect, news)),
        "people_own",
      );
    // By it the inbox finds what people have.
    const since = (await bench.at(loadConversation, conversationId))?.handedOverAt;
    assert.equal(since?.toISOString(), taken.at);
    await run((now) => releaseLease(now, held.lease));
    await bench.pass(UNDO_MS, 3);
    assert.equal(await state(), "withdrawn");
    const told = await run((now) => shownDeliveries(now, 9));
    unfollow();
    const data = { case: conversationId, channel: "email", state: "human" };
    const text = { reason: "Dana assigned it to human" };
    assert.deepEqual(
      told.map((one) => [one.event, JSON.parse(one.body)]),
      [[event, { ...data, text }]],
    );
  });

  test("is recorded once, however often its result comes", async () => {
    const { lease, effect } = await due();
    const { conversationId } = lease;
    await begun({ lease, effect });
    const view = await run((now) => loadConversation(now, conversationId));
    const bundle = await run((now) => bundleEffects(now, effect.bundle));
    const reply = bundle.find(({ operation }) => operation === "reply");
    assert.ok(view !== null && reply !== undefined);
    const committed = { ref: "r-1", conversationKeys: [] };
    const record = () =>
      recordDone(bench.parts, lease, {
        conversation: view.conversation,
        effect: reply,
        bundle,
        committed,
        next: null,
      });
    await record();
    const said = await run((now) => conversationMessages(now, conversationId));
    await record();
    assert.equal(
      (await run((now) => conversationMessages(now, conversationId))).length,
      said.length,
    );
    assert.equal(
      await count(sql`select count(*)::int as count from audit_pending where kind = 'done'`),
      1,
    );
  });
});

onDesk("a restart with a refund under way", (bench) => {
  for (const ended of ["kill -9", "a regular stop", "nobody starts it again (control)"] as const)
    test(`after ${ended} does not make it a second time at a shop without keys`, async () => {
      const decision = { verdict: "allow" } as const;
      const action = await refundOfOrder(bench.shop, 500, { decision });
      bench.answer(() =>
        replying("We have refunded 5.00 USD.", { actions: [action], actionsAlone: true }),
      );
      const usual = memoryTarget("shop", bench);
      const calls = { count: 0 };
      const dead = Promise.withResolvers<never>();
      const firstLands: { now: (() => Promise<unknown>) | null } = { now: null };
      // The shop books the first request some seconds after it came, whether or not its caller still lives.
      bench.replace({
        ...usual,
        async commit(given, key) {
          calls.count += 1;
          if (calls.count > 1) return usual.commit(given, key);
          firstLands.now = () => usual.commit(given, key);
          return dead.promise;
        },
      });
      const id = await arrive(bench, "Please refund order 789");
      const first = processConversation(bench.parts, id).catch(() => undefined);
      await until("the call", async () => firstLands.now !== null);
      if (ended === "a regular stop") await bench.at(handBackLeases, bench.parts.worker);
      // As a start does, a second later.
      bench.skip(1_000);
      const isRestarted = ended !== "nobody starts it again (control)";
      if (isRestarted) await bench.at(releaseAllLeases, bench.parts.worker);
      await bench.passes(4, 1_000);
      // Five seconds after it was sent, the shop is done with the first request.
      await firstLands.now?.();
      if (!isRestarted)
        await bench.execute(sql`update conversation set lease_until = now() - interval '1 second'`);
      await bench.passes(10, 10_000);
      dead.reject(new Error("its process is gone"));
      await first;
      const made = bench.made("refund");
      assert.equal(made.length, 1, `${made.length} refunds, ${calls.count} calls`);
    });
});
