import type { Transaction } from "#store/db/database.ts";
import { intend } from "#store/effects/ledger.ts";
import { alertAction } from "./own-actions.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** A desk mentions so many people in one alert at most; more than that reads nobody as being meant. */
const PEOPLE_MAX = 20;

/** Something the team is told outside a card. */
export interface AlertedPlan {
  readonly conversationId: string;
  readonly turnId: string | null;
  readonly text: string;
  /** Whom to mention, by the names the policy has for them; nobody for a line to all. */
  readonly people: readonly string[];
  /** What it is about: the same a second time is told once, also after a crash. */
  readonly about: string;
  /**
   * What many may be told of at the same time, such as one target that is away: within some minutes they stand together.
   * Left out for what should be seen by itself; with others of its conversation it stands together in any case.
   */
  readonly kind?: string;
  readonly now: Date;
}

/** Tells the team through the ledger, so that an alert is neither lost while the desk is away nor posted twice. */
export async function alertTeam(
  context: Pick<JobContext, "ids">,
  transaction: Transaction,
  { conversationId, turnId, text, people, about, kind, now }: AlertedPlan,
): Promise<void> {
  const family = { conversationId, kind: kind ?? null };
  await intend(transaction, [alertAction(text, people.slice(0, PEOPLE_MAX), about, family)], {
    conversationId,
    approvalId: null,
    turnId,
    bundle: context.ids.next("b"),
    revision: null,
    approvedBy: "policy",
    notBefore: now,
    now,
  });
}
