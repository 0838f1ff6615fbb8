/**
 * Carries out one effect: begins it, calls its target, and decides what a failure or a lost answer means. What is read
 * and written, and who is told, are ports; which of them comes when, and what is never done, is here.
 *
 * An effect found `executing` was begun by a process that is gone: its target is asked whether it happened, and it is
 * tried again only after "absent". Nothing is ever called on the word of an error alone.
 */
import type { EffectState } from "./states.ts";

/** What this needs to know of an effect. */
export interface CarriedEffect {
  readonly key: string;
  readonly state: EffectState;
  readonly notBefore: Date;
  /** Why it had to wait before; null for one that was never tried. */
  readonly error: string | null;
  readonly awayCount: number;
  readonly awaySince: Date | null;
}

/** An effect that this process has just begun, and when it asked for that commit, on the monotonic clock. */
export interface BegunEffect<Effect> {
  readonly effect: Effect;
  readonly asked: number;
}

/** What a target says about an effect; `away` when it cannot be asked right now. */
export type Found<Committed, Away> =
  | { readonly state: "done"; readonly committed: Committed }
  | { readonly state: "absent" }
  | { readonly state: "unknowable"; readonly reason: string }
  | { readonly state: "away"; readonly error: Away };

/** What an error of a call means. Only the target's own error says more than doubt. */
export type Failure<Away> =
  /** Nothing happened, and it may be tried again. */
  | { readonly kind: "passing"; readonly error: Away }
  /** Nothing happened, because what it rested on has changed at its target. */
  | { readonly kind: "overtaken"; readonly reason: string }
  /** Final: nothing happened, and nothing will. */
  | { readonly kind: "refused"; readonly reason: string }
  /** It may have happened; absent, it is looked for once more after `settleMs` before it is called again. */
  | { readonly kind: "doubt"; readonly reason: string; readonly settleMs: number }
  /** The answer is about something else than was asked: a person looks before anything is tried again. */
  | { readonly kind: "contradicted"; readonly reason: string };

/** What carrying out reads, writes and calls. */
export interface EffectPorts<Effect extends CarriedEffect, Committed, Result, Away> {
  now(): Date;
  /** It may have happened before a restore of the database. */
  readonly looksFirst: boolean;
  /** For how long after it was begun no other process can have gone on with it, in milliseconds. */
  readonly aloneMs: number;
  /** How long a call of a process that is gone may still be worked on, in milliseconds; none where left out. */
  underWayMs?(effect: Effect): number;
  /** Ends it unbegun when what was decided was overtaken while it waited; whether it did. */
  endIfOvertaken?(effect: Effect): Promise<boolean>;
  /** Remembers that its target said "absent" after a restore. */
  lookedUp?(effect: Effect): Promise<void>;
  /** Checks everything once more and begins it in one commit; null when it stays or has ended. */
  begin(effect: Effect): Promise<BegunEffect<Effect> | null>;
  /** While `isFirst` is true no process can have sent this key before. */
  commit(effect: Effect, isFirst: () => boolean): Promise<Committed>;
  find(effect: Effect): Promise<Found<Committed, Away>>;
  failureFor(effect: Effect, error: unknown): Failure<Away>;
  /** Records that it happened. */
  done(effect: Effect, committed: Committed, by: "call" | "look-up"): Promise<Result>;
  /** It cannot be checked or begun right now: it stays as it is until later. */
  awaits(effect: Effect, error: Away): Promise<void>;
  /** Its target accepted nothing: it is intended again. */
  afterRefusal(effect: Effect, error: Away): Promise<void>;
  /** It did not happen: it is intended again, after this delay at the earliest. */
  again(effect: Effect, reason: string, delayMs: number): Promise<void>;
  end(effect: Effect, state: "withdrawn" | "failed" | "unknown", reason: string): Promise<void>;
}

/**
 * Takes one effect as far as it goes now: called, looked up, put off or ended. `begun` is set when the commit before
 * began it already. Gives what `done` gave; null when it did not happen now.
 */
export function advance<Effect extends CarriedEffect, Committed, Result, Away>(
  ports: EffectPorts<Effect, Committed, Result, Away>,
  effect: Effect,
  begun: BegunEffect<Effect> | null,
): Promise<Result | null> {
  if (begun?.effect.key === effect.key) return call(ports, begun);
  return effect.state === "executing" ? recover(ports, effect) : carryOut(ports, effect);
}

async function leftOpen(work: Promise<unknown> | undefined): Promise<null> {
  await work;
  return null;
}

/** True while its time has not come. */
export function isLater({ notBefore }: Pick<CarriedEffect, "notBefore">, now: Date): boolean {
  return notBefore.getTime() > now.getTime();
}

/** A begun effect whose process is gone, or whose answer was lost. */
async function recover<Effect extends CarriedEffect, Committed, Result, Away>(
  ports: EffectPorts<Effect, Committed, Result, Away>,
  effect: Effect,
): Promise<Result | null> {
  if (isLater(effect, ports.now())) return null;
  return asFound(ports, effect, async () => {
    if (await ports.endIfOvertaken?.(effect)) return null;
    const delayMs = ports.underWayMs?.(effect) ?? 0;
    return leftOpen(ports.again(effect, "it did not happen the first time", delayMs));
  });
}

async function carryOut<Effect extends CarriedEffect, Committed, Result, Away>(
  ports: EffectPorts<Effect, Committed, Result, Away>,
  effect: Effect,
): Promise<Result | null> {
  if (isLater(effect, ports.now())) {
    // An effect that may have happened before a restore is not withdrawn without asking its target.
    return ports.looksFirst ? null : leftOpen(ports.endIfOvertaken?.(effect));
  }
  const beginAndCall = async (): Promise<Result | null> => {
    const begun = await ports.begin(effect);
    return begun === null ? null : call(ports, begun);
  };
  if (!ports.looksFirst) return beginAndCall();
  return asFound(ports, effect, async () => {
    await ports.lookedUp?.(effect);
    return beginAndCall();
  });
}

/** Acts on what the target says about an effect; `absent` is for one that did not happen. */
async function asFound<Effect extends CarriedEffect, Committed, Result, Away>(
  ports: EffectPorts<Effect, Committed, Result, Away>,
  effect: Effect,
  absent: () => Promise<Result | null>,
): Promise<Result | null> {
  const found = await ports.find(effect);
  switch (found.state) {
    case "away":
      return leftOpen(ports.awaits(effect, found.error));
    case "done":
      return ports.done(effect, found.committed, "look-up");
    case "absent":
      return absent();
    case "unknowable":
      return leftOpen(ports.end(effect, "unknown", found.reason));
  }
}

async function call<Effect extends CarriedEffect, Committed, Result, Away>(
  ports: EffectPorts<Effect, Committed, Result, Away>,
  { effect, asked }: BegunEffect<Effect>,
): Promise<Result | null> {
  // No other process can have gone on with it so soon. A process that stood still for longer asks its target first, and so
  // does one that finds why it had to wait: it may have been called before, however its tries are counted.
  const isFirst = (): boolean => effect.error === null && performance.now() - asked < ports.aloneMs;
  let committed: Committed;
  try {
    committed = await ports.commit(effect, isFirst);
  } catch (error) {
    return afterFailure(ports, effect, ports.failureFor(effect, error));
  }
  return ports.done(effect, committed, "call");
}

/**
 * Only the target's own error decides what may be done next. Else the call may have reached the target, and only asking it
 * tells; an answer that contradicts the request describes something else that happened there, so a person looks before
 * anything is tried again.
 */
async function afterFailure<Effect extends CarriedEffect, Committed, Result, Away>(
  ports: EffectPorts<Effect, Committed, Result, Away>,
  effect: Effect,
  failure: Failure<Away>,
): Promise<Result | null> {
  switch (failure.kind) {
    case "passing":
      return leftOpen(ports.afterRefusal(effect, failure.error));
    case "overtaken":
      return leftOpen(ports.end(effect, "withdrawn", failure.reason));
    case "refused":
      return leftOpen(ports.end(effect, "failed", failure.reason));
    case "doubt":
    case "contradicted": {
      const answered = { ...effect, awayCount: 0, awaySince: null };
      return asFound(ports, answered, () =>
        leftOpen(
          failure.kind === "contradicted"
            ? ports.end(answered, "unknown", failure.reason)
            : ports.again(answered, failure.reason, failure.settleMs),
        ),
      );
    }
  }
}

// How long an effect waits for its target, and when it is given up on. Pure.

/** A target that is down is tried again after one second, then twice as long each time up to the longest wait. */
const WAIT_FIRST_MS = 1_000;

/** However long the target asks us to wait, it is tried again after this. */
export const WAIT_ASKED_MAX_MS = 15 * 60_000;

/** A due effect is looked at every second or two; a gap longer than this means that no process was looking. */
const UNSEEN_MS = 600_000;

/** How long to wait for a target, and how often to try. */
export interface RetryLimits {
  readonly allowedMs: number;
  readonly waitMaxMs: number;
  /** With more tries than this, the failure is not temporary. */
  readonly attemptsMax: number;
}

/**
 * A target was not down for all the time an effect was not looked at, such as during a pause or while no process ran:
 * then the count starts again with this look.
 */
export function resetAfterGap<Effect extends CarriedEffect>(effect: Effect, now: Date): Effect {
  const unseenMs = now.getTime() - effect.notBefore.getTime();
  return unseenMs > UNSEEN_MS ? { ...effect, awayCount: 0, awaySince: null } : effect;
}

/** Never before the target wants to be asked again; otherwise twice as long each time. */
export function untilNextTryMs(
  { awayCount }: Pick<CarriedEffect, "awayCount">,
  { waitMaxMs }: RetryLimits,
  retryAfterMs = 0,
): number {
  const asked = Math.min(retryAfterMs, WAIT_ASKED_MAX_MS);
  return Math.max(asked, Math.min(WAIT_FIRST_MS * 2 ** awayCount, waitMaxMs));
}

/** How long to wait after so many tries that did not happen; the first is tried again at once. */
export function growingMs(attempts: number, { waitMaxMs }: RetryLimits): number {
  return attempts <= 1 ? 0 : Math.min(WAIT_FIRST_MS * 2 ** (attempts - 1), waitMaxMs);
}

/** For how long its target has been away, in milliseconds. */
export function awayMs({ awaySince }: Pick<CarriedEffect, "awaySince">, now: Date): number {
  return now.getTime() - (awaySince ?? now).getTime();
}
