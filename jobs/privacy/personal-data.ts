/** What erasure and retention need besides the database, and the list of erasures as a file. */

import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { Ids } from "#core/contracts/ports.ts";
import type { Keys } from "#core/connection/signing-keys.ts";
import { jsonOrNull } from "#core/values/canonical-json.ts";
import type { BlobStorage } from "#store/blobs/storage.ts";
import type { Store } from "#store/db/database.ts";
import { listErasures } from "#store/privacy/erasure-list.ts";
import type { RetentionPeriods } from "#store/privacy/retention.ts";

/** What erasure and retention need besides the database. */
export interface PersonalData {
  readonly blobs: BlobStorage;
  readonly ids: Ids;
  /** The installation's secrets for pseudonyms and the list of erasures. */
  readonly secret: Keys;
  /**
   * Erased people by keyed digest, kept in addition to the database's list: with it a restored backup can be cleaned.
   */
  readonly listFile: string;
  /** File to which finished turns are also exported; null when there is none. */
  readonly spansFile: string | null;
  readonly keep: RetentionPeriods;
}

/** One line of the list: the time, and the digests of every name of the erased person. */
const ListLine = z.strictObject({ at: z.iso.datetime(), names: z.array(z.string()) });

/** One line of the file. */
export function erasureLine({
  at,
  names,
}: {
  readonly at: Date;
  readonly names: readonly string[];
}): string {
  const line: z.infer<typeof ListLine> = { at: at.toISOString(), names: [...names] };
  return `${JSON.stringify(line)}\n`;
}

/**
 * Imports a file of erasures, if it exists, into the list in the database: earlier versions kept only the files.
 * Repeating it changes nothing. Returns how many lines are unreadable, such as one cut off by a crash.
 */
export async function takeOverList(store: Store, file: string): Promise<number> {
  if (!existsSync(file)) return 0;
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => ListLine.safeParse(jsonOrNull(line)));
  const erased = lines.flatMap(({ data }) =>
    (data?.names ?? []).map((name) => ({ name, at: new Date(data?.at ?? 0) })),
  );
  await store.run((transaction) => listErasures(transaction, erased));
  return lines.filter(({ success }) => !success).length;
}
