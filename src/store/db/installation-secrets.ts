/** The secrets an installation makes for itself. */
import { ADVISORY_LOCKS } from "./advisory-locks.ts";
import { randomBytes, randomUUID } from "node:crypto";
import { sql } from "./drizzle.ts";
import { z } from "zod";
import type { Store } from "./database.ts";
import { readSetting, writeSetting } from "./settings.ts";

const InstallationSecrets = z.strictObject({
  chatIdentity: z.string(),
  mail: z.string(),
  canary: z.string(),
  audit: z.string(),
  instance: z.string(),
});
export type InstallationSecrets = z.infer<typeof InstallationSecrets>;

/** The secrets of this installation: made at the first start and kept with the data, so that they survive a restart. */
export function installationSecrets(store: Store): Promise<InstallationSecrets> {
  return store.run(async (transaction) => {
    await transaction.execute(
      sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.installationSecrets})`,
    );
    const kept = await readSetting(transaction, "secrets", InstallationSecrets);
    if (kept !== null) return kept;
    const make = (): string => randomBytes(32).toString("base64url");
    const made = {
      chatIdentity: make(),
      mail: make(),
      canary: make(),
      audit: make(),
      instance: randomUUID(),
    };
    await writeSetting(transaction, "secrets", made);
    return made;
  });
}
