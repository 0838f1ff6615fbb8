/** A file that cannot be removed keeps no other text beyond its time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { retentionLines, runRetention } from "#jobs/privacy/retention.ts";
import { lastRetentionRun } from "#store/privacy/retention.ts";
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
      remove: async (): Promise<undefined> => {
        throw new Error("403 AccessDenied: s3:DeleteObject");
      },
    };
    const { store, clock, log } = bench.parts;
    const told: string[] = [];
    const desk = { notify: async (text: string) => void told.push(text) };
    const keep = { contentDays: 90, auditMonths: 24 };
    const rounds = async (count: number) => {
      for (let round = 0; round < count; round += 1) {
        await runRetention({ store, blobs, clock, log, desk, keep }).catch(() => null);
        bench.skip(3_600_000);
      }
    };
    await rounds(10);
    const left = await bench.rows(z.object({ text: z.string() }), sql`select text from transcript`);
    assert.deepEqual(left, []);

    const lines = async () =>
      retentionLines(await store.run(lastRetentionRun), keep, bench.now()).join("\n");
    assert.match(
      await lines(),
      /Not removed since .*: raw mails left behind \(1 file.*AccessDenied/,
    );
    assert.deepEqual(told, []);
    await rounds(40);
    assert.equal(told.length, 2, "after a day, and a day later");
    assert.match(told[0] ?? "", /raw mails left behind/);
    blobs.remove = async () => undefined;
    await rounds(30);
    assert.equal(told.length, 2);
    assert.doesNotMatch(await lines(), /Not removed/);
  });
});
