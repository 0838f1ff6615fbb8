import { and, eq, gte, inArray, lte, or, sql } from "drizzle-orm";
import { z } from "zod";
import { rowsOf, type Transaction } from "./driver.ts";
import { conversation, message, signal } from "./schema.ts";

/**
 * Conversations that have something to do and nobody at work: unread mail, a due effect, or a retry whose time has
 * come. The truth behind the queue; losing every queued job loses nothing because this is asked on a timer.
 */
export async function conversationsToWake(
  transaction: Transaction,
  options: { readonly now: Date; readonly olderThan: Date; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await rowsOf(
    transaction,
    z.object({ id: z.string() }),
    sql`select c.id from conversation c
        where (c.lease_owner is null or c.lease_until < now())
          and (
            (exists (select 1 from hint h where h.conversation_id = c.id and h.state = 'unread' and h.received_at <= ${options.olderThan})
              and (c.wake_at is null or c.wake_at <= ${options.now}))
            or exists (select 1 from effect e where e.conversation_id = c.id
                       and e.state in ('intended', 'executing') and e.not_before <= ${options.now})
            or (c.wake_at is not null and c.wake_at <= ${options.now})
          )
        order by c.updated_at limit ${options.limit}`,
  );
  return rows.map((row) => row.id);
}

/** A hand-over of ours whose reminder is due. */
export interface DueHandover {
  readonly id: string;
  readonly channel: string;
  readonly ownerReason: string;
  readonly handedOverAt: Date;
}

/**
 * Takes the hand-overs whose reminder is due and that nobody has answered or taken since, here or where people work:
 * each is given once, whoever asks and however often.
 */
export async function takeDueHandovers(
  transaction: Transaction,
  now: Date,
): Promise<readonly DueHandover[]> {
  const rows = await transaction
    .update(conversation)
    .set({ handoverRemindAt: null })
    .where(lte(conversation.handoverRemindAt, now))
    .returning();
  const due: DueHandover[] = [];
  for (const { id, owner, linkedId, channel, ownerReason, handedOverAt } of rows) {
    if (owner !== "human" || handedOverAt === null) continue;
    const places = linkedId === null ? [id] : [id, linkedId];
    if (await isTaken(transaction, places, handedOverAt)) continue;
    due.push({ id, channel, ownerReason, handedOverAt });
  }
  return due;
}

/** A teammate's public words, or an assignment, merge or solution by somebody, tell that the hand-over has arrived. */
async function isTaken(
  transaction: Transaction,
  conversationIds: readonly string[],
  since: Date,
): Promise<boolean> {
  const [answer] = await transaction
    .select({ id: message.id })
    .from(message)
    .where(
      and(
        inArray(message.conversationId, [...conversationIds]),
        eq(message.authorKind, "teammate"),
        eq(message.visibility, "public"),
        gte(message.sentAt, since),
      ),
    )
    .limit(1);
  if (answer !== undefined) return true;
  const [taken] = await transaction
    .select({ key: signal.key })
    .from(signal)
    .where(
      and(
        inArray(signal.conversationId, [...conversationIds]),
        gte(signal.at, since),
        or(
          inArray(sql`${signal.payload} ->> 'kind'`, ["merged", "solved"]),
          // Routing by a rule puts it into a list; that nobody has looked at it yet is just what the reminder is about.
          sql`${signal.payload} ->> 'kind' = 'assigned' and ${signal.payload} ->> 'automatic' = 'false'`,
        ),
      ),
    )
    .limit(1);
  return taken !== undefined;
}
