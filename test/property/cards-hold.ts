/** What must hold of a card whatever happens to it. Pure but for what it remembers. */
import { proposalSeal } from "#gate/kernel/seal.ts";
import { canonical } from "#core/values/canonical-json.ts";
import type { ApprovalState } from "#core/contracts/approval-desk.ts";
import type { Approval } from "#store/approvals/approvals.ts";

/** What was seen of every card before. */
export interface CardsSeen {
  /** By approval and version: what that version is about. */
  readonly contents: Map<string, string>;
  readonly states: Map<string, ApprovalState>;
}

const FINAL: readonly ApprovalState[] = ["rejected", "expired", "void"];

/** The seal of a card, computed again; how much of a limit is used up is told beside a decision and no part of it. */
export function sealAfresh({ proposal, revision, rules }: Approval): string {
  return proposalSeal({
    actions: proposal?.actions ?? [],
    revision,
    rules: rules.map(({ usedUp: _told, ...rule }) => rule),
  });
}

/** One version means one thing, its seal covers it, and nothing leaves an end. */
export function cardsHold(seen: CardsSeen, approvals: readonly Approval[]): readonly string[] {
  return approvals.flatMap((approval) => {
    const problems: string[] = [];
    const { id, version, proposal, rules, revision, seal, state } = approval;
    const name = `${id} version ${version}`;
    const content = canonical([proposal, rules, revision, approval.needs]);
    const before = seen.contents.get(name);
    if (before !== undefined && before !== content) problems.push(`${name} changed its content`);
    seen.contents.set(name, content);
    if (sealAfresh(approval) !== seal) problems.push(`the seal of ${name} does not fit`);
    const was = seen.states.get(id);
    if (was !== undefined && FINAL.includes(was) && was !== state)
      problems.push(`${id} was ${was} and is ${state}`);
    // A hand-over that can still be taken back is no end yet.
    seen.states.set(id, FINAL.includes(state) && approval.undoUntil !== null ? "pending" : state);
    return problems;
  });
}
