/** Records that a person accepted or declined a candidate: no case is taken by the gate without it. */

import { DeskhandError } from "#core/values/errors.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { type CandidateDecision, decideCandidate } from "#store/reports/eval-candidates.ts";
import { addCandidate } from "./eval-candidates.ts";

/** Who decides, and how. */
interface DecidedBy {
  readonly decision: CandidateDecision;
  readonly at: Date;
  readonly pseudonym: (transaction: Transaction) => Promise<string>;
}

/**
 * Keeps the decision with the candidate and in the audit. Returns the masked case with the day it was accepted, or null
 * when it was declined. Throws `input.invalid` for what is no candidate.
 */
export async function decideOnCandidate(
  store: Store,
  id: string,
  { decision, at, pseudonym }: DecidedBy,
): Promise<string | null> {
  // Reading it says why something is no candidate.
  const { text, isListed } = await addCandidate(store, id, at);
  await store.run(async (transaction) => {
    const by = await pseudonym(transaction);
    const isKnown = await decideCandidate(transaction, id, { decision, by, at });
    if (!isKnown && isListed)
      throw new DeskhandError("input.invalid", `${id} is no candidate any more; nothing was kept`);
    await appendAudit(
      transaction,
      { kind: "candidate", data: { conversation: id, decision, by } },
      at,
    );
  });
  if (decision === "declined") return null;
  return text.replace(
    /^- id: .*$/m,
    (line) => `${line}\n  accepted: ${at.toISOString().slice(0, 10)}`,
  );
}
