/** Collects what erasure and retention need besides the database. */

import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Ids, Log } from "#core/contracts/ports.ts";
import type { Keys } from "#core/connection/signing-keys.ts";
import { jsonOrNull } from "#core/values/canonical-json.ts";
import type { BlobStorage } from "#store/blobs/storage.ts";
import { storageAt } from "#store/blobs/shared-place.ts";
import { installationSecrets, secretsIn } from "#store/db/installation-secrets.ts";
import type { Store } from "#store/db/database.ts";
import { blobPlaceOf } from "#config/storage.ts";
import type { Config } from "#config/environment.ts";
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

/** `secret` has the keys pseudonyms are made with. */
function personalData(config: Config, secret: Keys): PersonalData {
  const { environment, dataFolder } = config;
  return {
    blobs: storageAt(blobPlaceOf(config)),
    ids: { next: (prefix) => `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 20)}` },
    secret,
    listFile: join(dataFolder, "erasures.jsonl"),
    spansFile: environment.DESKHAND_SPANS_FILE ?? null,
    keep: keepOf(config),
  };
}

/** How long text and records are kept by these settings. */
export function keepOf({ environment }: Config): RetentionPeriods {
  return {
    contentDays: environment.DESKHAND_KEEP_CONTENT_DAYS,
    auditMonths: environment.DESKHAND_KEEP_AUDIT_MONTHS,
  };
}

/** The same for a starting process. Imports erasures from before the list was in the database. */
export async function personalDataAtStart(
  { config, log }: { readonly config: Config; readonly log: Log },
  { store, secrets }: { readonly store: Store; readonly secrets: { readonly audit: Keys } },
): Promise<PersonalData> {
  const personal = personalData(config, secrets.audit);
  const unread = await takeOverList(store, personal.listFile);
  if (unread > 0) log.warn("the list of erasures has lines that cannot be read", { unread });
  return personal;
}

/** The same outside the running process; null where Deskhand never ran, so there is no data to search. */
export async function personalDataIn(store: Store, config: Config): Promise<PersonalData | null> {
  if ((await store.run(secretsIn)) === null) return null;
  const { audit } = await installationSecrets(store, { now: () => new Date() });
  return personalData(config, audit);
}

// The list of erasures as a file.

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
