/**
 * The ledger's statements: one row an effect, by key.
 *
 *   intended ──► executing ──► done
 *      │  ▲          ├──► unknown    the target cannot say; a person looks
 *      │  └──────────┤  nothing happened: tried again later
 *      │             └──► failed     the target said no, too many tries, or its time is over
 *      └──► withdrawn   what it rested on changed before it began
 *
 * `done`, `failed` and `withdrawn` never change by themselves; a key that was withdrawn or has failed may be intended again.
 */
import { z } from "zod";

/** The columns that every ledger has and that an intention gives. */
const COMMON = [
  "key",
  "approval_id",
  "bundle",
  "position",
  "action",
  "request_digest",
  "facts",
  "revision",
  "approved_by",
] as const;

/** The statements over one ledger, which has columns of its own beside the common ones. */
export function ledgerOn<Row extends z.ZodType>(ledger: {
  readonly table: string;
  /** Before each statement's name: two ledgers of one connection must not share a plan. */
  readonly prefix: string;
  /** Further columns that an intention gives. */
  readonly own: readonly string[];
  /** Further columns that are empty again when a key is intended again. */
  readonly emptied: readonly string[];
  /** What a begin sets beside the state, with its parameters from `$4` on. */
  readonly begins?: string;
  /** A row as `to_json` gives it, under the name `effect`. */
  readonly row: Row;
}) {
  const { table, prefix, row } = ledger;
  const given = [...COMMON, ...ledger.own, "not_before"].join(", ");
  const replaced = [...COMMON.slice(1), ...ledger.own]
    .concat(["state", "fence", "attempts", "not_before", "created_at", "ref", "finished_at"])
    .map((column) => `${column} = excluded.${column}`)
    .join(", ");
  const emptied = ["error", "away_since", ...ledger.emptied]
    .map((column) => `${column} = null`)
    .join(", ");
  const named = <Shape extends z.ZodType>(name: string, text: string, shape: Shape) =>
    ({ name: `${prefix}${name}`, text, row: shape }) as const;
  return {
    /**
     * Writes the rows of a JSON list, each key once. A key that is done, under way or unknown is left alone, which makes
     * a second request for the same harmless; one that was withdrawn or failed is intended again. `intended` has those
     * that are newly intended, or have begun.
     */
    intended: (source: string, fence: string, now: string): string => `
intended as (
  insert into ${table} (${given}, state, fence, attempts, created_at, ref, finished_at)
  select ${given}, state, case when state = 'intended' then 0 else ${fence} end,
    case when state = 'intended' then 0 else 1 end, ${now}, ref, case when state = 'done' then ${now} end
  from jsonb_populate_recordset(null::${table}, ${source})
  on conflict (key) do update set ${replaced}, ${emptied}, away_count = 0
  where ${table}.state in ('withdrawn', 'failed')
  returning *)`,
    /** `$1` key, `$2` fence, `$3` now, and what `begins` takes. From `intended` to `executing`, if it is still intended and due. */
    begin: named(
      "begin_effect",
      `update ${table} e set state = 'executing', fence = $2::bigint, attempts = attempts + 1, away_count = 0,
  away_since = null${ledger.begins === undefined ? "" : `, ${ledger.begins}`}
where key = $1 and state = 'intended' and not_before <= $3::timestamptz returning to_json(e) as effect`,
      row,
    ),
    /**
     * `$1` key, `$2` state, `$3` ref, `$4` error, `$5` not before, `$6` now; null keeps what is there. Final states never
     * change.
     */
    settle: named(
      "settle_effect",
      `update ${table} set state = $2, ref = coalesce($3, ref), error = coalesce($4, error),
  not_before = coalesce($5::timestamptz, not_before),
  finished_at = case when $2 in ('intended', 'executing') then null else $6::timestamptz end,
  away_count = 0, away_since = null
where key = $1 and state in ('intended', 'executing', 'unknown') returning key`,
      z.object({ key: z.string() }),
    ),
    /** `$1` key, `$2` until, `$3` why, `$4` now, `$5` afresh: its target is away, and it stays as it is until then. */
    postpone: named(
      "postpone_effect",
      `update ${table} set not_before = $2::timestamptz, error = $3,
  away_count = case when $5::boolean then 1 else away_count + 1 end,
  away_since = case when $5::boolean then $4::timestamptz else coalesce(away_since, $4::timestamptz) end
where key = $1 and state in ('intended', 'executing')`,
      z.unknown(),
    ),
    /** `$1` key, `$2` attempts, `$3` away count, `$4` away since, `$5` until, `$6` why: it did not happen, later again. */
    giveBack: named(
      "return_effect",
      `update ${table} set state = 'intended', attempts = $2::int, away_count = $3::int, away_since = $4::timestamptz,
  not_before = $5::timestamptz, error = $6
where key = $1 and state = 'executing'`,
      z.unknown(),
    ),
  };
}
