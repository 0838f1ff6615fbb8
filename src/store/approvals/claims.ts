/**
 * What teammates say of a card without deciding on it: who is looking at it, and what they think of a draft that is only
 * shown; and the answers to their clicks.
 */

import { and, eq, gt, isNotNull, isNull, lte, or, sql, type SQL } from "#store/db/drizzle.ts";
import type {
  CardClaim,
  Opinion,
  DeskAnswer,
  DeskDecision,
} from "#core/contracts/approval-desk.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval, deskDecision } from "#store/db/schema.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";
import { digest } from "#core/values/canonical-json.ts";

/**
 * Records who looks at a waiting card. False when the card has ended, or another teammate has claimed it; its holder
 * may renew the claim. Version and votes stay, so what others see on their screens stays valid.
 */
export async function claimCard(
  transaction: Transaction,
  { id, claim, until }: { readonly id: string; readonly claim: CardClaim; readonly until: Date },
  now: Date,
): Promise<boolean> {
  const rows = await transaction
    .update(approval)
    .set({
      claim,
      claimUntil: until,
      // A renewed claim goes on with the work it began with.
      claimedAt: sql`case when ${isClaimedBy(claim.voter)} then ${approval.claimedAt} else ${now} end`,
      ...SHOWN_ANEW,
    })
    .where(
      and(
        eq(approval.id, id),
        eq(approval.state, "pending"),
        gt(approval.expiresAt, now),
        or(isNull(approval.claimUntil), lte(approval.claimUntil, now), isClaimedBy(claim.voter)),
      ),
    )
    .returning({ id: approval.id });
  return rows.length === 1;
}

/** Releases a teammate's own claim; false when it was not theirs, or had lapsed. */
export async function releaseCard(
  transaction: Transaction,
  id: string,
  voter: string,
): Promise<boolean> {
  const released = await unclaim(transaction, and(eq(approval.id, id), isClaimedBy(voter)));
  return released.length === 1;
}

/** Removes lapsed claims and returns their cards. Called by the reconciler at every tick. */
export function lapseClaims(transaction: Transaction, now: Date) {
  return unclaim(transaction, lte(approval.claimUntil, now));
}

/** Removes the claims of these people at once, since no decision depends on them. */
export async function forgetClaims(
  transaction: Transaction,
  voters: readonly string[],
): Promise<void> {
  if (voters.length === 0) return;
  const isTheirs = sql`lower(${approval.claim} ->> 'voter') in ${voters} or lower(${approval.claim} ->> 'deskId') in ${voters}`;
  await unclaim(transaction, and(isNotNull(approval.claim), sql`(${isTheirs})`));
}

function unclaim(transaction: Transaction, which: SQL | undefined) {
  return transaction
    .update(approval)
    .set({ claim: null, claimUntil: null, ...SHOWN_ANEW })
    .where(which)
    .returning({ id: approval.id });
}

/** Marks the post on the desk as stale; decisions made meanwhile find the row unchanged. */
export const SHOWN_ANEW = { cardStale: true, postAfter: null, postAttempts: 0 } as const;

function isClaimedBy(voter: string) {
  return eq(sql`${approval.claim} -> 'voter'`, sql`${storableJson(voter)}::jsonb`);
}

/**
 * Stores a teammate's opinion of a draft that is only shown, replacing their previous one. A repeated rejection without
 * text keeps the earlier text. False when the card is not of this kind, or its text was erased.
 */
export async function saveDraftRating(
  transaction: Transaction,
  approvalId: string,
  opinion: Opinion,
): Promise<boolean> {
  const [row] = await transaction
    .select({ opinions: approval.opinions })
    .from(approval)
    .where(and(eq(approval.id, approvalId), eq(approval.kind, "notice"), eq(approval.closing, "")))
    .for("update");
  if (row === undefined) return false;
  const others = row.opinions.filter(({ voter }) => voter !== opinion.voter);
  const before = row.opinions.find(({ voter }) => voter === opinion.voter);
  const isBareNo = !opinion.wouldSend && opinion.ownAnswer === "";
  const kept = isBareNo ? { ...opinion, ownAnswer: before?.ownAnswer ?? "" } : opinion;
  await transaction
    .update(approval)
    .set({ opinions: [...others, kept], ...SHOWN_ANEW })
    .where(eq(approval.id, approvalId));
  return true;
}

/** What a click decided, by digest: what only says how it was looked at may differ when it is sent again. */
export function clickContent(decision: DeskDecision): string {
  const { button, approvalId, reason, rejection, hint, ownAnswer, edit, to, until } = decision;
  return digest({ button, approvalId, reason, rejection, hint, ownAnswer, edit, to, until });
}

const OTHER_CONTENT: DeskAnswer = {
  accepted: false,
  message:
    "This was sent before with other content, which counts. Look again before you repeat it.",
  fieldErrors: {},
};

/** The answer this click got before, or null when the click is new. One with another `content` than then is refused. */
export async function rememberedAnswer(
  transaction: Transaction,
  decisionId: string,
  content?: string,
): Promise<DeskAnswer | null> {
  const [row] = await transaction
    .select()
    .from(deskDecision)
    .where(eq(deskDecision.id, decisionId));
  if (row === undefined) return null;
  const { content: before = content, ...answer } = row.answer;
  return content === undefined || before === content ? answer : OTHER_CONTENT;
}

export async function rememberAnswer(
  transaction: Transaction,
  decision: Pick<DeskDecision, "decisionId" | "approvalId">,
  answer: DeskAnswer & { readonly content?: string },
  now: Date,
): Promise<void> {
  await transaction
    .insert(deskDecision)
    .values({ id: decision.decisionId, approvalId: decision.approvalId, answer, at: now })
    .onConflictDoNothing();
}

/**
 * Notes that an alert about clicks from another company was sent: as a refusal of a click, under the alert's key, on a
 * card that does not exist.
 */
export async function recordAlertSent(
  transaction: Transaction,
  key: string,
  text: string,
  now: Date,
): Promise<void> {
  const answer = { accepted: false, message: text, fieldErrors: {} };
  await rememberAnswer(transaction, { decisionId: key, approvalId: "outsider" }, answer, now);
}
