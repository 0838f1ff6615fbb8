/** Presses that carry out nothing of a card: a redraft, a claim, an opinion, or that what was held back is harmless. */

import {
  type DeskAnswer,
  type DeskDecision,
  INSTRUCTION_MAX,
  type RedraftRequest,
} from "#core/contracts/approval-desk.ts";
import { isBlank } from "#text/normalize.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { type Approval, loadApproval } from "#store/approvals/approvals.ts";
import { updateConversation, wakeSoon } from "#store/conversations/conversations.ts";
import {
  acceptedAnswer,
  RACED,
  type RacedAnswer,
  refuse,
  refusedAnswer,
  wrongInput,
} from "#jobs/approval/refusals.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { pressingVoter, recordAuthor } from "#jobs/approval/ballot.ts";
import { approvalProgress } from "#jobs/approval/card-content.ts";
import { noteInstruction, noteRating } from "#jobs/notes/differences.ts";
import { requestedLines } from "#jobs/approval/card-lines.ts";
import { claimCard, lapseClaims, releaseCard, saveDraftRating } from "#store/approvals/claims.ts";
import type { PlacedMessage } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import { clockText } from "#core/values/moment.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { Message } from "#core/values/message.ts";
import { inspectOne, type TextPlace } from "#guard/input/one-text.ts";
import {
  type HarmlessText,
  heldBackMessages,
  keepHarmlessTexts,
} from "#store/reports/draft-differences.ts";
import { isHeldBack } from "#jobs/approval/card-flags.ts";
import { judgedDigest } from "#jobs/conversation/turn-context.ts";
import { personalMasker } from "#jobs/masks/anonymize.ts";
import { endCard } from "#jobs/approval/end-card.ts";
import { renewCard } from "#jobs/webhooks/renew-card.ts";
import { type CardPress, recordVote } from "./card-press.ts";

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
  if (isBlank(hint)) return wrongInput({ text: "Say in a few words what to do differently." });
  // A request that replaces an unprocessed one also lists the approvals that lapsed with that one.
  const lapsed = [
    ...(approval.redraft.request?.lapsed ?? []),
    ...approval.votes.map(({ name }) => name),
  ];
  const redo: RedraftRequest = { name: voter.name, hint, lapsed };
  const version = approval.version + 1;
  const user = voter.voter;
  const saved = await context.store.run(async (transaction) => {
    const changed = await renewCard(
      context,
      transaction,
      approval,
      {
        lines: requestedLines(redo),
        redraft: redo,
        redraftCount: approval.redraft.count + 1,
        card: { ...approval.card, progress: approvalProgress(approval.needs, 0, 0) },
      },
      at,
    );
    if (!changed) return false;
    // The reconciler wakes by this if the notification below is lost.
    await updateConversation(transaction, approval.conversationId, { wakeAt: at }, at);
    const { teammate } = decision;
    // Lessons are learnt from people.
    if (teammate.assistant !== true)
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

/** Why this card gets no other draft; null when it may. */
export function whyNoRedraft({ card, redraft }: Approval): string | null {
  if (card.draft === null) return "There is no draft on this card to redo.";
  if (redraft.count >= REDOS_MAX)
    return `This draft was redone ${REDOS_MAX} times already. Edit it, or take the conversation over.`;
  return null;
}

/**
 * Claims or releases a card. A claim informs the others and is no lock: every approver may still decide, so nothing
 * waits for an absent teammate. It applies to any version of the card.
 */
export async function claimOrRelease(context: JobContext, press: CardPress): Promise<DeskAnswer> {
  const { approval, decision, at } = press;
  const change = decision.button === "claim" ? claim : release;
  const changed = await context.store.run((transaction) => change(context, transaction, press));
  if (changed) return acceptedAnswer("");
  const now = await context.store.run(loadApproval, approval.id);
  return refusedAnswer(whoHasIt(now, at));
}

async function claim(
  context: JobContext,
  transaction: Transaction,
  press: CardPress,
): Promise<boolean> {
  const { approval, decision, at, voter } = press;
  const { teammate } = decision;
  const until = context.policy.claimUntil(teammate, at);
  const claimed = { voter: voter.voter, deskId: teammate.id, name: voter.name };
  if (!(await claimCard(transaction, { id: approval.id, claim: claimed, until }, at))) return false;
  await recordClaim(context, transaction, press, { kind: "claimed", until: until.toISOString() });
  return true;
}

async function release(
  context: JobContext,
  transaction: Transaction,
  press: CardPress,
): Promise<boolean> {
  if (!(await releaseCard(transaction, press.approval.id, press.voter.voter))) return false;
  await recordClaim(context, transaction, press, { kind: "released" });
  return true;
}

async function recordClaim(
  context: JobContext,
  transaction: Transaction,
  { approval, voter, at }: CardPress,
  { kind, ...more }: { readonly kind: "claimed" | "released"; readonly until?: string },
): Promise<void> {
  const user = await context.pseudonym(transaction, voter.voter);
  await appendAudit(transaction, { kind, data: { approval: approval.id, user, ...more } }, at);
}

function whoHasIt(approval: Approval | null, at: Date): string {
  const { claim: held, state } = approval ?? {};
  if (state !== "pending") return "This card was decided meanwhile. Nothing was changed.";
  if (held == null || held.until.getTime() <= at.getTime())
    return "No teammate has this card at the moment.";
  return `${held.name} has this until ${clockText(held.until, approval?.card.zone ?? "UTC")}. You may decide it all the same.`;
}

/** Ends expired claims; called at every tick of the reconciler. */
export async function endClaims(context: JobContext): Promise<void> {
  const at = context.clock.now();
  await context.store.run(async (transaction) => {
    for (const { id } of await lapseClaims(transaction, at))
      await appendAudit(transaction, { kind: "claim_lapsed", data: { approval: id } }, at);
  });
}

// What a teammate thinks of a draft that is only shown.

/**
 * Stores a teammate's rating of a shadow draft; the latest one counts. It changes neither state nor proposal of the
 * card, so it can never send anything.
 */
export async function rateDraft(
  context: JobContext,
  decision: DeskDecision,
  approval: Approval,
): Promise<DeskAnswer> {
  const { teammate, button } = decision;
  const { voter, name, role } = pressingVoter(context, teammate);
  if (role === null) return refuse(context, decision, { why: "forbidden", to: "decide" });
  const at = context.clock.now();
  const wouldSend = button === "thumbs_up";
  const opinion = {
    voter,
    deskId: teammate.id,
    name,
    wouldSend,
    ownAnswer: wouldSend ? "" : (decision.ownAnswer ?? "").trim(),
    at: at.toISOString(),
  };
  const kept = await context.store.run(async (transaction) => {
    if (!(await saveDraftRating(transaction, approval.id, opinion))) return false;
    const user = await context.pseudonym(transaction, voter);
    const { ownAnswer: own } = opinion;
    const rating = { approval, who: teammate, pseudonym: user, wouldSend, own, at };
    await noteRating(context, transaction, rating);
    const data = { approval: approval.id, version: approval.version, user, wouldSend };
    await appendAudit(transaction, { kind: "opinion", data }, at);
    return true;
  });
  return kept
    ? acceptedAnswer("")
    : refusedAnswer("This card takes no opinion. Nothing was changed.");
}

// One press says that what the guard held back is harmless.

const NOTHING_HELD = "The guard holds nothing back on this card. Nothing was changed.";

/** Longer texts are learnt from by their beginning. */
const WORDS_MAX = 20_000;

/**
 * Ends the card, remembers its messages as harmless in the form they have now, keeps their texts masked for the training
 * of the guard, and has the conversation planned again. Any teammate with a role may do it, as they may dismiss such a
 * card. The policy still decides on what the next turn proposes.
 */
export async function sayHarmless(
  context: JobContext,
  { approval, at, voter, counted }: CardPress,
): Promise<RacedAnswer> {
  if (!isHeldBack(approval.card)) return refusedAnswer(NOTHING_HELD);
  const said = `Marked harmless by ${voter.name}`;
  const closing = `${said} · ${clockText(at, approval.card.zone)}`;
  const woken = await context.store.run(async (transaction) => {
    const { messages, cards } = await heldBackMessages(transaction, approval.answers);
    const conversations = new Set(messages.map(({ conversationId }) => conversationId));
    const all = [...conversations.add(approval.conversationId)];
    await wakeSoon(transaction, all, at);
    const change = { state: "void" as const, votes: [...counted.votes], closing };
    const end = { change, outcome: "ignored" as const, reason: said, withdrawn: said };
    if (!(await endCard(context, transaction, approval, end, at))) return null;
    const masked = personalMasker({
      messages: messages.map(({ message }) => message),
      cards,
      effects: [],
    });
    const texts = heldBackTexts(context.guard, messages).map(({ words, ...text }) => ({
      ...text,
      maskedText: masked(words),
    }));
    await keepTexts(context, transaction, { approval, texts, voter: voter.voter, at });
    return all;
  });
  if (woken === null) return RACED;
  for (const id of woken) await notifyWorker(context, id);
  return acceptedAnswer("");
}

async function keepTexts(
  context: Pick<JobContext, "pseudonym">,
  transaction: Transaction,
  {
    approval,
    texts,
    voter,
    at,
  }: {
    readonly approval: Approval;
    readonly texts: readonly (HeldBackText & Pick<HarmlessText, "maskedText">)[];
    readonly voter: string;
    readonly at: Date;
  },
): Promise<void> {
  const who = await context.pseudonym(transaction, voter);
  const { id: approvalId } = approval;
  await keepHarmlessTexts(
    transaction,
    texts.map((text) => ({ ...text, approvalId, who, at })),
  );
  const messages = [...new Set(texts.map(({ judged }) => judged))];
  const press = { voter, button: "harmless", at, beside: { messages } } as const;
  await recordVote(context, transaction, approval, press);
}

type HeldBackText = Pick<
  HarmlessText,
  "conversationId" | "messageKey" | "judged" | "segment" | "lang"
>;

/** The texts for which the guard holds a message back, with their words; the whole message where no text alone does. */
function heldBackTexts(
  guard: InputGuard,
  messages: readonly PlacedMessage[],
): readonly (HeldBackText & { readonly words: string })[] {
  const held = messages.filter(({ message }) => guard.inspect([message]).verdict !== "allow");
  // What a second opinion objects to, the guard allows.
  return (held.length === 0 ? messages : held).flatMap(({ conversationId, message }) => {
    const parts = messageParts(message);
    const doubted = parts.filter(
      ({ segment, words }) => inspectOne(guard, words, segment).verdict !== "allow",
    );
    return (doubted.length === 0 ? parts.slice(0, 1) : doubted).map(({ segment, words }) => ({
      conversationId,
      messageKey: message.key,
      judged: judgedDigest(message),
      segment,
      lang: guard.languageOf([message]) ?? "",
      words: words.slice(0, WORDS_MAX).toWellFormed(),
    }));
  });
}

function messageParts({
  subject,
  text,
  segments,
}: Message): readonly { readonly segment: TextPlace; readonly words: string }[] {
  const body = subject === "" ? text : `${subject}\n\n${text}`;
  return [
    { segment: "body", words: body },
    ...segments.map(({ kind, text: words }) => ({ segment: kind, words })),
  ];
}
