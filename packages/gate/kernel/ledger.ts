/**
 * The ledger's statements: one row an effect, by key, in the states of `EffectState`. A key that was withdrawn or has
 * failed may be intended again.
 */
import type { z } from "zod";

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
  };
}
