/** Limits on how often one-time codes may be requested. */
import { and, eq, gt, isNotNull, ne, sql, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { challenge } from "#store/db/schema.ts";
import { DAY_MS, HOUR_MS } from "#core/values/moment.ts";

/**
 * How often a code may be requested. Each limit also bounds guessing: a code allows five tries.
 *
 * For one address from one network three an hour and ten a day; from all networks twice that, so that others cannot
 * fill a mailbox, and one other network cannot use up what the owner needs. From one network ten an hour, enough for an
 * office. In one conversation three an hour, so that it cannot be used to try many addresses. Overall sixty mails an
 * hour, far above what a shop's customers need and far below what a mail server takes for spam; reaching it indicates
 * an attack. The overall limit counts mailed codes only: requests with invented addresses use up nothing.
 */
export const CODE_LIMITS = {
  addressPerHour: 3,
  addressPerDay: 10,
  addressOverallPerHour: 6,
  addressOverallPerDay: 20,
  conversationPerHour: 3,
  networkPerHour: 10,
  overallPerHour: 60,
} as const;

/** Which limit prevented a code from being sent. */
export type CodeLimit = "address" | "conversation" | "network" | "overall";

/** How many codes were mailed within an hour. */
export async function mailedWithinHour(transaction: Transaction, now: Date): Promise<number> {
  return used(transaction, { now, ms: HOUR_MS }, isNotNull(challenge.emailOnFile));
}

/**
 * The limit that prevents a code; null when there is none. The overall limit counts mails but is applied to every
 * address: it must not reveal whether the shop knows one.
 */
export async function codeLimit(
  transaction: Transaction,
  asked: {
    readonly conversationId: string;
    readonly addressHash: string;
    readonly networkHash: string | null;
    readonly mailed: number;
  },
  now: Date,
): Promise<CodeLimit | null> {
  if (asked.mailed >= CODE_LIMITS.overallPerHour) return "overall";
  const hour = { now, ms: HOUR_MS };
  const day = { now, ms: DAY_MS };
  const ofAddress = eq(challenge.addressHash, asked.addressHash);
  const ofNetwork = sql`${challenge.networkHash} is not distinct from ${asked.networkHash}::text`;
  const here = and(ofAddress, ofNetwork);
  if (
    (await used(transaction, hour, here)) >= CODE_LIMITS.addressPerHour ||
    (await used(transaction, day, here)) >= CODE_LIMITS.addressPerDay ||
    (await used(transaction, hour, ofAddress)) >= CODE_LIMITS.addressOverallPerHour ||
    (await used(transaction, day, ofAddress)) >= CODE_LIMITS.addressOverallPerDay
  )
    return "address";
  const ofConversation = eq(challenge.conversationId, asked.conversationId);
  if ((await used(transaction, hour, ofConversation)) >= CODE_LIMITS.conversationPerHour)
    return "conversation";
  const fromNetwork = asked.networkHash === null ? 0 : await used(transaction, hour, ofNetwork);
  return fromNetwork >= CODE_LIMITS.networkPerHour ? "network" : null;
}

/** How many codes were not limited, within this long before now. */
async function used(
  transaction: Transaction,
  { now, ms }: { readonly now: Date; readonly ms: number },
  which: SQL | undefined,
): Promise<number> {
  const since = gt(challenge.createdAt, new Date(now.getTime() - ms));
  return transaction.$count(challenge, and(since, ne(challenge.state, "limited"), which));
}

/** The network of the chat messages that asked, as a keyed digest; null where unknown. */
export async function askingNetwork(
  transaction: Transaction,
  conversationId: string,
  messageKeys: readonly string[],
): Promise<string | null> {
  const rows = await rowsOf(
    transaction,
    z.object({ network: z.string() }),
    sql`select payload -> 'data' ->> 'network' as network from hint
        where conversation_id = ${conversationId} and event_id in ${[...messageKeys]}
          and payload -> 'data' ->> 'network' is not null
        order by id desc limit 1`,
  );
  return rows[0]?.network ?? null;
}
