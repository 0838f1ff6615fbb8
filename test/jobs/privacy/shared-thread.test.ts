/** Where others write too, an erasure of one person leaves what is about the others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { inSlack } from "./busy-desk.ts";
import { erasing } from "./erasing.ts";

onDesk("an erasure in a thread of two people", (bench) => {
  const { erase, leftOf } = erasing(bench, () => memoryBlobs());

  test("what webhooks have not been told of the other, notes about them, and their work that waits for people stay", async () => {
    bench.answer(() => replying("hello", { accountData: false }));
    const thread = { channel: "slack", thread: "C1" } as const;
    const shared = await bench.write("giraffe", { ...thread, message: inSlack("bob") });
    const early = bench.now();
    bench.skip(3_600_000);
    await bench.write("zebra", { ...thread, message: inSlack("ann") });
    await bench.execute(sql`insert into webhook (id, url, events, secret, created_at)
      values ('w', 'https://a.test', 'effect.done', 's', ${early})`);
    await bench.execute(sql`insert into webhook_delivery (id, webhook_id, event, conversation_id, body, next_at, created_at)
      values ('msg_1', 'w', 'effect.done', ${shared}, '{"effect":"refund of Bob"}', ${early}, ${early})`);
    await bench.execute(sql`insert into case_note (id, conversation_id, author, name, text, at)
      values ('n', ${shared}, 'lea@ourshop.test', 'Lea', 'giraffe: Bob gets a new one on Monday', ${early})`);
    bench.skip(3_600_000);
    const late = bench.now();
    await bench.execute(sql`insert into hint (channel, event_id, conversation_id, kind, payload, received_at, state, error)
      values ('slack', 'e9', ${shared}, 'message', '{"channel":"slack","eventId":"e9","kind":"message","conversationKeys":["k"],"data":"giraffe again","keepBody":false}', ${late}, 'failed', 'x')`);
    await bench.execute(sql`insert into dead_letter (id, conversation_id, kind, reason, hints, effects, messages, at)
      values ('dl_bob', ${shared}, 'unreadable', 'x', jsonb_build_array((select max(id) from hint)), '[]', '[]', ${late})`);
    await erase("slack:U0000ANN");
    const left = async (row: RegExp) => (await leftOf(row)).length;
    assert.deepEqual(
      {
        delivery: await left(/^webhook_delivery .*refund of Bob/),
        note: await left(/^case_note .*giraffe/),
        deadLetter: await left(/^dead_letter .*dl_bob/),
      },
      { delivery: 1, note: 1, deadLetter: 1 },
    );
  });
});
