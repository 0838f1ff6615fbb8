/** What a person decides: counted under the version and seal that were shown, compared and set in one transaction. */
import { z } from "zod";
import { Decision, isLogin, type Answer, type Login, type Role, type Ticket } from "./contract.ts";
import { castVote, type BallotRefusal, type Counted, type Meaning } from "./kernel/ballot.ts";
import { isSameDigest } from "./kernel/canonical-json.ts";
import type { Ask } from "./kernel/statement.ts";
import { storableJson } from "./kernel/storable-text.ts";
import { callWith, personsArgs, strictestRule } from "./propose.ts";
import {
  ACCEPTED,
  ballotOf,
  callDigest,
  canBeFound,
  CHANGED,
  changed,
  effectRow,
  factsChanged,
  isWaiting,
  lockedApproval,
  markOf,
  moved,
  refused,
  sealOf,
  standingMark,
  whyBroken,
  whyNotAnother,
  type Held,
  type Loaded,
  type Parts,
} from "./parts.ts";
import { statements, type ApprovalRow, type StoredVote } from "./statements.ts";

interface Pressed {
  readonly parts: Parts;
  readonly ticket: Ticket;
  readonly who: Login;
  readonly decision: Decision;
}

/** Each time another vote came first, of which there are fewer: anything else that may come first refuses the next. */
const TRIES_MOST = 8;

const NEVER = refused("that was never issued, or another decision came at this moment");

/** A person's decision on a version. What is no decision, or by no person who is logged in, is refused. */
export async function decide(
  parts: Parts,
  ticket: Ticket,
  who: Login,
  given: unknown,
): Promise<Answer> {
  const parsed = Decision.safeParse(given);
  if (!parsed.success) return refused("that is no decision");
  if (!isLogin(who)) return refused("a decision needs a person who is logged in");
  const pressed = { parts, ticket, who, decision: parsed.data };
  // Those who decide at one moment all count where they may: whose write came second looks again.
  for (let tries = 0; tries < TRIES_MOST; tries += 1) {
    const result = await press(pressed);
    if (result === null) continue;
    if (result.held !== undefined) parts.carrying.held.push(result.held);
    return result.answer;
  }
  return NEVER;
}

/** What a person is told, and what their press has begun for the next `run`. */
interface Result {
  readonly answer: Answer;
  readonly held?: Held;
}

/** One press, compared and set on what was read of the approval; null when another change came first. */
async function press(pressed: Pressed): Promise<Result | null> {
  const { parts, ticket } = pressed;
  const { database } = parts;
  const first = await database.run(async (ask) => {
    const [loaded] = await ask(statements.load, [ticket.id]);
    if (loaded === undefined) return { answer: NEVER };
    return restsOutside(pressed, loaded.approval)
      ? { loaded }
      : count(ask, pressed, loaded, { isStale: false, edited: null });
  });
  if (first === null || !("loaded" in first)) return first;
  // What lies outside is read between the transactions: none is open across a call.
  const { loaded } = first;
  const outside = await readOutside(pressed, loaded.approval);
  if (typeof outside === "string") return { answer: refused(outside) };
  return database.run((ask) => count(ask, pressed, loaded, outside));
}

/** Whether something has to be read outside for this press; whoever may not decide has nothing read for them. */
function restsOutside({ parts, who, decision }: Pressed, row: ApprovalRow): boolean {
  if (parts.roleOf(who.id) === null || decision.kind === "no") return false;
  if (decision.kind === "edit") return true;
  const hasFacts = row.facts !== null || parts.actions.get(row.action.name)?.facts !== undefined;
  return hasFacts && isWaiting(row, parts.now());
}

/** What was read outside: whether what a yes is about has changed, or the call that an edit makes of it. */
interface Outside {
  readonly isStale: boolean;
  readonly edited: Edited | null;
}

async function readOutside(
  { parts, decision }: Pressed,
  row: ApprovalRow,
): Promise<Outside | string> {
  if (decision.kind !== "edit") return { isStale: await factsChanged(parts, row), edited: null };
  const edited = await editedCall(parts, row, decision.args);
  return typeof edited === "string" ? edited : { isStale: false, edited };
}

function count(
  ask: Ask,
  pressed: Pressed,
  loaded: Loaded,
  { isStale, edited }: Outside,
): Promise<Result | null> {
  if (isStale) return endAsVoid(ask, pressed, loaded);
  return pressed.decision.kind === "edit"
    ? edit(ask, pressed, loaded, edited)
    : vote(ask, pressed, loaded);
}

/** Counts the press on the ballot; a refusal is noted in the audit. */
async function counted(
  ask: Ask,
  { parts, ticket, who }: Pressed,
  { approval }: Loaded,
  meaning: Meaning,
): Promise<(Counted<Role> & { readonly role: Role }) | { readonly answer: Answer }> {
  const role = parts.roleOf(who.id);
  const press = { voter: who.id, name: who.name, role, meaning, version: ticket.version };
  const account = { id: who.id };
  const result = castVote(ballotOf(parts, approval), { ...press, at: parts.now(), account });
  if (!("refusal" in result) && role !== null) return { ...result, role };
  const refusal =
    "refusal" in result ? result.refusal : ({ why: "forbidden", to: "decide" } as const);
  return { answer: await note(ask, parts, { approval, who }, refusal.why, refusalText(refusal)) };
}

async function note(
  ask: Ask,
  { now }: Parts,
  { approval, who }: { readonly approval: ApprovalRow; readonly who: Login },
  why: string,
  words: string,
): Promise<Answer> {
  const data = { approval: approval.id, version: approval.version, why, user: who.id };
  await ask(statements.note, [now(), storableJson([{ kind: "refused", data }])]);
  return refused(words);
}

function refusalText(refusal: BallotRefusal<"approval", Role, object>): string {
  switch (refusal.why) {
    case "forbidden":
      return "you may not decide this";
    case "stale":
      return "it was changed meanwhile: look at the newest version";
    case "expired":
      return "it has expired, and nothing was done";
    case "decided": {
      const names = refusal.votes.map(({ name }) => name).join(" and ");
      return names === "" ? `it is ${refusal.state}` : `${names} decided: it is ${refusal.state}`;
    }
    case "twice":
      return "you have said yes already";
    case "limit":
      return "it is beyond your role";
    case "unclear":
      return `it cannot be told whether you and ${refusal.name} are two people`;
  }
}

async function vote(ask: Ask, pressed: Pressed, loaded: Loaded): Promise<Result | null> {
  const { parts, who, decision } = pressed;
  const { approval } = loaded;
  const isYes = decision.kind !== "no";
  const result = await counted(ask, pressed, loaded, isYes ? "yes" : "rejected");
  if ("answer" in result) return result;
  if (isYes && !isSameDigest(approval.seal, sealOf(parts, approval)))
    return endAsVoid(ask, pressed, loaded, "what is stored is not what was proposed");
  const barred = isYes ? whyBarred(loaded, who) : null;
  if (barred !== null)
    return { answer: await note(ask, parts, { approval, who }, "four_eyes", barred) };
  const recorded = await recordVote(ask, pressed, loaded, result);
  if (recorded === null) return null;
  const { stand, fall } = statements;
  if (decision.kind === "always")
    await ask(stand, [approval.call, who.id, who.name, standingMark(parts, approval, who.id)]);
  // The newer and narrower no ends a standing yes.
  if (!isYes) await ask(fall, [approval.call]);
  return recorded;
}

/**
 * Writes a vote with its mark; the last yes that is needed intends the effect, and begins it where it may. Null when another
 * change came first.
 */
async function recordVote(
  ask: Ask,
  { parts, who, decision }: Pressed,
  { approval, entries }: Loaded,
  result: Counted<Role> & { readonly role: Role },
): Promise<Result | null> {
  const asked = performance.now();
  const at = parts.now();
  const reason = "reason" in decision ? (decision.reason ?? "") : "";
  const mine = { voter: who.id, name: who.name, role: result.role, at: at.toISOString() };
  const marked: StoredVote = { ...mine, mark: markOf(parts, approval, mine), reason };
  const votes = [...countedKept(approval, result), marked];
  const isApproved = result.state === "approved";
  const { id, version, seal } = approval;
  const button = decision.kind === "no" ? "reject" : "approve";
  const entry = { kind: "vote", data: { approval: id, version, seal, button, voter: who.id } };
  const notBefore = new Date(at.getTime() + parts.undoMs);
  const effects = isApproved ? [effectRow(parts, approval, { by: "person", notBefore })] : [];
  const closing = result.state === "pending" ? "" : closingLine(votes, isApproved);
  const after = { state: result.state, votes, closing };
  const loaded = { approval: { ...approval, ...after }, entries: [...entries, entry] };
  const begins = effects.some((effect) => mayBegin(parts, effect, loaded));
  const written = await changed(ask, parts, approval, after, { entries: [entry], effects, begins });
  if (written === null) return null;
  const { begun } = written;
  // A call under this key may have been made for another approval since.
  if (begun === null || begun.wasBegun) return { answer: ACCEPTED };
  return { answer: ACCEPTED, held: { effect: begun, asked, loaded } };
}

/**
 * Whether a decision may begin its effect for the next `run` of this process: where `run` is called and idle, what was begun
 * before was taken, no yes can be taken back, and the target can be asked if this process dies before it has called.
 */
function mayBegin(parts: Parts, effect: ReturnType<typeof effectRow>, loaded: Loaded): boolean {
  const { hasRun, active, held } = parts.carrying;
  if (!hasRun || active > 0 || held.length > 0 || parts.undoMs > 0) return false;
  const { approval_id: approvalId, request_digest: requestDigest, ...rest } = effect;
  return (
    canBeFound(parts, effect) &&
    whyBroken(parts, { ...rest, approvalId, requestDigest }, loaded) === null
  );
}

/** The stored votes of those that the ballot kept. */
function countedKept({ votes }: ApprovalRow, { votes: after }: Counted<Role>): StoredVote[] {
  const voters = new Set(after.slice(0, -1).map(({ voter }) => voter));
  return votes.filter(({ voter }) => voters.has(voter));
}

function closingLine(votes: readonly StoredVote[], isApproved: boolean): string {
  const who = isApproved ? votes : votes.slice(-1);
  const words = who.map(({ name, reason }) => (reason === "" ? name : `${name}: ${reason}`));
  return `${isApproved ? "approved" : "refused"} by ${words.join(" and ")}`;
}

/** The content of an edit's entry that tells whose words it holds. */
const EditEntry = z.object({ by: z.array(z.string()) });

/** Under four eyes neither the person it was asked for nor an author of its words may approve it. */
function whyBarred({ approval, entries }: Loaded, who: Login): string | null {
  if (approval.needs.fourEyes !== true) return null;
  const authors = entries.flatMap(({ kind, data }) =>
    kind === "edited" ? EditEntry.parse(data).by : [],
  );
  return whyNotAnother([approval.asked_by, ...authors], who.id);
}

/** An edit's call, sealed and shown like a new proposal. */
type Edited = Pick<ApprovalRow, "action" | "facts" | "call">;

/** The call, or why it cannot be this one: what rules deny to an agent, no edit brings about either. */
async function editedCall(
  parts: Parts,
  { action: { name } }: ApprovalRow,
  given: unknown,
): Promise<Edited | string> {
  const stored = await personsArgs(parts, name, given);
  if (stored === null) return "the action does not take these arguments";
  const { says, layer } = strictestRule(parts.actions.get(name)?.rules?.(stored.args) ?? []);
  if (says === "deny") return `a rule of ${layer} forbids this`;
  return callWith(parts, name, stored.args);
}

async function edit(
  ask: Ask,
  pressed: Pressed,
  loaded: Loaded,
  edited: Edited | null,
): Promise<Result | null> {
  const { parts, who } = pressed;
  const { approval } = loaded;
  const result = await counted(ask, pressed, loaded, "none");
  if ("answer" in result) return result;
  if (edited === null) return { answer: NEVER };
  const by = [who.id];
  const after = anew(parts, { ...approval, ...edited });
  const data = { approval: approval.id, version: after.version, by };
  const entries = [{ kind: "edited", data }];
  return (await changed(ask, parts, approval, after, { entries })) && { answer: ACCEPTED };
}

/** A new version without votes. */
function anew(parts: Parts, row: ApprovalRow): ApprovalRow {
  const version = row.version + 1;
  const expires = new Date(parts.now().getTime() + parts.expiresAfterMs);
  const next = { ...row, version, state: "pending" as const, votes: [], closing: "" };
  const until = { ...next, expires_at: expires };
  return { ...until, seal: sealOf(parts, until) };
}

async function endAsVoid(
  ask: Ask,
  { parts, ticket }: Pressed,
  { approval }: Loaded,
  why = CHANGED,
): Promise<Result | null> {
  if (approval.state !== "pending" || approval.version !== ticket.version) return { answer: NEVER };
  const entries = [{ kind: "void", data: { approval: approval.id, why } }];
  const written = await changed(ask, parts, approval, { state: "void", closing: why }, { entries });
  return written && { answer: refused(`nothing was done: ${why}`) };
}

/** Takes a yes back that was never tried: it is pending again, as a new version without votes. */
export async function takeBack(parts: Parts, ticket: Ticket, who: Login): Promise<Answer> {
  if (!isLogin(who)) return refused("a decision needs a person who is logged in");
  if (parts.roleOf(who.id) === null) return refused("you may not decide this");
  return parts.database.run(async (ask) => {
    const approval = (await lockedApproval(ask, ticket.id))?.approval;
    if (approval?.state !== "approved" || approval.version !== ticket.version)
      return refused("there is nothing to take back");
    const [found] = await ask(statements.effectLocked, [approval.key]);
    // A call whose answer was lost may still arrive, whatever was found of it so far.
    const isUntried = found?.effect.state === "intended" && found.effect.attempts === 0;
    if (!isUntried) return refused("too late: it has begun, or is done");
    await moved(ask, parts, found.effect, { state: "withdrawn", error: "taken back" });
    await ask(statements.fall, [approval.call]);
    const { id, version, seal } = approval;
    const vote = { approval: id, version, seal, button: "undo", voter: who.id };
    const entries = [{ kind: "vote", data: vote }];
    if (!(await changed(ask, parts, approval, anew(parts, approval), { entries })))
      throw new Error(`${id} was changed under its lock`);
    return ACCEPTED;
  });
}

/** Ends the standing yes for a call, whatever facts it was given on. */
export async function endStanding(
  parts: Parts,
  { action, args: given }: { readonly action: string; readonly args: unknown },
  who: Login,
): Promise<Answer> {
  if (!isLogin(who)) return refused("a decision needs a person who is logged in");
  if (parts.roleOf(who.id) === null) return refused("you may not decide this");
  const stored = await personsArgs(parts, action, given);
  if (stored === null) return refused("the action does not take these arguments");
  const call = callDigest(action, stored.args);
  return parts.database.run(async (ask) => {
    const fallen = await ask(statements.fall, [call]);
    if (fallen.length === 0) return refused("no yes stands for this");
    const entry = { kind: "standing_ended", data: { call, user: who.id } };
    await ask(statements.note, [parts.now(), storableJson([entry])]);
    return ACCEPTED;
  });
}
