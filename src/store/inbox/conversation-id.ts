import { createHmac, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Transaction } from "#store/db/database.ts";
import { readSetting, writeSetting } from "#store/db/settings.ts";

const NAME = "naming";

/**
 * The id of a conversation that is opened under these names: always the same for the same ones, so that a message which
 * comes again after a restore meets the keys of what was done for it before. Nobody can guess it without this
 * installation's secret, because a visitor of the chat is known by such an id.
 */
export async function conversationIdFor(
  transaction: Transaction,
  channel: string,
  names: readonly string[],
): Promise<string> {
  const secret = await secretOf(transaction);
  const named = JSON.stringify([channel, ...names.toSorted()]);
  return `c_${createHmac("sha256", secret).update(named).digest("hex").slice(0, 20)}`;
}

async function secretOf(transaction: Transaction): Promise<string> {
  const kept = await readSetting(transaction, NAME, z.string());
  if (kept !== null) return kept;
  const made = randomBytes(32).toString("base64url");
  await writeSetting(transaction, NAME, made);
  return made;
}
