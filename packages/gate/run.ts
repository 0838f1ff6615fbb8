/** Carries out what is due: each effect under its key, looked up where its end is not known. */
import { NothingHappened, Refused } from "./contract.ts";
import {
  advance,
  type BegunEffect,
  type EffectPorts,
  type Failure,
  type Found,
  awayMs,
  growingMs,
  resetAfterGap,
  untilNextTryMs,
} from "./kernel/carry-out.ts";
import { sealLocked } from "./kernel/chain.ts";
import type { Ask, StatementValue } from "./kernel/statement.ts";
import { storableJson } from "./kernel/storable-text.ts";
import {
  canBeFound,
  changed,
  CHANGED,
  factsChanged,
  LEASED_CALLS,
  lockedApproval,
  moved,
  newFence,
  NOTHING_HAPPENED,
  whyBroken,
  inTime,
  type Held,
  type Parts,
} from "./parts.ts";
import { statements, type EffectRow } from "./statements.ts";

/** How long a target that is away is waited for, and how often it is tried. */
const LIMITS = { allowedMs: 24 * 60 * 60_000, waitMaxMs: 60_000, attemptsMax: 20 };

/** What is missing after its answer was lost is looked for once more, in case the call was still under way. */
const SETTLE_MS = 3_000;

/** What is to be taken as far as it goes. */
interface Due {
  readonly effect: EffectRow;
  readonly looksFirst: boolean;
  /** Set where a decision of this process has begun it. */
  readonly held?: Held;
}

/**
 * Runs what is due, and what becomes due by that; returns how many effects happened. An effect that throws is put off and
 * holds up no other; the first error is thrown at the end.
 */
export async function run(parts: Parts): Promise<number> {
  const { carrying } = parts;
  carrying.active += 1;
  carrying.hasRun = true;
  try {
    return await runDue(parts);
  } finally {
    carrying.active -= 1;
  }
}

async function runDue(parts: Parts): Promise<number> {
  const { database, carrying } = parts;
  const look = (): Promise<readonly Due[]> => database.run((ask) => lookIn(ask, parts));
  const errors: unknown[] = [];
  let happened = 0;
  let due = carrying.held.length === 0 ? await look() : [];
  for (;;) {
    const held = carrying.held.splice(0);
    const begun = held.map((one) => ({ effect: one.effect, looksFirst: false, held: one }));
    const list: readonly Due[] = held.length === 0 ? due : begun;
    if (list.length === 0) break;
    const round = { did: 0, after: null as readonly Due[] | null };
    for (const [place, one] of list.entries()) {
      // The last record looks on in its own commit.
      const isLast = place === list.length - 1;
      const done = async (effect: EffectRow, ref: string): Promise<true> => {
        round.after = await recordDone(parts, effect, ref, isLast);
        round.did += 1;
        return true;
      };
      try {
        await goOn(parts, one, done);
      } catch (error) {
        errors.push(error);
        // Where even this fails, it stays due.
        await putOff(parts, one.effect, new NothingHappened(reasonOf(error))).catch(
          () => undefined,
        );
      }
    }
    happened += round.did;
    due = round.after ?? (await look());
    if (round.did === 0 && held.length === 0) break;
  }
  if (errors.length > 0) throw errors[0];
  return happened;
}

type Done = (effect: EffectRow, ref: string) => Promise<true>;

/** Takes an effect as far as it goes. One that was held is called if all it was begun on still holds. */
async function goOn(parts: Parts, { effect, looksFirst, held }: Due, done: Done): Promise<void> {
  const ports = portsFor(parts, looksFirst, done);
  if (held === undefined) return void (await advance(ports, effect, null));
  const { callMs, carrying, database } = parts;
  // Then it is left to whoever looks next, who asks its target like that of a process that is gone.
  const isOld = held.asked <= carrying.restoredAt || performance.now() - held.asked >= callMs;
  if (isOld) return void (await database.ask(statements.release, [effect.key, effect.fence]));
  let why: string | null;
  try {
    const broken = whyBroken(parts, effect, held.loaded);
    why = broken ?? ((await factsChanged(parts, effect)) ? CHANGED : null);
  } catch (error) {
    return putOff(parts, effect, new NothingHappened(reasonOf(error)), "intended");
  }
  if (why !== null) return end(parts, effect, "withdrawn", why);
  await advance(ports, effect, held);
}

/** Records what happened, ends what has waited too long, chains the audit, and gives what is due. */
async function lookIn(
  ask: Ask,
  parts: Parts,
  happened: readonly StatementValue[] = NOTHING_HAPPENED,
): Promise<readonly Due[]> {
  const [lock] = await ask(statements.look, [parts.now(), ...happened]);
  const [found] = await ask(statements.due, [parts.now()]);
  if (found === undefined) throw new Error("a select of one row gave none");
  if (lock?.isOurs === true) await sealLocked(ask, statements.chain, found.waiting);
  return found.due.map(({ effect, askedAt, restoredAt }) => {
    const wasAsked = restoredAt !== null && askedAt.getTime() <= restoredAt.getTime();
    return { effect, looksFirst: wasAsked || mayBeKnown(parts, effect, restoredAt !== null) };
  });
}

/**
 * Whether its target can be asked, and may know its key of another approval: one that was called before it ended, or one
 * that a restore of the database has lost.
 */
function mayBeKnown(parts: Parts, effect: EffectRow, wasRestored: boolean): boolean {
  const isNew = effect.was_begun && effect.attempts === 0;
  return canBeFound(parts, effect) && (isNew || (wasRestored && effect.key !== effect.approval_id));
}

function portsFor(
  parts: Parts,
  looksFirst: boolean,
  done: Done,
): EffectPorts<EffectRow, string, true, NothingHappened> {
  const { now } = parts;
  return {
    now,
    looksFirst,
    aloneMs: parts.callMs,
    begin: (effect) => begin(parts, effect, done),
    commit: (effect, isFirst) => commit(parts, effect, isFirst),
    find: (effect) => find(parts, effect),
    failureFor: (_effect, error) => failureFor(error),
    done,
    awaits: (effect, error) => putOff(parts, effect, error),
    afterRefusal: (effect, error) => putOff(parts, effect, error, "intended"),
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
  return inTime(parts, spec.commit(action.args, { key, isFirst, signal }), signal);
}

/**
 * Checks everything once more and begins it in one commit, which also withdraws what may not begin. One that was tried
 * before is looked up first, and may be found: its own late call may be what has changed.
 */
async function begin(
  parts: Parts,
  effect: EffectRow,
  done: Done,
): Promise<BegunEffect<EffectRow> | null> {
  let stale: string | null;
  try {
    stale = (await factsChanged(parts, effect)) ? CHANGED : null;
  } catch (error) {
    await putOff(parts, effect, new NothingHappened(reasonOf(error)));
    return null;
  }
  const asked = performance.now();
  const begun = await parts.database.run((ask) => beginIn(ask, parts, effect, stale));
  if (begun === null) return null;
  if (typeof begun === "string") {
    await endAsFound(parts, effect, begun, done);
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
  stale: string | null,
): Promise<EffectRow | string | null> {
  const { key, approval_id: approvalId } = read;
  const loaded = approvalId === null ? null : await lockedApproval(ask, approvalId);
  const [locked] = await ask(statements.effectLocked, [key]);
  if (locked === undefined) return null;
  const { effect } = locked;
  const { state, fence, revision } = effect;
  if (state !== "intended" || fence !== read.fence || revision !== read.revision) return null;
  const [happened] = await ask(statements.happened, [key]);
  if (happened !== undefined) {
    await moved(ask, parts, effect, { state: "done", ref: happened.ref });
    return null;
  }
  const why = whyBroken(parts, effect, loaded) ?? stale;
  if (why !== null) {
    // Without a look-up it is intended only where its target said that nothing happened.
    if (effect.was_begun && canBeFound(parts, effect)) return why;
    await endIn(ask, parts, effect, { state: "withdrawn", error: why });
    return null;
  }
  const lease = [LEASED_CALLS * parts.callMs, parts.worker];
  const [row] = await ask(statements.ledger.begin, [key, newFence(), parts.now(), ...lease]);
  return row ?? null;
}

/** Asks about an effect that was tried before and may not begin again, and ends it by the answer. */
async function endAsFound(parts: Parts, effect: EffectRow, why: string, done: Done): Promise<void> {
  const found = await find(parts, effect);
  if (found.state === "done") await done(effect, found.committed);
  else if (found.state === "away") await putOff(parts, effect, found.error);
  else await end(parts, effect, found.state === "absent" ? "withdrawn" : "unknown", why);
}

async function find(
  parts: Parts,
  { action, key }: EffectRow,
): Promise<Found<string, NothingHappened>> {
  const spec = parts.actions.get(action.name);
  if (spec?.find === undefined)
    return { state: "unknowable", reason: `${action.name} cannot be looked up` };
  try {
    const found = await inTime(parts, spec.find(action.args, key));
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

/** Records that it happened; and, looking on, what is due then. What keeps it from looking keeps no record. */
async function recordDone(
  parts: Parts,
  { key, approval_id: approval, revision, request_digest: called }: EffectRow,
  ref: string,
  looksOn: boolean,
): Promise<readonly Due[] | null> {
  const { database, now } = parts;
  const entry = { key, ref, ...(approval === null ? {} : { approval }) };
  const happened = [key, revision, called, ref, storableJson(entry)];
  if (looksOn)
    try {
      return await database.run((ask) => lookIn(ask, parts, happened));
    } catch {
      // Whatever it was, the record alone tells, and so does the next look.
    }
  await database.ask(statements.look, [now(), ...happened]);
  return null;
}

/**
 * Its target is away, or has accepted nothing: it waits, each time longer, as it is or intended again, and ends where that
 * takes too long.
 */
async function putOff(
  parts: Parts,
  found: EffectRow,
  { message, retryAfterMs }: NothingHappened,
  state = found.state,
): Promise<void> {
  const now = parts.now();
  const effect = resetAfterGap(found, now);
  const { attempts, awayCount, awaySince } = effect;
  const isTooLong = awayMs(effect, now) >= LIMITS.allowedMs;
  if (state !== found.state && (isTooLong || attempts >= LIMITS.attemptsMax))
    return end(parts, effect, "failed", `gave up after ${attempts} tries: ${message}`);
  if (isTooLong) return end(parts, effect, state === "executing" ? "unknown" : "failed", message);
  const waitMs = untilNextTryMs(effect, LIMITS, retryAfterMs);
  await moved(parts.database.ask, parts, effect, {
    state,
    error: message,
    notBefore: new Date(now.getTime() + waitMs),
    awayCount: awayCount + 1,
    awaySince: awaySince ?? now,
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
  await moved(parts.database.ask, parts, effect, { state: "intended", error: reason, notBefore });
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
  const { key, approval_id: approvalId } = effect;
  const loaded =
    to.state !== "unknown" && approvalId !== null ? await lockedApproval(ask, approvalId) : null;
  if (!(await moved(ask, parts, effect, to))) return;
  const of = approvalId === null ? {} : { approval: approvalId };
  const entry = { kind: to.state, data: { key, why: to.error, ...of } };
  if (loaded?.approval.state === "approved") {
    const after = { state: "void", closing: to.error } as const;
    await changed(ask, parts, loaded.approval, after, { entries: [entry] });
  } else await ask(statements.note, [parts.now(), storableJson([entry])]);
}
