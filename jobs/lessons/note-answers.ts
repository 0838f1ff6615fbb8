/** Notes with a turn the answer that a teammate wrote where the team works, in place of a draft. */
import type { Message } from "#core/values/message.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { Plan } from "#jobs/plan/plan.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { differenceOfEvent, newestRejection } from "#store/reports/draft-differences.ts";
import { noteAnswer, rejectionEvent, answerEvent } from "./note-differences.ts";

/** What a turn has read and decided, as far as answers of teammates show in it. */
interface DecidedTurn {
  readonly snapshot: ConversationSnapshot;
  readonly changes: ConversationChanges;
  readonly plan: Plan;
  readonly now: Date;
}

/**
 * Notes the first public answer of a teammate that is new with this turn, where a draft waited for a decision or was
 * rejected before. Most turns have none and cost nothing.
 */
export async function noteAnswersOfTurn(
  context: Pick<JobContext, "policy" | "pseudonym">,
  transaction: Transaction,
  { snapshot, changes, plan, now }: DecidedTurn,
): Promise<void> {
  const written = changes.newMessages.filter(isTeammatesAnswer);
  const { sentByHand } = plan;
  const message = written.find(({ key }) => key === sentByHand?.about) ?? written[0];
  if (message === undefined) return;
  const waited = snapshot.pending ?? (changes.overtaken.length > 0 ? snapshot.approved : null);
  const approval = waited ?? (await rejectedBefore(transaction, snapshot.state.conversation.id));
  if (approval === null || approval.card.draft === null) return;
  const isDraft = message.key === sentByHand?.about;
  const shown = { approval, who: message.author.id, message, isDraft, at: now };
  await noteAnswer(context, transaction, shown);
}

function isTeammatesAnswer({ author, visibility }: Message): boolean {
  return author.kind === "teammate" && visibility === "public";
}

/** The card that was rejected last, while no answer of a teammate came after it. */
async function rejectedBefore(
  transaction: Transaction,
  conversationId: string,
): Promise<Approval | null> {
  const rejection = await newestRejection(transaction, conversationId);
  if (rejection === null) return null;
  const id = rejection.event.slice(rejectionEvent("").length);
  const answered = await differenceOfEvent(transaction, answerEvent(id));
  return answered === null ? loadApproval(transaction, id) : null;
}
