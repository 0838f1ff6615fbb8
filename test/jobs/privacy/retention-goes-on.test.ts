/** A file that cannot be removed keeps no other text beyond its time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { runRetention } from "#jobs/privacy/retention.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("retention beside a bucket that refuses to delete", (bench) => {
  test("messages, cards and chats go all the same", async () => {
    bench.answer(() => replying("zebra"));
    const id = await bench.write("zebra");
    await bench.execute(
      sql`update hint set body_ref = '00000000-0000-4000-8000-000000000001' where conversation_id = ${id}`,
    );
    await bench.execute(
      sql`insert into transcript (key, conversation_id, text, at) values ('k', 'chat:u1:abcdefgh', 'zebra in a chat', ${bench.now()})`,
    );
    bench.skip(400 * 86_400_000);
    const blobs = {
      ...memoryBlobs(),
      async *list() {},
      remove: async () => {
        throw new Error("403 AccessDenied: s3:DeleteObject");
      },
    };
    const { store, clock, log } = bench.parts;
    const keep = { contentDays: 90, auditMonths: 24 };
    for (let round = 0; round < 10; round += 1) {
      await runRetention({ store, blobs, clock, log, keep }).catch(() => null);
      bench.skip(3_600_000);
    }
    const left = await bench.rows(z.object({ text: z.string() }), sql`select text from transcript`);
    assert.deepEqual(left, []);
  });
});
