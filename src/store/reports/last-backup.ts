/** When the last backup was written, so that an old one is noticed. */
import type { Transaction } from "#store/db/database.ts";
import { writeSetting } from "#store/db/settings.ts";

/** The setting with the moment of the last backup. */
export const BACKUP_SETTING = "backup.last";

/** Notes that a backup was written completely, as of this moment. */
export async function noteBackup(transaction: Transaction, at: Date): Promise<void> {
  await writeSetting(transaction, BACKUP_SETTING, { at: at.toISOString() });
}
