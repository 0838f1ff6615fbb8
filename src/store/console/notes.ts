/** The team's notes on cases: internal, kept as long as the text they are about. */
import { asc, inArray, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { Transaction } from "#store/db/database.ts";
import { caseNote } from "#store/db/schema.ts";

/** The longest note. */
export const NOTE_MAX = 4_000;

const CaseNote = z.object({
  id: z.string(),
  conversationId: z.string(),
  /** The author's address. */
  author: z.string(),
  name: z.string(),
  text: z.string(),
  at: z.date(),
});
/** One note, as its author wrote it. */
export type CaseNote = z.infer<typeof CaseNote>;

/** Stores a note; false when one with this id is there already, so that a note sent twice is one. */
export async function addNote(transaction: Transaction, note: CaseNote): Promise<boolean> {
  const rows = await transaction
    .insert(caseNote)
    .values(note)
    .onConflictDoNothing()
    .returning({ id: caseNote.id });
  return rows.length === 1;
}

/** More notes than this are not shown. */
const NOTES_MAX = 50;

/** The notes on these conversations, oldest first. */
export async function notesOf(
  transaction: Transaction,
  conversationIds: readonly string[],
): Promise<readonly CaseNote[]> {
  const rows = await transaction
    .select()
    .from(caseNote)
    .where(inArray(caseNote.conversationId, [...conversationIds]))
    .orderBy(asc(caseNote.at), asc(caseNote.id))
    .limit(NOTES_MAX);
  return rows.map((row) => CaseNote.parse(row));
}

/** Replaces the name of an erased teammate under their notes. */
export async function eraseNoteAuthor(
  transaction: Transaction,
  addresses: readonly string[],
  name: string,
): Promise<void> {
  if (addresses.length === 0) return;
  await transaction
    .update(caseNote)
    .set({ author: name, name })
    .where(inArray(sql`lower(${caseNote.author})`, [...addresses]));
}
