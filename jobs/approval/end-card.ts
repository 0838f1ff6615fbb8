/**
 * Ends cards of which nothing is carried out: void, rejected, expired, covered by an answer elsewhere in the case, or sent
 * by hand; and the notes about drafts that their ends withdraw.
 */

import { reasonOf } from "#core/values/errors.ts";
import { capitalised } from "#core/values/words.ts";
import type { ChannelName, Outcome } from "#core/values/vocabulary.ts";
import { calledBy, type Conversation, isTeamAnswer } from "#core/values/message.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import {
  type Approval,
  changeApproval,
  findUnreadable,
  voidUnreadable,
} from "#store/approvals/approvals.ts";
import { eq } from "#store/db/drizzle.ts";
import { effect } from "#store/db/schema.ts";
import { isNewerSchema } from "#store/db/versioned-documents.ts";
import type { Transaction } from "#store/db/database.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import { type JobContext, StaleTurnError } from "#jobs/context/job-context.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";
import { keysAnsweredBy } from "#jobs/cases/place-turn.ts";
import { setOutcome } from "#store/conversations/messages.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { type Plan, type SentByHand, unconditional } from "#jobs/plan/plan.ts";
import { ReplyArguments } from "#core/values/action.ts";
import { textDifference } from "#text/diff.ts";
import type { Policy } from "#core/contracts/policy.ts";
import { alertAction, alertTeam, noteAction } from "#jobs/plan/own-actions.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import { momentText } from "#core/values/moment.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { intend } from "#store/effects/intend.ts";
import { effectsUnder, withdraw, withdrawWhere } from "#store/effects/ledger.ts";
import { tellCardEnded, type Telling } from "#jobs/webhooks/events.ts";

/**
 * Ends a pending card without a decision, and with it its turn: another one follows. Where its draft was noted for the
 * team, a note says that it is withdrawn.
 */
export async function voidApproval(
  telling: Telling,
  transaction: Transaction,
  approval: Approval,
  reason: string,
  now: Date,
): Promise<boolean> {
  const isVoid = await voidErased(telling, transaction, approval, reason, now);
  if (isVoid) await noteWithdrawnDraft(transaction, approval, { why: reason, now });
  return isVoid;
}

/** The same for a conversation that is being erased, where nothing more is written. */
export async function voidErased(
  telling: Telling,
  transaction: Transaction,
  approval: Approval,
  reason: string,
  now: Date,
): Promise<boolean> {
  const how = { reason, outcome: "ignored" } as const;
  const entries = await endAsVoid(telling, transaction, approval, how, now);
  for (const entry of entries) await appendAudit(transaction, entry, now);
  return entries.length > 0;
}

/**
 * Ends the cards whose messages this turn answers too, also one that waits for more than this turn has covered: a message
 * on two cards would be answered twice. What else that one was to answer is planned again. Throws `StaleTurnError` when
 * one of them was decided or changed since: then its own answer comes first.
 */
export async function endCoveredCards(
  telling: Telling,
  transaction: Transaction,
  {
    snapshot,
    plan,
    now,
  }: { readonly snapshot: ConversationSnapshot; readonly plan: Plan; readonly now: Date },
): Promise<readonly AuditEntry[]> {
  const { conversation } = snapshot.state;
  const here = `${conversation.channel} ${calledBy(conversation)}`;
  const entries: AuditEntry[] = [];
  const { covers } = plan.case;
  const answered = keysAnsweredBy(plan);
  const taken = new Set([...answered, ...plan.outcomes.flatMap(({ keys }) => keys)]);
  const parted = snapshot.caseOthers.filter(
    ({ state, pending }) =>
      pending?.kind === "proposal" &&
      pending.answers.some((key) => taken.has(key)) &&
      covers.every((cover) => cover.conversation.id !== state.conversation.id),
  );
  const ends = [
    ...covers.map(({ pending, keys }) => ({
      pending,
      reason: keys.every((key) => answered.has(key))
        ? `Also covered in ${here}: one answer for both goes there.`
        : `People have this case now, in ${here}: this conversation goes to them as well.`,
    })),
    ...parted.map(({ pending }) => ({
      pending,
      reason: `Part of it is handled in ${here}: the rest is planned again.`,
    })),
  ];
  for (const { pending, reason } of ends) {
    if (pending === null) continue;
    const how = { reason, outcome: "ignored" } as const;
    const ended = await endAsVoid(telling, transaction, pending, how, now);
    if (ended.length === 0)
      throw new StaleTurnError("a card of the same case was decided meanwhile");
    entries.push(...ended);
  }
  return entries;
}

/** Ends it as void. Returns the audit entries; none when another change was faster. */
export async function endAsVoid(
  telling: Telling,
  transaction: Transaction,
  approval: Approval,
  how: Pick<CardEnd, "reason" | "outcome" | "withdrawn">,
  now: Date,
): Promise<readonly AuditEntry[]> {
  const change = { state: "void", closing: how.reason } as const;
  if (!(await endCard(telling, transaction, approval, { ...how, change }, now))) return [];
  return [{ kind: "void", data: { approval: approval.id, version: approval.version } }];
}

/** How a card ends of which nothing is carried out, and what becomes of its turn. */
interface CardEnd {
  readonly change: Pick<Parameters<typeof changeApproval>[2], "closing" | "votes" | "undoUntil"> & {
    readonly state: Approval["state"];
  };
  readonly outcome: Outcome;
  readonly reason: string;
  /** Why its draft is withdrawn, for those who read it beside the conversation; left out where they are not told. */
  readonly withdrawn?: string;
  /** True where the messages it was to answer end with it, and are not planned again. */
  readonly endsMessages?: true;
}

/** Ends a card, with its turn; false when another change was faster. */
export async function endCard(
  telling: Telling,
  transaction: Transaction,
  approval: Approval,
  { change, outcome, reason, withdrawn, endsMessages }: CardEnd,
  now: Date,
): Promise<boolean> {
  if (!(await changeApproval(transaction, approval, change, now))) return false;
  const { answers, turnId, conversationId: decidedIn } = approval;
  await tellCardEnded(telling, transaction, approval, { state: change.state, now });
  if (withdrawn !== undefined)
    await noteWithdrawnDraft(transaction, approval, {
      why: withdrawn,
      now,
      notBefore: change.undoUntil ?? now,
    });
  if (endsMessages === true)
    await setOutcome(transaction, answers, { outcome, reason, turnId, decidedIn }, now);
  await amendTurn(transaction, turnId, {
    approval_granted: false,
    outcome,
    outcome_reason: reason,
    ...(outcome === "escalated" || outcome === "expired" ? { escalated_to_human: true } : {}),
  });
  return true;
}

/**
 * Ends the cards of a conversation that cannot be read, because they would stop each of its turns: nothing of them is
 * done that had not begun, and the team is told of each. One of which a part was done stays approved, and what is left of
 * it is people's. False when there is none, and where its turn cannot be read either: that stops no other card.
 */
export async function endUnreadable(context: JobContext, conversationId: string): Promise<boolean> {
  try {
    return await context.store.run((transaction) =>
      unreadableEnded(context, transaction, conversationId),
    );
  } catch (error) {
    const reason = reasonOf(error);
    context.log.error("a card cannot be ended", { conversation: conversationId, reason });
    return false;
  }
}

async function unreadableEnded(
  context: JobContext,
  transaction: Transaction,
  conversationId: string,
): Promise<boolean> {
  const now = context.clock.now();
  const closing = "Void: what is stored of it cannot be read.";
  const found: string[] = [];
  await findUnreadable(transaction, conversationId, (id, error) => {
    if (!isNewerSchema(error)) found.push(id);
  });
  for (const id of found) {
    const voided = await voidUnreadable(transaction, id, { closing, now });
    await withdrawWhere(transaction, eq(effect.approvalId, id), closing, now);
    if (voided !== null) {
      const outcome = { outcome: "ignored", outcome_reason: closing } as const;
      await amendTurn(transaction, voided.turnId, { approval_granted: false, ...outcome });
      const data = { approval: id, version: voided.version };
      await appendAudit(transaction, { kind: "void", data }, now);
    }
    const became =
      voided === null
        ? "of which a part was done before: the rest is not done, and the customer waits for a person"
        : "so it is void: nothing of it is done, and the customer is answered without it";
    const text = `The card ${id} cannot be read, ${became}. Its row is kept as it is, and its buttons do nothing. Look at the conversation, and report this with the log. ${context.cardLink(id)}`;
    await alertTeam(context, transaction, {
      conversationId,
      text,
      about: `unreadable:${id}`,
      now,
    });
  }
  return found.length > 0;
}

// A teammate sends the pending draft by hand.

/** From this likeness on a reply counts as the draft with changes; below it, as an answer of the teammate's own. */
const LIKENESS_MIN = 0.5;

/** The name of the channel where it was sent, for people. */
const PLACES: Readonly<Record<ChannelName, string>> = {
  zendesk: "Zendesk",
  email: "the mailbox",
  slack: "Slack",
  chat: "the chat",
};

/**
 * The pending draft as a teammate published it by hand, unchanged or changed: their first public message since the
 * draft that is more alike than not. Null when they wrote an answer of their own.
 */
export function findManualReply(
  { policy }: { readonly policy: Pick<Policy, "sign" | "languages"> },
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): SentByHand | null {
  const approval = snapshot.pending ?? (changes.overtaken.length > 0 ? snapshot.approved : null);
  const draft = approval === null ? null : draftedText(approval);
  if (approval === null || draft === null) return null;
  const { channel, brand } = snapshot.state.conversation;
  const sign: Sign = (name) =>
    [null, ...policy.languages]
      .map((language) => policy.sign("", { channel, brand, name, automatic: false, language }))
      .join("\n");
  const frame = frameLines(approval, sign);
  for (const message of changes.newMessages) {
    if (!isTeamAnswer(message)) continue;
    const { likeness } = textDifference(within(draft, frame), within(message.text, frame));
    if (likeness < LIKENESS_MIN) continue;
    return {
      by: message.author.name,
      place: PLACES[channel],
      lines: textDifference(draft, message.text).lines,
      answers: approval.answers,
      undone: (approval.proposal?.actions ?? [])
        .filter(({ action }) => action.operation !== "reply")
        .map(({ label }) => label),
      about: message.key,
    };
  }
  return null;
}

function draftedText({ proposal }: Approval): string | null {
  const reply = proposal?.actions.findLast(({ action }) => action.operation === "reply");
  return reply === undefined ? null : ReplyArguments.parse(reply.action.arguments).text;
}

type Sign = (name: string | null) => string;

/** Lines that every reply of ours has: two short answers are not alike because both end with the same signature. */
function frameLines({ card }: Approval, sign: Sign): ReadonlySet<string> {
  const lines = [sign(null), sign(card.requester.name)].flatMap((text) => text.split("\n"));
  return new Set(lines.map((line) => line.trim()).filter((line) => line !== ""));
}

function within(text: string, frame: ReadonlySet<string>): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !frame.has(line)).join("\n");
}

/** The one line that is left of the card. */
export function sentLine({ by, place, lines, undone }: SentByHand): string {
  const sent = `Sent by ${by} in ${place}${lines.length === 0 ? "" : ", changed"}.`;
  const open =
    undone.length === 0 ? "" : ` NOT done: ${undone.join("; ")}. No teammate approved it.`;
  return `${sent}${open}`.slice(0, 490);
}

/**
 * Sending the text by hand carries out no other action on the card. The customer may have been promised it, so the team
 * is told on the desk, and with a note in the channel where it has notes.
 */
export function undoneBundles(
  context: JobContext,
  snapshot: ConversationSnapshot,
  sent: SentByHand | null,
): Plan["bundles"] {
  if (sent === null || sent.undone.length === 0) return [];
  const { conversation } = snapshot.state;
  const what = sent.undone.join("; ");
  const text = `${sent.by} sent the draft in ${sent.place}, but what stood beside it was not done: ${what}. It is withdrawn; no teammate approved it. If the customer was promised it, do it by hand or ask for it again.`;
  const link = context.cardLink(snapshot.pending?.id ?? snapshot.approved?.id ?? conversation.id);
  const alert = unconditional([alertAction(`${text} ${link}`, [], `by-hand:${sent.about}`)]);
  const hasNotes = context.channels.get(conversation.channel)?.supports.includes("note") === true;
  return hasNotes
    ? [alert, unconditional([noteAction(conversation, text, `by-hand:${sent.about}`)])]
    : [alert];
}

// Internal notes about drafts, for teammates who work in the customer's channel itself.

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
async function noteWithdrawnDraft(
  transaction: Transaction,
  approval: Pick<Approval, "id" | "version" | "conversationId" | "turnId" | "card">,
  {
    why,
    now,
    notBefore = now,
  }: { readonly why: string; readonly now: Date; readonly notBefore?: Date },
): Promise<void> {
  const state = await loadConversation(transaction, approval.conversationId);
  if (state === null || approval.card.draft === null) return;
  const { conversation } = state;
  // What is told on a card, claimed or edited gives it another version, and is not noted again.
  const keys = Array.from(
    { length: approval.version },
    (_, at) => noteAction(conversation, "", notedVersion({ id: approval.id, version: at + 1 })).key,
  );
  const [noted] = (await effectsUnder(transaction, keys)).toSorted(
    (one, other) => keys.indexOf(other.key) - keys.indexOf(one.key),
  );
  if (noted === undefined || noted.state === "withdrawn" || noted.state === "failed") return;
  const left = await withdraw(transaction, { key: noted.key }, "the draft is withdrawn", now);
  if (left.length > 0) return;
  const at = momentText(noted.createdAt, approval.card.zone, now);
  const text = `Withdrawn: the draft noted here on ${at} is not sent. ${sentence(why)}`;
  const note = noteAction(conversation, text, `${notedVersion(approval)}:withdrawn`);
  await intend(transaction, [note], {
    conversationId: conversation.id,
    turnId: approval.turnId,
    bundle: withdrawalBundle(approval),
    notBefore,
    now,
  });
}

/** The bundle of the note that the draft of this version is withdrawn, so that an undo finds it. */
export function withdrawalBundle({ id, version }: Pick<Approval, "id" | "version">): string {
  return `b_withdrawal_${id}_${version}`;
}

/** Which version of which draft a note is about. */
function notedVersion({ id, version }: Pick<Approval, "id" | "version">): string {
  return `${id}:${version}`;
}

/** The closing line of the card, without the word that the note begins with. */
function sentence(why: string): string {
  const words = why.replace(/^withdrawn:\s*/i, "").trim();
  if (words === "") return "";
  return `${capitalised(words)}${/[.!?]$/.test(words) ? "" : "."}`;
}
