/** Identity levels, the evidence for them, and the requester a turn is bound to. */
import { z } from "zod";

/**
 * 0 unknown, 1 claimed, 2 verified, 3 confirmed by a one-time code. About one message, never about a person for good.
 */
export const IdentityLevel = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]);
export type IdentityLevel = z.infer<typeof IdentityLevel>;

/** From this level on it is proven who wrote a message. */
export const PROVEN_LEVEL = 2 satisfies IdentityLevel;

/** What the adapter could prove about the sender of one message, with the reason for card and trace. */
export const IdentityEvidence = z.strictObject({
  level: IdentityLevel,
  /** The level that counts where something is changed, if it is lower: such proof is for reading and answering. */
  actingLevel: IdentityLevel.exactOptional(),
  /**
   * How it was checked: `dkim`, `dkim+reference`, `dkim+spf`, `chat-token`, `zendesk-session`, `slack-workspace`, `slack-connect`,
   * `claimed`, `none`, or one of the two below.
   */
  method: z.string().min(1),
  /** One sentence a teammate can read, such as "DKIM signature of customer.test matches the From address". */
  reason: z.string().min(1),
  /** The proven (level 2 and up) or claimed handle by which the shop may know this person. */
  handle: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("email"), email: z.string() }),
    z.strictObject({ kind: z.literal("customer"), customerId: z.string() }),
    z.strictObject({ kind: z.literal("none") }),
  ]),
});
export type IdentityEvidence = z.infer<typeof IdentityEvidence>;

/** Evidence that proves no sender. */
export function unknownIdentity(reason: string): IdentityEvidence {
  return { level: 0, method: "none", reason, handle: { kind: "none" } };
}

/** Evidence that the person behind this address wrote it. */
export function provenIdentity(method: string, reason: string, email: string): IdentityEvidence {
  return { level: PROVEN_LEVEL, method, reason, handle: { kind: "email", email } };
}

/** Evidence by two witnesses, enough to read and answer. Where something is changed, it counts as a claim. */
export function witnessedIdentity(method: string, reason: string, email: string) {
  return { ...provenIdentity(method, reason, email), actingLevel: 1 } satisfies IdentityEvidence;
}

/** How much is proven, for reading and for changing something. */
export type Proof = Pick<IdentityEvidence, "level" | "actingLevel">;

/** The weaker of two proofs, the first of equal ones; what may be changed by it counts before what may be read. */
export function weakerProof<Some extends Proof>(first: Some, second: Some): Some {
  const difference =
    (first.actingLevel ?? first.level) - (second.actingLevel ?? second.level) ||
    first.level - second.level;
  return difference > 0 ? second : first;
}

/** Evidence for an address that a message only names, if it names one. */
export function claimedIdentity(reason: string, email: string | null): IdentityEvidence {
  const handle = email === null ? ({ kind: "none" } as const) : ({ kind: "email", email } as const);
  return { level: 1, method: "claimed", reason, handle };
}

/**
 * Whose data this turn may touch. Set by code from evidence and the shop's records; the model never sees or sets it.
 */
export const BoundRequester = z.strictObject({
  level: IdentityLevel,
  /** As in the evidence; left out where it is `level`. */
  actingLevel: IdentityLevel.exactOptional(),
  /** The customer the tools are bound to; null when the customer is not proven. */
  customerId: z.string().nullable(),
  /** The address on file when known, for notices; never taken from a message. */
  emailOnFile: z.string().nullable(),
  name: z.string().nullable(),
  reason: z.string().min(1),
});
export type BoundRequester = z.infer<typeof BoundRequester>;

/**
 * The id of a customer whom only connected systems know, by a proven address: the same however they proved it, and no
 * shop's own id.
 */
export function customerByAddress(address: string): string {
  return `email:${address.toLowerCase()}`;
}

/** The address in such an id; null in any other. */
export function addressIn(customerId: string): string | null {
  return customerId.startsWith("email:") ? customerId.slice("email:".length) : null;
}

/** The method of evidence by a one-time code that was sent to the address on file. */
export const CODE_METHOD = "code";

/** The method when an incorrect or expired code was entered; the level is that of the evidence before. */
export const REFUSED_CODE_METHOD = "refused-code";

/** Replaces a code in a stored message. */
export const CODE_MARK = "[code]";
