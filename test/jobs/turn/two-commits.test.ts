/** A turn writes in two commits, and one line in a chat is written with the second. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { intake } from "#jobs/intake.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { rowsOf, type Store } from "#store/db/database.ts";
import { effectsInFlight } from "#store/effects/ledger.ts";
import type { Message } from "#core/values/message.ts";
import { onDesk } from "#test/jobs/bench.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { letterFrom, memoryTarget } from "#test/jobs/memory-ports.ts";
import { escalating, refundedAlone, replying } from "#test/jobs/turn-results.ts";
import { chat } from "#adapters/chat/index.ts";
import { SUBJECT_HEADER } from "#adapters/chat/identity.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { DATABASES } from "#test/support/deskhand.ts";

const Writes = z.object({ writes: z.boolean() });

/** A store that notes for each transaction, when it has ended, whether it wrote: only then it has an id of its own. */
function counting(store: Store): { readonly store: Store; readonly ended: boolean[] } {
  const ended: boolean[] = [];
  return {
    ended,
    store: {
      ...store,
      async run(work, ...given) {
        const [value, writes] = await store.run(async (transaction) => {
          const result = await work(transaction, ...given);
          const [row] = await rowsOf(
            transaction,
            Writes,
            sql`select pg_current_xact_id_if_assigned() is not null as writes`,
          );
          return [result, row?.writes === true] as const;
        });
        ended.push(writes);
        return value;
      },
    },
  };
}

/** A call that went out: how many commits there had been, and whether the last transaction was one of them. */
interface Called {
  readonly operation: string;
  readonly commits: number;
  readonly straight: boolean;
}

/** Takes one message in, wakes its conversation, and gives what had been committed when each call went out. */
async function callsAfterWake(
  bench: JobBench,
  channel: ChannelName,
  historyOf: (message: Message) => readonly Message[] | null = () => null,
): Promise<readonly Called[]> {
  const source = bench.channel(channel);
  const receivedAt = new Date(bench.now().getTime() - 60_000);
  const message = letterFrom("m1", "Please refund order 789", receivedAt);
  const taken = await intake(bench.parts, source, {
    source: "bench",
    headers: {},
    body: new TextEncoder().encode(JSON.stringify({ thread: "t1", message })),
    receivedAt,
  });
  const [id = ""] = taken.conversationIds;
  const history = historyOf(message);
  if (history !== null) bench.histories.set(id, history);
  const { store, ended } = counting(bench.parts.store);
  const calls: Called[] = [];
  bench.faults.commit = ({ action }) => {
    const commits = ended.filter(Boolean).length;
    calls.push({ operation: action.operation, commits, straight: ended.at(-1) === true });
  };
  const parts: JobContext = Object.defineProperties(
    { ...bench.parts },
    { ...Object.getOwnPropertyDescriptors(bench.parts), store: { value: store } },
  );
  await processConversation(parts, id);
  return calls;
}

/** What a test compares: there is nothing between the last commit and the call. */
function straight(operation: string, commits: number): Called {
  return { operation, commits, straight: true };
}

onDesk("between a wake and the call it leads to", (bench) => {
  const refundByPolicy = () => bench.answer(() => refundedAlone());
  const withTurns = (waitMs: number) =>
    bench.replace({ ...memoryTarget("chat", bench), reserve: async () => waitMs });

  test("are two commits for an answer in the chat: one that claims and reads, one that writes turn and effect", async () => {
    assert.deepEqual(await callsAfterWake(bench, "chat"), [straight("reply", 2)]);
  });

  test("a look that brings nothing is no turn: it ends its hint and its lease, and the conversation stays as it was", async () => {
    await callsAfterWake(bench, "chat");
    const Row = z.object({
      id: z.string(),
      updatedAt: z.string(),
      holder: z.string().nullable(),
      unread: z.int(),
    });
    const read = sql`select c.id, c.updated_at::text as "updatedAt", c.lease_owner as holder,
      (select count(*)::int from hint where state = 'unread') as unread from conversation c`;
    const row = async () => {
      const [found] = await bench.rows(Row, read);
      return found ?? assert.fail("there is no conversation");
    };
    const before = await row();
    await bench.pass(1_000);
    await bench.execute(sql`update hint set state = 'unread'`);
    await processConversation(bench.parts, before.id);
    assert.deepEqual(await row(), { ...before, holder: null, unread: 0 });
  });

  test("are two for a refund that policy approves; its reply begins with the one that books it", async () => {
    refundByPolicy();
    assert.deepEqual(await callsAfterWake(bench, "chat"), [
      straight("refund", 2),
      straight("reply", 3),
    ]);
  });

  test("are two also where the channel keeps its history, which is asked once more before the second", async () => {
    refundByPolicy();
    const calls = await callsAfterWake(bench, "zendesk", (message) => [message]);
    assert.deepEqual(calls, [straight("refund", 2), straight("reply", 3)]);
  });

  test("are two for the word that people take over; what tells them begins with the commit that books it", async () => {
    bench.answer(() => replying("", { ending: escalating("asks for a person") }));
    const { targets } = bench.parts;
    const withoutHelpdesk = new Map(targets);
    withoutHelpdesk.delete("zendesk");
    Object.assign(bench.parts, { targets: withoutHelpdesk });
    // What an alert says of its case is read right before it goes out.
    const alert = { operation: "alert", commits: 3, straight: false };
    assert.deepEqual(await callsAfterWake(bench, "email"), [straight("reply", 2), alert]);
    Object.assign(bench.parts, { targets });
  });

  test("an unread message in the history keeps the effect from beginning with the turn", async () => {
    refundByPolicy();
    const calls = await callsAfterWake(bench, "zendesk", (message) => [
      message,
      { ...message, key: "m2", text: "No, please do not" },
    ]);
    assert.ok(calls.every(({ commits }) => commits > 2));
  });

  test("nothing goes out where its turn comes later", async () => {
    withTurns(60_000);
    assert.deepEqual(await callsAfterWake(bench, "chat"), []);
  });

  test("is one more for a reply after its refund where it may have to wait for its turn", async () => {
    refundByPolicy();
    withTurns(0);
    assert.deepEqual(await callsAfterWake(bench, "chat"), [
      straight("refund", 2),
      straight("reply", 4),
    ]);
  });

  test("a death loses nothing: what had begun is looked up at the next wake, and done once", async () => {
    refundByPolicy();
    const died: string[] = [];
    Object.assign(bench.parts, {
      crashPoint: (name: string) => {
        if (name !== "turn:after-commit" || died.length > 0) return;
        died.push(name);
        throw new Error("killed");
      },
    });
    await callsAfterWake(bench, "chat");
    assert.deepEqual(died, ["turn:after-commit"]);
    Object.assign(bench.parts, { crashPoint: () => undefined });
    const begun = await bench.parts.store.run(effectsInFlight);
    assert.deepEqual(
      begun.map(({ operation, attempts }) => [operation, attempts]),
      [["refund", 1]],
    );
    assert.equal(bench.left.length, 0);
    await bench.pass(6_000);
    await bench.pass(6_000);
    assert.deepEqual(
      bench.left.map(({ action }) => action.operation),
      ["refund", "reply"],
    );
  });
});

const State = z.object({
  lines: z.array(z.object({ text: z.string(), position: z.int() })),
  effects: z.array(z.object({ state: z.string(), attempts: z.int(), finished: z.boolean() })),
  messages: z.array(z.object({ kind: z.string(), outcome: z.string().nullable() })),
  isFree: z.boolean(),
  entries: z.array(z.string()),
});

onDesk(
  "an answer in the chat",
  (bench) => {
    /** A visitor writes into the chat; gives the conversation's id. */
    const write = async (message: string, text: string): Promise<string> => {
      bench.answer(() => replying("It is on its way."));
      const channel = chat({
        transcript: {
          write: () => assert.fail("the answer was written by a call of its own"),
          has: async () => false,
        },
      });
      bench.connect(channel);
      const { conversationIds } = await intake(bench.parts, channel, {
        source: "http",
        headers: { [SUBJECT_HEADER]: "u123" },
        body: new TextEncoder().encode(
          JSON.stringify({
            id: message,
            conversation: "a-chat-of-this-test",
            userId: "u123",
            text,
          }),
        ),
        receivedAt: new Date(bench.now().getTime() - 60_000),
      });
      return conversationIds[0] ?? "";
    };
    const stored = async (id: string) => {
      const [row] = await bench.rows(
        State,
        sql`select
            (select coalesce(json_agg(json_build_object('text', text, 'position', position) order by position), '[]')
               from transcript) as lines,
            (select coalesce(json_agg(json_build_object('state', state, 'attempts', attempts, 'finished', finished_at is not null)), '[]')
               from effect where operation = 'reply') as effects,
            (select coalesce(json_agg(json_build_object('kind', author_kind, 'outcome', outcome) order by id), '[]')
               from message) as messages,
            (select lease_owner is null from conversation where id = ${id}) as "isFree",
            (select coalesce(json_agg(kind order by id), '[]') from audit_pending) as entries`,
      );
      return row;
    };
    const answered = {
      effects: [{ state: "done", attempts: 1, finished: true }],
      isFree: true,
    };

    test("is there with the turn's own commit, which also ends the work", async () => {
      const id = await write("m1", "Where is my order 456?");
      await processConversation(bench.parts, id);
      const { lines, ...rest } = (await stored(id)) ?? assert.fail();
      assert.match(lines[0]?.text ?? "", /^It is on its way\./);
      assert.deepEqual(rest, {
        ...answered,
        messages: [
          { kind: "requester", outcome: "answered" },
          { kind: "bot", outcome: null },
        ],
        entries: ["intended", "turn", "done"],
      });
      await write("m2", "And now?");
      await processConversation(bench.parts, id);
      const after = await stored(id);
      assert.deepEqual(
        after?.lines.map(({ position }) => position),
        [1, 2],
      );
    });

    test("is not there when that commit fails, and once when it is decided again", async () => {
      const id = await write("m1", "Where is my order 456?");
      const crash = { at: "turn:before-commit" };
      Object.assign(bench.parts, {
        crashPoint: (name: string) => {
          if (name === crash.at)
            throw new DeskhandError("store.unavailable", "the connection is gone");
        },
      });
      await processConversation(bench.parts, id);
      const before = await stored(id);
      assert.deepEqual([before?.lines, before?.effects, before?.entries], [[], [], []]);
      crash.at = "";
      await bench.pass(6_000);
      const after = await stored(id);
      assert.deepEqual(after?.effects, answered.effects);
      assert.equal(after.lines.length, 1);
      Object.assign(bench.parts, { crashPoint: () => undefined });
    });

    test("is not there when the visitor wrote more meanwhile: both questions are answered together", async () => {
      const id = await write("m1", "Where is my order 456?");
      const asked: number[] = [];
      const other = bench.parts.agent;
      Object.assign(bench.parts, {
        agent: {
          ...other,
          run: async (input: { readonly unread: readonly unknown[] }) => {
            asked.push(input.unread.length);
            if (asked.length === 1) await write("m2", "And where is 789?");
            return replying("It is on its way.");
          },
        },
      });
      await processConversation(bench.parts, id);
      Object.assign(bench.parts, { agent: other });
      const after = await stored(id);
      assert.deepEqual(asked, [1, 2]);
      assert.equal(after?.lines.length, 1);
      assert.deepEqual(
        after.messages.map(({ kind, outcome }) => [kind, outcome]),
        [
          ["requester", "answered"],
          ["requester", "answered"],
          ["bot", null],
        ],
      );
    });

    test("waits for the end of a pause like every other effect", async () => {
      const id = await write("m1", "Where is my order 456?");
      await bench.pause("chat");
      await processConversation(bench.parts, id);
      const held = await stored(id);
      assert.deepEqual(held?.lines, []);
      assert.deepEqual(held.effects, [{ state: "intended", attempts: 0, finished: false }]);
    });
  },
  DATABASES,
);
