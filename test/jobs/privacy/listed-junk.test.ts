/** The list of junk names its senders on the desk; an erasure says where. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { personNames } from "#store/people/person-names.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { by } from "./busy-desk.ts";
import { erasing } from "./erasing.ts";

onDesk("an erasure of somebody whose mail was set aside", (bench) => {
  const { parts } = erasing(bench, () => memoryBlobs());
  test("names the alert that lists it, wherever its first mail came", async () => {
    bench.answer(() => replying("hello"));
    const bob = await bench.write("giraffe", { thread: "t1", message: by("bob") });
    const ann = await bench.write("zebra", { thread: "t2", message: by("ann") });
    const now = bench.now();
    await bench.execute(sql`
      insert into effect (key, conversation_id, bundle, position, target, operation, action, facts, request_digest, state, ref, approved_by, not_before, created_at)
      values ('alert:junk', ${bob}, 'b', 0, 'desk', 'alert', '{"target":"desk","operation":"alert","arguments":{"text":"x","people":[]}}', '[]', '', 'done', 'C1:171', 'policy', ${now}, ${now})`);
    for (const id of [bob, ann])
      await bench.execute(
        sql`insert into junk (conversation_id, kind, why, list_key, at) values (${id}, 'sales', 'w', 'alert:junk', ${now})`,
      );
    const { alerts } = await findPersonTraces(parts(), personNames("ann@customer.test"));
    assert.ok(alerts.includes("C1:171"), alerts.join());
  });
});
