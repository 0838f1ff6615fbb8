/** An erasure finds all that is the person's, and touches no other person whose name only looks like theirs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { isWithoutTraces, findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { personNames } from "#store/people/person-names.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { by, PROVEN } from "./busy-desk.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { erasing } from "./erasing.ts";

onDesk(
  "an erasure by exact names",
  (bench) => {
    const { erase, leftOf, parts, rows } = erasing(bench, () => memoryBlobs());
    const execute = (query: ReturnType<typeof sql>) =>
      bench.parts.store.run((transaction) => transaction.execute(query));

    test("an address a code was asked for with goes, no matter who asked, and what has not begun is taken back", async () => {
      bench.answer(() => replying("giraffe", { accountData: false }));
      const conversation = await bench.write("giraffe", { thread: "visitor", message: by("bob") });
      const code = (state: string, address: string) =>
        execute(sql`
        insert into effect (key, conversation_id, bundle, position, target, operation, action, facts, request_digest, state, approved_by, not_before, created_at)
        values (${`code:${state}:${address}`}, ${conversation}, 'codes', 0, 'identity', 'send_code', ${JSON.stringify(
          {
            target: "identity",
            operation: "send_code",
            arguments: {
              challengeId: `k-${state}`,
              conversationId: conversation,
              address,
              answers: ["m"],
            },
          },
        )}::jsonb, '[]'::jsonb, '', ${state}, 'policy', ${bench.parts.clock.now()}, ${bench.parts.clock.now()})`);
      for (const state of ["done", "intended", "executing"]) await code(state, "Ann@Customer.test");
      await code("done", "joann@customer.test");
      await execute(sql`
        insert into challenge (id, conversation_id, author_id, address_hash, email_on_file, code_hash, state, created_at, expires_at)
        values ('k-done', ${conversation}, 'chat:visitor:v', 'h', 'ann@customer.test', 'c', 'open', ${bench.parts.clock.now()}, ${bench.parts.clock.now()})`);

      const found = await findPersonTraces(parts(), personNames("ann@customer.test"));
      assert.equal(found.codes, 4);
      assert.equal(isWithoutTraces(found), false);
      // One is on its way; once that is over, the same command takes it as well.
      assert.deepEqual((await erase()).busy, [conversation]);
      await execute(sql`update effect set state = 'done' where state = 'executing'`);
      assert.deepEqual((await erase()).busy, []);
      assert.deepEqual(await leftOf(/^(effect|challenge) .*[" ]ann@customer/i), []);
      assert.equal((await leftOf(/^effect .*joann@customer/)).length, 1);
      assert.equal((await leftOf(/^effect .*"withdrawn"/)).length, 1);
      assert.equal((await leftOf(/^challenge .*"dead"/)).length, 1);
    });

    test("a person whose name begins or ends with theirs is not taken for them", async () => {
      bench.answer(() => replying("giraffe", { accountData: false }));
      const talk = (user: string) => ({
        channel: "chat" as const,
        thread: `${user}:random-name`,
        key: `chat:${user}:random-name:m1`,
        message: {
          ...by("ann"),
          author: { kind: "requester" as const, id: `chat:${user}`, name: user },
          identity: { ...PROVEN(""), handle: { kind: "customer" as const, customerId: user } },
        },
      });
      const others = ["u_1:x", "u_1:random-name", "uv1", "u_1%", "u_10"];
      for (const user of [...others, "u_1"]) await bench.write(`giraffe of ${user}`, talk(user));
      const ofOthers = (lines: readonly string[]) =>
        lines.filter((row) =>
          others.some(
            (user) =>
              row.includes(`${user}:random-name`) || row.includes(`"author_id": "chat:${user}"`),
          ),
        );
      const before = ofOthers(await rows());
      assert.ok(before.length > 20);

      assert.deepEqual((await erase("customer:u_1")).busy, []);
      assert.deepEqual(ofOthers(await rows()), before);
      const left = await leftOf(/chat:u_1:random-name/);
      assert.deepEqual(
        left.filter((row) => !before.includes(row)),
        [],
      );
    });
  },
  DATABASES,
);
