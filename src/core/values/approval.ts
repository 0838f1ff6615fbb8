/** The life of an approval: its states, votes, claims and opinions. */
import { z } from "zod";
import { Role } from "./vocabulary.ts";

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
