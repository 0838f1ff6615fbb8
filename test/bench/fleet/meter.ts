/** Reads what PostgreSQL and Redis have done so far: commands, processor time. */
import { Redis } from "ioredis";
import pg from "pg";
import { processorMsOfPostgres, processorMsOfRedis } from "./processor-time.ts";

interface Reading {
  readonly redisCommands: Readonly<Record<string, number>>;
  readonly postgresMs: number;
  readonly redisMs: number;
}

export interface Meter {
  read(): Promise<Reading>;
  close(): Promise<void>;
}

/** Opens the meter of one database and one Redis server. */
export async function openMeter(servers: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}): Promise<Meter> {
  const database = new pg.Client({ connectionString: servers.databaseUrl });
  database.on("error", () => undefined);
  await database.connect();
  const redis = new Redis(servers.redisUrl);
  return {
    async read() {
      return {
        redisCommands: commandsIn(await redis.info("commandstats")),
        postgresMs: await processorMsOfPostgres(database),
        redisMs: await processorMsOfRedis(redis),
      };
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
