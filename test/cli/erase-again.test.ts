/** What a restored backup is cleaned of: what was erased, and not what an erased customer wrote later. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { rowsOf } from "#store/db/database.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";
import { NOW } from "#test/store/bench.ts";
import { everyRow } from "#test/support/read-all.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { erasureDesk } from "./personal.ts";

async function desk(context: TestContext) {
  const clock = { at: new Date(NOW.getTime() - 300 * DAY_MS), now: () => clock.at };
  const { store, command } = await erasureDesk(context, clock);
  const write = (id: string, text = "zebra", sentAt = clock.at) =>
    store.run(async (transaction) => {
      await transaction.execute(
        sql`insert into conversation (id, channel, created_at, updated_at) values (${id}, 'email', ${clock.at}, ${clock.at}) on conflict do nothing`,
      );
      const author = { kind: "requester" as const, id: "email:ann@customer.test", name: "Ann" };
      await addMessages(
        transaction,
        id,
        [letterFrom(`mail:${id}:${text.length}`, text, sentAt, { author })],
        clock.at,
      );
    });
  return { store, clock, command, write };
}

test("a customer who was erased long ago and came back keeps the open question they have now", async (context) => {
  const { store, clock, command, write } = await desk(context);
  await write("c_old");
  assert.equal((await command("erase", "ann@customer.test", "--yes")).exitCode, 0);
  // Ten months later she is a customer again, and waits for an answer; the backup of last night has that.
  clock.at = NOW;
  await write("c_new");
  await command("erase", "--again", "--yes");
  const open = await store.run((transaction) =>
    rowsOf(
      transaction,
      z.object({ outcome: z.string().nullable(), author: z.string() }),
      sql`select outcome, author_id as author from message where conversation_id = 'c_new'`,
    ),
  );
  assert.deepEqual(open, [{ outcome: null, author: "email:ann@customer.test" }]);
});

test("in the thread in which they came back, what a backup had of them goes, and the erasure keeps its time", async (context) => {
  const { store, clock, command, write } = await desk(context);
  await write("c_once");
  await command("erase", "ann@customer.test", "--yes");
  const list = (await command("erase", "--list")).stdout;
  // A backup from before, in whose thread she writes again.
  await write("c_1");
  clock.at = NOW;
  await write("c_1", "giraffe");
  await command("erase", "--again", "--yes");
  const left = (await everyRow(store)).filter((row) => row.startsWith("message_content "));
  assert.equal(left.filter((row) => row.includes("zebra")).length, 0);
  assert.equal(left.filter((row) => row.includes("giraffe")).length, 1);
  assert.equal((await command("erase", "--list")).stdout, list);
});

test("a mail from before the erasure that was fetched again after it goes as well", async (context) => {
  const { store, clock, command, write } = await desk(context);
  await write("c_old");
  await command("erase", "ann@customer.test", "--yes");
  const before = new Date(clock.at.getTime() - DAY_MS);
  clock.at = NOW;
  await write("c_fetched", "zebra again", before);
  await command("erase", "--again", "--yes");
  assert.deepEqual(
    (await everyRow(store)).filter((row) => row.includes("zebra")),
    [],
  );
});

test("a session and a digest of a teammate that are from before end, however late they are due", async (context) => {
  const { store, clock, command } = await desk(context);
  const lea = "lea@ourshop.test";
  const planned = async (id: string) => {
    await store.run(async (transaction) => {
      await transaction.execute(
        sql`insert into console_pass (hash, kind, email, name, expires_at) values (${id}, 'session', ${lea}, 'Lea', ${NOW})`,
      );
      await transaction.execute(
        sql`insert into digest (key, kind, person, day, due_at) values (${id}, 'day', ${lea}, ${id}, ${NOW})`,
      );
    });
  };
  await planned("first");
  await command("erase", lea, "--yes");
  await planned("restored");
  clock.at = NOW;
  await command("erase", "--again", "--yes");
  assert.deepEqual(
    (await everyRow(store)).filter((row) => /lea@ourshop/.test(row)),
    [],
  );
});

test("a vote, a text and a token of a teammate who came back stay theirs", async (context) => {
  const { store, clock, command } = await desk(context);
  const lea = "lea@ourshop.test";
  const wrote = (id: string) =>
    store.run(async (transaction) => {
      await transaction.execute(
        sql`insert into conversation (id, channel, created_at, updated_at) values (${id}, 'email', ${clock.at}, ${clock.at})`,
      );
      const vote = { voter: lea, name: "Lea", role: "lead", at: clock.at.toISOString() };
      for (const statement of [
        sql`insert into case_note (id, conversation_id, author, name, text, at) values (${id}, ${id}, ${lea}, 'Lea', 'seen', ${clock.at})`,
        sql`insert into access_token (id, hash, label, scopes, made_by, made_at, expires_at) values (${id}, ${id}, 'l', '', ${lea}, ${clock.at}, ${NOW})`,
        sql`insert into policy_change (id, source, version, text, state, relaxations, differences, needs, votes, proposed_at, expires_at)
          values (${id}, 'file', 'v', '', 'rejected', '[]', '[]', '{}', ${JSON.stringify([vote])}::jsonb, now(), now())`,
      ])
        await transaction.execute(statement);
    });
  await wrote("before");
  await command("erase", lea, "--yes");
  await wrote("restored");
  clock.at = NOW;
  await wrote("later");
  await command("erase", "--again", "--yes");
  const left = (await everyRow(store)).filter((row) => /lea@ourshop/.test(row));
  assert.equal(left.length, 3);
  assert.ok(left.every((row) => row.includes('"later"')));
});
