/** When a process asks for news of the policy: at once when it is told, seldom while it hears, often while it does not. */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, mock, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { databaseNotices, type Store } from "#store/db/database.ts";
import { insertPolicyChange } from "#store/policy/policy-changes.ts";
import { dueSteps } from "#store/schedule/due-steps.ts";
import { followNews } from "#jobs/policy/watch-file.ts";
import { proceduresInUse } from "#app/knowledge.ts";
import type { Procedures } from "#core/contracts/knowledge.ts";
import { NO_NEEDS } from "#jobs/procedures/publish.ts";
import { insertVersion } from "#store/procedures/versions.ts";
import { procedureText } from "#test/procedures/world.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { migratedDatabase, policyRow, type OpenedStore } from "#test/store/bench.ts";

describe(`news of the policy on ${MAIN_DATABASE}`, () => {
  let opened: OpenedStore;
  before(async () => {
    opened = await migratedDatabase(MAIN_DATABASE);
    databaseNotices(opened.store).follow("leader", (holder) => leaders.heard.add(holder));
  });
  after(() => opened.close());

  const clock = { at: new Date(), now: () => clock.at };
  /** The time that passes stands still but for what a test skips: nothing else is given to those who measure it. */
  const passed = { ms: 0 };
  const skip = (ms: number): void => void (passed.ms += ms);
  beforeEach(() => {
    const began = Math.round(performance.now());
    passed.ms = began;
    clock.at = new Date();
    mock.method(performance, "now", () => passed.ms);
  });
  afterEach(() => mock.restoreAll());

  const leaders = { count: 0, heard: new Set<string | null>() };
  /** The leader is heard, as every two seconds while a worker runs; what was told before was heard then as well. */
  const lead = async () => {
    const told = new Set<string>();
    await until("the leader to be heard", async () => {
      const holder = `leader-${(leaders.count += 1)}`;
      told.add(holder);
      const step = { name: holder, holder, forMs: 3_000, now: new Date(), settings: [] };
      await dueSteps(opened.store, step);
      return [...told].some((name) => leaders.heard.has(name));
    });
  };
  const propose = (id: string, expiresAt: Date) =>
    opened.store.run(insertPolicyChange, policyRow(id, { state: "proposed", expiresAt }), false);
  const forget = () =>
    opened.store.run((transaction) => transaction.execute(sql`delete from policy_change`));
  const hearing = async () => {
    const news = followNews({ store: opened.store }, "file");
    await lead();
    assert.notEqual(await news.look(), null, "the first look is never left out");
    return news;
  };

  test("a process that hears the leader asks again only when it is told of a change", async () => {
    const news = await hearing();
    for (let round = 0; round < 2; round += 1) {
      skip(4_000);
      assert.equal(await news.look(), null);
      await lead();
    }
    await propose("p1", new Date(clock.at.getTime() + 3_600_000));
    const found = await until("the news", () => news.look().then((look) => look ?? undefined));
    assert.ok(found.proposedUntil);
    assert.equal(await news.look(), null);
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
      run: (work, ...given) => store.run(work, ...given),
      close: () => store.close(),
    };
    const news = followNews({ store: deaf }, "file");
    assert.notEqual(await news.look(), null);
    assert.equal(await news.look(), null);
    skip(1_999);
    assert.equal(await news.look(), null);
    skip(1);
    assert.notEqual(await news.look(), null);
  });

  const publish = (name: string) =>
    opened.store.run(insertVersion, {
      id: name,
      name,
      text: procedureText(),
      digest: name,
      state: "published",
      origin: "console",
      author: "",
      needs: NO_NEEDS,
      createdAt: clock.at,
      publishedAt: clock.at,
      expiresAt: clock.at,
      closing: "",
    });
  const place = { channel: "chat", brand: "", language: null } as const;

  test("procedures are read again when a process is told of one, and every two seconds by one that hears nothing, once for all that ask", async () => {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const { store } = opened;
    const reads = { count: 0 };
    const named = async (from: Procedures): Promise<readonly string[]> =>
      (await from.held(place, new AbortController().signal)).map(({ name }) => name);
    const hears = proceduresInUse({ store, log });
    const isDeaf = proceduresInUse({
      store: {
        kind: store.kind,
        run: (work, ...given) => ((reads.count += 1), store.run(work, ...given)),
        close: () => store.close(),
      },
      log,
    });
    await lead();
    skip(1);
    assert.deepEqual(await Promise.all([hears, isDeaf, isDeaf].map(named)), [[], [], []]);
    await publish("late-parcel");
    await until("the procedure", async () => {
      skip(1);
      return (await named(hears)).includes("late-parcel");
    });
    assert.deepEqual(await named(isDeaf), []);
    assert.equal(reads.count, 1);
    skip(2_000);
    assert.deepEqual(await named(isDeaf), ["late-parcel"]);
  });

  test("a look that failed is made again at once, and so is a reading of procedures", async () => {
    const { store } = opened;
    const state = { isAway: true };
    const shaky: Store = {
      kind: store.kind,
      run: async (work, ...given) => {
        if (state.isAway) throw new Error("away");
        return store.run(work, ...given);
      },
      close: () => store.close(),
    };
    const news = followNews({ store: shaky }, "file");
    await assert.rejects(news.look(), /away/);
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const procedures = proceduresInUse({ store: shaky, log });
    const held = () => procedures.held(place, new AbortController().signal);
    assert.deepEqual(await held(), []);
    state.isAway = false;
    assert.notEqual(await news.look(), null);
    assert.deepEqual(
      (await held()).map(({ name }) => name),
      ["late-parcel"],
    );
  });
});
