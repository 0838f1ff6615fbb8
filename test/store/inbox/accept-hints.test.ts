/** What is taken in is there once, in the right conversation, however many deliveries arrive at the same moment. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { Hint } from "#core/contracts/channel.ts";
import { acceptHints, conversationIds, lockNames, openLinked } from "#store/inbox/accept-hints.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { takeDuties } from "#store/db/duty-leases.ts";
import {
  acceptOne,
  hintOf,
  later,
  NOW,
  onEveryDatabase,
  type StoreBench,
  intakeOptions,
} from "#test/store/bench.ts";
import { unreadHints } from "#test/support/stored-rows.ts";
import { until } from "#test/support/waiting.ts";

/** Enough to be in each other's way on every pool, few enough for two cores. */
const AT_ONCE = 10;

type Accepted = Awaited<ReturnType<typeof acceptOne>>;

/** As a delivery of its own, alone or in a transaction of the caller. */
function take(
  bench: StoreBench,
  eventId: string,
  keys: readonly string[],
  bodyRef: string | null = null,
): Promise<Accepted> {
  const hint = { ...hintOf(eventId, keys), keepBody: bodyRef !== null };
  return acceptOne(bench.store, hint, { bodyRef, receivedAt: NOW, ids: bench.ids });
}

function many<T>(work: (index: number) => Promise<T>): Promise<readonly T[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, (_, index) => work(index)));
}

function conversationCount(bench: StoreBench): Promise<number> {
  return bench.count(sql`select count(*) from conversation`);
}

onEveryDatabase("intake", (bench) => {
  test("the same event of another channel is another event", async () => {
    const [event, key] = [bench.id("event"), bench.id("key")];
    await take(bench, event, [key]);
    const other = await bench.run(
      acceptOne,
      { ...hintOf(event, [bench.id("key")]), channel: "slack" },
      intakeOptions(bench),
    );
    assert.equal(other.known, false);
  });

  test("the same names give the same conversation again after everything was forgotten, others never", async () => {
    const key = bench.id("key");
    const { conversationId } = await take(bench, bench.id("event"), [key]);
    await bench.execute(sql`delete from conversation_key where key = ${key}`);
    const taken = await take(bench, bench.id("event"), [key]);
    assert.notEqual(taken.conversationId, conversationId, "its id is in use");
    for (const table of ["hint", "conversation_key"])
      await bench.execute(
        sql`delete from ${sql.identifier(table)} where conversation_id in (${conversationId}, ${taken.conversationId})`,
      );
    await bench.execute(sql`delete from conversation where id = ${conversationId}`);
    const again = await take(bench, bench.id("event"), [key]);
    assert.equal(again.conversationId, conversationId);
    const other = await take(bench, bench.id("event"), [bench.id("key")]);
    assert.notEqual(other.conversationId, conversationId);
  });

  test("the first deliveries of an installation, on many connections at once, name conversations by the secret that is kept", async () => {
    const keys = Array.from({ length: AT_ONCE }, () => bench.id("key"));
    await bench.execute(sql`delete from setting where name = 'naming'`);
    const taken = await bench.overManyConnections<Accepted>((run) =>
      keys.map((key, index) =>
        run(index, (transaction) =>
          acceptOne(transaction, hintOf(bench.id("event"), [key]), intakeOptions(bench)),
        ),
      ),
    );
    const idOf = await bench.run(conversationIds);
    assert.deepEqual(
      taken.map(({ conversationId }) => conversationId),
      keys.map((key) => idOf("email", [key])),
    );
  });

  test("of the same event delivered many times at once exactly one is new", async () => {
    const [event, key] = [bench.id("event"), bench.id("key")];
    const before = await conversationCount(bench);
    const taken = await many(() => take(bench, event, [key]));
    assert.equal(taken.filter(({ known }) => !known).length, 1);
    assert.equal(new Set(taken.map(({ conversationId }) => conversationId)).size, 1);
    assert.equal(await bench.count(sql`select count(*) from hint where event_id = ${event}`), 1);
    assert.equal(await conversationCount(bench), before + 1);
  });

  test("the same of an event that names several keys, and so of one whose body is kept", async () => {
    for (const bodyRef of [null, bench.id("body")]) {
      const [event, own, root] = [bench.id("event"), bench.id("own"), bench.id("root")];
      const taken = await many(() => take(bench, event, [own, root], bodyRef));
      assert.equal(taken.filter(({ known }) => !known).length, 1);
      assert.equal(await bench.count(sql`select count(*) from hint where event_id = ${event}`), 1);
    }
  });

  test("many messages of one new thread at once open one conversation, and lose none", async () => {
    const key = bench.id("key");
    const before = await conversationCount(bench);
    const taken = await many(() => take(bench, bench.id("event"), [key]));
    const [first] = taken;
    assert.ok(first);
    assert.deepEqual(new Set(taken.map(({ conversationId }) => conversationId)).size, 1);
    const unread = await bench.run(unreadHints, first.conversationId, 50);
    assert.equal(unread.length, AT_ONCE);
    assert.equal(await conversationCount(bench), before + 1, "an empty conversation was left over");
  });

  test("a key whose row the database keeps out is refused by a name that says try again, and taken in later", async () => {
    const [event, key] = [bench.id("event"), bench.id("key")];
    for (const statement of [
      "create function keep_out() returns trigger language plpgsql as $$ begin return null; end $$",
      `create trigger keep_out before insert on conversation_key
         for each row when (new.key = '${key}') execute function keep_out()`,
    ])
      await bench.execute(sql.raw(statement));
    const before = await conversationCount(bench);
    try {
      await assert.rejects(take(bench, event, [key]), {
        code: "store.unavailable",
        retry: true,
        message: /a delivery's key was taken by another/,
      });
    } finally {
      await bench.execute(sql.raw("drop trigger keep_out on conversation_key"));
    }
    assert.equal(await conversationCount(bench), before);
    assert.equal((await take(bench, event, [key])).known, false);
  });

  test("answers to one new mail share its conversation, though each names itself first and all had to wait for its key", async () => {
    const root = bench.id("root");
    const locked = Promise.withResolvers<void>();
    const open = Promise.withResolvers<void>();
    const holding = bench.run(async (transaction) => {
      await lockNames(transaction, [root]);
      locked.resolve();
      await open.promise;
    });
    await locked.promise;
    const taking = [1, 2, 3, 4].map(() => take(bench, bench.id("event"), [bench.id("own"), root]));
    const blocked = sql`select count(*) from pg_locks where locktype = 'advisory' and not granted`;
    // One connection: everything waits for everything there.
    if (bench.kind === "postgres")
      await until("all to wait", async () => (await bench.count(blocked)) >= taking.length);
    open.resolve();
    await holding;
    const taken = await Promise.all(taking);
    assert.equal(new Set(taken.map(({ conversationId }) => conversationId)).size, 1);
  });

  test("of many mails at once into a thread that is over, all go on in one new conversation that follows it", async () => {
    const root = bench.id("root");
    const { conversationId: before } = await take(bench, bench.id("event"), [root]);
    const taken = await many(() => {
      const hint = hintOf(bench.id("event"), [bench.id("own"), root]);
      const receivedAt = later(100 * DAY_MS);
      const options = { bodyRef: null, receivedAt, ids: bench.ids };
      return acceptOne(bench.store, { ...hint, restDaysMax: 90 }, options);
    });
    const [now] = new Set(taken.map(({ conversationId }) => conversationId));
    assert.ok(now !== undefined && now !== before);
    assert.ok(taken.every(({ conversationId }) => conversationId === now));
    assert.equal(
      await bench.count(
        sql`select count(*) from hint where conversation_id = ${now} and payload ->> 'related' = ${before}`,
      ),
      1,
      "the first of them opened it",
    );
  });

  test("where the reader goes on is kept with the last hint, also of a delivery without one; neither is once another process reads", async () => {
    const [name, key] = [bench.id("position"), bench.id("key")];
    const [lease] = await takeDuties(bench.store, { holder: "one", forMs: 1, names: [name] });
    const take = (value: string, hints: readonly Hint[]) =>
      acceptHints(bench.store, hints, {
        bodyRef: null,
        receivedAt: NOW,
        ids: bench.ids,
        lease: lease ?? assert.fail(),
        position: { name, value },
      });
    const kept = async () =>
      bench.rows(
        z.object({ value: z.string(), hints: z.coerce.number() }),
        sql`select value, (select count(*) from hint join conversation_key using (conversation_id) where key = ${key}) as hints
            from position where name = ${name}`,
      );
    const hint = hintOf(bench.id("event"), [key]);
    await take("1", [hint]);
    assert.deepEqual(await kept(), [{ value: "1", hints: 1 }]);
    await take("2", []);
    await take("3", [hint]);
    const lost = { ...hintOf(bench.id("event"), [bench.id("nobody's")]), opens: false };
    assert.deepEqual(await take("4", [lost]), []);
    const two = hintOf(bench.id("event"), [key]);
    assert.equal((await take("5", [two, lost])).length, 1);
    assert.deepEqual(await kept(), [{ value: "5", hints: 2 }]);
    await bench.execute(sql`update duty set generation = generation + 1 where name = ${name}`);
    for (const hints of [[], [hintOf(bench.id("event"), [key])], [two, lost]])
      await assert.rejects(take("6", hints), { code: "store.fenced" });
    assert.deepEqual(await kept(), [{ value: "5", hints: 2 }]);
  });

  test("deliveries that name the same keys in opposite orders do not block each other", async () => {
    const keys = [bench.id("key"), bench.id("key"), bench.id("key")];
    const taken = await many((index) =>
      take(bench, bench.id("event"), index % 2 === 0 ? keys : keys.toReversed()),
    );
    assert.equal(new Set(taken.map(({ conversationId }) => conversationId)).size, 1);
  });

  test("the first known key decides, and all others are remembered for it", async () => {
    const [a, b, fresh] = [bench.id("key"), bench.id("key"), bench.id("key")];
    const [first, second] = [
      await take(bench, bench.id("event"), [a]),
      await take(bench, bench.id("event"), [b]),
    ];
    assert.notEqual(first.conversationId, second.conversationId);
    const third = await take(bench, bench.id("event"), [fresh, b, a]);
    assert.equal(third.conversationId, second.conversationId);
    const byFresh = await take(bench, bench.id("event"), [fresh]);
    assert.equal(byFresh.conversationId, second.conversationId);
    const byA = await take(bench, bench.id("event"), [a]);
    assert.equal(byA.conversationId, first.conversationId, "a name moved to another conversation");
  });

  test("a hand-over whose own webhook came first takes the conversation that made", async () => {
    const [origin, key] = [await bench.conversation(), bench.id("ticket")];
    const { conversationId } = await take(bench, bench.id("event"), [key]);
    // Somebody had it before, for a reason that the hand-over does not go on with.
    await bench.execute(
      sql`update conversation set owner_holder = 'Sam', owner_delicate = 'legal' where id = ${conversationId}`,
    );
    await bench.run(openLinked, linkOf(origin, bench.id("c"), key));
    assert.deepEqual(await standing(bench, conversationId), { owner: "human", linked_id: origin });
    assert.deepEqual(await standing(bench, origin), { owner: "bot", linked_id: conversationId });
    assert.deepEqual(
      await bench.rows(
        z.object({ owner_holder: z.null(), owner_delicate: z.null() }),
        sql`select owner_holder, owner_delicate from conversation where id = ${conversationId}`,
      ),
      [{ owner_holder: null, owner_delicate: null }],
    );
  });

  test("a hand-over and its own webhook at the same moment agree on one conversation", async () => {
    for (let round = 0; round < 5; round += 1) {
      const [origin, key] = [await bench.conversation(), bench.id("ticket")];
      const webhook: Hint = { ...hintOf(bench.id("event"), [key]), channel: "zendesk" };
      const [taken] = await Promise.all([
        acceptOne(bench.store, webhook, intakeOptions(bench)),
        bench.run(openLinked, linkOf(origin, bench.id("c"), key)),
      ]);
      assert.deepEqual(await standing(bench, taken.conversationId), {
        owner: "human",
        linked_id: origin,
      });
      assert.equal((await standing(bench, origin)).linked_id, taken.conversationId);
    }
  });
});

function linkOf(origin: string, otherwiseId: string, key: string) {
  return { origin, otherwiseId, keys: [key], externalId: "12", now: later(1_000) };
}

async function standing(bench: StoreBench, id: string) {
  const [row] = await bench.rows(
    z.object({ owner: z.string(), linked_id: z.string().nullable() }),
    sql`select owner, linked_id from conversation where id = ${id}`,
  );
  assert.ok(row);
  return row;
}
