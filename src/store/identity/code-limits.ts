/** Limits on how often one-time codes may be requested. */
import { z } from "zod";
import { ask, onlyRow, type Transaction } from "#store/db/database.ts";
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

/** `$1` and `$2` an hour and a day ago, `$3` address, `$4` network, `$5` conversation. What was limited counts nowhere. */
const USED = {
  name: "codes_used",
  text: `
select count(*) filter (where is_recent and email_on_file is not null)::int as mailed,
  count(*) filter (where is_recent and is_here)::int as "hereHour",
  count(*) filter (where is_here)::int as "hereDay",
  count(*) filter (where is_recent and is_address)::int as "addressHour",
  count(*) filter (where is_address)::int as "addressDay",
  count(*) filter (where is_recent and conversation_id = $5)::int as conversation,
  count(*) filter (where is_recent and network_hash = $4)::int as network
from (select *, created_at > $1 as is_recent, address_hash = $3 as is_address,
        address_hash = $3 and network_hash is not distinct from $4::text as is_here
      from challenge
      where created_at > $2 and (created_at > $1 or address_hash = $3) and state <> 'limited') c`,
  row: z.object({
    mailed: z.int(),
    hereHour: z.int(),
    hereDay: z.int(),
    addressHour: z.int(),
    addressDay: z.int(),
    conversation: z.int(),
    network: z.int(),
  }),
} as const;

/**
 * The limit that prevents a code, null when there is none, and how many codes were mailed within an hour. The overall
 * limit counts mails but is applied to every address: it must not reveal whether the shop knows one.
 */
export async function codeLimit(
  transaction: Transaction,
  asked: {
    readonly conversationId: string;
    readonly addressHash: string;
    readonly networkHash: string | null;
  },
  now: Date,
): Promise<{ readonly limitedBy: CodeLimit | null; readonly mailed: number }> {
  const since = [HOUR_MS, DAY_MS].map((ms) => new Date(now.getTime() - ms));
  const { addressHash, networkHash, conversationId } = asked;
  const used = onlyRow(
    await ask(transaction, USED, [...since, addressHash, networkHash, conversationId]),
  );
  const isAddressUsed =
    used.hereHour >= CODE_LIMITS.addressPerHour ||
    used.hereDay >= CODE_LIMITS.addressPerDay ||
    used.addressHour >= CODE_LIMITS.addressOverallPerHour ||
    used.addressDay >= CODE_LIMITS.addressOverallPerDay;
  const limits: readonly (readonly [CodeLimit, boolean])[] = [
    ["overall", used.mailed >= CODE_LIMITS.overallPerHour],
    ["address", isAddressUsed],
    ["conversation", used.conversation >= CODE_LIMITS.conversationPerHour],
    ["network", used.network >= CODE_LIMITS.networkPerHour],
  ];
  const limitedBy = limits.find(([, isUsedUp]) => isUsedUp)?.[0] ?? null;
  return { limitedBy, mailed: used.mailed };
}
