/**
 * The ledger's statements: one row an effect, by key, in the states of `EffectState`. A key that was withdrawn or has
 * failed may be intended again.
 */
import { z } from "zod";
import type { EffectState } from "./states.ts";
import type { StatementValue } from "./statement.ts";

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

/** Where an effect goes. What is not given of ref, error, time and tries stays as it was; its target is away no more. */
export interface Move {
  readonly state: EffectState;
  readonly ref?: string;
  readonly error?: string;
  readonly notBefore?: Date;
  readonly attempts?: number;
  readonly awayCount?: number;
  readonly awaySince?: Date | null;
}

/** The values of `move`: for one key, from one of these states. */
export function moveValues(
  key: string,
  from: readonly EffectState[],
  { state, ref, error, notBefore, attempts, awayCount = 0, awaySince = null }: Move,
  now: Date,
): readonly StatementValue[] {
  const isOpen = state === "intended" || state === "executing";
  const kept = [ref, error, notBefore, attempts].map((one) => one ?? null);
  const after = [state, ...kept, awayCount, awaySince, isOpen ? null : now];
  return [key, JSON.stringify(from), ...after];
}

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
  /** What a move sets beside the rest, and what else it needs, with its parameters from `$11` on. */
  readonly moves?: string;
  readonly movesIf?: string;
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
    /** What `moveValues` gives, and what `movesIf` takes. No row where it is in none of the states. */
    move: named(
      "move_effect",
      `update ${table} set state = $3, ref = coalesce($4, ref), error = coalesce($5, error),
  not_before = coalesce($6::timestamptz, not_before), attempts = coalesce($7::int, attempts), away_count = $8::int,
  away_since = $9::timestamptz, finished_at = $10::timestamptz${ledger.moves === undefined ? "" : `, ${ledger.moves}`}
where key = $1 and state in (select jsonb_array_elements_text($2::jsonb))${ledger.movesIf ?? ""} returning key`,
      z.object({ key: z.string() }),
    ),
  };
}
