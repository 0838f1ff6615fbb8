/** Two people who proved themselves in the same browser are two people; one account with two addresses is one person. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { sql } from "#store/db/drizzle.ts";
import { personNames } from "#store/people/person-names.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { by, PROVEN } from "./busy-desk.ts";
import { erasing } from "./erasing.ts";

onDesk("a chat in which two people entered their codes", (bench) => {
  const { erase, leftOf, parts } = erasing(bench, () => memoryBlobs());
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
  const namesFound = async (typed: string) =>
    (await findPersonTraces(parts(), personNames(typed))).person.names.map(({ value }) => value);

  test("the one who is erased does not take the other's mails along", async () => {
    bench.answer(() => replying("hello", { accountData: false }));
    await bench.write("giraffe by mail", { thread: "t-bob", message: by("bob") });
    await bench.write("zebra", chat("ann@customer.test", "k1"));
    await bench.write("and now my husband asks", chat("bob@other.test", "k2"));
    const names = await namesFound("ann@customer.test");
    await erase("ann@customer.test");
    assert.deepEqual(
      {
        hasBob: names.includes("bob@other.test"),
        bobsMail: (await leftOf(/^message_content .*giraffe by mail/)).length,
      },
      { hasBob: false, bobsMail: 1 },
    );
  });

  test("what a teammate wrote under a visitor's id makes the browser nobody else's", async () => {
    bench.answer(() => replying("hello", { accountData: false }));
    await bench.write("zebra", chat("ann@customer.test", "k1"));
    await bench.write("giraffe", chat("bob@other.test", "k2"));
    await bench.execute(sql`update message set author_kind = 'teammate' where key = 'k2'`);
    const names = await namesFound("chat:visitor:same-browser");
    assert.equal(names.includes("ann@customer.test"), true);
  });

  test("a Zendesk user who changed their address is followed to the mails of both", async () => {
    bench.answer(() => replying("hello", { accountData: false }));
    const moved = "ann@moved.test";
    const author = { kind: "requester" as const, id: "zendesk:user:7", name: "Ann Fields" };
    for (const email of ["ann@customer.test", moved])
      await bench.write("zebra in a ticket", {
        channel: "zendesk",
        thread: email,
        message: { ...by("ann"), author, identity: PROVEN(email) },
      });
    await bench.write("zebra by mail", {
      thread: "t-moved",
      message: {
        ...by("ann"),
        author: { ...author, id: `email:${moved}` },
        identity: PROVEN(moved),
      },
    });
    await erase("ann@customer.test");
    assert.deepEqual(await leftOf(/^message_content .*zebra/), []);
  });
});
