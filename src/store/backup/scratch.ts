/** A database for a rehearsal, empty and gone afterwards: beside the real one, or embedded where that is not allowed. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "#core/contracts/ports.ts";
import { reasonOf } from "#core/values/errors.ts";
import { diskBlobs } from "#store/blobs/folder.ts";
import type { BlobStorage } from "#store/blobs/storage.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { clientOf } from "#store/db/postgres-pool.ts";

/** Names of databases of rehearsals begin so; one that a killed rehearsal left may be dropped by hand. */
const PREFIX = "deskhand_rehearsal_";

/** Where a rehearsal works. */
export interface Scratch {
  readonly store: Store;
  readonly blobs: BlobStorage;
  /** For people: which database it is, and why not another. */
  readonly what: string;
  /** Removes all of it. */
  drop(): Promise<void>;
}

/**
 * Opens an empty scratch place below the data folder. With PostgreSQL a database is created on the same server; where
 * that is refused, the rehearsal takes the embedded database on this machine's disk.
 */
export async function openScratch(given: {
  readonly databaseUrl: string | null;
  readonly dataFolder: string;
  readonly log: Log;
}): Promise<Scratch> {
  mkdirSync(given.dataFolder, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(given.dataFolder, "rehearsal-"));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const made = await madeBeside(given.databaseUrl);
    const databaseUrl = "url" in made ? made.url : null;
    const drop = "url" in made ? made.drop : async (): Promise<void> => undefined;
    try {
      const store = await openStore({ databaseUrl, folder, log: given.log });
      return {
        store,
        blobs: diskBlobs(join(folder, "blobs")),
        what: made.what,
        async drop() {
          try {
            await store.close();
            await drop();
          } finally {
            removeFolder();
          }
        },
      };
    } catch (error) {
      await drop();
      throw error;
    }
  } catch (error) {
    removeFolder();
    throw error;
  }
}

type Made =
  | { readonly what: string; readonly url: string; readonly drop: () => Promise<void> }
  | { readonly what: string };

async function madeBeside(databaseUrl: string | null): Promise<Made> {
  if (databaseUrl === null) return { what: "an embedded database" };
  const name = `${PREFIX}${randomBytes(6).toString("hex")}`;
  try {
    // The name is ours and plain, and CREATE DATABASE takes no parameters.
    await administer(databaseUrl, `create database ${name} template template0`);
  } catch (error) {
    return { what: `an embedded database, since PostgreSQL refuses another: ${reasonOf(error)}` };
  }
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return {
    what: `the database ${name}`,
    url: url.href,
    drop: () => administer(databaseUrl, `drop database if exists ${name}`),
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = clientOf(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
