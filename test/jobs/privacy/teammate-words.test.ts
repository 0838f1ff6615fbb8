/** A teammate's name and address go from everything they did, not only from cards. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { by } from "./busy-desk.ts";
import { erasing } from "./erasing.ts";

onDesk("an erasure of a teammate", (bench) => {
  const { erase, leftOf } = erasing(bench, () => memoryBlobs());

  test("their name stands nowhere afterwards", async () => {
    bench.answer(() => replying("giraffe"));
    const id = await bench.write("giraffe", { message: by("bob") });
    await bench.press("reject", id, "sam");
    await bench.pause("email", true, "Sam Okafor");
    await bench.write("I am on it.\nSam Okafor", {
      thread: "t9",
      message: {
        author: { kind: "teammate", id: "email:sam@ourshop.test", name: "Sam Okafor" },
        identity: { level: 0, method: "none", reason: "a teammate", handle: { kind: "none" } },
      },
    });
    await bench.execute(sql`insert into rehearsal (id, source, model, is_rehearsal_model, policy_version, state, tickets, started_at)
      values ('r', 'zendesk', 'm', false, 'v', 'done', 1, now())`);
    await bench.execute(sql`insert into rehearsed_ticket (rehearsal_id, ticket_id, played, verdict, played_at)
      values ('r', '1', '{}', '{"right":"draft","by":"Sam Okafor","note":"","at":"2026-11-20T10:00:00.000Z"}', now())`);
    await bench.execute(sql`insert into written_page (name, version, title, body, owner, author, at)
      values ('p', 1, 't', 'b', 'sam@ourshop.test', 'sam@ourshop.test', now())`);
    await bench.execute(
      sql`insert into digest (key, kind, person, day, due_at) values ('d', 'day', 'sam@ourshop.test', '2026-11-20', now())`,
    );
    await erase("sam@ourshop.test");
    const places = (await leftOf(/sam@ourshop|Sam Okafor/i)).map((row) => row.split(" ")[0]);
    assert.deepEqual([...new Set(places)], []);
  });
});
