/** The commands `erase`, `pause` and `resume`: nothing is erased without a yes, a restored backup is cleaned by the list alone, and only a lead resumes. */

import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, after, before, describe } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { runCommand } from "#cli/program.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { claimLease } from "#store/conversations/lease.ts";
import { vacuumHourly } from "#store/db/database.ts";
import { proof } from "#test/jobs/customers.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";
import { migratedDatabase, NOW, silentLog, type OpenedStore } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { everyRow } from "#test/support/read-all.ts";
import { until } from "#test/support/waiting.ts";
import { z } from "zod";
import { ChannelName } from "#core/values/vocabulary.ts";
import { currentPause } from "#store/effects/pause.ts";
import { listErasures } from "#store/privacy/erase-teammate.ts";
import { findPersonTraces, listedName } from "#jobs/privacy/erase-person.ts";
import { eraseListed } from "#jobs/privacy/person-request.ts";
import { addGeneration, installationSecrets } from "#store/db/installation-secrets.ts";
import { personNames, personPseudonym } from "#store/people/person-names.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { erasureDesk, personalIn } from "./personal.ts";

const CLOCK = { now: () => NOW };

test("erase shows first, removes with --yes, and does it again from the list", async (context) => {
  const { store, parts } = await erasureDesk(context);
  const personal = { ...parts.personal, spansFile: "/var/spans.jsonl" };
  const { listFile } = personal;
  const command = (...argv: string[]) => runCommand({ ...parts, personal }, argv);
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

  await store.run((transaction) =>
    transaction.execute(
      sql`insert into turn (id, conversation_id, started_at, outcome, trace) values ('t_1', 'c_1', ${NOW}, 'answered', '{"later":"zebra"}')`,
    ),
  );

  const shown = await command("erase", "Ann@customer.test");
  assert.equal(shown.exitCode, 0);
  assert.match(shown.stdout, /Found as email:ann@customer\.test, called Ann/);
  assert.match(shown.stdout, /1 message,.*\n[^]*Nothing was changed.*--yes/);
  assert.equal(await isThere(), true);
  assert.match((await command("erase", "u999")).stdout, /Nothing is kept/);
  assert.match((await command("erase")).stderr, /say whom/);
  const called = await command("erase", "Ann Fields");
  assert.equal(called.exitCode, 1);
  assert.match(called.stderr, /“Ann Fields” is no address[^]*Write the address/);

  const erased = await command("erase", "ann@customer.test", "--yes");
  assert.equal(erased.exitCode, 0);
  assert.match(
    erased.stdout,
    /Erased: 1 conversation\. 1 row of it could not be read[^]* {2}trace t_1\n[^]*Zendesk[^]*Slack[^]*shop[^]*webhooks' receivers and your own systems[^]*\/var\/spans\.jsonl/,
  );
  assert.equal(await isThere(), false);
  assert.match((await command("erase", "ann@customer.test", "--yes")).stdout, /Nothing is kept/);
  assert.ok(!/ann|customer/i.test(await readFile(listFile, "utf8")));
  const copy = await command("erase", "--list");
  assert.match(copy.stdout, /^\{"at":"[^"]+","names":\["[\da-f]{64}"\]\}\n$/);

  // An older backup knows her again, and no record holds the address.
  await write("c_2", "mail:2");
  const again = await command("erase", "--again");
  assert.match(again.stdout, /Of the list, this database has 1 name\.[^]*Nothing was changed/);
  assert.equal((await command("erase", "--again", "--yes")).exitCode, 0);
  assert.equal(await isThere(), false);
  // One from before the list was in the database knows her only by a copy, which is taken into the list.
  await write("c_3", "mail:3");
  await store.run((transaction) => transaction.execute(sql`delete from erasure`));
  await rm(listFile);
  assert.match(
    (await command("erase", "--again")).stdout,
    /^Of the list, this database has 0 names/,
  );
  await writeFile(listFile, copy.stdout);
  assert.equal((await command("erase", "--again", listFile, "--yes")).exitCode, 0);
  assert.equal(await isThere(), false);
  assert.match((await command("erase", "--list")).stdout, /^\{/);
  assert.match((await command("audit", "verify")).stdout, /^3 entries/);
});

test("a list that was made with a secret the database does not have is no clean database", async (context) => {
  const { store, folder, command } = await erasureDesk(context);
  await installationSecrets(store, CLOCK);
  const { madeAt } = await store.run(addGeneration, "audit", null);
  const at = new Date((madeAt?.getTime() ?? 0) + 1);
  const before = [{ name: "ab".repeat(32), at: NOW }];
  await store.run(listErasures, [...before, { name: "cd".repeat(32), at }]);
  const { stdout: list } = await command("erase", "--list");
  const secretSince = madeAt?.toISOString();
  const lines = list.trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => z.object({ secretSince: z.string().optional() }).parse(JSON.parse(line))),
    [{}, { secretSince }],
  );
  const copy = join(folder, "copy");
  await writeFile(copy, list);
  assert.equal((await command("erase", "--again", copy, "--yes")).exitCode, 0);
  // A backup from before the change.
  await store.run((transaction) =>
    transaction.execute(sql`delete from setting where name = 'secrets.generations'`),
  );
  const again = await command("erase", "--again", copy, "--yes");
  assert.equal(again.exitCode, 1);
  assert.match(again.stderr, /Not recognised here: 1 line of the list.*may still be kept/);
});

test("a line of the list names the secret it was made with, also in a process that has not heard of a later one", async (context) => {
  const { store, parts: known } = await erasureDesk(context);
  const { audit: before } = await installationSecrets(store, CLOCK);
  const { madeAt } = await store.run(addGeneration, "audit", null);
  const { audit: after } = await installationSecrets(store, CLOCK);
  const lines = [];
  for (const secret of [before, after]) {
    const parts = { store, clock: CLOCK, ...known.personal, secret };
    await eraseListed(parts, await findPersonTraces(parts, personNames("ann@customer.test")));
    const written = await readFile(parts.listFile, "utf8");
    lines.push(z.object({ secretSince: z.string().optional() }).parse(JSON.parse(written)));
    await rm(parts.listFile);
  }
  assert.deepEqual(lines, [{}, { secretSince: madeAt?.toISOString() }]);
});

test("again from the list goes who is known from a rehearsal or from a vote on a policy alone", async (context) => {
  const { store, parts, command } = await erasureDesk(context);
  await store.run(async (transaction) => {
    const { secret } = parts.personal;
    for (const value of ["ann@customer.test", "lea@ourshop.test"])
      await listErasures(transaction, [
        { name: listedName(secret, { kind: "email", value }), at: NOW },
      ]);
    const name = 'Lea "Pip" Moss';
    const vote = { voter: "Lea@ourshop.test", name, role: "lead", at: NOW.toISOString() };
    for (const statement of [
      sql`insert into rehearsal (id, source, model, is_rehearsal_model, policy_version, state, tickets, started_at)
          values ('r', 'zendesk', 'm', false, 'v', 'done', 1, ${NOW})`,
      sql`insert into rehearsed_ticket (rehearsal_id, ticket_id, customer, played, played_at)
          values ('r', '1', 'ann@customer.test', '{}', ${NOW})`,
      sql`insert into conversation (id, channel, owner, owner_reason, created_at, updated_at)
          values ('taken', 'email', 'human', ${`${name} took it over`}, ${NOW}, ${NOW})`,
      sql`insert into policy_change (id, source, version, text, state, relaxations, differences, needs, votes, closing, proposed_at, expires_at)
          values ('p', 'file', 'v', '', 'active', '[]', '[]', '{}', ${JSON.stringify([vote])}::jsonb, ${`Approved by ${name}.`}, ${NOW}, ${NOW})`,
    ])
      await transaction.execute(statement);
  });
  const again = await command("erase", "--again", "--yes");
  assert.match(again.stdout, /^Of the list, this database has 2 names/);
  const rows = await everyRow(store);
  assert.deepEqual(
    rows.filter((row) => /ann@customer|lea@ourshop|\bPip\b/i.test(row)),
    [],
  );
});

test("a teammate who only wrote is found, erased, and known again after a restore", async (context) => {
  const { store, command } = await erasureDesk(context);
  const lea = "Lea@ourshop.test";
  const wrote = [
    sql`insert into case_note (id, conversation_id, author, name, text, at) values ('n', 'c', ${lea}, 'Lea', 'seen', ${NOW})`,
    sql`insert into page_off (slug, reason, off_by, off_at) values ('help/a', 'old', ${lea}, ${NOW})`,
    sql`insert into page_doubt (slug, kind, reason, allowed_by, at) values ('help/b', 'instructions', 'odd', ${lea}, ${NOW})`,
  ];
  await store.run((transaction) =>
    transaction.execute(
      sql`insert into conversation (id, channel, created_at, updated_at) values ('c', 'email', ${NOW}, ${NOW})`,
    ),
  );
  for (const [index, statement] of wrote.entries()) {
    await store.run((transaction) => transaction.execute(statement));
    const argv = index === 0 ? ["erase", lea, "--yes"] : ["erase", "--again", "--yes"];
    const { stdout } = await command(...argv);
    assert.match(stdout, /decisions 0, texts, switches and opinions 1,/);
    const rows = await everyRow(store);
    assert.ok(!rows.some((row) => /lea@ourshop|"Lea"/i.test(row)), `statement ${index}`);
  }
  assert.match((await command("erase", lea)).stdout, /Nothing is kept/);
});

test("again from the list goes everybody with whom nothing is under way", async (context) => {
  const { store, parts, command } = await erasureDesk(context);
  for (const person of ["ann", "bob", "cleo"]) {
    const value = `${person}@customer.test`;
    const author = { kind: "requester", id: `email:${value}`, name: "" } as const;
    const identity = proof(2, "dkim", "signed", value);
    await store.run(async (transaction) => {
      await transaction.execute(
        sql`insert into conversation (id, channel, created_at, updated_at) values (${person}, 'email', ${NOW}, ${NOW})`,
      );
      await addMessages(
        transaction,
        person,
        [letterFrom(person, "zebra", NOW, { author, identity })],
        NOW,
      );
      const name = listedName(parts.personal.secret, { kind: "email", value });
      await listErasures(transaction, [{ name, at: NOW }]);
    });
    if (person !== "bob")
      await store.run(claimLease, { conversationId: person, owner: "turn", leaseMs: 60_000 });
  }
  const again = await command("erase", "--again", "--yes");
  assert.match(again.stderr, /under way in 2 conversations \((?:ann, cleo|cleo, ann)\)/);
  const rows = await everyRow(store);
  assert.ok(!rows.some((row) => row.includes("bob@customer")));
});

test("a customer's number that is also a user's of another system is asked about", async (context) => {
  const { store, command } = await erasureDesk(context);
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
  const result = await command("erase", "7", "--yes");
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

const LEA = ["--as", "Lea@OurShop.test"];

describe("the switches", () => {
  const opened: { database?: OpenedStore } = {};
  const database = (): OpenedStore => {
    assert.ok(opened.database);
    return opened.database;
  };
  before(async () => {
    opened.database = await migratedDatabase(MAIN_DATABASE);
  });
  after(() => opened.database?.close());

  const called = (...argv: string[]) => {
    const policy = { kind: "file", name: SANDBOX_POLICY } as const;
    const { store, folder } = database();
    return runCommand({ store, clock: CLOCK, personal: personalIn(folder), policy }, argv);
  };

  test("pause and resume keep what is paused, say so, and record it in the audit", async () => {
    const paused = () => database().store.run(currentPause);
    assert.equal((await called("pause", "email")).stdout, "Paused: email, by command line.\n");
    assert.equal((await called("pause", "chat")).stdout, "Paused: email, chat, by command line.\n");
    assert.equal(
      (await called("resume", "email", ...LEA)).stdout,
      "Paused: chat, by command line.\n",
    );
    assert.equal(
      (await called("pause", "refunds", "odd", "words")).stdout,
      "Paused: chat, by command line; refund, by command line: odd words.\n",
    );
    assert.match((await called("pause")).stdout, /; everything, by|, everything, by/);
    const { all, channels, topics } = await paused();
    assert.deepEqual([all, channels, topics], [true, ["chat"], ["refund"]]);
    assert.equal((await called("resume", ...LEA)).stdout, "Running.\n");
    assert.deepEqual((await paused()).holds, []);
    for (const channel of ChannelName.options)
      assert.equal((await called("pause", channel)).exitCode, 0);
    await called("resume", "all", ...LEA);
    const kinds = await database().store.run((transaction) =>
      transaction.execute(sql`select 1 from audit where kind in ('paused', 'resumed')`),
    );
    assert.equal(z.object({ rows: z.array(z.unknown()) }).parse(kinds).rows.length, 11);
    assert.match((await called("audit", "verify")).stdout, /entries/);
  });

  test("only a lead of the policy resumes, and the audit knows which one", async () => {
    await called("pause", "chat");
    const held = () => database().store.run(currentPause);
    for (const [argv, told] of [
      [["resume"], /Only a lead can do this\. Say who you are: --as/],
      [["resume", "--as", "sam@ourshop.test"], /sam@ourshop.test is no lead in the policy/],
      [["resume", "chat", "--as", "mallory@evil.test"], /mallory@evil.test is no lead/],
      [["resume", "--as", " "], /./],
    ] as const) {
      const { exitCode, stderr } = await called(...argv);
      assert.equal(exitCode, 1);
      assert.match(stderr, told);
      assert.equal((await held()).holds.length, 1);
    }
    assert.equal((await called("resume", "chat", ...LEA)).exitCode, 0);
    const { by, name } = await database().store.run(async (transaction) => {
      const { rows } = z
        .object({ rows: z.array(z.object({ by: z.string() })) })
        .parse(
          await transaction.execute(
            sql`select data->>'by' as by from audit where kind = 'resumed' order by seq desc limit 1`,
          ),
        );
      const secret = "a secret of the test";
      return {
        by: rows[0]?.by,
        name: await personPseudonym(transaction, "lea@ourshop.test", secret),
      };
    });
    assert.equal(by, name);
  });
});
