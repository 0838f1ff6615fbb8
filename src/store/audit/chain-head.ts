/** The end of the audit's hash chain, and how an entry is hashed onto it. */
import { z } from "zod";
import { digest, type JsonObject } from "#core/values/canonical-json.ts";
import type { Transaction } from "#store/db/database.ts";
import { readSetting } from "#store/db/settings.ts";

/** What the first entry follows. */
export const FIRST_HASH = "0".repeat(64);

/** The end of the chain is stored apart from it, so that missing entries at the end are detected. */
export const HEAD_SETTING = "audit.head";

/** The hash of the last entry in the chain. */
export async function headOf(transaction: Transaction): Promise<string> {
  return (await readSetting(transaction, HEAD_SETTING, z.string())) ?? FIRST_HASH;
}

/** Covers the entry and the one before it, so that a change of either is detected. */
export function hashOfEntry(
  previous: string,
  at: Date,
  entry: { readonly kind: string; readonly data: JsonObject },
): string {
  return digest([previous, at.toISOString(), entry.kind, entry.data]);
}
