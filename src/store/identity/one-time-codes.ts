import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { timingSafeEqual } from "node:crypto";
import { and, asc, eq, gt, inArray, lte, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { CODE_MARK } from "#core/values/identity.ts";
import { Message } from "#core/values/message.ts";
import { type CodeLimit, limitOf, mailedWithinHour } from "./code-limits.ts";
import type { Transaction } from "#store/db/database.ts";
import { challenge, challengeTry, message, messageContent } from "#store/db/schema.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Long enough to switch to the mailbox and back, short enough that a mail left open opens nothing. */
export const CODE_LIVES_MS = 10 * MINUTE_MS;

/** Room for a slip of the finger or two; a guess is right once in 200,000 codes. */
export const CODE_TRIES_MAX = 5;

/** After this a code that was asked for says nothing any more, not even that it is too old. */
const REMEMBERED_MS = HOUR_MS;

const State = z.enum(["open", "used", "dead", "limited"]);

/** A code that was asked for. */
export const Challenge = z.object({
  id: z.string(),
  conversationId: z.string(),
  authorId: z.string(),
  /** Null when the shop has no such address: then nothing was sent and no code is right. */
  emailOnFile: z.string().nullable(),
  state: State,
  createdAt: z.date(),
  expiresAt: z.date(),
  usedAt: z.date().nullable(),
});
export type Challenge = z.infer<typeof Challenge>;

/** What a message that held a code came to. */
export interface Checked {
  readonly challengeId: string;
  readonly accepted: boolean;
  readonly at: Date;
}

/** A code that was just booked. */
export interface Booked {
  readonly challenge: Challenge;
  /** Why it is not sent; null when no limit stands in the way, and when it was booked before. */
  readonly limitedBy: CodeLimit | null;
  /** How many codes were mailed within the hour, this one among them. */
  readonly mailed: number;
}

/** True while its code can be entered. */
export function isOpen(asked: Challenge, now: Date): boolean {
  return asked.state === "open" && asked.expiresAt.getTime() > now.getTime();
}

/**
 * Books that a code was asked for, once for its id. The one before it for the same writer dies; one asked for too often
 * is `limited` and leaves the others as they are. An address without an account is limited like all others.
 */
export async function openChallenge(
  transaction: Transaction,
  asked: {
    readonly id: string;
    readonly conversationId: string;
    readonly authorId: string;
    readonly addressHash: string;
    readonly emailOnFile: string | null;
    readonly codeHash: string;
    /** Where it was asked for; null where the channel does not tell, which counts as one network for an address. */
    readonly networkHash: string | null;
  },
  now: Date,
): Promise<Booked> {
  // Counting and booking are one step for everybody, or two that arrive together would both fit under a limit.
  await transaction.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.oneTimeCodes})`);
  const before = await challengeById(transaction, asked.id);
  if (before !== null) return { challenge: before, limitedBy: null, mailed: 0 };
  await forgetOld(transaction, now);
  const mailed = await mailedWithinHour(transaction, now);
  const limitedBy = await limitOf(transaction, { ...asked, mailed }, now);
  const state = limitedBy === null ? "open" : "limited";
  if (state === "open")
    await transaction
      .update(challenge)
      .set({ state: "dead" })
      .where(
        and(
          eq(challenge.conversationId, asked.conversationId),
          eq(challenge.authorId, asked.authorId),
          eq(challenge.state, "open"),
        ),
      );
  const [row] = await transaction
    .insert(challenge)
    .values({
      ...asked,
      state,
      createdAt: now,
      expiresAt: new Date(now.getTime() + CODE_LIVES_MS),
    })
    .returning();
  const isMailed = state === "open" && asked.emailOnFile !== null;
  return { challenge: Challenge.parse(row), limitedBy, mailed: mailed + (isMailed ? 1 : 0) };
}

/** The day's limit is the longest memory there has to be; addresses are not kept beyond it. */
async function forgetOld(transaction: Transaction, now: Date): Promise<void> {
  const old = await transaction
    .delete(challenge)
    .where(lte(challenge.createdAt, new Date(now.getTime() - DAY_MS)))
    .returning({ id: challenge.id });
  if (old.length === 0) return;
  await transaction.delete(challengeTry).where(
    inArray(
      challengeTry.challengeId,
      old.map(({ id }) => id),
    ),
  );
}

/** One challenge; null when it was never booked or is forgotten. */
export async function challengeById(
  transaction: Transaction,
  id: string,
): Promise<Challenge | null> {
  const [row] = await transaction.select().from(challenge).where(eq(challenge.id, id));
  return row === undefined ? null : Challenge.parse(row);
}

/** The codes asked for in a conversation within the last hour, oldest first. */
export async function challengesOf(
  transaction: Transaction,
  conversationId: string,
  now: Date,
): Promise<readonly Challenge[]> {
  const rows = await transaction
    .select()
    .from(challenge)
    .where(
      and(
        eq(challenge.conversationId, conversationId),
        gt(challenge.createdAt, new Date(now.getTime() - REMEMBERED_MS)),
      ),
    )
    .orderBy(asc(challenge.createdAt), asc(challenge.id));
  return rows.map((row) => Challenge.parse(row));
}

/** What is known of messages that are read again. */
export interface KnownMessages {
  readonly stored: ReadonlySet<string>;
  /** Those of them in which a code was found, as they were stored: without it. */
  readonly masked: ReadonlyMap<string, Message>;
  /** What those with a code came to, also when a crash kept them from being stored. */
  readonly checked: ReadonlyMap<string, Checked>;
}

/** Looks messages up by their keys. */
export async function knownMessages(
  transaction: Transaction,
  messageKeys: readonly string[],
): Promise<KnownMessages> {
  const keys = [...messageKeys];
  const stored = await transaction
    .select({ key: message.key })
    .from(message)
    .where(inArray(message.key, keys));
  const masked = await transaction
    .select({ key: message.key, content: messageContent.content })
    .from(message)
    .innerJoin(messageContent, eq(messageContent.messageId, message.id))
    .where(
      and(
        inArray(message.key, keys),
        sql`strpos(${messageContent.content} ->> 'text', ${CODE_MARK}) > 0`,
      ),
    );
  return {
    stored: new Set(stored.map(({ key }) => key)),
    masked: new Map(masked.map(({ key, content }) => [key, Message.parse(content)])),
    checked: await checkedOf(transaction, keys),
  };
}

async function checkedOf(
  transaction: Transaction,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Checked>> {
  const tries = await transaction
    .select()
    .from(challengeTry)
    .where(inArray(challengeTry.messageKey, [...keys]));
  return new Map(tries.map(({ messageKey, ...checked }) => [messageKey, checked]));
}

/**
 * Compares a code that was entered, counted in this transaction, so that guesses that arrive together are no more than
 * five. The same message again gets the answer it got. Null when the challenge takes no code any more.
 */
export async function checkCode(
  transaction: Transaction,
  entered: { readonly messageKey: string; readonly challengeId: string; readonly codeHash: string },
  now: Date,
): Promise<Checked | null> {
  const { messageKey, challengeId } = entered;
  const before = (await checkedOf(transaction, [messageKey])).get(messageKey);
  if (before !== undefined) return before;
  const [row] = await transaction
    .update(challenge)
    .set({ tries: sql`${challenge.tries} + 1` })
    .where(
      and(eq(challenge.id, challengeId), eq(challenge.state, "open"), gt(challenge.expiresAt, now)),
    )
    .returning();
  if (row === undefined) return null;
  // The row stays locked until the commit, so whoever comes sixth finds it dead.
  const accepted = isSame(row.codeHash, entered.codeHash) && row.emailOnFile !== null;
  if (accepted || row.tries >= CODE_TRIES_MAX)
    await transaction
      .update(challenge)
      .set(accepted ? { state: "used", usedAt: now } : { state: "dead" })
      .where(eq(challenge.id, challengeId));
  await transaction
    .insert(challengeTry)
    .values({ messageKey, challengeId, accepted, at: now })
    .onConflictDoNothing();
  return { challengeId, accepted, at: now };
}

/** In a time that does not tell how much of it was right. */
function isSame(kept: string, entered: string): boolean {
  const [a, b] = [Buffer.from(kept), Buffer.from(entered)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Who wrote the messages that asked; null when they are not of one writer in this conversation. */
export async function authorOf(
  transaction: Transaction,
  conversationId: string,
  messageKeys: readonly string[],
): Promise<string | null> {
  const rows = await transaction
    .selectDistinct({ authorId: message.authorId })
    .from(message)
    .where(
      and(
        eq(message.conversationId, conversationId),
        eq(message.authorKind, "requester"),
        inArray(message.key, [...messageKeys]),
      ),
    );
  const [only] = rows;
  return rows.length === 1 && only !== undefined ? only.authorId : null;
}
