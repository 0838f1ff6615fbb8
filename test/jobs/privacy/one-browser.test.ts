/** Two people who proved themselves in the same chat, one after the other, are two people. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { personNames } from "#store/people/person-names.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { by, PROVEN } from "./busy-desk.ts";
import { erasing } from "./erasing.ts";

onDesk("a chat in which two people entered their codes", (bench) => {
  const { erase, leftOf, parts } = erasing(bench, () => memoryBlobs());
  test("the one who is erased does not take the other's mails along", async () => {
    bench.answer(() => replying("hello", { accountData: false }));
    await bench.write("giraffe by mail", { thread: "t-bob", message: by("bob") });
    const chat = (email: string, key: string) => ({
      channel: "chat" as const,
      thread: "visitor:same-browser",
      key,
      message: {
        author: {
          kind: "requester" as const,
          id: "chat:visitor:same-browser",
          name: "Chat visitor",
        },
        identity: { ...PROVEN(email), level: 3 as const, method: "code" },
      },
    });
    await bench.write("zebra", chat("ann@customer.test", "k1"));
    await bench.write("and now my husband asks", chat("bob@other.test", "k2"));
    const { person } = await findPersonTraces(parts(), personNames("ann@customer.test"));
    const names = person.names.map(({ value }) => value);
    await erase("ann@customer.test");
    assert.deepEqual(
      {
        hasBob: names.includes("bob@other.test"),
        bobsMail: (await leftOf(/^message_content .*giraffe by mail/)).length,
      },
      { hasBob: false, bobsMail: 1 },
    );
  });
});
