/** Changes of a topic's autonomy that Deskhand proposed, each with the policy change it became. */
import { z } from "zod";
import { Autonomy } from "#core/contracts/policy.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { sql } from "#store/db/drizzle.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { autonomyProposal } from "#store/db/schema.ts";
import { PolicyChange } from "./policy-changes.ts";

/** A proposal, and what people made of it. */
const PastProposal = z.object({
  changeId: z.string(),
  kind: z.enum(["promote", "demote"]),
  channel: ChannelName,
  topic: z.string(),
  goesTo: Autonomy,
  proposedAt: z.coerce.date(),
  state: PolicyChange.shape.state,
  /** When it came into force; null when it never did. */
  activeSince: z.coerce.date().nullable(),
});
export type PastProposal = z.infer<typeof PastProposal>;

/** The newest proposal of each step of each topic. */
export function pastProposals(transaction: Transaction): Promise<readonly PastProposal[]> {
  return rowsOf(
    transaction,
    PastProposal,
    sql`select distinct on (p.channel, p.topic, p.goes_to) p.change_id as "changeId", p.kind, p.channel, p.topic,
               p.goes_to as "goesTo", p.proposed_at as "proposedAt", c.state, c.active_since as "activeSince"
        from autonomy_proposal p join policy_change c on c.id = p.change_id
        order by p.channel, p.topic, p.goes_to, p.proposed_at desc`,
  );
}

/** Notes that a change of the policy is a proposal of ours, and how many drafts it rests on. */
export async function recordProposal(
  transaction: Transaction,
  proposal: Omit<PastProposal, "state" | "activeSince"> & {
    readonly cameFrom: Autonomy;
    readonly judged: number;
  },
): Promise<void> {
  await transaction.insert(autonomyProposal).values(proposal);
}
