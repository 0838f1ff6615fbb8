/**
 * The audit: a hash chain of decisions and changes that shows any tampering, and the votes that are read out of it.
 *
 * Appending to a chain takes a lock until the transaction commits, so that every commit would queue there. What is done
 * in great numbers is therefore written beside the chain, in the transaction it is about, and sealed into it a moment
 * later by whichever process gets the lock. Until then such an entry is as safe as any other row: it is there exactly if
 * its transaction is, but changing it leaves no mark.
 */
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { digest } from "./canonical-json.ts";
import type { Ask } from "./statement.ts";
import { Json } from "./storable-text.ts";

/** An entry as it is hashed: ids and digests only, never personal text. */
export const ChainEntry = z.object({ kind: z.string(), data: z.record(z.string(), Json) });
export type ChainEntry = z.infer<typeof ChainEntry>;

/** What the first entry follows. */
export const FIRST_HASH = "0".repeat(64);

/** How many entries are sealed with one commit. */
export const SEALED_AT_ONCE = 500;

/** Covers the entry and the one before it, so that a change of either is detected. */
export function hashOfEntry(
  previous: string,
  at: Date,
  entry: { readonly kind: string; readonly data: Json },
): string {
  return digest([previous, at.toISOString(), entry.kind, entry.data]);
}

/** How many entries are read at once for a check: between two such reads the process does other things. */
const CHECKED_AT_ONCE = 1_000;

/** The entries as they are stored; what was tampered with may be anything. */
const Chained = ChainEntry.extend({
  data: Json,
  seq: z.coerce.number(),
  at: z.coerce.date(),
  previous: z.string(),
  hash: z.string(),
});

/** The end of a chain as it is said to be, the place of its last entry, and how many wait beside it, all of one moment. */
const ChainEnd = z.object({
  head: z.string().nullable(),
  last: z.coerce.number(),
  waiting: z.coerce.number(),
});

/**
 * Checks the entries of a chain in their order, from where it begins to what its end was said to be; `brokenAt` is the
 * first that does not fit or is missing. No writer waits for it: entries are only added meanwhile, behind the end.
 */
export async function checkedChain(
  ask: Ask,
  chain: Pick<ReturnType<typeof chainOn>, "after">,
  { head, last }: z.infer<typeof ChainEnd>,
  start = { seq: 0, hash: FIRST_HASH },
): Promise<{ readonly entries: number; readonly head: string; readonly brokenAt: number | null }> {
  let { seq, hash: previous } = start;
  for (let entries = 0; ;) {
    const rows = await ask(chain.after, [seq, last]);
    for (const row of rows) {
      if (row.previous !== previous || row.hash !== hashOfEntry(row.previous, row.at, row))
        return { entries, head: previous, brokenAt: row.seq };
      ({ seq, hash: previous } = row);
      entries += 1;
    }
    if (rows.length < CHECKED_AT_ONCE)
      return {
        entries,
        head: previous,
        brokenAt: previous === (head ?? FIRST_HASH) ? null : seq + 1,
      };
    // The embedded database answers within the same turn of the event loop.
    await setImmediate();
  }
}

/** An entry that waits beside the chain, with the chain's end. */
const Waiting = ChainEntry.extend({
  id: z.coerce.number(),
  at: z.coerce.date(),
  head: z.string().nullable(),
});
type Waiting = z.infer<typeof Waiting>;

/** The statements over one chain, what waits beside it, and the setting that keeps its end. */
export function chainOn(chain: {
  readonly audit: string;
  readonly pending: string;
  readonly setting: string;
  readonly headName: string;
  /** The number of its advisory lock. */
  readonly lock: number | string;
  /** Before each statement's name. */
  readonly prefix: string;
}) {
  const { audit, pending, setting, headName, lock, prefix } = chain;
  return {
    lock: {
      name: `${prefix}audit_lock`,
      text: `select pg_try_advisory_xact_lock(${lock}) as "isOurs"`,
      row: z.object({ isOurs: z.boolean() }),
    },
    waiting: {
      name: `${prefix}audit_waiting`,
      text: `select id, at, kind, data, (select value from ${setting} where name = '${headName}') as head
    from ${pending} order by id limit ${SEALED_AT_ONCE}`,
      row: Waiting,
    },
    end: {
      name: `${prefix}audit_end`,
      text: `select (select value from ${setting} where name = '${headName}') as head,
    coalesce((select max(seq) from ${audit}), 0) as last, (select count(*) from ${pending}) as waiting`,
      row: ChainEnd,
    },
    /** `$1` the place before, `$2` the last. */
    after: {
      name: `${prefix}audit_after`,
      text: `select seq, at, kind, data, previous, hash from ${audit}
    where seq > $1 and seq <= $2 order by seq limit ${CHECKED_AT_ONCE}`,
      row: Chained,
    },
    seal: {
      name: `${prefix}audit_seal`,
      text: `
with placed as (
  select p.id, p.at, p.kind, p.data, s.previous, s.hash, s.place
  from json_to_recordset($1::json) s (id bigint, previous text, hash text, place int)
  join ${pending} p on p.id = s.id),
chained as (
  insert into ${audit} (at, kind, data, previous, hash)
  select at, kind, data, previous, hash from placed order by place),
gone as (delete from ${pending} where id in (select id from placed))
insert into ${setting} (name, value) values ('${headName}', $2::jsonb)
on conflict (name) do update set value = excluded.value`,
      row: z.unknown(),
    },
  } as const;
}

/**
 * Puts the entries that wait into the chain, in the order they were written as far as that is known. Returns how many;
 * null when another process is at it or appends to the chain just now.
 */
export async function sealEntries(
  ask: Ask,
  chain: ReturnType<typeof chainOn>,
): Promise<number | null> {
  const [lock] = await ask(chain.lock, []);
  // Read after the lock, since a statement sees what was committed before it began.
  return lock?.isOurs === true ? sealLocked(ask, chain, await ask(chain.waiting, [])) : null;
}

/** The same under the chain's lock, which an earlier statement of the transaction has taken, with what waits since. */
export async function sealLocked(
  ask: Ask,
  chain: ReturnType<typeof chainOn>,
  waiting: readonly Waiting[],
): Promise<number> {
  if (waiting.length === 0) return 0;
  let previous = waiting[0]?.head ?? FIRST_HASH;
  const sealed = waiting.map(({ id, at, kind, data }, place) => {
    const hash = hashOfEntry(previous, at, { kind, data });
    const entry = { id, previous, hash, place };
    previous = hash;
    return entry;
  });
  await ask(chain.seal, [JSON.stringify(sealed), JSON.stringify(previous)]);
  return waiting.length;
}

/** The content of a vote's entry: the approval, the pressed version and seal, and the voter. */
const VoteEntry = z.strictObject({
  approval: z.string(),
  version: z.int(),
  seal: z.string(),
  button: z.string(),
  voter: z.string(),
});

/** The different people who approved this version under this seal, by the entries of its votes. */
export function votersIn(
  votes: readonly unknown[],
  { version, seal }: { readonly version: number; readonly seal: string },
): ReadonlySet<string> {
  const voters = votes
    .map((data) => VoteEntry.parse(data))
    .filter(({ button }) => button === "approve")
    .filter((vote) => vote.version === version && vote.seal === seal);
  return new Set(voters.map(({ voter }) => voter));
}
