/** Moving kept mails to another place: all of them, again without harm, and the old place is the wrong one afterwards. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bucketBlobs } from "#store/blobs/bucket.ts";
import { diskBlobs } from "#store/blobs/folder.ts";
import { copyBlobs, finishMove } from "#store/blobs/move.ts";
import { sharedPlace } from "#store/blobs/shared-place.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { S3_KEY, type S3StandIn, startS3 } from "#test/support/s3.ts";

onDesk("moving kept mails", (bench) => {
  const { store } = bench.parts;
  const execute = (query: ReturnType<typeof sql>) =>
    store.run((transaction) => transaction.execute(query));
  let s3: S3StandIn;
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "deskhand-move-"));
    s3 = await startS3();
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await s3[Symbol.asyncDispose]();
  });

  test("into a bucket: while Deskhand works, again, and the last time with every one stopped", async () => {
    const from = diskBlobs(folder);
    const to = bucketBlobs({
      endpoint: s3.endpoint,
      region: "eu-central-1",
      bucket: s3.bucket,
      prefix: "moved/",
      accessKeyId: S3_KEY.id,
      secretAccessKey: S3_KEY.secret,
      encryption: null,
    });
    await sharedPlace(store, from).begin();
    const keep = async (words: string): Promise<string> => {
      await bench.write(words);
      const ref = await from.put(new TextEncoder().encode(words));
      await execute(sql`update hint set body_ref = ${ref} where id = (select max(id) from hint)`);
      return ref;
    };
    const first = await keep("first");
    const told: string[] = [];
    const say = (line: string): void => void told.push(line);
    assert.deepEqual(await copyBlobs(store, { from, to }, say), { copied: 1, there: 0, gone: [] });
    const second = await keep("second");
    const lost = randomUUID();
    await bench.write("third");
    await execute(sql`update hint set body_ref = ${lost} where id = (select max(id) from hint)`);
    await execute(
      sql`insert into heartbeat (worker, at, seen_at, stopped) values ('another', now(), now(), false)`,
    );
    const places = { from, to, worker: null };
    await assert.rejects(finishMove(store, places, say), { code: "store.in_use" });
    assert.equal(await sharedPlace(store, from).problem(), null, "nothing changed");
    await execute(sql`update heartbeat set stopped = true`);
    s3.faults.forbidden = true;
    await assert.rejects(finishMove(store, places, say), { code: "store.unavailable" });
    assert.equal(await sharedPlace(store, from).problem(), null, "nothing changed");
    s3.faults.forbidden = false;
    assert.deepEqual(await finishMove(store, places, say), { copied: 1, there: 1, gone: [lost] });
    for (const [ref, words] of [
      [first, "first"],
      [second, "second"],
    ] as const)
      assert.equal(Buffer.from(await to.get(ref)).toString(), words);
    assert.equal(await sharedPlace(store, to).problem(), null);
    assert.match((await sharedPlace(store, from).problem()) ?? "", /is not the place for mails/u);
    assert.ok(told.length > 0, "a long move shows where it is");
  });
});
