/** A ticket on the other side of a hand-over in which only somebody else wrote is not the first person's. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { personFile } from "#jobs/privacy/person-request.ts";
import { personNames } from "#store/people/person-names.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { by } from "./busy-desk.ts";
import { erasing } from "./erasing.ts";

onDesk("a ticket beside a person's conversation", (bench) => {
  const blobs = memoryBlobs();
  const { erase, leftOf, parts } = erasing(bench, () => blobs);
  const handedOver = async () => {
    bench.answer(() => replying("hello", { accountData: false }));
    const mail = await bench.write("zebra", { thread: "t:ann", message: by("ann") });
    // In the ticket an agent asked Bob, of the workshop, who answered there.
    const ticket = await bench.write("giraffe, my private number is 0170 1234567", {
      channel: "zendesk",
      thread: "7",
      message: by("bob"),
    });
    await bench.execute(sql`update conversation set linked_id = ${ticket} where id = ${mail}`);
  };

  test("what another person wrote there is not in the file that the first one gets", async () => {
    await handedOver();
    const found = await findPersonTraces(parts(), personNames("ann@customer.test"));
    const request = {
      ...parts(),
      listFile: join("/nowhere", "list"),
      spansFile: null,
      keep: { contentDays: 90, auditMonths: 24 },
    };
    assert.doesNotMatch(JSON.stringify(await personFile(request, found)), /giraffe|Bob/);
  });

  test("nor is it erased with the first one", async () => {
    await handedOver();
    await erase("ann@customer.test");
    assert.notDeepEqual(await leftOf(/^message_content .*giraffe/), []);
  });
});
