/** The attached files of messages, and the result of opening each. */
import { z } from "zod";
import {
  and,
  asc,
  eq,
  getTableColumns,
  inArray,
  isNull,
  lte,
  ne,
  or,
  type SQL,
  sql,
} from "#store/db/drizzle.ts";
import type { Attachment, Message } from "#core/values/message.ts";
import { firstRow, onlyRow, type Transaction, valuesOf } from "#store/db/database.ts";
import { attachment } from "#store/db/schema.ts";
import { having } from "#store/db/statement.ts";

const { description: _forTheTeam, ...FILE } = getTableColumns(attachment);

/** A file of a message, as far as it was opened. */
export type StoredFile = Omit<
  typeof attachment.$inferSelect,
  "description" | "nextAt" | "receivedAt" | "clearedAt"
>;

/** The result of trying to open it. */
export type FileOutcome =
  | { readonly state: "kept"; readonly blobRef: string; readonly bytes: number }
  | { readonly state: "refused"; readonly reason: string }
  | { readonly state: "waiting"; readonly reason: string; readonly nextAt: Date };

/** What an outcome leaves behind unless it says otherwise: no reason, and no other try. */
const SETTLED = { reason: "", nextAt: null } as const;

/** The known files of these messages, in any state. */
export async function messageFiles(
  transaction: Transaction,
  messageKeys: readonly string[],
): Promise<readonly StoredFile[]> {
  if (messageKeys.length === 0) return [];
  return transaction
    .select(FILE)
    .from(attachment)
    .where(and(inArray(attachment.messageKey, [...messageKeys]), isNull(attachment.clearedAt)))
    .orderBy(asc(attachment.messageKey), asc(attachment.place));
}

/** The stored files of this message that are not among those it has now. */
export function filesNotIn({ key, attachments }: Message): SQL | undefined {
  const { messageKey, ref, name, clearedAt } = attachment;
  const others = attachments.map((file) => or(ne(ref, file.ref ?? ""), ne(name, file.name)));
  return and(eq(messageKey, key), isNull(clearedAt), ...others);
}

/** One file by its id; null when there is none, or its content was erased. */
export function findFile(transaction: Transaction, id: string): Promise<StoredFile | null> {
  const isKept = having(attachment, { id, clearedAt: null });
  return firstRow(transaction.select(FILE).from(attachment).where(isKept));
}

/** The number of bytes stored for a conversation. */
export async function keptBytes(transaction: Transaction, conversationId: string): Promise<number> {
  const kept = sql`select coalesce(sum(bytes), 0) from attachment
    where conversation_id = ${conversationId} and state = 'kept'`;
  return onlyRow(await valuesOf(transaction, z.coerce.number(), kept));
}

/** Stores a file with the result of opening it. False when another process stored it first: that result counts. */
export async function addFile(
  transaction: Transaction,
  file: Pick<StoredFile, "id" | "conversationId" | "messageKey" | "place" | "channel" | "ref"> & {
    readonly attachment: Attachment;
  },
  outcome: FileOutcome,
  now: Date,
): Promise<boolean> {
  const { attachment: told, ...rest } = file;
  const rows = await transaction
    .insert(attachment)
    .values({
      ...rest,
      name: told.name,
      mediaType: told.mediaType,
      bytes: told.bytes,
      attempts: 1,
      receivedAt: now,
      ...SETTLED,
      ...outcome,
    })
    .onConflictDoNothing()
    .returning({ id: attachment.id });
  return rows.length > 0;
}

/** The result of another try. False when it was erased or settled meanwhile. */
export async function settleFile(
  transaction: Transaction,
  id: string,
  outcome: FileOutcome,
): Promise<boolean> {
  const rows = await transaction
    .update(attachment)
    .set({ ...SETTLED, ...outcome, attempts: sql`${attachment.attempts} + 1` })
    // A file that was erased while it was being fetched stays erased.
    .where(having(attachment, { id, state: "waiting", clearedAt: null }))
    .returning({ id: attachment.id });
  return rows.length > 0;
}

/** Waiting files that are due, longest waiting first; no other process gets them before `until`. */
export async function takeWaiting(
  transaction: Transaction,
  { now, until, limit }: { readonly now: Date; readonly until: Date; readonly limit: number },
): Promise<readonly StoredFile[]> {
  const isWaiting = having(attachment, { state: "waiting", clearedAt: null });
  const files = await transaction
    .select(FILE)
    .from(attachment)
    .where(and(isWaiting, lte(attachment.nextAt, now)))
    .orderBy(asc(attachment.nextAt))
    .limit(limit)
    .for("update", { skipLocked: true });
  const ids = files.map(({ id }) => id);
  await transaction.update(attachment).set({ nextAt: until }).where(inArray(attachment.id, ids));
  return files;
}

/** The descriptions that are kept, by the id of their file; erased files have none. */
export async function pictureDescriptions(
  transaction: Transaction,
  files: readonly { readonly id: string }[],
): Promise<ReadonlyMap<string, string>> {
  if (files.length === 0) return new Map();
  const { id, description, clearedAt } = attachment;
  const ids = files.map((file) => file.id);
  const isDescribed = and(inArray(id, ids), ne(description, ""), isNull(clearedAt));
  const rows = await transaction.select({ id, description }).from(attachment).where(isDescribed);
  return new Map(rows.map((row) => [row.id, row.description]));
}

/** Keeps a description. The first one stays, and a file that was erased meanwhile gets none. */
export async function keepDescription(
  transaction: Transaction,
  id: string,
  description: string,
): Promise<void> {
  await transaction
    .update(attachment)
    .set({ description })
    .where(having(attachment, { id, description: "", state: "kept", clearedAt: null }));
}

/** The kinds a browser shows as pixels and nothing else; SVG is not among them, since it can hold scripts. */
const KINDS = [
  { type: "image/png", begins: "89504e470d0a1a0a", at: 0 },
  { type: "image/jpeg", begins: "ffd8ff", at: 0 },
  { type: "image/gif", begins: "474946383761", at: 0 },
  { type: "image/gif", begins: "474946383961", at: 0 },
  { type: "image/webp", begins: "57454250", at: 8 },
] as const;

/** The media type of a picture by its bytes, whatever its name and its sender say; null for anything else. */
export function pictureType(bytes: Uint8Array): (typeof KINDS)[number]["type"] | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("hex");
  return KINDS.find(({ begins, at }) => head.startsWith(begins, at * 2))?.type ?? null;
}
