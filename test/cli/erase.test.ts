/** The commands: nothing happens without a yes, and a restored backup is cleaned by the list alone. */
import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { runCommand } from "#cli/program.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { vacuumHourly } from "#store/db/database.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";
import { migratedDatabase, NOW, silentLog } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { everyRow } from "#test/support/read-all.ts";
import { until } from "#test/support/waiting.ts";

test("erase shows first, removes with --yes, and does it again from the list", async (context) => {
  const database = await migratedDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const { store, folder } = database;
  const ids = { next: (prefix: string) => `${prefix}_1` };
  const listFile = join(folder, "erasures.jsonl");
  const personal = {
    blobs: diskBlobs(join(folder, "blobs")),
    ids,
    secret: "a secret of the test",
    listFile,
    spansFile: "/var/spans.jsonl",
    keep: { contentDays: 90, auditMonths: 24 },
  };
  const command = (...argv: string[]) =>
    runCommand({ store, clock: { now: () => NOW }, status: null, appUrl: null, personal }, argv);
  const write = (id: string, key: string, name = "Ann") =>
    store.run(async (transaction) => {
      await transaction.execute(
        sql`insert into conversation (id, channel, created_at, updated_at) values (${id}, 'email', ${NOW}, ${NOW})`,
      );
      const author = { kind: "requester" as const, id: "email:ann@customer.test", name };
      await addMessages(transaction, id, [letterFrom(key, "zebra", NOW, { author })], NOW);
    });
  const isThere = async () => (await everyRow(store)).some((row) => /zebra|ann@customer/.test(row));
  await write("c_1", "mail:1");
  await store.run((transaction) =>
    transaction.execute(
      sql`insert into conversation_key (key, conversation_id) values ('mail:ann@customer.test:1@x', 'c_1')`,
    ),
  );

  const shown = await command("erase", "Ann@customer.test");
  assert.equal(shown.exitCode, 0);
  assert.match(shown.stdout, /Found as email:ann@customer\.test, called Ann/);
  assert.match(shown.stdout, /1 message\(s\).*\n[^]*Nothing was changed.*--yes/);
  assert.equal(await isThere(), true);
  assert.match((await command("erase", "u999")).stdout, /Nothing is kept/);
  assert.match((await command("erase")).stderr, /say whom/);

  const erased = await command("erase", "ann@customer.test", "--yes");
  assert.equal(erased.exitCode, 0);
  assert.match(
    erased.stdout,
    /Erased: 1 conversation[^]*Zendesk[^]*Slack[^]*shop[^]*\/var\/spans\.jsonl/,
  );
  assert.equal(await isThere(), false);
  assert.match((await command("erase", "ann@customer.test", "--yes")).stdout, /Nothing is kept/);
  assert.ok(!/ann|customer/i.test(await readFile(listFile, "utf8")));
  const copy = await command("erase", "--list");
  assert.match(copy.stdout, /^\{"at":"[^"]+","names":\["[\da-f]{64}"\]\}\n$/);

  // An older backup knows her again, and no record holds the address.
  await write("c_2", "mail:2");
  const again = await command("erase", "--again");
  assert.match(again.stdout, /1 name\(s\) in this database are in the list[^]*Nothing was changed/);
  assert.equal((await command("erase", "--again", "--yes")).exitCode, 0);
  assert.equal(await isThere(), false);
  // One from before the list was in the database knows her only by a copy, which is taken into the list.
  await write("c_3", "mail:3");
  await store.run((transaction) => transaction.execute(sql`delete from erasure`));
  await rm(listFile);
  assert.match((await command("erase", "--again")).stdout, /^0 name/);
  await writeFile(listFile, copy.stdout);
  assert.equal((await command("erase", "--again", listFile, "--yes")).exitCode, 0);
  assert.equal(await isThere(), false);
  assert.match((await command("erase", "--list")).stdout, /^\{/);
  assert.match((await command("audit", "verify")).stdout, /^3 entries/);
});

test("a customer's number that is also a user's of another system is asked about", async (context) => {
  const database = await migratedDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const { store, folder } = database;
  const personal = {
    blobs: diskBlobs(folder),
    ids: { next: (prefix: string) => `${prefix}_1` },
    secret: "x",
    listFile: join(folder, "list"),
    spansFile: null,
    keep: { contentDays: 1, auditMonths: 1 },
  };
  await store.run(async (transaction) => {
    await transaction.execute(
      sql`insert into conversation (id, channel, created_at, updated_at) values ('c', 'chat', ${NOW}, ${NOW})`,
    );
    for (const id of ["chat:7", "zendesk:user:7"])
      await addMessages(
        transaction,
        "c",
        [letterFrom(id, "hello", NOW, { author: { kind: "requester", id, name: "" } })],
        NOW,
      );
  });
  const result = await runCommand(
    { store, clock: { now: () => NOW }, status: null, appUrl: null, personal },
    ["erase", "7", "--yes"],
  );
  assert.match(result.stderr, /could be two people: say customer:7 or zendesk:7/);
});

test("the embedded database is vacuumed on a timer, and one that fails is told", async () => {
  const said: string[] = [];
  const told: string[] = [];
  const vacuum = vacuumHourly(
    {
      exec: async (statement) => {
        said.push(statement);
        if (said.length === 2) throw new Error("no room");
      },
    },
    { ...silentLog, warn: (message) => void told.push(message) },
    5,
  );
  await until(
    "two vacuums after one that failed",
    async () => said.length > 2 && told.length === 1,
  );
  vacuum.stop();
  assert.ok(said.every((statement) => statement === "vacuum"));
});
