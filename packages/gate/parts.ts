/** What the parts of a gate work with, and what they compute alike: seals, marks, ballots, and what is shown. */
import type { ActionSpec, Answer, Approvers, Role } from "./contract.ts";
import type { GateDatabase } from "./database.ts";
import type { Ballot } from "./kernel/ballot.ts";
import { canonical, digest, isSameDigest, keyedDigest } from "./kernel/canonical-json.ts";
import { proposalSeal, type SealedParts } from "./kernel/seal.ts";
import type { Ask } from "./kernel/statement.ts";
import { storableJson } from "./kernel/storable-text.ts";
import type { ApprovalRow, Statements, StoredVote } from "./statements.ts";

/** An open gate. */
export interface Parts {
  readonly database: GateDatabase;
  readonly statements: Statements;
  readonly actions: ReadonlyMap<string, ActionSpec>;
  readonly secret: string;
  readonly worker: string;
  readonly roleOf: (person: string) => Role | null;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly expiresAfterMs: number;
  readonly undoMs: number;
  readonly callMs: number;
}

/** Who has to approve where an action does not say. */
export const ONE_PERSON: Approvers = { count: 1, leads: 0 };

/** Nothing was changed, and why. */
export function refused(reason: string): Answer {
  return { accepted: false, reason };
}

export const ACCEPTED: Answer = { accepted: true };

/** The call's own identity. */
export function callDigest(name: string, args: unknown): string {
  return digest({ name, args });
}

/** What a version of an approval is called in its seal and in the effect that follows from it. */
export function revisionOf({ id, version }: Pick<ApprovalRow, "id" | "version">): string {
  return `${id}@${version}`;
}

/** Everything that is sealed of an approval beside its revision and rules. */
export function partsOf({
  key,
  action,
  facts,
}: Pick<ApprovalRow, "key" | "action" | "facts">): SealedParts {
  return { key, action, facts };
}

/** The seal of a version as it is, by the holder of the secret: whoever changes a row cannot seal it again. */
export function sealOf(
  { secret }: Pick<Parts, "secret">,
  row: Pick<
    ApprovalRow,
    "id" | "version" | "key" | "action" | "facts" | "needs" | "asked_by" | "expires_at"
  >,
): string {
  const rules = [row.needs, { asked_by: row.asked_by, until: row.expires_at.toISOString() }];
  const proposal = { actions: [partsOf(row)] };
  return keyedDigest(secret, proposalSeal({ proposal, revision: revisionOf(row), rules }));
}

/** The mark of a vote, which only the holder of the secret can make. */
export function markOf(
  { secret }: Pick<Parts, "secret">,
  { id, version, seal }: Pick<ApprovalRow, "id" | "version" | "seal">,
  { voter, role, at }: Pick<StoredVote, "voter" | "role" | "at">,
): string {
  return keyedDigest(secret, { vote: { id, version, seal, voter, role, at } });
}

/** The mark of a standing yes for one exact call. */
export function standingMark(
  { secret }: Pick<Parts, "secret">,
  call: string,
  voter: string,
): string {
  return keyedDigest(secret, { standing: { call, voter } });
}

/**
 * The votes that still count: by people who have a role now, under this version and seal, with a mark that fits. One who
 * gained a role counts with the role at their press.
 */
export function countedVotes(parts: Parts, row: ApprovalRow): readonly StoredVote[] {
  return row.votes.flatMap((vote) => {
    const held = parts.roleOf(vote.voter);
    if (held === null || !isSameDigest(vote.mark, markOf(parts, row, vote))) return [];
    return [{ ...vote, role: held === "member" ? held : vote.role }];
  });
}

/** The ballot of an approval, with the votes that count. */
export function ballotOf(parts: Parts, row: ApprovalRow): Ballot<"approval", Role, object> {
  return {
    kind: "approval",
    version: row.version,
    state: row.state,
    votes: row.state === "pending" ? countedVotes(parts, row) : row.votes,
    expiresAt: row.expires_at,
    isForLeads: false,
    needs: () => row.needs,
    overLimit: () => null,
  };
}

/** The mark of an effect that needs no person: a row that was written past the gate has none. */
export function policyMark(
  { secret }: Pick<Parts, "secret">,
  { key, action, facts }: Pick<ApprovalRow, "key" | "action" | "facts">,
): string {
  return keyedDigest(secret, { policy: { key, action, facts } });
}

/** The row of the effect that an approved call becomes, or one that needs no person. */
export function effectRow(
  parts: Pick<Parts, "secret">,
  row: Pick<ApprovalRow, "key" | "run" | "step" | "place" | "action" | "facts">,
  decided: {
    readonly approvalId: string | null;
    readonly revision: string | null;
    readonly by: "person" | "policy";
    readonly notBefore: Date;
  },
) {
  const { key, run, step, place, action, facts } = row;
  return {
    key,
    run,
    action,
    facts,
    approval_id: decided.approvalId,
    bundle: step,
    position: place,
    request_digest: decided.by === "policy" ? policyMark(parts, row) : digest(action),
    revision: decided.revision,
    approved_by: decided.by,
    state: "intended",
    not_before: decided.notBefore,
  };
}

/** What is written beside an approval. */
interface Beside {
  readonly entries: readonly { readonly kind: string; readonly data: object }[];
  readonly effects?: readonly ReturnType<typeof effectRow>[];
}

/** Changes an approval if it is still as it was read; false when another change came first. */
export async function changed(
  ask: Ask,
  { statements, now }: Pick<Parts, "statements" | "now">,
  before: ApprovalRow,
  after: Partial<ApprovalRow>,
  { entries, effects = [] }: Beside,
): Promise<boolean> {
  const written = await ask(statements.change, [
    storableJson({ ...before, ...after }),
    before.version,
    before.state,
    before.seal,
    storableJson(before.votes),
    now(),
    storableJson(entries),
    storableJson(effects),
  ]);
  return written.length === 1;
}

/** What an action rests on outside, as it is now; an action that rests on nothing has null. */
export async function factsNow(parts: Parts, name: string, args: unknown): Promise<unknown> {
  const facts: unknown = (await parts.actions.get(name)?.facts?.(args)) ?? null;
  // As the database will give it back.
  return JSON.parse(storableJson(facts));
}

/** True when what an approval rests on is not what was shown. */
export async function factsChanged(
  parts: Parts,
  { action, facts }: Pick<ApprovalRow, "action" | "facts">,
): Promise<boolean> {
  return canonical(await factsNow(parts, action.name, action.args)) !== canonical(facts);
}

/** Control characters and marks that hide or turn what stands beside them, all but the space. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** All of a call as text, with what cannot be seen made visible. */
export function shownText({ action, needs, asked_by }: ApprovalRow): string {
  const args =
    typeof action.args === "object" && action.args !== null && !Array.isArray(action.args)
      ? Object.entries(action.args)
      : [["", action.args] as const];
  const lines = args.map(([name, value]) => {
    const words = typeof value === "string" ? value : canonical(value);
    return `${seen(name)}: ${seen(words)}`;
  });
  const four = needs.fourEyes === true ? ", none of whom asked for it or edited it" : "";
  const people = `needs ${needs.count} (leads: ${needs.leads})${four}`;
  const by = asked_by === null ? [] : [`asked by ${seen(asked_by)}`];
  return [seen(action.name), ...lines, people, ...by].join("\n");
}

function seen(text: string): string {
  return text.replaceAll(
    UNSEEN,
    (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}}`,
  );
}
