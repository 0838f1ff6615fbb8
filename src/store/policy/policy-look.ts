/** Looks with one statement at all that the policy watch of a process acts on. */
import { z } from "zod";
import { ask, onlyRow, type Reader } from "#store/db/database.ts";
import type { PolicyChange } from "./policy-changes.ts";

/** What the policy watch acts on, at one moment. */
const PolicyLook = z.object({
  /** The policy in force; null before the first start. */
  activeId: z.string().nullable(),
  /** Until when the proposed change, or a proposed procedure, waits for people; null when there is none. */
  proposedUntil: z.coerce.date().nullable(),
  /** Cards of policy or procedures that the desk does not show as they are, whether or not it is time to try again. */
  staleCards: z.boolean(),
  /** Pending cards whose turn began before the policy in force was active. */
  olderCards: z.array(z.object({ id: z.string(), version: z.int32() })),
  /** Something was decided before the policy in force was active, and has not begun. */
  olderEffects: z.boolean(),
});
export type PolicyLook = z.infer<typeof PolicyLook>;

/** The conditions are those of `approvalsDecidedBefore`, `bundlesAllowedBefore` and the cards to post, or wider. */
const LOOK = {
  name: "policy_look",
  text: `
with active as (select id, active_since from policy_change where source = $1 and state = 'active')
select (select id from active) as "activeId",
  least((select expires_at from policy_change where source = $1 and state = 'proposed'),
    (select min(expires_at) from procedure_version where state = 'proposed')) as "proposedUntil",
  exists (select 1 from policy_change
    where shown_revision is null or (desk_ref is not null and shown_revision <> revision))
    or exists (select 1 from procedure_version
      where (shown_revision is null and state <> 'draft')
        or (desk_ref is not null and shown_revision <> revision)) as "staleCards",
  (select coalesce(json_agg(json_build_object('id', a.id, 'version', a.version)), '[]')
    from approval a join turn t on t.id = a.turn_id
    where a.state = 'pending' and t.started_at < (select active_since from active)) as "olderCards",
  exists (select 1 from effect e
    left join approval a on a.id = e.approval_id
    join turn t on t.id = coalesce(a.turn_id, e.turn_id)
    where e.state = 'intended' and t.started_at < (select active_since from active)
      and (a.state = 'approved' or (e.approved_by = 'policy' and e.attempts = 0 and e.revision is not null))
  ) as "olderEffects"`,
  row: PolicyLook,
} as const;

/** Alone, it is one statement and one commit. */
export async function lookAtPolicy(
  reader: Reader,
  source: PolicyChange["source"],
): Promise<PolicyLook> {
  return onlyRow(await ask(reader, LOOK, [source]));
}
