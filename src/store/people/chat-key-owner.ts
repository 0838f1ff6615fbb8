/** SQL conditions that match conversation keys to a person. */
import { chatKey } from "#core/connection/chat-key.ts";
import { sql, type SQL } from "#store/db/drizzle.ts";

/**
 * True for the key of a chat of exactly this user. Another user's id may begin with this one and a colon, and an id may
 * contain wildcards of `like`: neither matches.
 */
export function isChatOf(key: SQL, subject: string): SQL {
  const start = chatKey(subject, "");
  const behind = sql`substr(${key}, char_length(${start}::text) + 1)`;
  return sql`(starts_with(${key}, ${start}) and strpos(${behind}, ':') = 0)`;
}

/** True for the key of a mail thread with exactly this address, which contains no colon. */
export function isMailThreadOf(key: SQL, address: string): SQL {
  return sql`(starts_with(${key}, 'mail:') and split_part(${key}, ':', 2) = ${address})`;
}

/** The proven user in the key of a chat; empty for an anonymous visitor. */
export function chatUserIn(key: SQL): SQL {
  return sql`substring(${key} from '^chat:(.*):[^:]*$')`;
}
