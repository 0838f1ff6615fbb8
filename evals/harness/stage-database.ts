/**
 * The database a stage plays on: in memory, and inside `npm test` one of its own on the run's throwaway server, where
 * making and asking it takes a tenth of the processor time.
 */
import { randomBytes } from "node:crypto";
import pg from "pg";
import type { Log } from "#core/contracts/ports.ts";
import { openStore, type Store } from "#store/db/database.ts";

/**
 * Opens an empty database that goes when the stage does: `onClose` takes what removes it, to be called in reverse order.
 * `databaseUrl` names one that the caller made and removes.
 */
export async function openStageDatabase(
  { folder, log, databaseUrl }: { folder: string; log: Log; databaseUrl: string | null },
  onClose: (closer: () => Promise<void>) => void,
): Promise<Store> {
  const server = process.env["TEST_DATABASE"] === "pglite" ? "" : process.env["TEST_DATABASE_URL"];
  const url = databaseUrl ?? (server ? await databaseOn(server, onClose) : null);
  const store = await openStore({ databaseUrl: url, folder, log, embedded: "in memory" });
  onClose(() => store.close());
  return store;
}

async function databaseOn(
  server: string,
  onClose: (closer: () => Promise<void>) => void,
): Promise<string> {
  const name = `stage_${process.pid}_${randomBytes(4).toString("hex")}`;
  await administer(server, `create database ${name} template template0`);
  onClose(() => administer(server, `drop database ${name} with (force)`));
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}

/** Names are ours and plain, and CREATE DATABASE takes no parameters. */
async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
