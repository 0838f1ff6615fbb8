/** A customer whom connected systems know by address is one customer on every channel, and their address goes with them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import type { IdentityEvidence } from "#core/values/identity.ts";
import { bindForSystems } from "#guard/identity/bind-requester.ts";
import { cutoffsAt, RETENTION_RULES } from "#store/privacy/retention.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { by } from "./busy-desk.ts";
import { erasing } from "./erasing.ts";

onDesk("a customer who signs in to the chat by address", (bench) => {
  const { erase, leftOf } = erasing(bench, () => memoryBlobs());
  const evidence = (handle: IdentityEvidence["handle"]): IdentityEvidence => ({
    level: 2,
    method: "m",
    reason: "r",
    handle,
  });

  test("is the same customer by mail and in the chat, for limits and cases", async () => {
    const bind = (handle: IdentityEvidence["handle"]) =>
      bindForSystems(evidence(handle), bench.shop, new AbortController().signal);
    const mailed = await bind({ kind: "email", email: "Carl@nowhere.test" });
    const chatted = await bind({ kind: "customer", customerId: "Carl@nowhere.test" });
    assert.equal(chatted.customerId, mailed.customerId);
  });

  const asked = async () => {
    const subject = "ann@customer.test";
    const reservations = [
      {
        limit: "each",
        subject,
        since: bench.now().toISOString(),
        minor: 500,
        countMax: 9,
        minorMax: null,
      },
    ];
    bench.answer(() =>
      replying("hello", { actions: [refundOf(500, { decision: { reservations } })] }),
    );
    const id = await bench.write("zebra", {
      channel: "chat",
      thread: `${subject}:random-name`,
      key: `chat:${subject}:random-name:m1`,
      message: {
        ...by("ann"),
        author: { kind: "requester", id: `chat:${subject}`, name: subject },
        identity: evidence({ kind: "customer", customerId: subject }),
      },
    });
    await bench.press("approve", id);
    await bench.pass(60_000);
    await bench.execute(sql`update effect
      set action = jsonb_set(action, '{arguments,customerId}', ${JSON.stringify(subject)}::jsonb) where operation = 'refund'`);
  };
  const places = async (pattern: RegExp) => [
    ...new Set((await leftOf(pattern)).map((row) => row.split(" ")[0])),
  ];

  test("after an erasure the address is in no booking and no change", async () => {
    await asked();
    await erase("ann@customer.test");
    assert.deepEqual(await places(/ann@customer/), []);
  });

  test("once the time for text is over the address is in no change", async () => {
    await asked();
    bench.skip(120 * 86_400_000);
    for (const rule of RETENTION_RULES)
      await bench.at((transaction) =>
        rule.remove(
          transaction,
          cutoffsAt(bench.now(), { contentDays: 90, auditMonths: 24 }),
          bench.now(),
        ),
      );
    assert.deepEqual(await leftOf(/^effect .*"customerId": "ann@customer/), []);
  });
});
