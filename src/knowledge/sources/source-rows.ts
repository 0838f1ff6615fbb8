/** Sources of help pages that a lead added, as rows. */
import { z } from "zod";
import type { SourcePage } from "#core/contracts/knowledge.ts";
import { rowsOf, type Store, type Transaction, valuesOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";
import { knownAttributes } from "#knowledge/pages.ts";
import { removePages } from "#knowledge/passage-rows.ts";

const AddedSource = z.strictObject({
  name: z.string(),
  /** Where its pages come from. */
  kind: z.enum(["folder", "site", "zendesk-guide"]),
  /** The path of a folder or of one file, or the address of a site. */
  location: z.string(),
  /** True where the site may be one of the operator's own network. */
  is_local: z.boolean(),
  added_by: z.string(),
  read_at: z.coerce.date().nullable(),
  pages: z.int(),
  left_out: z.int(),
  /** Why the last reading was not taken over; empty when it was. */
  problem: z.string(),
});
/** A source as it was added, with the result of its last reading. */
export type AddedSource = z.infer<typeof AddedSource>;

const COLUMNS = sql`name, kind, location, is_local, added_by, read_at, pages, left_out, problem`;

/** All of them, by name. */
export function addedSources(transaction: Transaction): Promise<readonly AddedSource[]> {
  return rowsOf(
    transaction,
    AddedSource,
    sql`select ${COLUMNS} from knowledge_source order by name`,
  );
}

/** Help pages change rarely, and a lead who changed one presses “Read it again”. A site is others' machine. */
const READ_AGAIN_HOURS = { folder: 1, site: 24, "zendesk-guide": 1 } as const;

function nextAfter(at: Date, kind: AddedSource["kind"]): string {
  return new Date(at.getTime() + READ_AGAIN_HOURS[kind] * 3_600_000).toISOString();
}

/** False when there is a source of this name already. The command that adds it reads it first; later its clock does. */
export async function insertSource(
  transaction: Transaction,
  given: Pick<AddedSource, "name" | "kind" | "location" | "is_local"> & {
    readonly by: string;
    readonly at: Date;
  },
): Promise<boolean> {
  const rows = await valuesOf(
    transaction,
    z.string(),
    sql`insert into knowledge_source (name, kind, location, is_local, added_by, added_at, next_read_at)
        values (${given.name}, ${given.kind}, ${given.location}, ${given.is_local}, ${given.by}, ${given.at.toISOString()}, ${nextAfter(given.at, given.kind)})
        on conflict (name) do nothing returning name`,
  );
  return rows.length > 0;
}

/** Removes a source with its pages. False when there is none of this name. */
export async function deleteSource(transaction: Transaction, name: string): Promise<boolean> {
  const gone = sql`delete from knowledge_source where name = ${name} returning name`;
  const rows = await valuesOf(transaction, z.string(), gone);
  if (rows.length > 0) await removePages(transaction, sql`source = ${name}`);
  return rows.length > 0;
}

/**
 * Takes a source whose time has come, so that one process alone reads it; the next time is set at once, so that a process
 * that dies while it reads does not hold it for ever. Sites come last: one may take hours. Null where none is due.
 */
export async function takeDueSource(store: Store, now: Date): Promise<AddedSource | null> {
  const [taken = null] = await rowsOf(
    store,
    AddedSource,
    sql`update knowledge_source set next_read_at = case kind
            when 'site' then ${nextAfter(now, "site")}::timestamptz
            when 'zendesk-guide' then ${nextAfter(now, "zendesk-guide")}::timestamptz
            else ${nextAfter(now, "folder")}::timestamptz end
          where name in (
            select name from knowledge_source where next_read_at <= ${now.toISOString()}
            order by kind = 'site', name limit 1 for update skip locked)
          returning ${COLUMNS}`,
  );
  return taken;
}

/** Gives one back that was taken and not read to its end, since its process stops. */
export async function giveBackSource(
  transaction: Transaction,
  name: string,
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  await transaction.execute(
    sql`update knowledge_source set next_read_at = ${at} where name = ${name}`,
  );
}

/** How a reading ended. */
export interface ReadingResult {
  readonly name: string;
  readonly at: Date;
  readonly pages: number;
  readonly leftOut: readonly { readonly id: string; readonly reason: string }[];
}

/** Files named in the list; a source with more of them has another trouble than each of these. */
const LEFT_OUT_MAX = 500;

/** Keeps what a reading brought, in place of the one before. */
export async function recordReading(
  transaction: Transaction,
  { name, at, pages, leftOut }: ReadingResult,
): Promise<void> {
  await transaction.execute(
    sql`update knowledge_source
        set read_at = ${at.toISOString()}, pages = ${pages}, left_out = ${leftOut.length}, problem = ''
        where name = ${name}`,
  );
  await transaction.execute(sql`delete from knowledge_left_out where source = ${name}`);
  await transaction.execute(
    sql`insert into knowledge_left_out (source, id, reason)
        select ${name}, id, reason
        from jsonb_to_recordset(${storableJson(leftOut.slice(0, LEFT_OUT_MAX))}::jsonb) as one(id text, reason text)
        where exists (select from knowledge_source where name = ${name})
        on conflict do nothing`,
  );
}

/** Keeps why a reading was not taken over; the pages stay as they were. */
export async function recordProblem(
  transaction: Transaction,
  name: string,
  problem: string,
): Promise<void> {
  await transaction.execute(
    sql`update knowledge_source set problem = ${problem.slice(0, 500)} where name = ${name}`,
  );
}

/** What a page says of itself, as it was kept; what is not known is left out. */
const StoredAttributes = z
  .object({
    language: z.string(),
    brands: z.array(z.string()),
    audience: z.enum(["customers", "team"]),
    validFrom: z.string(),
    validUntil: z.string(),
    owner: z.string(),
    labels: z.array(z.string()),
  })
  .partial()
  .transform(knownAttributes);

const CopyRow = z.object({
  id: z.string(),
  title: z.string(),
  updated: z.string(),
  url: z.string(),
  body: z.string(),
  etag: z.string(),
  last_modified: z.string(),
  attributes: StoredAttributes,
});

/** A page of a site as it was last read, with what the site names its state by (RFC 9110, 8.8). */
export interface PageCopy {
  readonly page: SourcePage;
  /** Empty where the site gave none. */
  readonly etag: string;
  readonly lastModified: string;
}

/** The pages of a source as they were last read, by their ids. */
export async function copiesById(
  transaction: Transaction,
  name: string,
): Promise<ReadonlyMap<string, PageCopy>> {
  const rows = await rowsOf(
    transaction,
    CopyRow,
    sql`select id, title, updated, url, body, etag, last_modified, attributes
        from knowledge_copy where source = ${name}`,
  );
  return new Map(
    rows.map(({ etag, last_modified: lastModified, body: text, attributes, ...page }) => [
      page.id,
      { page: { ...page, text, ...attributes }, etag, lastModified },
    ]),
  );
}

/** Keeps them in place of those before. */
export async function keepCopies(
  transaction: Transaction,
  name: string,
  copies: readonly PageCopy[],
): Promise<void> {
  await transaction.execute(sql`delete from knowledge_copy where source = ${name}`);
  const rows = copies.map(({ page, etag, lastModified }) => {
    const { id, title, updated, url = "", text: body, ...attributes } = page;
    return { id, title, updated, url, body, etag, last_modified: lastModified, attributes };
  });
  await transaction.execute(
    sql`insert into knowledge_copy (source, id, title, updated, url, body, etag, last_modified, attributes)
        select ${name}, id, title, updated, url, body, etag, last_modified, attributes
        from jsonb_to_recordset(${storableJson(rows)}::jsonb)
          as copy(id text, title text, updated text, url text, body text, etag text, last_modified text,
                  attributes jsonb)
        where exists (select from knowledge_source where name = ${name})
        on conflict do nothing`,
  );
}
