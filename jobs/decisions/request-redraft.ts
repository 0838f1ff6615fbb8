/** Requests a redraft of a card's draft. */

import { INSTRUCTION_MAX, type RedraftRequest } from "#core/values/approval.ts";
import type { DeskAnswer } from "#core/contracts/approval-desk.ts";
import { isBlank } from "#text/fold.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { changeApproval, type Approval } from "#store/approvals/approvals.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { acceptedAnswer, RACED, refusedAnswer, type RacedAnswer } from "#jobs/approval/refusals.ts";
import type { CardPress } from "./card-press.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { recordAuthor } from "#jobs/approval/four-eyes.ts";
import { approvalProgress } from "#jobs/approval/card-content.ts";
import { noteInstruction } from "#jobs/notes/differences.ts";
import { lapsedLines, requestLine } from "#jobs/approval/card-lines.ts";

/** After this many drafts, editing is faster; each draft costs a model turn. */
const REDOS_MAX = 5;

/**
 * Requests another draft with a teammate's instruction. The card becomes a new version at once, so that one of two
 * requests counts and earlier approvals lapse; it can be decided as it is until the next turn replaces the draft.
 */
export async function requestRedraft(
  context: JobContext,
  { decision, approval, at, voter }: CardPress,
): Promise<RacedAnswer> {
  const impossible = whyNoRedraft(approval);
  if (impossible !== null) return refusedAnswer(impossible);
  const hint = context.guard
    .mask(decision.hint ?? "")
    .trim()
    .slice(0, INSTRUCTION_MAX);
  if (isBlank(hint)) return wrongHint("Say in a few words what to do differently.");
  const redo: RedraftRequest = { name: voter.name, hint, lapsed: lapsedWith(approval) };
  const version = approval.version + 1;
  const changes = [`${requestLine(redo)}. Another draft is being made.`, ...lapsedLines(redo)];
  const user = voter.voter;
  const saved = await context.store.run(async (transaction) => {
    const changed = await changeApproval(
      transaction,
      approval,
      {
        version,
        votes: [],
        redraft: redo,
        redraftCount: approval.redraft.count + 1,
        card: {
          ...approval.card,
          version,
          changes,
          progress: approvalProgress(approval.needs, 0, 0),
        },
      },
      at,
    );
    if (!changed) return false;
    // The reconciler wakes by this if the notification below is lost.
    await updateConversation(transaction, approval.conversationId, { wakeAt: at }, at);
    const { teammate } = decision;
    await noteInstruction(context, transaction, { approval, who: teammate, hint, at });
    const data = {
      approval: approval.id,
      version,
      redo: approval.redraft.count + 1,
      user: await context.pseudonym(transaction, user),
    };
    await appendAudit(transaction, { kind: "redo", data }, at);
    // The next draft follows the teammate's instruction, so another person has to approve it where four eyes are
    // required.
    const made = { part: "hinted", approval: approval.id, version, teammate, at } as const;
    await recordAuthor(context, transaction, made);
    return true;
  });
  if (!saved) return RACED;
  await notifyWorker(context, approval.conversationId);
  return acceptedAnswer("");
}

/** A request that replaces an unprocessed one also lists the approvals that lapsed with that one. */
function lapsedWith({ redraft, votes }: Approval): string[] {
  return [...(redraft.request?.lapsed ?? []), ...votes.map(({ name }) => name)];
}

/** Why this card gets no other draft; null when it may. */
export function whyNoRedraft({ card, redraft }: Approval): string | null {
  if (card.draft === null) return "There is no draft on this card that could be made anew.";
  if (redraft.count >= REDOS_MAX)
    return `This draft was made anew ${REDOS_MAX} times already. Edit it, or take the conversation over.`;
  return null;
}

function wrongHint(message: string): DeskAnswer {
  return { accepted: false, message, fieldErrors: { text: message } };
}
