/** An answer in the chat is a row of our own: it is written in the commit that decides it, or not at all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chat } from "#adapters/chat/index.ts";
import { SUBJECT_HEADER } from "#adapters/chat/identity.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { setPause } from "#jobs/context/pause.ts";
import { intake } from "#jobs/intake.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { sql } from "#store/db/drizzle.ts";
import { rowsOf } from "#store/db/database.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { z } from "zod";

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
      const [row] = await bench.parts.store.run((transaction) =>
        rowsOf(
          transaction,
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
        ),
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
      bench.skip(6_000);
      await bench.tick();
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
      const pause = (paused: boolean): Promise<unknown> =>
        bench.parts.store.run((transaction) =>
          setPause(
            transaction,
            { scope: "chat", paused, by: "sam", auditedAs: "p:sam" },
            bench.now(),
          ),
        );
      const id = await write("m1", "Where is my order 456?");
      await pause(true);
      await processConversation(bench.parts, id);
      const held = await stored(id);
      assert.deepEqual(held?.lines, []);
      assert.deepEqual(held.effects, [{ state: "intended", attempts: 0, finished: false }]);
    });
  },
  DATABASES,
);
