/** The resolution ledger on a database: kept up turn by turn it is what the raw events say, in any order of arrival. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import type { Message, Signal } from "#core/values/message.ts";
import { decideResolutions } from "#jobs/reports/resolutions.ts";
import { claimLease } from "#store/conversations/lease.ts";
import { recordTurn } from "#store/conversations/record-turn.ts";
import { addSignals } from "#store/conversations/messages.ts";
import { rowsOf, type Store } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { messageOf, migratedDatabase, type OpenedStore } from "#test/store/bench.ts";
import { runs } from "#test/support/tiers.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

const DAY = 86_400_000;
const START = Date.parse("2026-03-01T10:00:00.000Z");
const QUIET = 7 * DAY;

/** One thing that happens in one of a person's conversations, with the day it happened and the turn it came in. */
interface Happening {
  readonly where: number;
  readonly day: number;
  readonly what:
    | "asks"
    | "wants pink"
    | "asks of 456"
    | "thanks"
    | "bot"
    | "person"
    | "question"
    | "solved"
    | "rated";
}

const Happening: fc.Arbitrary<Happening> = fc.record({
  where: fc.integer({ min: 0, max: 2 }),
  day: fc.integer({ min: 0, max: 30 }),
  what: fc.constantFrom(
    "asks",
    "asks of 456",
    "thanks",
    "bot",
    "person",
    "question",
    "solved",
    "rated",
  ),
});

const TEXTS = {
  asks: "Where is my parcel?",
  "asks of 456": "Where is order 456?",
  "wants pink": "Do you sell headphones in pink with leather cushions?",
  thanks: "Thanks a lot!",
  bot: "It arrives tomorrow.",
  person: "It arrives tomorrow, I looked it up.",
  question: "Which colour would you like?",
} as const;

const AUTHORS = {
  asks: "requester",
  "asks of 456": "requester",
  "wants pink": "requester",
  thanks: "requester",
  bot: "bot",
  person: "teammate",
  question: "bot",
} as const;

describe("the resolution ledger", () => {
  const opened: { database?: OpenedStore } = {};
  const counted = { people: 0 };
  const store = (): Store => opened.database?.store ?? assert.fail("the database is not open");
  before(async () => void (opened.database = await migratedDatabase(MAIN_DATABASE)));
  after(() => opened.database?.close());

  const decide = (day: number) =>
    decideResolutions({
      store: store(),
      clock: { now: () => new Date(START + day * DAY + DAY / 2) },
      policy: { solvedAfterMs: QUIET },
    });

  /** Decides every conversation anew from its events, whatever is stored about it. */
  async function decideAll(day: number): Promise<void> {
    await store().run((transaction) =>
      transaction.execute(
        sql`insert into resolution (conversation_id, due_at) select id, to_timestamp(0) from conversation
            on conflict (conversation_id, place) do update set due_at = excluded.due_at`,
      ),
    );
    await decide(day);
  }

  async function write(
    person: string,
    { where, day, what }: Happening,
    key: string,
  ): Promise<void> {
    const id = `${person}-${where}`;
    const at = new Date(START + day * DAY);
    await store().run(async (transaction) => {
      await transaction.execute(
        sql`insert into conversation (id, channel, created_at, updated_at) values (${id}, 'email', now(), now()) on conflict do nothing`,
      );
      if (what === "solved" || what === "rated") {
        const signal: Signal =
          what === "solved"
            ? { kind: "solved", key, at: at.toISOString(), actor: "team", automatic: true }
            : { kind: "rated", key, at: at.toISOString(), score: "good", comment: "" };
        await addSignals(transaction, id, [signal]);
      }
      const lease = await claimLease(transaction, { conversationId: id, owner: key, leaseMs: 1 });
      assert.ok(lease !== null);
      await recordTurn(
        transaction,
        lease,
        {
          owner: "bot",
          hints: [],
          messages: what === "solved" || what === "rated" ? [] : [messageBy(person, what, key, at)],
          change: {},
          outcomes: new Map(),
          holdsPause: false,
          chat: null,
          caseEntry: null,
          leavesCase: false,
        },
        at,
      );
      await transaction.execute(
        sql`update conversation set lease_owner = null, lease_until = null where id = ${id}`,
      );
    });
  }

  function messageBy(person: string, what: keyof typeof TEXTS, key: string, at: Date): Message {
    const kind = AUTHORS[what];
    const author = { kind, id: kind === "requester" ? `email:${person}` : kind, name: "" };
    return messageOf(key, { author, text: TEXTS[what], sentAt: at.toISOString() });
  }

  const rows = (person: string) =>
    store().run((transaction) =>
      rowsOf(
        transaction,
        z.object({ row: z.string() }),
        sql`select concat_ws(' ', split_part(conversation_id, '-', 2), place, coalesce(kind, 'open'), reason, ended_at,
              solved_at, split_part(continued_in, '-', 2)) as row
            from resolution where conversation_id like ${person === "" ? "%" : `${person}-%`} order by conversation_id, place`,
      ),
    );

  test("is what the raw events say, in whatever order they came in and whenever it was decided in between", async () => {
    const history = fc.array(Happening, { minLength: 1, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.nat({ max: 99 }), { minLength: 8, maxLength: 8 }),
        async (events, numbers) => {
          const [one, other] = [`p${(counted.people += 1)}`, `p${(counted.people += 1)}`];
          const named = events.map((event, place) => ({
            event,
            key: `k${place}`,
            by: numbers[place] ?? 0,
          }));
          for (const { event, key } of named) await write(one, event, `${one}${key}`);
          await decide(60);
          for (const { event, key, by } of named.toSorted((a, b) => a.by - b.by)) {
            await write(other, event, `${other}${key}`);
            if (by % 3 === 0) await decide(event.day);
          }
          await decide(60);
          // What one conversation marks in another is decided with the next look.
          await decide(60);
          assert.deepEqual(await rows(other), await rows(one));
        },
      ),
      { numRuns: runs(10), endOnFailure: true },
    );
    const kept = await rows("");
    assert.ok(kept.length > 0);
    await decideAll(61);
    assert.deepEqual(await rows(""), kept);
  });

  test("what comes late decides those anew that it may go on with, and none that had been quiet for long enough", async () => {
    for (const person of ["late", "after"]) {
      await write(person, { where: 0, day: 1, what: "asks of 456" }, `${person}-asks`);
      await write(person, { where: 0, day: 1.5, what: "bot" }, `${person}-answer`);
    }
    await decide(20);
    await write("late", { where: 1, day: 5, what: "asks of 456" }, "late-again");
    await write("after", { where: 1, day: 15, what: "asks of 456" }, "after-again");
    await decide(21);
    const due = await store().run((transaction) =>
      rowsOf(
        transaction,
        z.object({ id: z.string() }),
        sql`select conversation_id as id from resolution where due_at <= ${new Date(START + 21.5 * DAY)}`,
      ),
    );
    assert.deepEqual(due, [{ id: "late-0" }]);
    await decide(21);
    const [late] = await rows("late");
    assert.match(late?.row ?? "", /went on elsewhere .*1$/);
    const [after] = await rows("after");
    assert.match(after?.row ?? "", /^0 0 durable/);
  });
});
