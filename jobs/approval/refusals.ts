/** Why a press changes nothing: one union, its sentences, and the answers to a press. */

import { inWords } from "#core/values/words.ts";
import { setTimeout as delay } from "node:timers/promises";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { clockText } from "#core/values/moment.ts";
import { formatMoney } from "#core/values/money.ts";
import type { Role } from "#core/values/vocabulary.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { rememberedAnswer } from "#store/approvals/claims.ts";
import { pressingVoter, type BallotKind, type OverLimit, type Refusal } from "./ballot.ts";

/** Told to every person who may not decide, whatever they pressed. */
export const NO_ROLE = "Only support and leads can decide here. Nothing was changed.";

const CHANGED = "This card was changed meanwhile. Look at the newest version below.";

/** The refusal as the person reads it; a time in it is in this zone, the team's. */
export function refusalText(refusal: Refusal, zone: string): string {
  switch (refusal.why) {
    case "forbidden":
      return FORBIDDEN[refusal.to];
    case "stale":
      return STALE[refusal.what];
    case "expired":
      return EXPIRED[refusal.ballot];
    case "decided":
      return decidedText(refusal, zone);
    case "twice":
      return "You have approved this already. It needs another teammate.";
    case "raced":
      return "A colleague is changing this card right now. Look at it, and try again.";
    case "begun":
      return "Too late: it has begun or is done already.";
    case "limit":
      return overLimitText(refusal, refusal.role);
    case "unclear":
      return unclearText(refusal);
    case "four_eyes":
      return FOUR_EYES[refusal.as];
    case "taken":
      return takenText(refusal);
  }
}

const FORBIDDEN = {
  decide: NO_ROLE,
  card: NO_ROLE,
  undo: "Only support and leads can take a decision back.",
  policy: "Only leads decide about a change that permits more. Nothing was changed.",
  procedure: "Only leads decide about a procedure. Nothing was changed.",
} as const;

const STALE = {
  version: CHANGED,
  undone: "It was taken back already, and waits for a decision again.",
  button: "This button is out of date. Nothing was changed.",
  junk: "This is being worked on already, or was not set aside.",
  no_junk: "This button is about a case, not about a card.",
} as const;

const EXPIRED = {
  card: "This card has expired, so nothing was done. People have the conversation now: answer it where it was written, or hand it back to Deskhand for a fresh draft.",
  policy: "This change has expired. The policy stays as it was.",
  procedure: "This version has expired. What was in use stays.",
} as const satisfies Record<BallotKind, string>;

const FOUR_EYES = {
  requester: "You asked for this yourself, so another teammate has to approve it.",
  author: "These are your own words by now, so another teammate has to approve them.",
  leaving: "You would lose your role by this, so the others decide on it.",
  invited:
    "You signed in by a link that a lead made, so you are no second person here. Sign in with Slack, or by a link from the server.",
} as const;

function takenText(refusal: Extract<Refusal, { why: "taken" }>): string {
  return refusal.by === "teammate" ? `${refusal.name} has this already.` : TAKEN[refusal.by];
}

const TAKEN = {
  erased: "This conversation is not kept any more.",
  solved: "This case is solved. Nothing was changed.",
  you: "You have this already.",
} as const;

/** Tells a late clicker who decided first; a teammate's own second click gets a plain confirmation. */
function decidedText(
  { state, votes, voter, closing = "" }: Extract<Refusal, { why: "decided" }>,
  zone: string,
): string {
  // News may end a card that some had approved, and then none of them did.
  if (state === "void" && closing !== "") return `This card is void already. ${closing}`;
  const what = state === "rejected" ? "closed without approval" : state;
  const last = votes.at(-1);
  if (last === undefined) return `This card is ${what} already.`;
  const at = clockText(new Date(last.at), zone);
  if (last.voter === voter) return `You decided this already, at ${at}: it is ${what}.`;
  // One rejection ends what others had approved.
  const who = state === "approved" ? votes : [last];
  const names = who.map(({ name }) => name).join(" and ");
  return `This card is ${what} already, by ${names} at ${at}.`;
}

/** Why this role may not approve the amount. */
export function overLimitText({ operation, limit, amount, isSum }: OverLimit, role: Role): string {
  const size = isSum
    ? `comes to ${formatMoney(amount)} with what went back on the order before`
    : `is of ${formatMoney(amount)}`;
  return `Your role may approve a ${inWords(operation)} of up to ${formatMoney(limit)}, and this one ${size}. ${role === "lead" ? "Nothing was changed." : "A lead has to approve it."}`;
}

function unclearText(refusal: Extract<Refusal, { why: "unclear" }>): string {
  switch (refusal.from) {
    case "voter":
      return `It cannot be told whether you and ${refusal.name} are two people, because one of you votes without an e-mail address. Use the same desk, or show the address in your profile.`;
    case "requester":
      return "This needs a teammate who did not ask for it, and without your e-mail address that cannot be told. Show it in your profile, or approve in the console.";
    case "editor":
      return "It cannot be told whether you edited this yourself, because the teammate who did has no visible e-mail address, or signed in by a lead's link. A teammate who signed in with Slack and shows an address has to edit it again, or reject it.";
    case "unchecked":
      return `Deskhand could not check whether this is your own request. Nothing was changed; try again. (${refusal.reason})`;
  }
}

/** Nothing was changed, and why. */
export function refusedAnswer(message: string): DeskAnswer {
  return { accepted: false, message, fieldErrors: {} };
}

/** Nothing was changed because of what was typed: what is wrong, by field. */
export function wrongInput(fieldErrors: DeskAnswer["fieldErrors"]): DeskAnswer {
  const [message = ""] = Object.values(fieldErrors);
  return { accepted: false, message, fieldErrors };
}

/** The click was recorded. An empty message means that the card itself shows it. */
export function acceptedAnswer(message: string): DeskAnswer {
  return { accepted: true, message, fieldErrors: {} };
}

export const OUT_OF_DATE = refusedAnswer("This card is out of date. Nothing was changed.");

/**
 * The result when the card changed between our read and our write: nothing was written, and only another read can tell
 * what the click means now.
 */
export const RACED = "raced";

/** An answer to the click, or `RACED` when it needs a newer row. */
export type RacedAnswer = DeskAnswer | typeof RACED;

/** Says why a click changes nothing, and records the attempt. */
export async function refuse(
  context: Pick<JobContext, "store" | "clock" | "policy" | "pseudonym">,
  decision: Pick<DeskDecision, "approvalId" | "version" | "teammate"> & {
    /** Left out where there is no decision, such as when a form is opened. */
    readonly decisionId?: string;
  },
  refusal: Refusal,
): Promise<DeskAnswer> {
  const { voter } = pressingVoter(context, decision.teammate);
  const { decisionId, approvalId: approval, version } = decision;
  // The results of a click that was delivered twice at the same moment: the second delivery finds it done.
  if (decisionId !== undefined && (refusal.why === "decided" || refusal.why === "twice")) {
    const same = await answerGivenBefore(context, { approvalId: approval, decisionId }, voter);
    if (same !== null) return same;
  }
  await context.store.run(async (transaction) => {
    const user = await context.pseudonym(transaction, voter);
    const data = { approval, version, why: refusal.why, user };
    await appendAudit(transaction, { kind: "refused", data }, context.clock.now());
  });
  return refusedAnswer(refusalText(refusal, context.policy.digest.zone));
}

/** How often and at what interval to look for the other delivery's answer; the interval is in milliseconds. */
const LOOKS = { count: 10, everyMs: 50 } as const;

/**
 * The answer to the same click when another process received it at the same moment; null when there is none. The faster
 * process stores its answer right after the decision, so this waits a moment, and only when the voter is among those
 * who decided: any other voter's click is a different one.
 */
async function answerGivenBefore(
  context: Pick<JobContext, "store">,
  { approvalId, decisionId }: Pick<DeskDecision, "approvalId" | "decisionId">,
  voter: string,
): Promise<DeskAnswer | null> {
  const approval = await context.store.run(loadApproval, approvalId);
  if (approval?.votes.some((vote) => vote.voter === voter) !== true) return null;
  for (let looks = 0; looks < LOOKS.count; looks += 1) {
    const answer = await context.store.run(rememberedAnswer, decisionId);
    if (answer !== null) return answer;
    await delay(LOOKS.everyMs);
  }
  return null;
}
