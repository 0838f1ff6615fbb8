/**
 * Room: The audit: a hash chain of decisions and changes that shows any tampering.
 * In: entries of ids and digests from every job that decides or changes something.
 * Out: verification results, the history of a card, the number of voters.
 * May touch: the database only, inside the caller's transaction.
 * This file: appends to, verifies, trims and reads the chain.
 */
import { takeLock } from "#store/db/advisory-locks.ts";
import { and, asc, desc, eq, gt, lt, lte, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { JsonObject } from "#core/values/canonical-json.ts";
import { ask, onlyRow, type Reader, rowsOf, type Transaction, within } from "#store/db/database.ts";
import { audit } from "#store/db/schema.ts";
import { PAGE_ROWS } from "#store/console/cursor.ts";
import { storedSetting } from "#store/db/settings.ts";
import { checkedChain, FIRST_HASH, hashOfEntry, votersIn } from "#gate/kernel/chain.ts";
import { ALL_ENTRIES, type AuditEntry, CHAIN, chainHead, HEAD } from "./pending-entries.ts";

/** The kind of the entries that record that the oldest were removed, and the last of these: the rest continues from it. */
const TRIMMED = "trimmed";
const START = storedSetting("audit.start", z.strictObject({ seq: z.int(), hash: z.string() }));

/**
 * Appends one entry to the hash chain at once, for what people decide: each hash covers the entry and the previous hash,
 * so any change is detected. Entries hold ids and digests only, never personal text.
 */
export async function appendAudit(
  transaction: Transaction,
  entry: AuditEntry,
  now: Date,
): Promise<void> {
  // Writers queue here until the transaction ends: a chain has one end.
  await takeLock(transaction, "audit");
  const previous = await chainHead(transaction);
  const hash = hashOfEntry(previous, now, entry);
  await transaction
    .insert(audit)
    .values({ at: now, kind: entry.kind, data: entry.data, previous, hash });
  await HEAD.write(transaction, hash);
}

/**
 * Verifies the whole chain; returns the first entry that does not fit or is missing, or the head and the length. A
 * chain whose oldest entries were removed begins where one of its own entries says it does. `waiting` counts the
 * entries that are not in the chain yet. On a store it is read in pieces, and holds up no teammate who decides meanwhile.
 */
export async function verifyAudit(reader: Reader): Promise<AuditVerdict> {
  const start = await chainStart(reader);
  const end = onlyRow(await ask(reader, CHAIN.end, []));
  const found = (await within(reader, (transaction) => isAttested(transaction, start)))
    ? await checkedChain((statement, values) => ask(reader, statement, values), CHAIN, end, start)
    : { entries: 0, head: start.hash, brokenAt: start.seq + 1 };
  // What was removed meanwhile because of its age is not missing.
  if (found.brokenAt !== null && (await chainStart(reader)).seq !== start.seq)
    return verifyAudit(reader);
  return { ...found, waiting: end.waiting };
}

/** What a check of the whole audit found. */
export type AuditVerdict = Awaited<ReturnType<typeof checkedChain>> & { readonly waiting: number };

/**
 * The entry with this hash, or null when there is none: a chain whose end was cut off and rewritten is consistent by
 * itself, and only a head recorded elsewhere reveals it. The head of the empty chain is before entry 1.
 */
export async function placeInAudit(transaction: Transaction, head: string): Promise<number | null> {
  if (head === FIRST_HASH) return 0;
  const start = await chainStart(transaction);
  if (head === start.hash) return start.seq;
  const [row] = await transaction
    .select({ seq: audit.seq })
    .from(audit)
    .where(eq(audit.hash, head));
  return row?.seq ?? null;
}

type Start = NonNullable<ReturnType<typeof START.from>>;

async function chainStart(reader: Reader): Promise<Start> {
  return (await START.read(reader)) ?? { seq: 0, hash: FIRST_HASH };
}

/** Detects a beginning that was cut off without an entry in the chain that records it. */
async function isAttested(transaction: Transaction, start: Start): Promise<boolean> {
  if (start.seq === 0) return start.hash === FIRST_HASH;
  const attests = sql`${audit.kind} = ${TRIMMED} and ${audit.data} ->> 'through' = ${start.hash}
    and ${audit.data} ->> 'entry' = ${String(start.seq)}`;
  return (await transaction.$count(audit, attests)) > 0;
}

/** True when the chain begins before this moment. */
export async function isAuditOlder(transaction: Transaction, before: Date): Promise<boolean> {
  const [oldest] = await transaction.select().from(audit).orderBy(asc(audit.seq)).limit(1);
  return oldest !== undefined && oldest.at < before;
}

/**
 * Removes the oldest entries, at most `limit`, and records in the chain where it begins now. The rest verifies as
 * before, with the same head and one more entry. Returns how many were removed.
 */
export async function trimAudit(
  transaction: Transaction,
  options: { readonly before: Date; readonly limit: number; readonly now: Date },
): Promise<number> {
  const oldest = await transaction
    .select({ seq: audit.seq, hash: audit.hash, at: audit.at })
    .from(audit)
    .orderBy(asc(audit.seq))
    .limit(options.limit);
  // Only a run from the beginning: one entry that is young enough keeps all entries after it.
  const young = oldest.findIndex(({ at }) => at.getTime() >= options.before.getTime());
  const old = young === -1 ? oldest : oldest.slice(0, young);
  const last = old.at(-1);
  if (last === undefined) return 0;
  await appendAudit(
    transaction,
    { kind: TRIMMED, data: { through: last.hash, entry: String(last.seq), entries: old.length } },
    options.now,
  );
  const gone = await transaction
    .delete(audit)
    .where(lte(audit.seq, last.seq))
    .returning({ seq: audit.seq });
  await START.write(transaction, { seq: last.seq, hash: last.hash });
  return gone.length;
}

const AuthorEntry = z.object({
  version: z.int(),
  by: z.array(z.string()).default([]),
  hasAddress: z.boolean().default(false),
  assistant: z.boolean().default(false),
});

/**
 * A person's part in the text of a card: their pseudonyms, whether one of them is of an address, and whether a program
 * wrote it for them.
 */
export type Author = Omit<z.infer<typeof AuthorEntry>, "version">;

/**
 * Whose words a card holds: all teammates who edited it since its last draft, and the one whose instruction led to that
 * draft. A redraft without an instruction has no author; what a person's assistant wrote or wished counts as long as the
 * card lasts, since later drafts keep of it. Entries of older code do not name an author.
 */
export async function draftAuthors(
  transaction: Transaction,
  approvalId: string,
): Promise<readonly Author[]> {
  const { rows, drafted, draftedBefore } = await authorEntries(transaction, approvalId);
  return authorsAfter(rows, { edited: drafted, hinted: draftedBefore });
}

/** Whose words the next draft of a card will hold, as far as it is known already. */
export async function nextAuthors(
  transaction: Transaction,
  approvalId: string,
): Promise<readonly Author[]> {
  const { rows, drafted } = await authorEntries(transaction, approvalId);
  return authorsAfter(rows, { edited: Number.POSITIVE_INFINITY, hinted: drafted });
}

const AuthorRow = z.object({ kind: z.string(), data: AuthorEntry });

/** With the newest version that a draft made, and the one before it. */
async function authorEntries(transaction: Transaction, approvalId: string) {
  const rows = await rowsOf(
    transaction,
    AuthorRow,
    sql`select kind, data from ${ALL_ENTRIES}
        where kind in ('asked', 'edited', 'hinted') and data ->> 'approval' = ${approvalId}`,
  );
  const asked = rows.flatMap(({ kind, data }) => (kind === "asked" ? [data.version] : []));
  const [drafted = 0, draftedBefore = 0] = asked.toSorted((one, other) => other - one);
  return { rows, drafted, draftedBefore };
}

/** What a program wrote or wished for a person counts whichever version it was for. */
function authorsAfter(
  rows: readonly z.infer<typeof AuthorRow>[],
  after: Readonly<Record<string, number>>,
): readonly Author[] {
  return rows.flatMap(({ kind, data: { version, ...author } }) => {
    const from = after[kind];
    return from !== undefined && (author.assistant || version > from) ? [author] : [];
  });
}

/** How many different people approved this version of a card under this seal, according to the audit. */
export async function votersFor(
  transaction: Transaction,
  vote: { readonly approval: string; readonly version: number; readonly seal: string },
): Promise<number> {
  const rows = await rowsOf(
    transaction,
    z.object({ data: JsonObject }),
    sql`select data from ${ALL_ENTRIES} where kind = 'vote' and data ->> 'approval' = ${vote.approval}`,
  );
  return votersIn(
    rows.map(({ data }) => data),
    vote,
  ).size;
}

const CardEvent = z.object({ at: z.coerce.date(), kind: z.string(), data: JsonObject });
/** One event in the history of a card. */
export type CardEvent = z.infer<typeof CardEvent>;

/** Far more than a card ever has; bounds the list when a person clicks endlessly. */
const EVENTS_MAX = 100;

/**
 * The audit entries of a card, oldest first; of one moment, the request comes before what was decided on it. People are
 * pseudonyms in them.
 */
export async function auditOfCard(
  transaction: Transaction,
  approvalId: string,
): Promise<readonly CardEvent[]> {
  return rowsOf(
    transaction,
    CardEvent,
    sql`select at, kind, data from ${ALL_ENTRIES}
        where data ->> 'approval' = ${approvalId} order by at, (kind <> 'asked'), seq nulls last limit ${EVENTS_MAX}`,
  );
}

// Entries for reading and export, and what the last check of the chain found.

/** An entry with its place in the chain. */
export type AuditRow = typeof audit.$inferSelect;

/** Entries before this place, newest first; of one kind when it is given, with `_` for spaces. */
export async function newestEntries(
  transaction: Transaction,
  { before, kind }: { readonly before: number | null; readonly kind: string | null },
): Promise<{ readonly entries: readonly AuditRow[]; readonly next: number | null }> {
  const rows = await transaction
    .select()
    .from(audit)
    .where(
      and(
        before === null ? undefined : lt(audit.seq, before),
        kind === null ? undefined : eq(sql`replace(${audit.kind}, ' ', '_')`, kind),
      ),
    )
    .orderBy(desc(audit.seq))
    .limit(PAGE_ROWS + 1);
  const entries = rows.slice(0, PAGE_ROWS);
  return { entries, next: rows.length > PAGE_ROWS ? (entries.at(-1)?.seq ?? null) : null };
}

/** Entries after this place, oldest first, at most `most`: an export reads the chain in pieces. */
export async function entriesAfter(
  transaction: Transaction,
  after: number,
  most: number,
): Promise<readonly AuditRow[]> {
  return transaction
    .select()
    .from(audit)
    .where(gt(audit.seq, after))
    .orderBy(asc(audit.seq))
    .limit(most);
}

const AuditCheck = z.object({
  at: z.iso.datetime(),
  entries: z.int(),
  head: z.string(),
  brokenAt: z.int().nullable(),
});
/** What a check of the whole chain found, and when. */
export type AuditCheck = z.infer<typeof AuditCheck>;

/** The last check that was asked for; not there before the first one. */
export const LAST_CHECK = storedSetting("audit.checked", AuditCheck);

/** Keeps what a check found, for everybody who looks at the page. */
export function keepCheck(
  transaction: Transaction,
  { entries, head, brokenAt }: AuditVerdict,
  now: Date,
): Promise<void> {
  return LAST_CHECK.write(transaction, { at: now.toISOString(), entries, head, brokenAt });
}
