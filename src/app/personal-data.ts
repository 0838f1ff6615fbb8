/** Puts together what erasure and retention need, from the settings and the installation's secrets. */

import { join } from "node:path";
import type { Log } from "#core/contracts/ports.ts";
import type { Keys } from "#core/connection/signing-keys.ts";
import { type PersonalData, takeOverList } from "#jobs/privacy/erase-person.ts";
import { storageAt } from "#store/blobs/shared-place.ts";
import { installationSecrets, secretsIn } from "#store/db/installation-secrets.ts";
import type { Store } from "#store/db/database.ts";
import { configuredBlobPlace } from "#config/storage.ts";
import type { Config } from "#config/environment.ts";
import type { RetentionPeriods } from "#store/privacy/retention.ts";
import { randomIds } from "./random-ids.ts";

/** `secret` has the keys pseudonyms are made with. */
function personalData(config: Config, secret: Keys): PersonalData {
  const { environment, dataFolder } = config;
  return {
    blobs: storageAt(configuredBlobPlace(config)),
    ids: randomIds,
    secret,
    listFile: join(dataFolder, "erasures.jsonl"),
    spansFile: environment.DESKHAND_SPANS_FILE ?? null,
    keep: retentionPeriods(config),
  };
}

/** How long text and records are kept by these settings. */
function retentionPeriods({ environment }: Config): RetentionPeriods {
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
