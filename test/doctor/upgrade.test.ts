/** What `doctor --upgrade` says before an upgrade is started, and that it changes nothing. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import pg from "pg";
import { z } from "zod";
import { withPartsHere } from "#app/commands/here.ts";
import { runCommand } from "#cli/program.ts";
import { readConfig } from "#config/environment.ts";
import { examineHere } from "#doctor/index.ts";
import { databaseFindings } from "#doctor/upgrade.ts";
import { Finding } from "#core/connection/connection-board.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { newestMigration, pendingFor, type UpgradePlan } from "#store/db/migrate.ts";
import { emptyDatabase, later, NOW, type OpenedStore } from "#test/store/bench.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { postgresMissing } from "#test/support/postgres.ts";

/** A database as the last release left it. */
const RELEASE = join(import.meta.dirname, "../fixtures/earlier-versions/0.3.0.sql.gz");

/** A server of one's own, which nobody calls. */
const NOWHERE = "http://127.0.0.1:9/v1";

/** What it lacks. */
const PENDING = pendingFor([]).map(({ name }) => name);

describe("doctor --upgrade", { skip: postgresMissing }, () => {
  let opened: OpenedStore;
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "deskhand-check-"));
    opened = await emptyDatabase("postgres");
    const client = new pg.Client({ connectionString: opened.databaseUrl ?? "" });
    await client.connect();
    await client.query(gunzipSync(readFileSync(RELEASE)).toString("utf8"));
    await client.end();
    // As a process of that time wrote it.
    await execute(
      sql`insert into heartbeat (worker, at, seen_at, stopped)
          values ('old one', now(), now(), false), ('ended one', now(), now(), true)`,
    );
  });
  after(async () => {
    await opened.close();
    await rm(folder, { recursive: true, force: true });
  });

  const check = async (more: Record<string, string> = {}, ...argv: string[]) => {
    const environment = {
      DESKHAND_DATA: folder,
      DATABASE_URL: opened.databaseUrl ?? "",
      ...more,
    };
    const { store } = opened;
    const caller = { environment, shell: environment, folder, dataFolder: folder, terminal: null };
    const context = { store, caller, clock: { now: () => later(0) } };
    const { stdout, exitCode } = await runCommand(context, [
      "doctor",
      "--upgrade",
      "--json",
      ...argv,
    ]);
    return { findings: z.array(Finding).parse(JSON.parse(stdout)), exitCode };
  };
  const problems = (found: Awaited<ReturnType<typeof check>>) =>
    found.findings.filter(({ state }) => state === "problem").map((one) => one.check);
  const execute = (query: ReturnType<typeof sql>) =>
    opened.store.run(async (transaction) => void (await transaction.execute(query)));

  test("names schema, running code and each migration, and wants a backup of the last day first", async () => {
    const found = await check();
    assert.equal(found.exitCode, 1);
    assert.deepEqual(problems(found), [...PENDING, "age"]);
    const said = new Map(found.findings.map((one) => [one.check, one.found]));
    assert.match(
      said.get("schema") ?? "",
      new RegExp(
        `is at 0014_cleared.sql; ${PENDING.length} migrations would run up to ${newestMigration()}`,
      ),
    );
    assert.match(said.get("running") ?? "", /old one \(does not say/);
    assert.doesNotMatch(said.get("running") ?? "", /ended one/);
    assert.match(said.get("0078_schema.sql") ?? "", /says of no older code that it goes on/);
    await execute(sql`update heartbeat set stopped = true`);
    await execute(
      sql`insert into setting (name, value) values ('backup.last', ${JSON.stringify({ at: later(-25 * 3_600_000) })}::jsonb)`,
    );
    assert.deepEqual(problems(await check()), ["age"]);
    assert.equal((await check({}, "--backup-elsewhere")).exitCode, 0);
    await execute(
      sql`update setting set value = ${JSON.stringify({ at: NOW })}::jsonb where name = 'backup.last'`,
    );
    assert.equal((await check()).exitCode, 0);
  });

  test("changes nothing, as doctor and commands before the first start change nothing", async () => {
    const environment = { DESKHAND_DATA: folder, DATABASE_URL: opened.databaseUrl ?? "" };
    const config = readConfig(environment);
    const refused = /is at 0014_cleared\.sql, and a start of this version would bring it to/;
    const found = await examineHere(environment);
    assert.deepEqual(
      found.map(({ part, check: name, state }) => [part, name, state]),
      [["database", "schema", "problem"]],
    );
    assert.match(found[0]?.found ?? "", refused);
    const place = { config, isRestore: false, isBeside: false, progress: () => undefined };
    await assert.rejects(
      withPartsHere(place, (parts) => runCommand(parts, ["backup", join(folder, "copy")])),
      refused,
    );
    const newest = await opened.store.run(
      rowsOf,
      z.object({ name: z.string() }),
      sql`select name from deskhand_migration order by name desc limit 1`,
    );
    assert.deepEqual(newest, [{ name: "0014_cleared.sql" }]);
  });

  test("finds no embedded database in the new version's own folder, and makes none there", async () => {
    const fresh = join(folder, "fresh");
    const found = await check({ DATABASE_URL: "", DESKHAND_DATA: fresh });
    assert.equal(found.exitCode, 1);
    const said = found.findings.find(({ check: name }) => name === "schema");
    assert.match(`${said?.found} ${said?.remedy}`, /no database in .*fresh name .*DESKHAND_DATA/);
    assert.ok(!existsSync(fresh));
  });

  test("says which setting, policy or database stands in the way", async () => {
    const misspelt = await check({ DESKHAND_BLOB: "/x", DESKHAND_POLICY: "/nowhere/policy.yaml" });
    assert.deepEqual(problems(misspelt), ["the policy file"]);
    assert.match(
      misspelt.findings.find((one) => one.check === "DESKHAND_BLOB")?.found ?? "",
      /did you mean DESKHAND_BLOBS/,
    );
    assert.deepEqual(problems(await check({ DESKHAND_PORT: "no number" })), ["variables"]);
    const unpriced = { OPENAI_API_KEY: "k", DESKHAND_MODEL: "own", OPENAI_BASE_URL: NOWHERE };
    assert.deepEqual(problems(await check(unpriced)), ["price"]);
    const programs = join(folder, "programs");
    await mkdir(programs);
    await writeFile(join(programs, "index.ts"), "export const tools = [];");
    const old = await check({ TOOLS: programs });
    assert.deepEqual(problems(old), ["tools"]);
    assert.match(JSON.stringify(old.findings), /are programs of an earlier version/);
    const unruled = await check({ TOOLS: "adapters/shops/stripe" });
    assert.deepEqual(problems(unruled), ["the policy file"]);
    assert.match(JSON.stringify(unruled.findings), /the policy has no rule for: /);
    await execute(
      sql`insert into policy_change (id, source, version, text, state, relaxations, differences, needs, proposed_at, expires_at)
          values ('p', 'file', 'v', 'broken', 'active', '[]', '[]', '{}', now(), now())`,
    );
    assert.deepEqual(problems(await check()), []);
    assert.deepEqual(problems(await check({ DESKHAND_POLICY: SANDBOX_POLICY })), [
      "the policy in force",
    ]);
    await execute(sql`insert into deskhand_migration (name, hash) values ('9999_later.sql', 'x')`);
    const newer = await check();
    assert.deepEqual(problems(newer), ["schema"]);
    assert.match(JSON.stringify(newer.findings), /migrated by a newer Deskhand/);
    await execute(sql`delete from deskhand_migration where name = '9999_later.sql'`);
  });
});

describe("a plan of an upgrade", () => {
  const plan: UpgradePlan = {
    schema: "0078_a.sql",
    pending: [{ name: "0080_b.sql", worksWith: "0078" }],
    processes: [{ worker: "w", knows: "0078_a.sql" }],
    bytes: 1,
    backupAt: null,
    policyText: null,
    oldestTransactionSeconds: 0,
  };
  const states = (changed: Partial<UpgradePlan>) =>
    databaseFindings({ ...plan, ...changed }).flatMap((one) =>
      one.state === "problem" ? [one.check] : [],
    );

  test("refuses what the running code cannot go on beside, unless none runs", () => {
    const [pending] = plan.pending;
    assert.ok(pending);
    assert.deepEqual(states({}), []);
    for (const worksWith of [null, "0079"]) {
      assert.deepEqual(states({ pending: [{ ...pending, worksWith }] }), ["0080_b.sql"]);
      assert.deepEqual(states({ pending: [{ ...pending, worksWith }], processes: [] }), []);
    }
  });

  test("waits for a transaction that a migration would wait for", () => {
    assert.deepEqual(states({ oldestTransactionSeconds: 61 }), ["open transactions"]);
    assert.deepEqual(states({ oldestTransactionSeconds: 61, pending: [] }), []);
  });
});
