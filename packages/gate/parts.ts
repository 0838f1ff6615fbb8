/** What the parts of a gate work with, and what they compute alike: seals, marks, ballots, and what is shown. */
import { randomInt } from "node:crypto";
import type { z } from "zod";
import type { ActionSpec, Answer, Approvers, Role } from "./contract.ts";
import type { GateDatabase } from "./database.ts";
import { castVote, hasEnough, type Ballot, type Press } from "./kernel/ballot.ts";
import type { BegunEffect } from "./kernel/carry-out.ts";
import { canonical, digest, isSameDigest, keyedDigest } from "./kernel/canonical-json.ts";
import { votersIn } from "./kernel/chain.ts";
import { moveValues, type Move } from "./kernel/ledger.ts";
import { comparedSeal, proposalSeal, type SealedParts } from "./kernel/seal.ts";
import type { Ask } from "./kernel/statement.ts";
import { asStored, storableJson, type Json } from "./kernel/storable-text.ts";
import { statements, type ApprovalRow, type EffectRow, type StoredVote } from "./statements.ts";

/** An open gate. */
export interface Parts {
  readonly database: GateDatabase;
  readonly actions: ReadonlyMap<string, ActionSpec>;
  readonly secret: string;
  readonly worker: string;
  readonly roleOf: (person: string) => Role | null;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly expiresAfterMs: number;
  readonly undoMs: number;
  readonly callMs: number;
  /** What of it changes: whether this process carries out, and what its decisions have begun for it. */
  readonly carrying: {
    /** How many times `run` is at work. */
    active: number;
    hasRun: boolean;
    readonly held: Held[];
    /** When a restore was told of, on the monotonic clock: what was begun before is looked up. */
    restoredAt: number;
  };
}

/** An effect that a decision has begun for the next `run` of this process, with the approval that was checked for it. */
export interface Held extends BegunEffect<EffectRow> {
  readonly loaded: Loaded;
}

/** Who has to approve where an action does not say. */
export const ONE_PERSON: Approvers = { count: 1, leads: 0 };

/** Nothing was changed, and why. */
export function refused(reason: string): Answer {
  return { accepted: false, reason };
}

export const ACCEPTED: Answer = { accepted: true };

/** The call's own identity. The column of that name finds rows; what a yes stands for is computed from the sealed action. */
export function callDigest(action: ApprovalRow["action"]): string {
  return digest(action);
}

/** What a version of an approval is called in its seal and in the effect that follows from it. */
function revisionOf({ id, version }: Pick<ApprovalRow, "id" | "version">): string {
  return `${id}@${version}`;
}

/** Whether the target of its action can be asked what became of it. */
export function canBeFound({ actions }: Parts, { action }: Pick<EffectRow, "action">): boolean {
  return actions.get(action.name)?.find !== undefined;
}

/** The seal of a version as it is, by the holder of the secret: whoever changes a row cannot seal it again. */
export function sealOf({ secret }: Parts, row: Omit<ApprovalRow, "seal">): string {
  const rules = [row.needs, { asked_by: row.asked_by, until: row.expires_at.toISOString() }];
  return keyedDigest(secret, proposalSeal({ actions: [row], revision: revisionOf(row), rules }));
}

/** The mark of a vote, which only the holder of the secret can make. */
function markOf(
  { secret }: Pick<Parts, "secret">,
  { id, version, seal }: Pick<ApprovalRow, "id" | "version" | "seal">,
  { voter, role, at }: Pick<StoredVote, "voter" | "role" | "at">,
): string {
  return keyedDigest(secret, { vote: { id, version, seal, voter, role, at } });
}

/** The mark of a standing yes for one exact call, as long as what it rests on and who has to approve are the same. */
export function standingMark({ secret }: Parts, row: ApprovalRow, voter: string): string {
  const { action, facts, needs } = row;
  return keyedDigest(secret, { standing: { call: callDigest(action), facts, needs, voter } });
}

/** Why a person may not approve what these people asked for or wrote; null when they are surely others. */
export function whyNotAnother(given: readonly (string | null)[], voter: string): string | null {
  const others = given.flatMap((one) => one ?? []);
  if (others.includes(voter)) return "you asked for this yourself, or these are your own words";
  // One who is known by an id may be the same person as one who is known by an address.
  const isUnclear = others.some((other) => other.includes("@") !== voter.includes("@"));
  return isUnclear ? "it cannot be told whether you asked for this or edited it yourself" : null;
}

/**
 * The votes that still count: by people who have a role now, under this version and seal, with a mark that fits. One who
 * gained a role counts with the role at their press.
 */
function countedVotes(parts: Parts, row: ApprovalRow): readonly StoredVote[] {
  return row.votes.flatMap((vote) => {
    const held = parts.roleOf(vote.voter);
    if (held === null || !isSameDigest(vote.mark, markOf(parts, row, vote))) return [];
    return [{ ...vote, role: held === "member" ? held : vote.role }];
  });
}

/** True while people may decide on it. */
export function isWaiting({ state, expires_at: until }: ApprovalRow, now: Date): boolean {
  return state === "pending" && now.getTime() < until.getTime();
}

/** A person's press on an approval, in their role of now; their vote is kept with its mark. */
export function castOn(
  parts: Parts,
  row: ApprovalRow,
  press: Pick<StoredVote, "voter" | "name" | "reason"> &
    Pick<Press<StoredVote>, "meaning" | "version">,
) {
  const { voter, name, reason } = press;
  const now = parts.now();
  const kept = (role: Role): StoredVote => {
    const vote = { voter, name, role, at: now.toISOString() };
    return { ...vote, mark: markOf(parts, row, vote), reason };
  };
  const ballot: Ballot<"approval", StoredVote, never> = {
    kind: "approval",
    version: row.version,
    state: row.state,
    votes: row.state === "pending" ? countedVotes(parts, row) : row.votes,
    expiresAt: row.expires_at,
    needs: () => row.needs,
  };
  return castVote(ballot, { ...press, role: parts.roleOf(voter), at: now, kept });
}

/** The mark of an effect that needs no person: a row that was written past the gate has none. */
function policyMark({ secret }: Parts, { key, action, facts }: SealedParts): string {
  return keyedDigest(secret, { policy: { key, action, facts } });
}

/** The row of the effect that an approved call becomes, or one that needs no person. */
export function effectRow(
  parts: Parts,
  row: ApprovalRow,
  decided: {
    readonly by: "person" | "policy";
    readonly notBefore: Date;
    /** The approvals that have to be settled before it. */
    readonly waitsFor?: readonly string[];
  },
) {
  const { id, key, run, step, place, action, facts } = row;
  const isPerson = decided.by === "person";
  return {
    key,
    run,
    action,
    facts,
    approval_id: isPerson ? id : null,
    bundle: step,
    position: place,
    request_digest: isPerson ? digest(action) : policyMark(parts, row),
    revision: isPerson ? revisionOf(row) : null,
    approved_by: decided.by,
    state: "intended",
    not_before: decided.notBefore,
    waits_for: decided.waitsFor ?? [],
  };
}

/** A call with its look-ups before and after takes three times `callMs` at the most; only then may another go on. */
export const LEASED_CALLS = 4;

/** Begins are told apart by random numbers. */
export function newFence(): number {
  return randomInt(1, 2 ** 48 - 1);
}

/** What is read of an approval: its row, and its entries in the audit. */
export type Loaded = z.output<typeof statements.load.row>;

/** An approval with its entries, under its lock. Whoever locks an effect as well locks its approval first. */
export async function lockedApproval(ask: Ask, id: string) {
  await ask(statements.lock, [id]);
  const [loaded] = await ask(statements.load, [id]);
  return loaded ?? null;
}

/** What a look is given of an effect that happened, where none did. */
export const NOTHING_HAPPENED = [null, null, null, null, null] as const;

/** The only way on for an effect beside its begin; false where another process began or moved it since it was read. */
export async function moved(
  ask: Ask,
  { now }: Parts,
  { key, state, fence }: Pick<EffectRow, "key" | "state" | "fence">,
  to: Move,
): Promise<boolean> {
  const values = [...moveValues(key, [state], to, now()), fence];
  return (await ask(statements.ledger.move, values)).length === 1;
}

/** What is written beside an approval. */
interface Beside {
  readonly entries: readonly { readonly kind: string; readonly data: object }[];
  readonly effects?: readonly ReturnType<typeof effectRow>[];
  /** The effect begins in the same commit, if nothing is known of its key. */
  readonly begins?: boolean;
}

/**
 * Changes an approval if it is still as it was read; null when another change came first, else with what was begun. What is
 * begun here is called by the next `run`, which may take as long to come as a call: so its lease is longer by that, and by
 * a look at what it rests on.
 */
export async function changed(
  ask: Ask,
  { now, callMs, worker }: Parts,
  before: ApprovalRow,
  after: Partial<ApprovalRow>,
  { entries, effects = [], begins = false }: Beside,
): Promise<{ readonly begun: EffectRow | null } | null> {
  const [written] = await ask(statements.change, [
    storableJson({ ...before, ...after }),
    before.version,
    before.state,
    before.seal,
    storableJson(before.votes),
    now(),
    storableJson(entries),
    storableJson(effects),
    begins ? (LEASED_CALLS + 2) * callMs : null,
    newFence(),
    worker,
  ]);
  return written ?? null;
}

/** In what an approval, or what a rule of this gate allowed, is not what is about to happen; null when it is. */
export function whyBroken(
  parts: Parts,
  effect: SealedParts & Pick<EffectRow, "approval_id" | "request_digest" | "revision">,
  loaded: Loaded | null,
): string | null {
  if (effect.approval_id === null)
    return isSameDigest(effect.request_digest, policyMark(parts, effect))
      ? null
      : "no rule allowed it";
  if (loaded === null) return "no approval stands behind it";
  const { approval, entries } = loaded;
  const { state, seal, version, needs } = approval;
  const now = sealOf(parts, approval);
  const stored = { state, seal, now, revision: revisionOf(approval), actions: [approval] };
  const broken = comparedSeal(stored, { ...effect, position: 0 });
  if (broken !== null) return BREAKS[broken.what];
  const votes = entries.filter(({ kind }) => kind === "vote").map(({ data }) => data);
  const voters = votersIn(votes, { version, seal });
  const counting = countedVotes(parts, approval).filter(({ voter }) => voters.has(voter));
  const different = new Map(counting.map((vote) => [vote.voter, vote]));
  return hasEnough([...different.values()], needs) ? null : "not enough people approved this";
}

const BREAKS = {
  state: "its approval is not approved",
  changed: "what was approved was changed",
  other_action: "it is not what was approved",
} as const;

/** What ignores its signal is left alone after `callMs`: it may have happened. */
export function inTime<T>(
  { callMs }: Parts,
  work: Promise<T>,
  signal = AbortSignal.timeout(callMs),
): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("no answer in time")), {
        once: true,
      });
    }),
  ]);
}

/** What an action rests on outside, as it is now; an action that rests on nothing has null. Throws after `callMs`. */
export async function factsNow(parts: Parts, name: string, args: unknown): Promise<Json> {
  const spec = parts.actions.get(name);
  if (spec?.facts === undefined) return null;
  return asStored((await inTime(parts, spec.facts(args))) ?? null);
}

export const CHANGED = "what it is about has changed";

/** True when what an approval rests on is not what was shown. */
export async function factsChanged(parts: Parts, row: ApprovalRow | EffectRow): Promise<boolean> {
  const { action, facts } = row;
  return canonical(await factsNow(parts, action.name, action.args)) !== canonical(facts);
}

/**
 * What cannot be seen, hides or turns what stands beside it, or has no agreed form, all but the space; and the beginning
 * of what looks like such a mark made visible.
 */
const UNSEEN =
  /(?! )[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800]|\\(?=u\{)/gu;

/** All of a call as text, with what it rests on and until when it waits, and what cannot be seen made visible. */
export function shownText(row: ApprovalRow): string {
  const { id, key, action, facts, needs, asked_by, expires_at: until } = row;
  const args =
    typeof action.args === "object" && action.args !== null && !Array.isArray(action.args)
      ? Object.entries(action.args)
      : [["", action.args] as const];
  const lines = args.map(([name, value]) => `${seen(name)}: ${seen(plain(value))}`);
  const under = key === id ? [] : [`under the key ${seen(key)}`];
  const rests = facts === null ? [] : [`rests on ${seen(canonical(facts))}`];
  const four = needs.fourEyes === true ? ", none of whom asked for it or edited it" : "";
  const people = `needs ${needs.count} (leads: ${needs.leads})${four}`;
  const by = asked_by === null ? [] : [`asked by ${seen(asked_by)}`];
  const wait = `waits until ${until.toISOString()}`;
  return [seen(action.name), ...lines, ...under, ...rests, people, ...by, wait].join("\n");
}

/** A text as it is, and in quotes where it could be taken for another value. */
function plain(value: unknown): string {
  if (typeof value !== "string") return canonical(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
}

function seen(text: string): string {
  return text.replaceAll(
    UNSEEN,
    (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}}`,
  );
}
