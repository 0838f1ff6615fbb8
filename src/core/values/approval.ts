/** The life of an approval: its states, votes, claims and opinions, and what a click does. */
import { z } from "zod";
import { Role } from "./vocabulary.ts";
import { Approvers } from "#core/contracts/policy.ts";

/**
 * An approval starts `pending`. Clicks of enough different people make it `approved`; one rejection, the expiry, or a
 * change of anything its seal covers ends it as `rejected`, `expired` or `void`. An edit makes a new version and resets
 * the count. An approved one may return to `pending` during its undo time, before its first effect starts, and so may
 * one that a click handed over to people and that is `rejected` by that. Nothing else leaves `rejected`, `expired` or
 * `void`.
 */
export const ApprovalState = z.enum(["pending", "approved", "rejected", "expired", "void"]);
export type ApprovalState = z.infer<typeof ApprovalState>;

export const ApprovalVote = z.strictObject({
  /** E-mail where known, else the desk's user id: one person is one voter on every desk. */
  voter: z.string(),
  /** The desk's own id of the voter, under which the policy may list them as well. */
  deskId: z.string().optional(),
  /** The desk groups the voter was in when they clicked, where known. */
  groups: z.array(z.string()).optional(),
  name: z.string(),
  role: Role,
  at: z.iso.datetime(),
});
export type ApprovalVote = z.infer<typeof ApprovalVote>;

/** A teammate says that they are looking at a card, so that others need not. It decides nothing, and any teammate may still decide. */
export const CardClaim = z.strictObject({
  /** The same as a vote's, so that one person is the same on every desk. */
  voter: z.string(),
  deskId: z.string(),
  name: z.string(),
});
export type CardClaim = z.infer<typeof CardClaim>;

/** The longest answer a teammate may write instead of a draft that is only shown. */
export const OWN_ANSWER_MAX = 3_000;

/** What a teammate thinks of a draft that is only shown. It decides nothing, and may be changed. */
export const Opinion = z.strictObject({
  /** The same as a vote's, so that one person is the same on every desk. */
  voter: z.string(),
  deskId: z.string(),
  name: z.string(),
  wouldSend: z.boolean(),
  /** What they would have written; empty when they do not say. */
  ownAnswer: z.string().max(OWN_ANSWER_MAX),
  at: z.iso.datetime(),
});
export type Opinion = z.infer<typeof Opinion>;

/** The maximum length of a teammate's instruction for a redraft. */
export const INSTRUCTION_MAX = 500;

/** A redraft that a teammate requested and that is not written yet. */
export const RedraftRequest = z.strictObject({
  name: z.string(),
  hint: z.string().max(INSTRUCTION_MAX),
  /** Names of the approvers whose approvals the request cancelled. */
  lapsed: z.array(z.string()),
});
export type RedraftRequest = z.infer<typeof RedraftRequest>;

export const ApprovalStanding = z.strictObject({
  version: z.int().min(1),
  state: ApprovalState,
  needs: Approvers,
  votes: z.array(ApprovalVote),
  expiresAt: z.iso.datetime(),
});
export type ApprovalStanding = z.infer<typeof ApprovalStanding>;

export type Click = {
  readonly button:
    | "approve"
    | "reject"
    | "escalate"
    | "edit"
    | "undo"
    | "dismiss"
    | "redo"
    | "take_over"
    | "harmless";
  readonly version: number;
  readonly voter: string;
  readonly name: string;
  readonly role: Role | null;
  readonly at: Date;
};

/** What a click does, decided without any look-up: the database then compares and sets. */
export type ClickResult =
  | {
      readonly kind: "refused";
      readonly code: "forbidden" | "stale" | "expired" | "decided" | "twice";
      readonly message: string;
    }
  | { readonly kind: "counted"; readonly standing: ApprovalStanding; readonly complete: boolean };

/** Told to every person who may not decide, whatever they pressed. */
export const NO_ROLE = "Only support and leads can decide here. Nothing was changed.";

/** Refuses people without a role, old versions, expired and decided cards, and second votes; counts everything else. */
export function applyClick(standing: ApprovalStanding, click: Click): ClickResult {
  if (click.role === null) return refusedClick("forbidden", NO_ROLE);
  if (click.version !== standing.version)
    return refusedClick(
      "stale",
      "This card was changed meanwhile. Look at the newest version below.",
    );
  if (isExpired(standing, click.at)) return refusedClick("expired", EXPIRED);
  if (standing.state !== "pending")
    return refusedClick("decided", alreadyDecided(standing, click.voter));
  if (click.button === "approve") return approve(standing, click);
  if (click.button === "harmless")
    return { kind: "counted", standing: withVote(standing, click, "void"), complete: true };
  return ENDING.has(click.button)
    ? { kind: "counted", standing: withVote(standing, click, "rejected"), complete: true }
    : { kind: "counted", standing, complete: false };
}

/** True from the expiry time on, even before the reconciler has marked the row. */
function isExpired({ state, expiresAt }: ApprovalStanding, at: Date): boolean {
  return state === "expired" || (state === "pending" && at.getTime() >= Date.parse(expiresAt));
}

const EXPIRED =
  "This card has expired, so nothing was done. People have the conversation now: answer it where it was written, or hand it back to Deskhand for a fresh draft.";

/** One person's click on any of these closes a card, whatever else it needed. */
const ENDING: ReadonlySet<Click["button"]> = new Set([
  "reject",
  "escalate",
  "take_over",
  "dismiss",
]);

function approve(standing: ApprovalStanding, click: Click): ClickResult {
  if (standing.votes.some((vote) => vote.voter === click.voter))
    return refusedClick("twice", "You have approved this already. It needs another teammate.");
  const counted = withVote(standing, click, "pending");
  const leads = counted.votes.filter((vote) => vote.role === "lead").length;
  const complete = counted.votes.length >= standing.needs.count && leads >= standing.needs.leads;
  return {
    kind: "counted",
    standing: { ...counted, state: complete ? "approved" : "pending" },
    complete,
  };
}

function withVote(
  standing: ApprovalStanding,
  { voter, name, role, at }: Click,
  state: ApprovalState,
): ApprovalStanding {
  if (role === null) throw new Error("a vote needs a role");
  return {
    ...standing,
    state,
    votes: [...standing.votes, { voter, name, role, at: at.toISOString() }],
  };
}

/** Tells a late clicker who decided first; a teammate's own second click gets a plain confirmation. */
function alreadyDecided({ state, votes }: ApprovalStanding, voter: string): string {
  const what = state === "rejected" ? "closed without approval" : state;
  const last = votes.at(-1);
  if (last === undefined) return `This card is ${what} already.`;
  const at = `${last.at.slice(11, 16)} UTC`;
  if (last.voter === voter) return `You decided this already, at ${at}: it is ${what}.`;
  // One rejection ends what others had approved.
  const who = state === "approved" ? votes : [last];
  const names = who.map(({ name }) => name).join(" and ");
  return `This card is ${what} already, by ${names} at ${at}.`;
}

function refusedClick(
  code: "forbidden" | "stale" | "expired" | "decided" | "twice",
  message: string,
): ClickResult {
  return { kind: "refused", code, message };
}
