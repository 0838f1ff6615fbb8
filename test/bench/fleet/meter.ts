/** Reads what PostgreSQL and Redis have done so far: commits, statements, commands, processor time. */
import { Redis } from "ioredis";
import pg from "pg";
import { z } from "zod";
import { processorMsOfPostgres, processorMsOfRedis } from "./processor-time.ts";

interface Reading {
  readonly commits: number;
  /** Transaction numbers given out: a commit that changed nothing needs none. */
  readonly writingCommits: number;
  readonly redisCommands: Readonly<Record<string, number>>;
  readonly postgresMs: number;
  readonly redisMs: number;
}

const Statement = z.object({ query: z.string(), calls: z.coerce.number(), ms: z.number() });

export interface Meter {
  read(): Promise<Reading>;
  forgetStatements(): Promise<void>;
  /** By text, the most frequent first. */
  statements(): Promise<readonly z.infer<typeof Statement>[]>;
  close(): Promise<void>;
}

const Counts = z.array(z.object({ commits: z.coerce.number(), written: z.coerce.number() }));

/** Opens the meter of one database and one Redis server. */
export async function openMeter(servers: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}): Promise<Meter> {
  const database = new pg.Client({ connectionString: servers.databaseUrl });
  database.on("error", () => undefined);
  await database.connect();
  await database.query("create extension if not exists pg_stat_statements");
  const redis = new Redis(servers.redisUrl);
  return {
    async read() {
      const { rows } = await database.query(
        `select xact_commit as commits, pg_snapshot_xmax(pg_current_snapshot())::text::bigint as written
         from pg_stat_database where datname = current_database()`,
      );
      const [row] = Counts.parse(rows);
      return {
        commits: row?.commits ?? 0,
        writingCommits: row?.written ?? 0,
        redisCommands: commandsIn(await redis.info("commandstats")),
        postgresMs: await processorMsOfPostgres(database),
        redisMs: await processorMsOfRedis(redis),
      };
    },
    async forgetStatements() {
      // Only those of this database: the server may be shared.
      await database.query(
        "select pg_stat_statements_reset(0, (select oid from pg_database where datname = current_database()), 0)",
      );
    },
    async statements() {
      const { rows } = await database.query(
        `select query, calls, total_exec_time as ms from pg_stat_statements
         where dbid = (select oid from pg_database where datname = current_database())
           and query not like '%pg_stat_%' order by calls desc`,
      );
      return z.array(Statement).parse(rows);
    },
    async close() {
      redis.disconnect();
      await database.end();
    },
  };
}

/** Commands by name, those inside scripts too, without what a meter itself asks. */
function commandsIn(info: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...info.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)]
      .map(([, name = "", calls]) => [name, Number(calls)] as const)
      .filter(([name]) => name !== "info"),
  );
}

/** The sum of counts. */
export function total(values: Readonly<Record<string, number>> | readonly number[]): number {
  return Object.values<number>(values).reduce((sum, value) => sum + value, 0);
}
