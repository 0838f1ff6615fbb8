/** A customer who writes about one order in more conversations than a case takes: no message is left without a card. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { MEMBERS_MAX } from "#store/cases/members.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

const CONVERSATIONS = MEMBERS_MAX + 4;

const Key = z.object({ key: z.string() });
const Size = z.object({ members: z.coerce.number() });

onDesk("a full case", (bench) => {
  const keysOf = async (query: ReturnType<typeof sql>) =>
    (await bench.parts.store.run((transaction) => rowsOf(transaction, Key, query)))
      .map(({ key }) => key)
      .toSorted();

  test("takes no further conversation, and every message waits on a card", async () => {
    bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
    bench.answer(() =>
      replying("We look into it.", {
        toolResults: [
          {
            tool: "get_order_status",
            result: { found: true, order: { order_id: "789", item: "kettle" } },
          },
        ],
      }),
    );
    for (let count = 0; count < CONVERSATIONS; count += 1)
      await bench.write("Where is order 789?", { thread: `m${count}` });
    await bench.tick();
    const sizes = await bench.parts.store.run((transaction) =>
      rowsOf(
        transaction,
        Size,
        sql`select count(*) as members from case_member where case_id is not null group by case_id`,
      ),
    );
    assert.ok(
      sizes.every(({ members }) => members <= MEMBERS_MAX),
      JSON.stringify(sizes),
    );
    const open = await keysOf(
      sql`select key from message where author_kind = 'requester' and outcome is null`,
    );
    assert.equal(open.length, CONVERSATIONS);
    const asked = await keysOf(
      sql`select jsonb_array_elements_text(answers) as key from approval where state = 'pending'`,
    );
    assert.deepEqual(asked, open);
  });
});
