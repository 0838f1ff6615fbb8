/** What an agent asks for: whether a person decides, and the approval that waits then. */
import type { z } from "zod";
import type { Actions, Call, Proposed, Rule, Ticket } from "./contract.ts";
import { castVote } from "./kernel/ballot.ts";
import { isSameDigest } from "./kernel/canonical-json.ts";
import type { Ask } from "./kernel/statement.ts";
import { storableJson } from "./kernel/storable-text.ts";
import { outcomeIn } from "./outcome.ts";
import {
  ballotOf,
  callDigest,
  effectRow,
  factsNow,
  markOf,
  ONE_PERSON,
  revisionOf,
  sealOf,
  standingMark,
  type Parts,
} from "./parts.ts";
import type { ApprovalRow, Statements } from "./statements.ts";

const ORDER: readonly Rule["says"][] = ["deny", "ask", "allow"];

/** Without any rule a person is asked. */
const NO_RULE: Rule = { layer: "gate", says: "ask" };

/** The rule that holds: deny over ask over allow, and of two that say the same the first. */
function strictestRule(rules: readonly Rule[]): Rule {
  const [strictest = NO_RULE] = rules.toSorted(
    (one, other) => ORDER.indexOf(one.says) - ORDER.indexOf(other.says),
  );
  return strictest;
}

/** One call with all that is known of it before the database is asked. */
interface Prepared {
  readonly row: ApprovalRow;
  readonly rule: Rule;
}

/** Proposes the calls of one step. Throws for an action that is not there, and for arguments that it does not take. */
export async function propose<Given extends Actions>(
  parts: Parts,
  asked: { readonly run: string; readonly calls: readonly Call<Given>[]; readonly by?: string },
): Promise<readonly Proposed[]> {
  const step = parts.newId();
  const prepared: Prepared[] = [];
  for (const [place, call] of asked.calls.entries())
    prepared.push(await prepare(parts, call, { ...asked, step, place }));
  return parts.database.run(async (ask) => {
    const proposed: Proposed[] = [];
    for (const one of prepared) proposed.push(await proposeOne(ask, parts, one));
    return proposed;
  });
}

async function prepare(
  parts: Parts,
  call: { readonly action: string; readonly args: unknown; readonly key?: string },
  at: {
    readonly run: string;
    readonly step: string;
    readonly place: number;
    readonly by?: string;
  },
): Promise<Prepared> {
  const spec = parts.actions.get(call.action);
  if (spec === undefined) throw new Error(`there is no action ${call.action}`);
  const parsed: unknown = await spec.args.parseAsync(call.args);
  // What is sealed is what the database will give back.
  const args = JSON.parse(storableJson(parsed));
  const needs = spec.approvers ?? ONE_PERSON;
  if (needs.fourEyes === true && at.by === undefined)
    throw new Error(`${call.action} needs another person than the one who asked: say who asked`);
  const now = parts.now();
  const id = parts.newId();
  const unsealed = {
    id,
    run: at.run,
    step: at.step,
    place: at.place,
    key: call.key === undefined ? id : `${call.action}:${call.key}`,
    call: callDigest(call.action, args),
    action: { name: call.action, args },
    facts: JSON.parse(storableJson(await factsNow(parts, call.action, args))),
    needs,
    asked_by: at.by?.trim().toLowerCase() ?? null,
    version: 1,
    state: "pending" as const,
    votes: [],
    closing: "",
    expires_at: new Date(now.getTime() + parts.expiresAfterMs),
    created_at: now,
  };
  return {
    row: { ...unsealed, seal: sealOf(parts, unsealed) },
    rule: strictestRule(spec.rules?.(args) ?? []),
  };
}

async function proposeOne(ask: Ask, parts: Parts, { row, rule }: Prepared): Promise<Proposed> {
  if (rule.says === "deny") return { rule, state: "denied" };
  const { statements, now } = parts;
  const [before] = await ask(statements.before, [row.run, row.call, row.key]);
  if (before === undefined) throw new Error("a select without a table gave no row");
  const { open, standing } = before;
  if (open !== null && isWaiting(open, now()))
    return { rule, state: "waiting", ticket: ticketOf(open) };
  const decided = decidedBefore(before);
  if (decided !== null)
    return { rule, state: "decided", outcome: await outcomeIn(ask, parts, decided) };
  if (rule.says === "allow") return allow(ask, parts, { row, rule });
  // One that is open and pending and does not wait has waited too long.
  if (open !== null) await ask(statements.expire, [now()]);
  return addWaiting(ask, parts, { row: withStandingYes(parts, row, standing), rule });
}

/** What was decided already: refused in this run, or approved, done or under way under this key. */
function decidedBefore({
  open,
  refused,
  effect,
}: z.output<Statements["before"]["row"]>): string | null {
  if (refused !== null) return refused;
  if (open?.state === "approved") return open.id;
  return effect === null ? null : (effect.approvalId ?? effect.key);
}

async function allow(ask: Ask, parts: Parts, { row, rule }: Prepared): Promise<Proposed> {
  const { statements, now } = parts;
  const policy = { approvalId: null, revision: null, by: "policy", notBefore: now() } as const;
  const entry = { kind: "allowed", data: { key: row.key, call: row.call, layer: rule.layer } };
  const effects = storableJson([effectRow(parts, row, policy)]);
  await ask(statements.allow, [effects, now(), storableJson([entry])]);
  return { rule, state: "allowed", id: row.key };
}

async function addWaiting(ask: Ask, parts: Parts, { row, rule }: Prepared): Promise<Proposed> {
  const { statements, now } = parts;
  const { id: approval, version, seal } = row;
  const isAllowed = row.state === "approved";
  const asked = { kind: "asked", data: { approval, version, seal, call: row.call, run: row.run } };
  const votes = row.votes.map(({ voter }) => ({
    kind: "vote",
    data: { approval, version, seal, button: "approve", voter },
  }));
  const person = { approvalId: approval, revision: revisionOf(row), by: "person" } as const;
  const effects = isAllowed ? [effectRow(parts, row, { ...person, notBefore: now() })] : [];
  const added = await ask(statements.add, [
    storableJson(row),
    now(),
    storableJson([asked, ...votes]),
    storableJson(effects),
  ]);
  if (added.length === 1)
    return isAllowed
      ? { rule, state: "allowed", id: approval }
      : { rule, state: "waiting", ticket: ticketOf(row) };
  // The same was proposed at this moment.
  const [after] = await ask(statements.before, [row.run, row.call, row.key]);
  const open = after?.open ?? null;
  if (open === null) throw new Error(`${row.key} is open and cannot be read`);
  return { rule, state: "waiting", ticket: ticketOf(open) };
}

function ticketOf({ id, version }: ApprovalRow): Ticket {
  return { id, version };
}

function isWaiting({ state, expires_at: until }: ApprovalRow, now: Date): boolean {
  return state === "pending" && now.getTime() < until.getTime();
}

/** Counts a standing yes for exactly this call like a press of the person who gave it, as far as they may now. */
function withStandingYes(
  parts: Parts,
  row: ApprovalRow,
  standing: { readonly voter: string; readonly name: string; readonly mark: string } | null,
): ApprovalRow {
  if (standing === null) return row;
  const { voter, name, mark } = standing;
  if (!isSameDigest(mark, standingMark(parts, row.call, voter))) return row;
  if (row.needs.fourEyes === true && row.asked_by === voter) return row;
  const role = parts.roleOf(voter);
  const at = parts.now();
  const press = { voter, name, role, meaning: "yes", version: row.version, at } as const;
  const counted = castVote(ballotOf(parts, row), { ...press, account: { id: voter } });
  if ("refusal" in counted || role === null) return row;
  const vote = { voter, name, role, at: at.toISOString() };
  const reason = "a standing yes for exactly this";
  return {
    ...row,
    state: counted.state,
    votes: [{ ...vote, mark: markOf(parts, row, vote), reason }],
    closing: counted.state === "approved" ? `approved by ${name}: ${reason}` : "",
  };
}
