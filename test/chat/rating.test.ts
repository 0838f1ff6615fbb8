/** A rating given in the chat window ends where those of the help desk do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { chat } from "#adapters/chat/index.ts";
import { SUBJECT_HEADER } from "#adapters/chat/identity.ts";
import { intake } from "#jobs/intake.ts";
import { rowsOf } from "#store/db/database.ts";
import { onDesk } from "#test/jobs/bench.ts";

const Row = z.object({
  rating: z.string().nullable(),
  stars: z.int().nullable(),
  source: z.string().nullable(),
});

onDesk("a rating given in the chat", (bench) => {
  test("is known of the conversation, the last one counts, and it is not answered", async () => {
    const channel = chat({ transcript: { write: async () => undefined, has: async () => true } });
    bench.connect(channel);
    const conversation = "a-conversation-of-ann";
    const send = async (body: object) => {
      bench.skip(1_000);
      const { conversationIds } = await intake(bench.parts, channel, {
        source: "http",
        headers: { [SUBJECT_HEADER]: "u123" },
        body: new TextEncoder().encode(JSON.stringify({ conversation, ...body })),
        receivedAt: bench.now(),
      });
      await bench.wake(conversationIds[0] ?? "");
      return conversationIds[0] ?? "";
    };
    const turns = { count: 0 };
    bench.answer(() => {
      turns.count += 1;
      throw new Error("no model is asked for a rating");
    });
    const rating = { score: "good", stars: null, comment: "Thanks" };
    const id = await send({ id: "1", ...rating });
    const known = async () =>
      (
        await bench.parts.store.run((transaction) =>
          rowsOf(
            transaction,
            Row,
            sql`select rating, rating_stars as stars, rating_source as source from conversation where id = ${id}`,
          ),
        )
      )[0];
    assert.deepEqual(await known(), { rating: "good", stars: null, source: "rating" });
    await send({ id: "2", score: "bad", stars: 2, comment: "" });
    assert.deepEqual(await known(), { rating: "bad", stars: 2, source: "survey" });
    assert.equal(turns.count, 0);
    assert.deepEqual(bench.replies(), []);
  });
});
