import { chatKey } from "#core/values/chat-key.ts";
import { sql, type SQL } from "#store/db/drizzle.ts";

/**
 * True for the key of a chat of exactly this user. Another's id may begin with all of this one's and a colon, and an id
 * may hold what `like` takes for any character: neither is this user.
 */
export function isChatOf(key: SQL, subject: string): SQL {
  const start = chatKey(subject, "");
  const behind = sql`substr(${key}, char_length(${start}::text) + 1)`;
  return sql`(starts_with(${key}, ${start}) and strpos(${behind}, ':') = 0)`;
}

/** True for the key of a thread of mails with exactly this address, which holds no colon. */
export function isMailThreadOf(key: SQL, address: string): SQL {
  return sql`(starts_with(${key}, 'mail:') and split_part(${key}, ':', 2) = ${address})`;
}

/** The proven user in the key of a chat; an unsigned visitor's is empty. */
export function chatUserIn(key: SQL): SQL {
  return sql`substring(${key} from '^chat:(.*):[^:]*$')`;
}
