/** One look says what is due: nothing while nothing is, and each step by its own row; it also takes and renews the lead. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { sql, type SQL } from "#store/db/drizzle.ts";
import { announceFreeLead } from "#store/db/duty-leases.ts";
import { dueSteps, type DueSteps, USAGE_ROWS_MAX } from "#store/schedule/due-steps.ts";
import { later, NOW, onEveryDatabase, type StoreBench } from "#test/store/bench.ts";

const NAMES = [
  "cardsToHold",
  "cardsWithStatus",
  "conversations",
  "dueReports",
  "dueResolutions",
  "expiredCards",
  "lapsedClaims",
  "reminders",
  "scatteredUsage",
  "staleCards",
  "unsealedEntries",
  "unseenCards",
  "waitingFiles",
] as const satisfies readonly (keyof DueSteps)[];

const at = (ms: number): string => later(ms).toISOString();
const HOUR = 3_600_000;

/** A card of a conversation of its own that has nothing due, except for these columns. */
function card(id: string, conversationId: string, columns: Readonly<Record<string, unknown>> = {}) {
  const row: Readonly<Record<string, unknown>> = {
    id,
    conversation_id: conversationId,
    turn_id: "t",
    kind: "proposal",
    seal: "",
    revision: "",
    rules: "[]",
    needs: "{}",
    card: "{}",
    expires_at: at(HOUR),
    remind_at: at(HOUR),
    card_stale: false,
    created_at: at(0),
    updated_at: at(0),
    asked_at: at(0),
    ...columns,
  };
  return inserted("approval", row);
}

function effect(key: string, conversationId: string, columns: Readonly<Record<string, unknown>>) {
  return inserted("effect", {
    key,
    conversation_id: conversationId,
    bundle: key,
    position: 0,
    target: "shop",
    operation: "refund",
    request_digest: "",
    facts: "[]",
    approved_by: "policy",
    state: "intended",
    not_before: at(HOUR),
    created_at: at(0),
    ...columns,
  });
}

function inserted(table: string, row: Readonly<Record<string, unknown>>): SQL {
  const names = Object.keys(row).map((name) => sql.identifier(name));
  const values = Object.values(row).map((value) => sql`${value}`);
  return sql`insert into ${sql.identifier(table)} (${sql.join(names, sql`, `)}) values (${sql.join(values, sql`, `)})`;
}

/** What makes each step due, one millisecond before it is and when it is; null for what is due whenever it is there. */
const CASES: Readonly<
  Record<
    string,
    {
      readonly row: (id: string, conversationId: string, ms: number) => SQL;
      readonly isTimed: boolean;
      readonly due: readonly (typeof NAMES)[number][];
    }
  >
> = {
  "a card that expires": {
    row: (id, c, ms) => card(id, c, { expires_at: at(ms), remind_at: null, reminded_at: at(0) }),
    isTimed: true,
    due: ["expiredCards"],
  },
  "a card's reminder": {
    row: (id, c, ms) => card(id, c, { remind_at: at(ms) }),
    isTimed: true,
    due: ["reminders"],
  },
  "a reminder that is not planned yet": {
    row: (id, c) => card(id, c, { remind_at: null }),
    isTimed: false,
    due: ["reminders"],
  },
  "a hand-over no teammate took": {
    row: (_id, c, ms) =>
      sql`update conversation set handover_remind_at = ${at(ms)} where id = ${c}`,
    isTimed: true,
    due: ["reminders"],
  },
  "a case that slept until now": {
    row: (_id, c, ms) => sql`update conversation set snoozed_until = ${at(ms)} where id = ${c}`,
    isTimed: true,
    due: ["reminders"],
  },
  "a claim that ends": {
    row: (id, c, ms) => card(id, c, { claim_until: at(ms) }),
    isTimed: true,
    due: ["lapsedClaims"],
  },
  "a message no worker read": {
    row: (id, c) =>
      inserted("hint", {
        channel: "email",
        event_id: id,
        conversation_id: c,
        kind: "message",
        payload: "{}",
        received_at: at(HOUR),
      }),
    isTimed: false,
    due: ["conversations"],
  },
  "an effect that is tried again": {
    row: (id, c, ms) => effect(id, c, { not_before: at(ms) }),
    isTimed: true,
    due: ["conversations"],
  },
  "a conversation that is looked at again": {
    row: (_id, c, ms) => sql`update conversation set wake_at = ${at(ms)} where id = ${c}`,
    isTimed: true,
    due: ["conversations"],
  },
  "a card to be posted again": {
    row: (id, c, ms) => card(id, c, { card_stale: true, post_after: at(ms) }),
    isTimed: true,
    due: ["staleCards"],
  },
  "a card that the desk took five minutes ago": {
    row: (id, c, ms) => card(id, c, { desk_ref: "C1:1", post_after: at(ms - 300_000) }),
    isTimed: true,
    due: ["unseenCards"],
  },
  "a card whose poster is gone": {
    row: (id, c, ms) => card(id, c, { card_stale: true, post_locked_until: at(ms) }),
    isTimed: true,
    due: ["staleCards"],
  },
  "a card with a status line": {
    row: (id, c) => card(id, c, { status_line: "Paused" }),
    isTimed: false,
    due: ["cardsWithStatus"],
  },
  "a file that is tried again": {
    row: (id, c, ms) =>
      inserted("attachment", {
        id,
        conversation_id: c,
        message_key: id,
        place: 0,
        channel: "email",
        ref: "",
        name: "",
        media_type: "",
        bytes: 1,
        state: "waiting",
        next_at: at(ms),
        received_at: at(0),
      }),
    isTimed: true,
    due: ["waitingFiles"],
  },
  "a report": {
    row: (id, _c, ms) =>
      inserted("digest", { key: id, kind: "day", day: "2026-03-01", due_at: at(ms) }),
    isTimed: true,
    due: ["dueReports"],
  },
  "a conversation whose end is decided": {
    row: (_id, c, ms) => inserted("resolution", { conversation_id: c, due_at: at(ms - 10_000) }),
    isTimed: true,
    due: ["dueResolutions"],
  },
  "an entry that is not sealed": {
    row: (id) => inserted("audit_pending", { at: at(HOUR), kind: id, data: "{}" }),
    isTimed: false,
    due: ["unsealedEntries"],
  },
  "many rows of what turns used up": {
    row: () => sql`insert into turn_usage (slot, turns, steps, output_tokens, cost_usd, latency_ms)
      select ${at(0)}::timestamptz, 1, 1, 1, 0, 1 from generate_series(0, ${USAGE_ROWS_MAX}::int)`,
    isTimed: false,
    due: ["scatteredUsage"],
  },
};

onEveryDatabase("the look at what is due", (bench) => {
  const look = (holder = "one", settings: readonly string[] = []) =>
    bench.run(dueSteps, { name: "lead", holder, forMs: 3_000, now: NOW, settings });
  const flags = async (): Promise<readonly string[]> => {
    const due = await look();
    assert.ok(due);
    // Whether a card could be held tells nothing by itself.
    return NAMES.filter((name) => name !== "cardsToHold" && due[name]);
  };

  for (const [what, { row, isTimed, due }] of Object.entries(CASES))
    test(`${what} is seen when it is due, and nothing else is`, async () => {
      for (const [ms, seen] of [
        [1, isTimed ? [] : due],
        [0, due],
      ] as const) {
        await forget(bench);
        assert.deepEqual(await flags(), []);
        await bench.execute(row(bench.id("x"), await bench.conversation(), ms));
        assert.deepEqual(await flags(), seen, `${ms} ms early`);
      }
    });

  test("what a process works on makes no conversation due until its lease is over", async () => {
    for (const what of [
      "a message no worker read",
      "an effect that is tried again",
      "a conversation that is looked at again",
    ]) {
      await forget(bench);
      const conversation = await bench.conversation();
      const row = CASES[what]?.row(bench.id("x"), conversation, 0);
      assert.ok(row);
      await bench.execute(row);
      const leased = (until: SQL): Promise<unknown> =>
        bench.execute(
          sql`update conversation set lease_owner = 'one', lease_until = ${until} where id = ${conversation}`,
        );
      await leased(sql`now() + interval '1 minute'`);
      assert.deepEqual(await flags(), [], what);
      await leased(sql`now() - interval '1 second'`);
      assert.deepEqual(await flags(), ["conversations"], what);
    }
  });

  test("an effect that a pause holds makes no conversation due until it is looked at again", async () => {
    await forget(bench);
    const conversation = await bench.conversation();
    await bench.execute(effect("held", conversation, { not_before: at(0), held_at: at(0) }));
    assert.deepEqual(await flags(), []);
    await bench.execute(sql`update effect set held_at = ${at(-60_000)}`);
    assert.deepEqual(await flags(), ["conversations"]);
  });

  test("an approved effect that is tried again may need a status line on its card", async () => {
    await forget(bench);
    const conversation = await bench.conversation();
    await bench.execute(effect("late", conversation, { approval_id: "a", attempts: 1 }));
    assert.deepEqual(await flags(), ["cardsWithStatus"]);
    assert.equal((await look())?.cardsToHold, true);
  });

  test("tells the reports planned for later, and the settings asked for", async () => {
    await forget(bench);
    await bench.execute(
      inserted("digest", { key: "later", kind: "day", day: "2026-03-02", due_at: at(HOUR) }),
    );
    await bench.execute(
      sql`insert into setting (name, value) values ('asked', '{"a":1}'), ('other', '2')`,
    );
    const due = await look("one", ["asked", "not there"]);
    assert.deepEqual(due?.plannedReports, { later: later(HOUR) });
    assert.deepEqual(due.settings, { asked: { a: 1 } });
  });

  test("one holder leads; another is told nothing until the first is gone or leaves", async () => {
    await forget(bench);
    assert.ok(await look("one"));
    assert.equal(await look("other"), null);
    assert.ok(await look("one"));
    await bench.execute(sql`update duty set until = now() - interval '1 millisecond'`);
    assert.ok(await look("other"));
    assert.equal(await look("one"), null);
    await bench.run(announceFreeLead, { name: "lead", holder: "other" });
    assert.ok(await look("one"));
  });

  test("the lead is renewed when half of its time is over, and not written before", async () => {
    await forget(bench);
    const leftMs = () =>
      bench.count(sql`select extract(epoch from until - clock_timestamp()) * 1000 from duty`);
    await look();
    await bench.execute(sql`update duty set until = now() + interval '2 seconds'`);
    await look();
    assert.ok((await leftMs()) <= 2_000);
    await bench.execute(sql`update duty set until = now() + interval '1 second'`);
    await look();
    assert.ok((await leftMs()) > 2_000);
    assert.deepEqual(
      await bench.rows(z.object({ holder: z.string() }), sql`select holder from duty`),
      [{ holder: "one" }],
    );
  });
});

async function forget(bench: StoreBench): Promise<void> {
  await bench.execute(
    sql`truncate approval, hint, effect, attachment, digest, audit_pending, turn_usage, resolution, duty, setting, conversation cascade`,
  );
}
