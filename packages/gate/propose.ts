/** What an agent asks for: whether a person decides, and the approval that waits then. */
import type { z } from "zod";
import {
  personId,
  type Actions,
  type Call,
  type Proposed,
  type Rule,
  type Ticket,
} from "./contract.ts";
import { isSameDigest } from "./kernel/canonical-json.ts";
import type { Ask } from "./kernel/statement.ts";
import { asStored, isJson, storable, storableJson, type Json } from "./kernel/storable-text.ts";
import { outcomeIn } from "./outcome.ts";
import {
  callDigest,
  castOn,
  effectRow,
  factsNow,
  ONE_PERSON,
  isWaiting,
  sealOf,
  NOTHING_HAPPENED,
  standingMark,
  whyNotAnother,
  type Parts,
} from "./parts.ts";
import { statements, type ApprovalRow } from "./statements.ts";

/** What is known of a call and its key before it is asked. */
type Before = z.output<typeof statements.add.row>;

const ORDER: readonly Rule["says"][] = ["deny", "ask", "allow"];

/** Without any rule a person is asked. */
const NO_RULE: Rule = { layer: "gate", says: "ask" };

/** The rule that holds: deny over ask over allow, and of two that say the same the first. */
export function strictestRule(rules: readonly Rule[]): Rule {
  const place = ({ says }: Rule): number => ORDER.indexOf(says);
  return rules.toSorted((one, other) => place(one) - place(other))[0] ?? NO_RULE;
}

/** One call with all that is known of it before the database is asked. */
type Prepared = Awaited<ReturnType<typeof prepare>>;

/** Proposes the calls of one step. Throws for an action that is not there, and for arguments that it does not take. */
export async function propose<Given extends Actions>(
  parts: Parts,
  asked: { readonly run: string; readonly calls: readonly Call<Given>[]; readonly by?: string },
): Promise<readonly Proposed[]> {
  const step = parts.newId();
  const prepared: Prepared[] = [];
  for (const [place, call] of asked.calls.entries())
    prepared.push(await prepare(parts, call, { ...asked, step, place }));
  const [first] = prepared;
  // Most often one call is asked, and nothing is known of it: then that is all.
  if (first?.rule.says === "ask" && prepared.length === 1) {
    const { row, rule } = first;
    const { added } = await add(parts.database.ask, parts, row, "new");
    if (added !== null) return [{ rule, state: "waiting", ticket: ticketOf(row) }];
  }
  return parts.database.run(async (ask) => {
    const proposed: Proposed[] = [];
    // Approvals before a call in its step, of older steps as well: what needs no person waits for them.
    const waitsFor: string[] = [];
    for (const one of prepared) {
      const said = await proposeOne(ask, parts, one, waitsFor);
      if (said.state === "waiting") waitsFor.push(said.ticket.id);
      if (said.state === "allowed") waitsFor.push(said.id);
      proposed.push(said);
    }
    return proposed;
  });
}

/** The key of an action whose caller gave one. No action's name runs into another's key. */
function givenKey(action: string, key: string): string {
  return `${action.replaceAll("%", "%25").replaceAll(":", "%3A")}:${storable(key)}`;
}

/** Arguments as the database will give them back; null for what JSON does not hold, such as a date or a set. */
function storedArgs(parsed: unknown): { readonly args: Json } | null {
  return isJson(parsed) ? { args: asStored(parsed) } : null;
}

/** What a person gives as arguments of an action, as it is stored; null for what the action does not take. */
export async function personsArgs({ actions }: Parts, name: string, given: unknown) {
  const parsed = await actions.get(name)?.args.safeParseAsync(given);
  return parsed?.success === true ? storedArgs(parsed.data) : null;
}

/** A call with what it rests on now, as it is sealed and shown. */
export async function callWith(parts: Parts, name: string, args: Json) {
  const action = { name, args };
  return { action, facts: await factsNow(parts, name, args), call: callDigest(action) };
}

async function prepare(
  parts: Parts,
  call: { readonly action: string; readonly args: unknown; readonly key?: string },
  at: Pick<ApprovalRow, "run" | "step" | "place"> & { readonly by?: string },
) {
  const spec = parts.actions.get(call.action);
  if (spec === undefined) throw new Error(`there is no action ${call.action}`);
  const parsed: unknown = await spec.args.parseAsync(call.args);
  // What is sealed is what the database will give back.
  const stored = storedArgs(parsed);
  if (stored === null)
    throw new Error(`the arguments of ${call.action} are no JSON after their parse`);
  const { args } = stored;
  const needs = spec.approvers ?? ONE_PERSON;
  if (needs.fourEyes === true && at.by === undefined)
    throw new Error(`${call.action} needs another person than the one who asked: say who asked`);
  const now = parts.now();
  const id = parts.newId();
  const unsealed = {
    id,
    run: storable(at.run),
    step: at.step,
    place: at.place,
    key: call.key === undefined ? id : givenKey(call.action, call.key),
    ...(await callWith(parts, call.action, args)),
    needs,
    asked_by: at.by === undefined ? null : personId(at.by),
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

async function proposeOne(
  ask: Ask,
  parts: Parts,
  { row, rule }: Prepared,
  waitsFor: string[],
): Promise<Proposed> {
  if (rule.says === "deny") return { rule, state: "denied" };
  const { now } = parts;
  const before = await add(ask, parts, row, rule.says === "allow" ? "never" : "new");
  const { open, standing } = before;
  if (before.added !== null) return { rule, state: "waiting", ticket: ticketOf(row) };
  if (open !== null && isWaiting(open, now()))
    return { rule, state: "waiting", ticket: ticketOf(open) };
  const decided = decidedBefore(before);
  if (decided !== null) {
    waitsFor.push(decided);
    return { rule, state: "decided", outcome: await outcomeIn(ask, parts, decided) };
  }
  if (rule.says === "allow") return allow(ask, parts, { row, rule }, waitsFor);
  if (open !== null) {
    // One that is open and pending and does not wait has waited too long; a decision on it is over when its lock is free.
    await ask(statements.lock, [open.id]);
    await ask(statements.look, [now(), ...NOTHING_HAPPENED]);
  }
  const counted = withStandingYes(parts, row, standing);
  const { added } = await add(ask, parts, counted, "always");
  if (added !== null)
    return counted.state === "approved"
      ? { rule, state: "allowed", id: added }
      : { rule, state: "waiting", ticket: ticketOf(row) };
  // The same was proposed at this moment.
  const { open: first } = await add(ask, parts, row, "never");
  if (first === null) throw new Error(`${row.key} is open and cannot be read`);
  return { rule, state: "waiting", ticket: ticketOf(first) };
}

/** What was decided already: refused in this run, or approved, done or under way under this key. */
function decidedBefore(before: Before): string | null {
  const { open, refused, effect } = before;
  if (refused !== null) return refused;
  if (open?.state === "approved") return open.id;
  return effect === null ? null : (effect.approval_id ?? effect.key);
}

async function allow(
  ask: Ask,
  parts: Parts,
  { row, rule }: Prepared,
  waitsFor: readonly string[],
): Promise<Proposed> {
  const { now } = parts;
  const entry = { kind: "allowed", data: { key: row.key, call: row.call, layer: rule.layer } };
  const effects = storableJson([
    effectRow(parts, row, { by: "policy", notBefore: now(), waitsFor }),
  ]);
  await ask(statements.allow, [effects, now(), storableJson([entry])]);
  return { rule, state: "allowed", id: row.key };
}

/** Adds the approval when it may be added; gives what was known of it before. */
async function add(
  ask: Ask,
  parts: Parts,
  row: ApprovalRow,
  when: "always" | "never" | "new",
): Promise<Before> {
  const { now } = parts;
  const { id: approval, version, seal } = row;
  const asked = { kind: "asked", data: { approval, version, seal, call: row.call, run: row.run } };
  const votes = row.votes.map(({ voter }) => ({
    kind: "vote",
    data: { approval, version, seal, button: "approve", voter },
  }));
  // What a standing yes allows can be taken back as long as any other.
  const notBefore = new Date(now().getTime() + parts.undoMs);
  const effects =
    row.state === "approved" ? [effectRow(parts, row, { by: "person", notBefore })] : [];
  const given = [storableJson(row), now(), storableJson([asked, ...votes]), storableJson(effects)];
  const [before] = await ask(statements.add, [...given, when]);
  if (before === undefined) throw new Error("a select of one row gave none");
  return before;
}

function ticketOf({ id, version }: ApprovalRow): Ticket {
  return { id, version };
}

/** Counts a standing yes for exactly this call like a press of the person who gave it, as far as they may now. */
function withStandingYes(
  parts: Parts,
  row: ApprovalRow,
  standing: { readonly voter: string; readonly name: string; readonly mark: string } | null,
): ApprovalRow {
  if (standing === null) return row;
  const { voter, name, mark } = standing;
  if (!isSameDigest(mark, standingMark(parts, row, voter))) return row;
  if (row.needs.fourEyes === true && whyNotAnother([row.asked_by], voter) !== null) return row;
  const reason = "a standing yes for exactly this";
  const press = { voter, name, reason, meaning: "yes", version: row.version } as const;
  const counted = castOn(parts, row, press);
  if ("refusal" in counted) return row;
  const { state, votes } = counted;
  const closing = state === "approved" ? `approved by ${name}: ${reason}` : "";
  return { ...row, state, votes: [...votes], closing };
}
