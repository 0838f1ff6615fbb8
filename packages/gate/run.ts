/** Carries out what is due: each effect under its key, looked up where its end is not known. */
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
  partsOf,
  policyMark,
  revisionOf,
  sealOf,
  type Parts,
} from "./parts.ts";
import type { EffectRow } from "./statements.ts";

/** How long a target that is away is waited for, and how often it is tried. */
const LIMITS = { allowedMs: 24 * 60 * 60_000, waitMaxMs: 60_000, attemptsMax: 20 };

/** What is missing after its answer was lost is looked for once more, in case the call was still under way. */
const SETTLE_MS = 3_000;

/** Runs what is due, and what becomes due by that; returns how many effects happened. */
export async function run(parts: Parts): Promise<number> {
  const { database, statements, now } = parts;
  await database.run((ask) => ask(statements.expire, [now()]));
  let happened = 0;
  for (;;) {
    const { due, restoredAt } = await dueNow(parts);
    let did = 0;
    for (const { effect, askedAt } of due) {
      const looksFirst = restoredAt !== null && askedAt.getTime() <= restoredAt.getTime();
      if ((await advance(portsFor(parts, looksFirst), effect, null)) !== null) did += 1;
    }
    happened += did;
    if (did === 0) break;
  }
  await database.run((ask) => sealEntries(ask, statements.chain));
  return happened;
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
    begin: (effect) => begin(parts, effect),
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

/** A call that ignores its signal is left alone when its time is over: it may have happened. */
function withinSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("no answer in time")), {
        once: true,
      });
    }),
  ]);
}

/** Checks everything once more and begins it in one commit. */
async function begin(parts: Parts, effect: EffectRow): Promise<BegunEffect<EffectRow> | null> {
  const { database, statements, now } = parts;
  const { key, approvalId } = effect;
  let isStale: boolean;
  try {
    isStale = await factsChanged(parts, effect);
  } catch (error) {
    await awaits(parts, effect, new NothingHappened(reasonOf(error)));
    return null;
  }
  const asked = performance.now();
  const begun = await database.run(async (ask) => {
    const broken =
      approvalId === null
        ? whyNotPolicy(parts, effect)
        : await whyBroken(ask, parts, effect, approvalId);
    const why = broken ?? (isStale ? "what it is about has changed" : null);
    if (why !== null) return why;
    const [row] = await ask(statements.ledger.begin, [key, 1, now()]);
    if (row === undefined) return null;
    const until = new Date(now().getTime() + 2 * parts.callMs);
    await ask(statements.lease, [key, until, parts.worker]);
    return row;
  });
  if (typeof begun === "string") {
    await end(parts, effect, "withdrawn", begun);
    return null;
  }
  const { awayCount, awaySince } = effect;
  return begun === null ? null : { effect: { ...begun, awayCount, awaySince }, asked };
}

/** What needs no person was allowed by this gate's rules, and is as it was then. */
function whyNotPolicy(parts: Parts, effect: EffectRow): string | null {
  return isSameDigest(effect.requestDigest, policyMark(parts, effect))
    ? null
    : "no rule of this gate allowed it";
}

/** In what an approval is not what is about to happen; null when it is. */
async function whyBroken(
  ask: Ask,
  parts: Parts,
  effect: EffectRow,
  approvalId: string,
): Promise<string | null> {
  const [loaded] = await ask(parts.statements.loadLocked, [approvalId]);
  if (loaded === undefined) return "no approval stands behind it";
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

async function recordDone(
  parts: Parts,
  { key, approvalId }: EffectRow,
  ref: string,
): Promise<true> {
  const { statements, now } = parts;
  await parts.database.run(async (ask) => {
    const settled = await ask(statements.ledger.settle, [key, "done", ref, null, null, now()]);
    const data = { key, ref, ...(approvalId === null ? {} : { approval: approvalId }) };
    if (settled.length === 1)
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
  const { postpone } = parts.statements.ledger;
  const values = [effect.key, new Date(until), error.message, now, afresh];
  await parts.database.run((ask) => ask(postpone, values));
}

async function afterRefusal(parts: Parts, begun: EffectRow, error: NothingHappened): Promise<void> {
  const now = parts.now();
  const effect = resetAfterGap(begun, now);
  const { message: reason, retryAfterMs } = error;
  if (effect.attempts >= LIMITS.attemptsMax || awayMs(effect, now) >= LIMITS.allowedMs)
    return end(parts, effect, "failed", `gave up after ${effect.attempts} tries: ${reason}`);
  const until = now.getTime() + untilNextTryMs(effect, LIMITS, { retryAfterMs, isTurn: false });
  const awaySince = effect.awaySince ?? now;
  await giveBack(parts, effect, { awayCount: effect.awayCount + 1, awaySince, until, reason });
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
  const until = parts.now().getTime() + waitMs;
  await giveBack(parts, effect, { awayCount: 0, awaySince: null, until, reason });
}

async function giveBack(
  { database, statements }: Parts,
  { key, attempts }: EffectRow,
  given: {
    readonly awayCount: number;
    readonly awaySince: Date | null;
    readonly until: number;
    readonly reason: string;
  },
): Promise<void> {
  const { awayCount, awaySince, until, reason } = given;
  const values = [key, attempts, awayCount, awaySince, new Date(until), reason];
  await database.run((ask) => ask(statements.ledger.giveBack, values));
}

async function end(
  parts: Parts,
  { key, approvalId }: EffectRow,
  state: "withdrawn" | "failed" | "unknown",
  reason: string,
): Promise<void> {
  const { database, statements, now } = parts;
  await database.run(async (ask) => {
    const settled = await ask(statements.ledger.settle, [key, state, null, reason, null, now()]);
    if (settled.length === 0) return;
    const of = approvalId === null ? {} : { approval: approvalId };
    const entry = { kind: state, data: { key, why: reason, ...of } };
    const [loaded] =
      state !== "unknown" && approvalId !== null
        ? await ask(statements.loadLocked, [approvalId])
        : [];
    // An approval that nothing can come of any more is not left as approved.
    if (loaded?.approval.state === "approved") {
      const after = { state: "void", closing: reason } as const;
      await changed(ask, parts, loaded.approval, after, { entries: [entry] });
    } else await ask(statements.note, [now(), storableJson([entry])]);
  });
}
