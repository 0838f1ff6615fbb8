/** Carries out what is due: each effect under its key, looked up where its end is not known. */
import { randomInt } from "node:crypto";
import { NothingHappened, Refused } from "./contract.ts";
import {
  advance,
  type BegunEffect,
  type EffectPorts,
  type Failure,
  type Found,
} from "./kernel/carry-out.ts";
import { isSameDigest } from "./kernel/canonical-json.ts";
import { sealEntries, votersIn } from "./kernel/chain.ts";
import { hasEnough } from "./kernel/ballot.ts";
import { comparedSeal } from "./kernel/seal.ts";
import type { Ask } from "./kernel/statement.ts";
import { storableJson } from "./kernel/storable-text.ts";
import { awayMs, growingMs, resetAfterGap, untilNextTryMs } from "./kernel/waits.ts";
import {
  changed,
  countedVotes,
  factsChanged,
  lockedApproval,
  moved,
  partsOf,
  policyMark,
  revisionOf,
  sealOf,
  withinSignal,
  type Loaded,
  type Move,
  type Parts,
} from "./parts.ts";
import type { EffectRow } from "./statements.ts";

/** How long a target that is away is waited for, and how often it is tried. */
const LIMITS = { allowedMs: 24 * 60 * 60_000, waitMaxMs: 60_000, attemptsMax: 20 };

/** What is missing after its answer was lost is looked for once more, in case the call was still under way. */
const SETTLE_MS = 3_000;

/** A call with its look-ups before and after takes three times `callMs` at the most; only then may another go on. */
const LEASED_CALLS = 4;

/** Begins are told apart by random numbers below this. */
const FENCES = 2 ** 48 - 1;

/**
 * Runs what is due, and what becomes due by that; returns how many effects happened. An effect that throws is put off and
 * holds up no other; the first error is thrown at the end.
 */
export async function run(parts: Parts): Promise<number> {
  const { database, statements, now } = parts;
  await database.run((ask) => ask(statements.expire, [now()]));
  let happened = 0;
  const errors: unknown[] = [];
  for (;;) {
    const { due, restoredAt } = await dueNow(parts);
    let did = 0;
    for (const { effect, askedAt } of due) {
      const looksFirst =
        (restoredAt !== null && askedAt.getTime() <= restoredAt.getTime()) ||
        mayBeKnown(parts, effect, restoredAt !== null);
      try {
        const ports = portsFor(parts, looksFirst, () => void (did += 1));
        if ((await advance(ports, effect, null)) !== null) did += 1;
      } catch (error) {
        errors.push(error);
        // Where even this fails, it stays due.
        await awaits(parts, effect, new NothingHappened(reasonOf(error))).catch(() => undefined);
      }
    }
    happened += did;
    if (did === 0) break;
  }
  await database.run((ask) => sealEntries(ask, statements.chain));
  if (errors.length > 0) throw errors[0];
  return happened;
}

/**
 * Whether its target can be asked, and may know its key of another approval: one that was called before it ended, or one
 * that a restore of the database has lost.
 */
function mayBeKnown(parts: Parts, effect: EffectRow, wasRestored: boolean): boolean {
  const isNew = effect.wasBegun && effect.attempts === 0;
  return canBeFound(parts, effect) && (isNew || (wasRestored && effect.key !== effect.approvalId));
}

function canBeFound({ actions }: Parts, { action }: EffectRow): boolean {
  return actions.get(action.name)?.find !== undefined;
}

async function dueNow({ database, statements, now }: Parts) {
  return database.run(async (ask) => {
    const due = await ask(statements.due, [now()]);
    const [restored] = due.length === 0 ? [] : await ask(statements.restoredAt, []);
    return { due, restoredAt: restored?.value ?? null };
  });
}

function portsFor(
  parts: Parts,
  looksFirst: boolean,
  found: () => void,
): EffectPorts<EffectRow, string, true, NothingHappened> {
  const { now } = parts;
  return {
    now,
    looksFirst,
    aloneMs: parts.callMs,
    // News about what an effect rests on is in its facts.
    isOvertaken: async () => false,
    endOvertaken: async () => undefined,
    lookedUp: async () => undefined,
    begin: (effect) => begin(parts, effect, found),
    commit: (effect, isFirst) => commit(parts, effect, isFirst),
    find: (effect) => find(parts, effect),
    failureFor: (_effect, error) => failureFor(error),
    done: (effect, ref) => recordDone(parts, effect, ref),
    awaits: (effect, error) => awaits(parts, effect, error),
    afterRefusal: (effect, error) => afterRefusal(parts, effect, error),
    again: (effect, reason, delayMs) => again(parts, effect, reason, delayMs),
    end: (effect, state, reason) => end(parts, effect, state, reason),
  };
}

/** Calls the target; one that may have been called before is asked first, whatever it does with `isFirst` itself. */
async function commit(parts: Parts, effect: EffectRow, isFirst: () => boolean): Promise<string> {
  const { action, key } = effect;
  const spec = parts.actions.get(action.name);
  if (spec === undefined) throw new Refused(`there is no action ${action.name}`);
  if (!isFirst() && spec.find !== undefined) {
    const found = await find(parts, effect);
    if (found.state === "done") return found.committed;
    if (found.state === "away") throw found.error;
    if (found.state === "unknowable") throw new Error(found.reason);
  }
  const signal = AbortSignal.timeout(parts.callMs);
  return withinSignal(spec.commit(action.args, { key, isFirst, signal }), signal);
}

/**
 * Checks everything once more and begins it in one commit, which also withdraws what may not begin. One that was tried
 * before is looked up first, and may be found: its own late call may be what has changed.
 */
async function begin(
  parts: Parts,
  effect: EffectRow,
  found: () => void,
): Promise<BegunEffect<EffectRow> | null> {
  let isStale: boolean;
  try {
    isStale = await factsChanged(parts, effect);
  } catch (error) {
    await awaits(parts, effect, new NothingHappened(reasonOf(error)));
    return null;
  }
  const asked = performance.now();
  const begun = await parts.database.run((ask) => beginIn(ask, parts, effect, isStale));
  if (begun === null) return null;
  if (typeof begun === "string") {
    if (await endAsFound(parts, effect, begun)) found();
    return null;
  }
  const { awayCount, awaySince } = effect;
  return { effect: { ...begun, awayCount, awaySince }, asked };
}

/** The begun row; why one that was tried before may not begin again; null when it is another's, or was withdrawn. */
async function beginIn(
  ask: Ask,
  parts: Parts,
  read: EffectRow,
  isStale: boolean,
): Promise<EffectRow | string | null> {
  const { statements, now } = parts;
  const { key, approvalId } = read;
  const loaded = approvalId === null ? null : await lockedApproval(ask, parts, approvalId);
  const [locked] = await ask(statements.effectLocked, [key]);
  if (locked === undefined || !isStillIntended(locked.effect, read)) return null;
  const { effect } = locked;
  const [happened] = await ask(statements.happened, [key]);
  if (happened !== undefined) {
    await moved(ask, parts, effect, { state: "done", ref: happened.ref });
    return null;
  }
  const stale = isStale ? "what it is about has changed" : null;
  const why = whyBroken(parts, effect, loaded) ?? stale;
  if (why !== null) {
    // Without a look-up it is intended only where its target said that nothing happened.
    if (effect.wasBegun && canBeFound(parts, effect)) return why;
    await endIn(ask, parts, effect, { state: "withdrawn", error: why });
    return null;
  }
  const [row] = await ask(statements.ledger.begin, [key, randomInt(1, FENCES), now()]);
  if (row !== undefined)
    await ask(statements.lease, [key, LEASED_CALLS * parts.callMs, parts.worker]);
  return row ?? null;
}

function isStillIntended({ state, fence, revision }: EffectRow, read: EffectRow): boolean {
  return state === "intended" && fence === read.fence && revision === read.revision;
}

/** Asks about an effect that was tried before and may not begin again, and ends it by the answer; whether it happened. */
async function endAsFound(parts: Parts, effect: EffectRow, why: string): Promise<boolean> {
  const found = await find(parts, effect);
  if (found.state === "done") return recordDone(parts, effect, found.committed);
  if (found.state === "away") await awaits(parts, effect, found.error);
  else await end(parts, effect, found.state === "absent" ? "withdrawn" : "unknown", why);
  return false;
}

/** In what an approval, or what a rule of this gate allowed, is not what is about to happen; null when it is. */
function whyBroken(parts: Parts, effect: EffectRow, loaded: Loaded | null): string | null {
  if (effect.approvalId === null)
    return isSameDigest(effect.requestDigest, policyMark(parts, effect))
      ? null
      : "no rule allowed it";
  if (loaded === null) return "no approval stands behind it";
  const { approval, entries } = loaded;
  const { state, seal, version, needs } = approval;
  const now = sealOf(parts, approval);
  const stored = { state, seal, now, revision: revisionOf(approval), actions: [partsOf(approval)] };
  const broken = comparedSeal(stored, {
    ...partsOf(effect),
    revision: effect.revision,
    position: 0,
  });
  if (broken !== null) return BREAKS[broken.what];
  const votes = entries.filter(({ kind }) => kind === "vote").map(({ data }) => data);
  const voters = votersIn(votes, { version, seal });
  const counting = countedVotes(parts, approval).filter(({ voter }) => voters.has(voter));
  const different = new Map(counting.map((vote) => [vote.voter, vote]));
  return hasEnough([...different.values()], needs) ? null : "not enough people approved this";
}

const BREAKS = {
  absent: "no approval stands behind it",
  state: "its approval is not approved",
  changed: "what was approved was changed",
  other_action: "it is not what was approved",
  unfitting: "it is not what was approved",
  too_few: "not enough people approved this",
} as const;

async function find(
  parts: Parts,
  { action, key }: EffectRow,
): Promise<Found<string, NothingHappened>> {
  const spec = parts.actions.get(action.name);
  if (spec?.find === undefined)
    return { state: "unknowable", reason: `${action.name} cannot be looked up` };
  try {
    const found = await withinSignal(
      spec.find(action.args, key),
      AbortSignal.timeout(parts.callMs),
    );
    return found.state === "done" ? { state: "done", committed: found.ref } : found;
  } catch (error) {
    if (error instanceof NothingHappened) return { state: "away", error };
    return { state: "unknowable", reason: reasonOf(error) };
  }
}

function failureFor(error: unknown): Failure<NothingHappened> {
  if (error instanceof NothingHappened) return { kind: "passing", error };
  return error instanceof Refused
    ? { kind: "refused", reason: error.message }
    : { kind: "doubt", reason: reasonOf(error), settleMs: SETTLE_MS };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Records that it happened. It did whatever was made of its row meanwhile, so the audit has it in any case. */
async function recordDone(
  parts: Parts,
  { key, approvalId, revision, requestDigest }: EffectRow,
  ref: string,
): Promise<true> {
  const { statements, now } = parts;
  await parts.database.run(async (ask) => {
    const [locked] = await ask(statements.effectLocked, [key]);
    if (locked?.effect.state === "done") return;
    const isSame =
      locked?.effect.revision === revision && locked.effect.requestDigest === requestDigest;
    if (isSame) await moved(ask, parts, locked.effect, { state: "done", ref });
    const data = { key, ref, ...(approvalId === null ? {} : { approval: approvalId }) };
    await ask(statements.note, [now(), storableJson([{ kind: "done", data }])]);
  });
  return true;
}

async function awaits(parts: Parts, found: EffectRow, error: NothingHappened): Promise<void> {
  const now = parts.now();
  const effect = resetAfterGap(found, now);
  const isOver = awayMs(effect, now) >= LIMITS.allowedMs;
  if (isOver)
    return end(parts, effect, effect.state === "executing" ? "unknown" : "failed", error.message);
  const afresh = effect.awaySince === null;
  const { retryAfterMs } = error;
  const until = now.getTime() + untilNextTryMs(effect, LIMITS, { retryAfterMs, isTurn: false });
  const { state, awaySince } = effect;
  await move(parts, effect, {
    state,
    error: error.message,
    notBefore: new Date(until),
    awayCount: afresh ? 1 : effect.awayCount + 1,
    awaySince: awaySince ?? now,
  });
}

async function afterRefusal(parts: Parts, begun: EffectRow, error: NothingHappened): Promise<void> {
  const now = parts.now();
  const effect = resetAfterGap(begun, now);
  const { message: reason, retryAfterMs } = error;
  if (effect.attempts >= LIMITS.attemptsMax || awayMs(effect, now) >= LIMITS.allowedMs)
    return end(parts, effect, "failed", `gave up after ${effect.attempts} tries: ${reason}`);
  const until = now.getTime() + untilNextTryMs(effect, LIMITS, { retryAfterMs, isTurn: false });
  await move(parts, effect, {
    state: "intended",
    error: reason,
    notBefore: new Date(until),
    awayCount: effect.awayCount + 1,
    awaySince: effect.awaySince ?? now,
  });
}

async function again(
  parts: Parts,
  effect: EffectRow,
  reason: string,
  delayMs: number,
): Promise<void> {
  if (effect.attempts >= LIMITS.attemptsMax)
    return end(parts, effect, "failed", `gave up after ${effect.attempts} tries: ${reason}`);
  const waitMs = Math.max(delayMs, growingMs(effect.attempts, LIMITS));
  const notBefore = new Date(parts.now().getTime() + waitMs);
  await move(parts, effect, { state: "intended", error: reason, notBefore });
}

async function move(parts: Parts, effect: EffectRow, to: Move): Promise<void> {
  await parts.database.run((ask) => moved(ask, parts, effect, to));
}

async function end(
  parts: Parts,
  effect: EffectRow,
  state: "withdrawn" | "failed" | "unknown",
  reason: string,
): Promise<void> {
  await parts.database.run((ask) => endIn(ask, parts, effect, { state, error: reason }));
}

/** Ends an effect that is still as it was read; an approval that nothing can come of any more is not left as approved. */
async function endIn(
  ask: Ask,
  parts: Parts,
  effect: EffectRow,
  to: { readonly state: "withdrawn" | "failed" | "unknown"; readonly error: string },
): Promise<void> {
  const { key, approvalId } = effect;
  const loaded =
    to.state !== "unknown" && approvalId !== null
      ? await lockedApproval(ask, parts, approvalId)
      : null;
  if (!(await moved(ask, parts, effect, to))) return;
  const of = approvalId === null ? {} : { approval: approvalId };
  const entry = { kind: to.state, data: { key, why: to.error, ...of } };
  if (loaded?.approval.state === "approved") {
    const after = { state: "void", closing: to.error } as const;
    await changed(ask, parts, loaded.approval, after, { entries: [entry] });
  } else await ask(parts.statements.note, [parts.now(), storableJson([entry])]);
}
