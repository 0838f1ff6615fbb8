/** Internal notes about drafts, for teammates who work in the customer's channel itself. */

import type { Conversation } from "#core/values/message.ts";
import { momentText } from "#core/values/moment.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { intend } from "#store/effects/intend.ts";
import { effectsUnder, withdraw } from "#store/effects/ledger.ts";
import { noteAction } from "#jobs/plan/own-actions.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** Shows the draft and the link to its card; a newer version says that it replaces the one noted before. */
export async function noteDraft(
  context: JobContext,
  transaction: Transaction,
  conversation: Conversation,
  posted: {
    readonly id: string;
    readonly version: number;
    readonly card: Approval["card"];
    readonly now: Date;
  },
): Promise<void> {
  const channel = context.channels.get(conversation.channel);
  if (channel === undefined || !channel.supports.includes("note")) return;
  const { draft } = posted.card;
  if (draft === null) return;
  const actions = posted.card.actions.map(({ label }) => `Proposed: ${label}`);
  const text = [
    posted.card.kind === "notice"
      ? "Shadow: what Deskhand would have written. Nothing is sent; people answer."
      : "Draft by Deskhand, not sent. It goes out when a teammate approves it.",
    ...(posted.version > 1 ? ["It replaces the draft noted before."] : []),
    `Card: ${context.cardLink(posted.id)}`,
    ...actions,
    "",
    draft.text,
  ].join("\n");
  await intend(transaction, [noteAction(conversation, text, notedVersion(posted))], {
    conversationId: conversation.id,
    turnId: posted.card.traceId,
    bundle: context.ids.next("b"),
    now: posted.now,
  });
}

/**
 * A draft that was noted will not go out: since a note cannot be changed, another one says so and why, once. A note
 * that was not written yet is left out instead.
 */
export async function noteWithdrawnDraft(
  transaction: Transaction,
  approval: Pick<Approval, "id" | "version" | "conversationId" | "turnId" | "card">,
  { why, now }: { readonly why: string; readonly now: Date },
): Promise<void> {
  const state = await loadConversation(transaction, approval.conversationId);
  if (state === null || approval.card.draft === null) return;
  const { conversation } = state;
  const [noted] = await effectsUnder(transaction, [
    noteAction(conversation, "", notedVersion(approval)).key,
  ]);
  if (noted === undefined || noted.state === "withdrawn" || noted.state === "failed") return;
  const left = await withdraw(transaction, { key: noted.key }, "the draft is withdrawn", now);
  if (left.length > 0) return;
  const at = momentText(noted.createdAt, approval.card.zone, now);
  const text = `Withdrawn: the draft noted here on ${at} is not sent. ${sentence(why)}`;
  const note = noteAction(conversation, text, `${notedVersion(approval)}:withdrawn`);
  await intend(transaction, [note], {
    conversationId: conversation.id,
    turnId: approval.turnId,
    // The only effect of its bundle.
    bundle: note.key,
    now,
  });
}

/** Which version of which draft a note is about. */
function notedVersion({ id, version }: Pick<Approval, "id" | "version">): string {
  return `${id}:${version}`;
}

/** The closing line of the card, without the word that the note begins with. */
function sentence(why: string): string {
  const words = why.replace(/^withdrawn:\s*/i, "").trim();
  if (words === "") return "";
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
}
