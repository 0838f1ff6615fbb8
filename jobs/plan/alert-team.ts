/** Alerts the team outside a card. */

import type { Transaction } from "#store/db/database.ts";
import { intend } from "#store/effects/intend.ts";
import { alertAction } from "./own-actions.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** The most people a desk mentions in one alert; with more, none of them feels addressed. */
const PEOPLE_MAX = 20;

/** An alert to the team outside a card. */
interface TeamAlert {
  readonly conversationId: string;
  /** The turn it is about; left out for none. */
  readonly turnId?: string | null;
  readonly text: string;
  /** Whom to mention, by their names in the policy; left out for an alert to all. */
  readonly people?: readonly string[];
  /** What it is about: the same alert is sent once, also after a crash. */
  readonly about: string;
  /**
   * The kind of an alert that many conversations may raise together, such as one target that is down: within some
   * minutes such alerts are grouped. Left out for what should be seen by itself; alerts of one conversation are always
   * grouped.
   */
  readonly kind?: string;
  readonly now: Date;
}

/** Alerts the team through the ledger, so an alert is neither lost while the desk is down nor posted twice. */
export async function alertTeam(
  context: Pick<JobContext, "ids">,
  transaction: Transaction,
  { conversationId, turnId = null, text, people = [], about, kind, now }: TeamAlert,
): Promise<void> {
  const family = { conversationId, kind: kind ?? null };
  await intend(transaction, [alertAction(text, people.slice(0, PEOPLE_MAX), about, family)], {
    conversationId,
    turnId,
    bundle: context.ids.next("b"),
    now,
  });
}
