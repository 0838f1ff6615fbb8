/** Computes how certain a turn's reply is, from what the code has seen. */

/** What a turn's confidence is computed from. The model's own opinion is not part of it. */
export interface Evidence {
  /** Facts of the reply that were found in results, passages or actions. */
  readonly receiptsFound: number;
  /** Facts or claims that were not. */
  readonly findings: number;
  /** Score of the best passage, when the help pages were searched. */
  readonly bestPassage: number | null;
  /** True when account data or an action of this turn backs the reply. */
  readonly accountBacked: boolean;
  /** True when any tool answered, even with "not found". */
  readonly lookedUp: boolean;
  readonly repairs: number;
  readonly invalidCalls: number;
}

/** A reply without any look-up rests on the model alone: good enough for a greeting, for little else. */
const WITHOUT_EVIDENCE = 0.7;
const PER_REPAIR = 0.15;
const PER_INVALID_CALL = 0.1;

/** 0 to 1. Below the policy's minimum the turn is escalated to people. */
export function confidenceOf(evidence: Evidence): number {
  const facts = evidence.receiptsFound + evidence.findings;
  const grounded = facts === 0 ? 1 : evidence.receiptsFound / facts;
  const base = Math.min(grounded, basis(evidence));
  const penalty = evidence.repairs * PER_REPAIR + evidence.invalidCalls * PER_INVALID_CALL;
  return Math.round(Math.max(0, Math.min(1, base - penalty)) * 100) / 100;
}

function basis({ accountBacked, bestPassage, lookedUp }: Evidence): number {
  if (accountBacked) return 1;
  if (bestPassage !== null) return bestPassage;
  return lookedUp ? 1 : WITHOUT_EVIDENCE;
}
