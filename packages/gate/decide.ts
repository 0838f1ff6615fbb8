/** What a person decides: counted under the version and seal that were shown, compared and set in one commit. */
import { z } from "zod";
import { Decision, isLogin, type Answer, type Login, type Ticket } from "./contract.ts";
import type { BallotRefusal, Counted, Meaning } from "./kernel/ballot.ts";
import { isSameDigest } from "./kernel/canonical-json.ts";
import type { Ask } from "./kernel/statement.ts";
import { storableJson } from "./kernel/storable-text.ts";
import { callWith, personsArgs, strictestRule } from "./propose.ts";
import {
  ACCEPTED,
  callDigest,
  canBeFound,
  castOn,
  CHANGED,
  changed,
  effectRow,
  factsChanged,
  isWaiting,
  lockedApproval,
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

const NO_PERSON = refused("a decision needs a person who is logged in");

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
  if (!isLogin(who)) return NO_PERSON;
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

/**
 * One press, compared and set on what was read of the approval; null when another change came first. What lies outside is
 * read between the two, in no transaction, and not for those who may not decide.
 */
async function press(pressed: Pressed): Promise<Result | null> {
  const { parts, ticket, who, decision } = pressed;
  const [loaded] = await parts.database.ask(statements.load, [ticket.id]);
  if (loaded === undefined) return { answer: NEVER };
  const { approval } = loaded;
  const mayDecide = parts.roleOf(who.id) !== null;
  if (decision.kind === "edit") {
    const edited = mayDecide ? await editedCall(parts, approval, decision.args) : null;
    return typeof edited === "string" ? { answer: refused(edited) } : edit(pressed, loaded, edited);
  }
  const isRead = mayDecide && decision.kind !== "no" && isWaiting(approval, parts.now());
  return isRead && (await factsChanged(parts, approval))
    ? endAsVoid(pressed, loaded)
    : vote(pressed, loaded);
}

/** Counts the press on the ballot; a refusal is noted in the audit. */
async function counted(
  { parts, ticket, who, decision }: Pressed,
  { approval }: Loaded,
  meaning: Meaning,
): Promise<Counted<StoredVote> | { readonly answer: Answer }> {
  const reason = "reason" in decision ? (decision.reason ?? "") : "";
  const press = { voter: who.id, name: who.name, reason, meaning, version: ticket.version };
  const result = castOn(parts, approval, press);
  if (!("refusal" in result)) return result;
  const { refusal } = result;
  return note(parts, approval, who, { why: refusal.why, words: refusalText(refusal) });
}

async function note(
  { database, now }: Parts,
  { id, version }: ApprovalRow,
  who: Login,
  { why, words }: { readonly why: string; readonly words: string },
): Promise<{ readonly answer: Answer }> {
  const data = { approval: id, version, why, user: who.id };
  await database.ask(statements.note, [now(), storableJson([{ kind: "refused", data }])]);
  return { answer: refused(words) };
}

function refusalText(refusal: BallotRefusal<"approval", StoredVote, never>): string {
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
    case "unclear":
      return `it cannot be told whether you and ${refusal.name} are two people`;
  }
}

async function vote(pressed: Pressed, loaded: Loaded): Promise<Result | null> {
  const { parts, who, decision } = pressed;
  const { approval } = loaded;
  const isYes = decision.kind !== "no";
  const result = await counted(pressed, loaded, isYes ? "yes" : "rejected");
  if ("answer" in result) return result;
  if (isYes && !isSameDigest(approval.seal, sealOf(parts, approval)))
    return endAsVoid(pressed, loaded, "what is stored is not what was proposed");
  const barred = isYes ? whyBarred(loaded, who) : null;
  if (barred !== null) return note(parts, approval, who, { why: "four_eyes", words: barred });
  if (decision.kind === "yes") return recordVote(parts.database.ask, pressed, loaded, result);
  return parts.database.run(async (ask) => {
    const recorded = await recordVote(ask, pressed, loaded, result);
    const call = callDigest(approval.action);
    if (recorded === null) return null;
    // The newer and narrower no ends a standing yes.
    if (!isYes) await ask(statements.fall, [call]);
    else
      await ask(statements.stand, [call, who.id, who.name, standingMark(parts, approval, who.id)]);
    return recorded;
  });
}

/**
 * Writes a vote with its mark; the last yes that is needed intends the effect, and begins it where it may. Null when another
 * change came first.
 */
async function recordVote(
  ask: Ask,
  { parts, who, decision }: Pressed,
  { approval, entries }: Loaded,
  result: Counted<StoredVote>,
): Promise<Result | null> {
  const asked = performance.now();
  const { state } = result;
  const votes = asMarked(approval, result);
  const isApproved = state === "approved";
  const { id, version, seal } = approval;
  const button = decision.kind === "no" ? "reject" : "approve";
  const entry = { kind: "vote", data: { approval: id, version, seal, button, voter: who.id } };
  const notBefore = new Date(parts.now().getTime() + parts.undoMs);
  const effects = isApproved ? [effectRow(parts, approval, { by: "person", notBefore })] : [];
  const closing = state === "pending" ? "" : closingLine(votes, isApproved);
  const after = { state, votes, closing };
  const loaded = { approval: { ...approval, ...after }, entries: [...entries, entry] };
  const begins = effects.some((effect) => mayBegin(parts, effect, loaded));
  const written = await changed(ask, parts, approval, after, { entries: [entry], effects, begins });
  if (written === null) return null;
  const { begun } = written;
  // A call under this key may have been made for another approval since.
  if (begun === null || begun.was_begun) return { answer: ACCEPTED };
  return { answer: ACCEPTED, held: { effect: begun, asked, loaded } };
}

/**
 * Whether a decision may begin its effect for the next `run` of this process: where `run` is called and idle, what was begun
 * before was taken, no yes can be taken back, and the target can be asked if this process dies before it has called.
 */
function mayBegin(parts: Parts, effect: ReturnType<typeof effectRow>, loaded: Loaded): boolean {
  const { hasRun, active, held } = parts.carrying;
  if (!hasRun || active > 0 || held.length > 0 || parts.undoMs > 0) return false;
  return canBeFound(parts, effect) && whyBroken(parts, effect, loaded) === null;
}

/** Those that the ballot kept, with the roles of their marks: it has counted them with the roles of now. */
function asMarked({ votes }: ApprovalRow, { votes: after }: Counted<StoredVote>): StoredVote[] {
  const voters = new Set(after.slice(0, -1).map(({ voter }) => voter));
  return [...votes.filter(({ voter }) => voters.has(voter)), ...after.slice(-1)];
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
  pressed: Pressed,
  loaded: Loaded,
  edited: Edited | null,
): Promise<Result | null> {
  const { parts, who } = pressed;
  const { approval } = loaded;
  const result = await counted(pressed, loaded, "none");
  if ("answer" in result) return result;
  if (edited === null) return { answer: NEVER };
  const after = anew(parts, { ...approval, ...edited });
  const data = { approval: approval.id, version: after.version, by: [who.id] };
  const entries = [{ kind: "edited", data }];
  const written = await changed(parts.database.ask, parts, approval, after, { entries });
  return written && { answer: ACCEPTED };
}

/** A new version without votes. */
function anew(parts: Parts, row: ApprovalRow): ApprovalRow {
  const version = row.version + 1;
  const expires_at = new Date(parts.now().getTime() + parts.expiresAfterMs);
  const state = "pending" as const;
  const next = { ...row, version, state, votes: [], closing: "", expires_at };
  return { ...next, seal: sealOf(parts, next) };
}

async function endAsVoid(
  { parts, ticket }: Pressed,
  { approval }: Loaded,
  why = CHANGED,
): Promise<Result | null> {
  if (approval.state !== "pending" || approval.version !== ticket.version) return { answer: NEVER };
  const entries = [{ kind: "void", data: { approval: approval.id, why } }];
  const after = { state: "void", closing: why } as const;
  const written = await changed(parts.database.ask, parts, approval, after, { entries });
  return written && { answer: refused(`nothing was done: ${why}`) };
}

/** Takes a yes back that was never tried: it is pending again, as a new version without votes. */
export async function takeBack(parts: Parts, ticket: Ticket, who: Login): Promise<Answer> {
  if (!isLogin(who)) return NO_PERSON;
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
    await ask(statements.fall, [callDigest(approval.action)]);
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
  if (!isLogin(who)) return NO_PERSON;
  if (parts.roleOf(who.id) === null) return refused("you may not decide this");
  const stored = await personsArgs(parts, action, given);
  if (stored === null) return refused("the action does not take these arguments");
  const call = callDigest({ name: action, args: stored.args });
  return parts.database.run(async (ask) => {
    const fallen = await ask(statements.fall, [call]);
    if (fallen.length === 0) return refused("no yes stands for this");
    const entry = { kind: "standing_ended", data: { call, user: who.id } };
    await ask(statements.note, [parts.now(), storableJson([entry])]);
    return ACCEPTED;
  });
}
