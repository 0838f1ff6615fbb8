/** Checks a click before its form opens. */

import { applyClick, NO_ROLE } from "#core/values/approval.ts";
import type { DeskAnswer, DeskDecision, DeskTeammate } from "#core/contracts/approval-desk.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { loadPolicyChange } from "#store/policy/policy-changes.ts";
import {
  acceptedAnswer,
  refuseClick,
  refusedAnswer,
  approvalStandingOf,
  voterOf,
} from "#jobs/approval/votes.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { whyNoRedraft } from "./request-redraft.ts";

/**
 * Whether the teammate may press this button now. Checked when a form opens, so a refusal comes before they type
 * anything and is in the audit. It changes nothing, and the submitted form is checked again.
 */
export async function checkClick(
  context: JobContext,
  about: Pick<DeskDecision, "approvalId" | "version" | "button">,
  teammate: DeskTeammate,
): Promise<DeskAnswer> {
  const { approvalId, version, button } = about;
  const [approval, change] = await context.store.run(async (transaction) => [
    await loadApproval(transaction, approvalId),
    await loadPolicyChange(transaction, approvalId),
  ]);
  if (approval === null && change === null)
    return refusedAnswer("This card is out of date. Nothing was changed.");
  const voter = voterOf(context, teammate);
  // A vote on the policy checks its roles when it is written; a teammate without a role needs no form.
  if (approval === null) return voter.role === null ? refusedAnswer(NO_ROLE) : acceptedAnswer("");
  // On no card, so no form of a card leads to it.
  if (button === "not_junk") return refusedAnswer("This card is out of date. Nothing was changed.");
  if (isOpinion(button)) return checkOpinion(context, { approvalId, version, teammate });
  const click = {
    // A claim applies to any version of a card; a button that opens a form is none of these.
    button: decidesNothing(button) ? "edit" : button,
    version,
    at: context.clock.now(),
    ...voter,
  } as const;
  const result = applyClick(approvalStandingOf(context, approval), click);
  if (result.kind === "refused")
    return refuseClick(context, { approvalId, version, teammate }, result);
  const impossible = button === "redo" ? whyNoRedraft(approval) : null;
  return impossible === null ? acceptedAnswer("") : refusedAnswer(impossible);
}

function decidesNothing(
  button: DeskDecision["button"],
): button is "claim" | "release" | "join" | "keep_apart" | "separate" {
  return ["claim", "release", "join", "keep_apart", "separate"].includes(button);
}

function isOpinion(button: DeskDecision["button"]): button is "thumbs_up" | "thumbs_down" {
  return button === "thumbs_up" || button === "thumbs_down";
}

/** Any teammate with a role may rate a shadow draft. */
async function checkOpinion(
  context: JobContext,
  about: Pick<DeskDecision, "approvalId" | "version" | "teammate">,
): Promise<DeskAnswer> {
  if (voterOf(context, about.teammate).role !== null) return acceptedAnswer("");
  return refuseClick(context, about, { code: "forbidden", message: NO_ROLE });
}
