/** When a process asks for news of the policy: at once when it is told, seldom while it hears, often while it does not. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "#store/db/drizzle.ts";
import { noticesOf, type Store } from "#store/db/database.ts";
import { insertPolicyChange } from "#store/policy/policy-changes.ts";
import { dueSteps } from "#store/schedule/due-steps.ts";
import { followNews } from "#jobs/policy/follow-news.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { migratedDatabase, policyRow, type OpenedStore } from "#test/store/bench.ts";

describe(`news of the policy on ${MAIN_DATABASE}`, { timeout: 120_000 }, () => {
  let opened: OpenedStore;
  before(async () => {
    opened = await migratedDatabase(MAIN_DATABASE);
  });
  after(() => opened.close());

  const clock = { now: () => new Date() };
  /** The leader is heard, as every two seconds while a worker runs. */
  const lead = () =>
    dueSteps(opened.store, {
      name: `lead ${performance.now()}`,
      holder: "one",
      forMs: 3_000,
      now: new Date(),
      settings: [],
    });
  const propose = (id: string, expiresAt: Date) =>
    opened.store.run((transaction) =>
      insertPolicyChange(transaction, policyRow(id, { state: "proposed", expiresAt }), false),
    );
  const forget = () =>
    opened.store.run((transaction) => transaction.execute(sql`delete from policy_change`));
  const hearing = async () => {
    const news = followNews({ store: opened.store, clock }, "file");
    await until("the leader to be heard", async () => {
      await lead();
      return noticesOf(opened.store).silentMs() < 1_000;
    });
    await delay(100);
    assert.notEqual(await news.look(), null, "the first look is never left out");
    return news;
  };

  test("a process that hears the leader asks again only when it is told of a change", async () => {
    const news = await hearing();
    for (let second = 0; second < 4; second += 1) {
      assert.equal(await news.look(), null);
      await lead();
      await delay(1_000);
    }
    await propose("p1", new Date(Date.now() + 3_600_000));
    const found = await until("the news", () => news.look().then((look) => look ?? undefined));
    assert.ok(found.proposedUntil);
    assert.equal(await news.look(), null);
    await forget();
  });

  test("a proposal is looked at in the moment it expires", async () => {
    await propose("p2", new Date(Date.now() + 1_500));
    const news = await hearing();
    assert.equal(await news.look(), null);
    const { proposedUntil } = await until("the expiry", () =>
      news.look().then((look) => look ?? undefined),
    );
    assert.ok(proposedUntil !== null && proposedUntil <= new Date());
    await forget();
  });

  test("after a change of the policy, and when work is left, every check asks", async () => {
    const news = await hearing();
    assert.equal(await news.look(), null);
    news.again();
    assert.notEqual(await news.look(), null);
    assert.equal(await news.look(), null);
    news.changed();
    assert.notEqual(await news.look(), null);
    assert.notEqual(await news.look(), null);
  });

  test("a process that hears nothing asks every two seconds", async () => {
    const { store } = opened;
    const deaf: Store = {
      kind: store.kind,
      run: (work) => store.run(work),
      close: () => store.close(),
    };
    const news = followNews({ store: deaf, clock }, "file");
    assert.notEqual(await news.look(), null);
    assert.equal(await news.look(), null);
    await delay(2_050);
    assert.notEqual(await news.look(), null);
  });

  test("a look that failed is made again at once", async () => {
    const { store } = opened;
    const state = { isAway: true };
    const shaky: Store = {
      kind: store.kind,
      run: async (work) => {
        if (state.isAway) throw new Error("away");
        return store.run(work);
      },
      close: () => store.close(),
    };
    const news = followNews({ store: shaky, clock }, "file");
    await assert.rejects(news.look(), /away/);
    state.isAway = false;
    assert.notEqual(await news.look(), null);
  });
});
