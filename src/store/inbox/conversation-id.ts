/** Ids of conversations, derived from their keys. */
import { createHmac, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Transaction } from "#store/db/database.ts";
import { readSetting, writeSettingOnce } from "#store/db/settings.ts";

const NAME = "naming";

/**
 * The id of a conversation opened under these keys: the same keys always give the same id, so that a message that
 * arrives again after a restore matches the keys of what was done for it before. It cannot be guessed without this
 * installation's secret, because such an id identifies a chat visitor.
 */
export async function conversationIdFor(
  transaction: Transaction,
  channel: string,
  names: readonly string[],
): Promise<string> {
  return (await conversationIds(transaction))(channel, names);
}

/** The same for many, with the installation's secret read once. */
export async function conversationIds(
  transaction: Transaction,
): Promise<(channel: string, names: readonly string[]) => string> {
  const secret = await secretOf(transaction);
  return (channel, names) => {
    const named = JSON.stringify([channel, ...names.toSorted()]);
    return `c_${createHmac("sha256", secret).update(named).digest("hex").slice(0, 20)}`;
  };
}

/** Where several transactions make the first one at the same moment, all of them go on with the one that is kept. */
async function secretOf(transaction: Transaction): Promise<string> {
  const kept = await readSetting(transaction, NAME, z.string());
  if (kept !== null) return kept;
  const made = randomBytes(32).toString("base64url");
  await writeSettingOnce(transaction, NAME, made);
  return (await readSetting(transaction, NAME, z.string())) ?? made;
}
