/** When the last backup was written and one was last rehearsed, so that an old one is noticed. */
import { z } from "zod";
import type { Transaction } from "#store/db/database.ts";
import { readSetting, writeSetting } from "#store/db/settings.ts";

/** The setting with the moment and the place of the last backup. */
export const BACKUP_SETTING = "backup.last";

/** The setting with the last rehearsal of a restore. */
export const REHEARSAL_SETTING = "backup.rehearsed";

/** Older versions wrote no place. */
const LastBackup = z.object({ at: z.iso.datetime(), place: z.string().optional() });

/** The last backup: of when its rows are, and where it was put. */
export type LastBackup = z.infer<typeof LastBackup>;

/** Notes that a backup was written completely, as of this moment and to this place. */
export async function noteBackup(transaction: Transaction, at: Date, place: string): Promise<void> {
  await writeSetting(transaction, BACKUP_SETTING, { at: at.toISOString(), place });
}

/** The last backup; null before the first. */
export function lastBackup(transaction: Transaction): Promise<LastBackup | null> {
  return readSetting(transaction, BACKUP_SETTING, LastBackup);
}

/** Notes how the rehearsal of a restore ended. */
export async function noteRehearsal(
  transaction: Transaction,
  rehearsed: {
    readonly at: Date;
    readonly place: string;
    readonly seconds: number;
    readonly differences: number;
  },
): Promise<void> {
  const { at, ...more } = rehearsed;
  await writeSetting(transaction, REHEARSAL_SETTING, { at: at.toISOString(), ...more });
}
