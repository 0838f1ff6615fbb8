/**
 * One ballot for everything people decide on together: who votes, what a press does to the votes, and when they are
 * enough. Pure: the database then compares and sets.
 */
import type { ApprovalState } from "./states.ts";

/** Who has to approve, counted in different people. */
interface Needed {
  readonly count: number;
  /** How many of them must be leads. */
  readonly leads: number;
}

/**
 * What is read of a kept vote. One person is one voter everywhere: their address where it is known, else an id. An
 * address may change, so one account is one person too.
 */
interface Vote {
  readonly voter: string;
  readonly deskId?: string | undefined;
  readonly name: string;
  readonly role: string;
}

/** What is voted on: its state, the votes that count, and what it needs. */
export interface Ballot<Kind extends string, Kept extends Vote, Over extends object> {
  readonly kind: Kind;
  readonly version: number;
  readonly state: ApprovalState;
  readonly votes: readonly Kept[];
  readonly expiresAt: Date;
  /** True where only leads may press anything. */
  readonly isForLeads?: boolean;
  /** Who has to approve; on the team's own rules, votes may show that two names are one person. */
  needs(votes: readonly Kept[]): Needed;
  /** What this role may not approve of it; null when it may. */
  overLimit?(role: Kept["role"]): Over | null;
}

/** What a press means for a ballot: a yes, its end, or nothing beside that it may be pressed now. */
export type Meaning = "yes" | "rejected" | "void" | "none";

/** The votes and the state after a press. */
export interface Counted<Kept extends Vote> {
  readonly votes: readonly Kept[];
  readonly state: ApprovalState;
}

/** A press on a ballot in one version, by a person in their current role; a null role decides nothing. */
export interface Press<Kept extends Vote> {
  readonly voter: string;
  readonly role: Kept["role"] | null;
  readonly meaning: Meaning;
  readonly version: number;
  readonly at: Date;
  /** The vote that is kept where it counts. */
  readonly kept: (role: Kept["role"]) => Kept;
}

/** Why a press does not count. */
export type BallotRefusal<Kind extends string, Kept extends Vote, Over extends object> =
  | { readonly why: "forbidden"; readonly to: "decide" | Kind }
  | { readonly why: "stale"; readonly what: "version" }
  | { readonly why: "expired"; readonly ballot: Kind }
  | {
      readonly why: "decided";
      readonly state: ApprovalState;
      readonly votes: readonly Kept[];
      readonly voter: string;
    }
  | { readonly why: "twice" }
  | ({ readonly why: "limit"; readonly role: Kept["role"] } & Over)
  /** It cannot be told whether this person is another one than those who voted. */
  | { readonly why: "unclear"; readonly from: "voter"; readonly name: string };

/**
 * A press on a ballot, decided without any look-up. Refuses people without a role, old versions, expired and decided
 * ballots, second votes, amounts beyond a role, and voters who may be one person.
 */
export function castVote<Kind extends string, Kept extends Vote, Over extends object>(
  ballot: Ballot<Kind, Kept, Over>,
  press: Press<Kept>,
): Counted<Kept> | { readonly refusal: BallotRefusal<Kind, Kept, Over> } {
  const { role, meaning, kept } = press;
  if (role === null) return { refusal: { why: "forbidden", to: "decide" } };
  const refusal =
    whyNotOpen(ballot, press) ?? (meaning === "yes" ? whyNoVote(ballot, kept(role)) : null);
  if (refusal !== null) return { refusal };
  if (meaning === "none") return ballot;
  const votes = [...ballot.votes, kept(role)];
  if (meaning !== "yes") return { state: meaning, votes };
  return { votes, state: hasEnough(votes, ballot.needs(votes)) ? "approved" : "pending" };
}

/** A ballot is expired from its time on, even before anything has marked the row; some are open to leads alone. */
function whyNotOpen<Kind extends string, Kept extends Vote, Over extends object>(
  { kind, version, state, votes, expiresAt, isForLeads = false }: Ballot<Kind, Kept, Over>,
  press: Press<Kept>,
): BallotRefusal<Kind, Kept, Over> | null {
  if (press.version !== version) return { why: "stale", what: "version" };
  const isOver = state === "pending" && press.at.getTime() >= expiresAt.getTime();
  if (state === "expired" || isOver) return { why: "expired", ballot: kind };
  if (state !== "pending") return { why: "decided", state, votes, voter: press.voter };
  return isForLeads && press.role !== "lead" ? { why: "forbidden", to: kind } : null;
}

/** A person without an address where they press may have voted elsewhere under an address. */
function whyNoVote<Kind extends string, Kept extends Vote, Over extends object>(
  ballot: Ballot<Kind, Kept, Over>,
  { voter, deskId, role }: Kept,
): BallotRefusal<Kind, Kept, Over> | null {
  const isTheirs = (vote: Kept): boolean =>
    vote.voter === voter || (deskId !== undefined && vote.deskId === deskId);
  if (ballot.votes.some(isTheirs)) return { why: "twice" };
  const over = ballot.overLimit?.(role) ?? null;
  if (over !== null) return { why: "limit", role, ...over };
  const unclear = ballot.votes.find((vote) => isAddress(vote.voter) !== isAddress(voter));
  return unclear === undefined ? null : { why: "unclear", from: "voter", name: unclear.name };
}

function isAddress(voter: string): boolean {
  return voter.includes("@");
}

/** True when these votes are enough. */
export function hasEnough(votes: readonly { readonly role: string }[], needs: Needed): boolean {
  const leads = votes.filter(({ role }) => role === "lead").length;
  return votes.length >= needs.count && leads >= needs.leads;
}
