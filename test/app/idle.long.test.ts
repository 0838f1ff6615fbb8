/** Four processes with nothing to do: what they ask, how soon another one leads, and how soon a policy holds everywhere. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import pg from "pg";
import { z } from "zod";
import { postgresMissing } from "#test/support/postgres.ts";
import {
  startRole,
  startSharedServices,
  withoutZendesk,
  type RoleProcess,
  type SharedServices,
} from "#test/support/processes.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { redisMissing } from "#test/support/redis.ts";
import { until } from "#test/support/waiting.ts";

const SECONDS = 20;

/** For the whole installation; half of a statement and a commit is the lease of what is read in turn. */
const PER_SECOND_MAX = { commits: 2.5, statements: 3.5, redisCommands: 3 };

const Holder = z.array(z.object({ holder: z.string() }));

describe("an idle installation", { skip: postgresMissing || redisMissing }, () => {
  let shared: SharedServices;
  let database: pg.Client;
  let redis: Redis;
  const processes: RoleProcess[] = [];
  const folder = mkdtempSync(join(tmpdir(), "deskhand-idle-"));
  const policyFile = join(folder, "policy.yaml");
  before(async () => {
    shared = await startSharedServices();
    writeFileSync(policyFile, readFileSync(SANDBOX_POLICY, "utf8"));
    const environment = {
      ...withoutZendesk(shared.environment),
      EMBEDDINGS: "off",
      DESKHAND_POLICY: policyFile,
    };
    // One after the other, as a machine that is busy with other things needs it.
    for (const role of ["web", "worker", "worker", "worker"] as const)
      processes.push(await startRole(environment, role));
    database = new pg.Client({ connectionString: shared.databaseUrl });
    database.on("error", () => undefined);
    await database.connect();
    await database.query("create extension if not exists pg_stat_statements");
    redis = new Redis(shared.redisUrl);
  });
  after(async () => {
    await Promise.all(processes.map((one) => one.end("SIGKILL")));
    redis.disconnect();
    await database.end();
    await shared.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Since the statistics were cleared. Vacuuming has no part in them, as it would in the database's own counts. */
  async function statements() {
    const { rows } = await database.query(
      `select query, calls from pg_stat_statements
         where dbid = (select oid from pg_database where datname = current_database())
           and toplevel and query not like '%pg_stat_%'`,
    );
    const read = z.array(z.object({ query: z.string(), calls: z.coerce.number() })).parse(rows);
    const callsOf = (fits: RegExp): number =>
      read.reduce((sum, { query, calls }) => sum + (fits.test(query) ? calls : 0), 0);
    return {
      // The looks are statements that stand alone.
      commits: callsOf(/^\s*(?:commit$|with )/),
      statements: callsOf(/^(?!begin|commit)/),
    };
  }

  async function redisCommands(): Promise<number> {
    const told = await redis.info("commandstats");
    return [...told.matchAll(/cmdstat_(?!info)[^:]+:calls=(\d+)/g)].reduce(
      (sum, [, calls]) => sum + Number(calls),
      0,
    );
  }

  test("asks PostgreSQL and Redis about two things a second, all processes together", async () => {
    // What a start has to do is done once the first looks are.
    await delay(5_000);
    await database.query("select pg_stat_statements_reset()");
    const before = await redisCommands();
    await delay(SECONDS * 1_000);
    const asked = { ...(await statements()), redisCommands: (await redisCommands()) - before };
    assert.ok(asked.commits >= SECONDS / 4, `no process leads: ${JSON.stringify(asked)}`);
    assert.ok(asked.commits <= SECONDS * PER_SECOND_MAX.commits, JSON.stringify(asked));
    assert.ok(asked.statements <= SECONDS * PER_SECOND_MAX.statements, JSON.stringify(asked));
    assert.ok(asked.redisCommands <= SECONDS * PER_SECOND_MAX.redisCommands, JSON.stringify(asked));
  });

  test("a policy that comes into force in one process holds in the others at once", async () => {
    const stricter = readFileSync(policyFile, "utf8").replace("up_to: 200.00", "up_to: 150.00");
    writeFileSync(policyFile, stricter);
    await until("the new policy", async () => {
      const { rows } = await database.query(
        "select 1 from policy_change where state = 'superseded'",
      );
      return rows.length > 0;
    });
    const began = performance.now();
    const knows = (one: RoleProcess) => one.output().includes("The policy changed.");
    await until("all processes to follow", async () => processes.every(knows));
    const tookMs = performance.now() - began;
    assert.ok(tookMs < 6_000, `${tookMs} ms`);
  });

  test("when the leader is killed, another process leads within seconds", async () => {
    const leader = async () => {
      const { rows } = await database.query(
        "select holder from duty where name = 'reconciler' and until > now()",
      );
      const [row] = Holder.parse(rows);
      return processes.find(({ worker }) => row?.holder.startsWith(worker));
    };
    const first = await until("a leader", leader);
    await first.end("SIGKILL");
    const began = performance.now();
    await until("another leader", async () => {
      const now = await leader();
      return now !== undefined && now !== first;
    });
    const tookMs = performance.now() - began;
    assert.ok(tookMs < 6_000, `${tookMs} ms`);
  });
});
