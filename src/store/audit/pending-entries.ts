/**
 * The end of the audit's hash chain, and entries that get their place in it a moment later, all that wait at once.
 *
 * Appending to the chain takes a lock until the transaction commits, so that every commit of the installation would
 * queue there. What workers do in great numbers is therefore written beside the chain, in the transaction it is about,
 * and sealed into it by whichever process gets the lock. Until then such an entry is as safe as any other row: it is
 * there exactly if its transaction is, but changing it leaves no mark.
 */
import { z } from "zod";
import { digest, JsonObject } from "#core/values/canonical-json.ts";
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { ask, type Reader, type Store, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { storedSetting } from "#store/db/settings.ts";

/** One entry: ids and digests only, never personal text. */
export interface AuditEntry {
  readonly kind: string;
  readonly data: JsonObject;
}

/** What the first entry follows. */
export const FIRST_HASH = "0".repeat(64);

/** The end of the chain is stored apart from it, so that missing entries at the end are detected. */
export const HEAD = storedSetting("audit.head", z.string());

/** The hash of the last entry in the chain. */
export async function chainHead(transaction: Transaction): Promise<string> {
  return (await HEAD.read(transaction)) ?? FIRST_HASH;
}

/** Covers the entry and the one before it, so that a change of either is detected. */
export function hashOfEntry(previous: string, at: Date, entry: AuditEntry): string {
  return digest([previous, at.toISOString(), entry.kind, entry.data]);
}

/** Every entry, with its place in the chain where it has one, for queries that must not miss the newest ones. */
export const ALL_ENTRIES = sql`(
  select seq, at, kind, data from audit union all select null, at, kind, data from audit_pending) entry`;

/** How many entries are sealed with one commit. */
export const SEALED_AT_ONCE = 500;

const WAITING = {
  name: "audit_waiting",
  text: `select id, at, kind, data, (select value from setting where name = '${HEAD.name}') as head
    from audit_pending order by id limit ${SEALED_AT_ONCE}`,
  row: z.object({
    id: z.coerce.number(),
    at: z.coerce.date(),
    kind: z.string(),
    data: JsonObject,
    head: z.unknown(),
  }),
} as const;

const SEAL = {
  name: "audit_seal",
  text: `
with placed as (
  select p.id, p.at, p.kind, p.data, s.previous, s.hash, s.place
  from json_to_recordset($1::json) s (id bigint, previous text, hash text, place int)
  join audit_pending p on p.id = s.id),
chained as (
  insert into audit (at, kind, data, previous, hash)
  select at, kind, data, previous, hash from placed order by place),
gone as (delete from audit_pending where id in (select id from placed))
insert into setting (name, value) values ('${HEAD.name}', $2::jsonb)
on conflict (name) do update set value = excluded.value`,
  row: z.unknown(),
} as const;

const LOCK = {
  name: "audit_lock",
  text: `select pg_try_advisory_xact_lock(${ADVISORY_LOCKS.audit}) as "isOurs"`,
  row: z.object({ isOurs: z.boolean() }),
} as const;

/**
 * Puts the entries that wait into the chain, in the order they were written as far as that is known. Returns how many;
 * null when another process is at it or appends to the chain just now.
 */
export async function sealAudit(store: Pick<Store, "run">): Promise<number | null> {
  return store.run(async (transaction) => {
    const [lock] = await ask(transaction, LOCK, []);
    if (lock?.isOurs !== true) return null;
    // After the lock, since a statement sees what was committed before it began.
    const waiting = await ask(transaction, WAITING, []);
    if (waiting.length === 0) return 0;
    let previous = HEAD.from(waiting[0]?.head) ?? FIRST_HASH;
    const sealed = waiting.map(({ id, at, kind, data }, place) => {
      const hash = hashOfEntry(previous, at, { kind, data });
      const entry = { id, previous, hash, place };
      previous = hash;
      return entry;
    });
    await ask(transaction, SEAL, [JSON.stringify(sealed), JSON.stringify(previous)]);
    return waiting.length;
  });
}

const COUNT = {
  name: "audit_waiting_count",
  text: "select count(*)::int as entries from audit_pending",
  row: z.object({ entries: z.int() }),
} as const;

/** How many entries have no place in the chain yet. */
export async function entriesWaiting(reader: Reader): Promise<number> {
  const [row] = await ask(reader, COUNT, []);
  return row?.entries ?? 0;
}
