/** Intends effects, by one statement that a turn's own statement has in it as well. */
import { z } from "zod";
import type { PlannedAction } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { ask, type Transaction } from "#store/db/database.ts";
import { storable, storableJson } from "#store/db/storable-text.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";
import type { Effect } from "./ledger.ts";

/** The decision behind an effect, and the bundle it belongs to. */
export interface Intention {
  readonly conversationId: string;
  readonly approvalId: string | null;
  readonly turnId: string | null;
  readonly bundle: string;
  /** The conversation's revision the decision was made for; null when later messages do not matter. */
  readonly revision: string | null;
  readonly approvedBy: Effect["approvedBy"];
  readonly notBefore: Date;
  readonly now: Date;
}

/** Planned actions as rows of one bundle, in order; the first one may have begun or be done with what intends it. */
export function effectRows(
  intention: Omit<Intention, "now">,
  actions: readonly PlannedAction[],
  first: "intended" | "executing" | "done" = "intended",
) {
  return actions.map(({ key, action, facts }, position) => ({
    key,
    conversation_id: intention.conversationId,
    approval_id: intention.approvalId,
    turn_id: intention.turnId,
    bundle: intention.bundle,
    position,
    target: action.target,
    operation: action.operation,
    action: DOCUMENTS.action.encode(action),
    request_digest: digest(action),
    facts: DOCUMENTS.facts.encode([...facts]),
    revision: intention.revision,
    approved_by: intention.approvedBy,
    state: position === 0 ? first : "intended",
    not_before: intention.notBefore,
  }));
}

/**
 * Writes the `effectRows` of a JSON list, each key once. A key that is done, under way or unknown is left alone, which
 * makes a second request for the same refund harmless; one that was withdrawn or failed is intended again. `intended` has
 * those that are newly intended, or have begun.
 */
export const INTEND_EFFECTS = (source: string, fence: string, now: string): string => `
intended as (
  insert into effect (key, conversation_id, approval_id, turn_id, bundle, position, target, operation, action,
    request_digest, facts, revision, approved_by, state, fence, attempts, not_before, created_at, ref, finished_at)
  select key, conversation_id, approval_id, turn_id, bundle, position, target, operation, action,
    request_digest, facts, revision, approved_by, state, case when state = 'intended' then 0 else ${fence} end,
    case when state = 'intended' then 0 else 1 end, not_before, ${now}, ref, case when state = 'done' then ${now} end
  from jsonb_populate_recordset(null::effect, ${source})
  on conflict (key) do update set conversation_id = excluded.conversation_id, approval_id = excluded.approval_id,
    turn_id = excluded.turn_id, bundle = excluded.bundle, position = excluded.position, target = excluded.target,
    operation = excluded.operation, action = excluded.action, request_digest = excluded.request_digest,
    facts = excluded.facts, revision = excluded.revision, approved_by = excluded.approved_by, state = excluded.state,
    fence = excluded.fence, attempts = excluded.attempts, not_before = excluded.not_before,
    created_at = excluded.created_at, ref = excluded.ref, finished_at = excluded.finished_at, error = null,
    away_count = 0, away_since = null, cleared_at = null
  where effect.state in ('withdrawn', 'failed')
  returning *)`;

const INTEND = {
  name: "intend",
  text: `
with ${INTEND_EFFECTS("$1::jsonb", "0", "$2::timestamptz")}
select key from intended`,
  row: z.object({ key: z.string() }),
} as const;

/**
 * Records these actions as intended, in order; by policy, at once and for any revision where nothing else is said.
 * Returns the keys that are newly intended.
 */
export async function intend(
  transaction: Transaction,
  actions: readonly PlannedAction[],
  given: Pick<Intention, "conversationId" | "bundle" | "now"> & Partial<Intention>,
): Promise<readonly string[]> {
  const intention: Intention = {
    approvalId: null,
    turnId: null,
    revision: null,
    approvedBy: "policy",
    notBefore: given.now,
    ...given,
  };
  const rows = new Map(
    effectRows(intention, actions)
      .toReversed()
      .map((row) => [row.key, row]),
  );
  const made = await ask(transaction, INTEND, [storableJson([...rows.values()]), intention.now]);
  const keys = new Set(made.map(({ key }) => key));
  return [...new Set(actions.map(({ key }) => storable(key)))].filter((key) => keys.has(key));
}
