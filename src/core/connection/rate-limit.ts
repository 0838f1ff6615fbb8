/**
 * Rate limits for calls to a provider: the arithmetic and a limiter for one process. The limiter that all processes
 * share comes from the composition root.
 */
import { pause } from "#core/values/deadline.ts";
import type { Clock } from "#core/contracts/ports.ts";

/**
 * A limit: at most `max` calls in any span of `windowMs`, of which `burst` may come at once. The rest of `max` refills
 * evenly, so the limit also holds for a provider that counts in its own windows, wherever they begin.
 */
export interface Allowance {
  /** The same for all callers that share it, such as `zendesk:example.zendesk.com:account`. */
  readonly name: string;
  readonly max: number;
  readonly windowMs: number;
  /** Below `max`. */
  readonly burst: number;
}

/** How late a call may come to its place, in milliseconds. After that the place is lost and another one is booked. */
export const PLACE_VALID_MS = 30_000;

/** The wait of who starts no call now: only a place is booked. */
export const NOT_NOW_MS = -1;

/** Whether a call may start, and after how long. */
interface Booking {
  /** False when the wait would be longer than the caller accepts: then only a place was booked, if one was asked for. */
  readonly booked: boolean;
  readonly waitMs: number;
}

/**
 * Enforces limits for all callers that share them. Never throws: a limiter that cannot be reached allows less, never
 * more.
 */
export interface Allowances {
  /**
   * Books one call on each of these or on none. A caller that waits checks `heldMs` before the call starts. Who may not
   * start yet and comes back later names a `place`, the same each time, such as the key of an effect: it is booked once,
   * `waitMs` is the time to it, and asking again then goes through, whoever else waits. On other limits it is another place.
   */
  take(wanted: readonly Allowance[], waitMsMax: number, place?: string): Promise<Booking>;
  /**
   * The provider said to wait: no call starts before, and then calls start evenly rather than all at once. The whole
   * queue moves back by as much.
   */
  hold(allowances: readonly Allowance[], ms: number): Promise<void>;
  /** How long no call may start on these, in milliseconds; 0 when nothing is held. */
  heldMs(allowances: readonly Allowance[]): Promise<number>;
}

/**
 * Resolves when a call may start. Throws what `tooLong` makes of the time until then when that would be longer than
 * `waitMsMax`, and when the signal aborts first.
 */
export async function waitForTurn(
  kept: Allowances,
  wanted: readonly Allowance[],
  how: {
    readonly waitMsMax: number;
    readonly place?: string;
    readonly signal?: AbortSignal | undefined;
    readonly tooLong: (waitMs: number) => Error;
  },
): Promise<void> {
  const { waitMsMax, place, signal, tooLong } = how;
  const { booked, waitMs } = await kept.take(wanted, waitMsMax, place);
  if (!booked) throw tooLong(waitMs);
  const until = performance.now() + waitMsMax;
  for (let restMs = waitMs; restMs > 0;) {
    await pause(restMs, signal, () => tooLong(restMs));
    // A 429 may have arrived meanwhile.
    restMs = await kept.heldMs(wanted);
    if (restMs > 0 && performance.now() + restMs > until) throw tooLong(restMs);
  }
}

/** For so long after its start, and after a call that had to wait, a process books places ahead. */
const CROWDED_MS = 60_000;

/**
 * The same, but for places that are only booked ahead (`NOT_NOW_MS`): where no call of this process has lately
 * had to wait, the call itself finds room, and nothing is booked. A process that has just started does not know, and
 * books: one that is killed while its call waits has begun an effect, and after a few such ends the effect is given up.
 */
export function bookingAheadInCrowds(
  kept: Allowances,
  now: () => number = () => performance.now(),
): Allowances {
  const crowd = { until: now() + CROWDED_MS };
  return {
    ...kept,
    async take(wanted, waitMsMax, place) {
      if (waitMsMax === NOT_NOW_MS && now() > crowd.until) return { booked: false, waitMs: 0 };
      const booking = await kept.take(wanted, waitMsMax, place);
      if (booking.waitMs > 0) crowd.until = now() + CROWDED_MS;
      return booking;
    },
  };
}

/** Time between two calls once the burst is used up. */
export function intervalMs({ max, windowMs, burst }: Allowance): number {
  return windowMs / Math.max(1, max - burst);
}

/** The share of a limit for one of several processes that cannot coordinate. */
export function allowanceShare(allowance: Allowance, share: number): Allowance {
  const max = Math.max(2, Math.floor(allowance.max * share));
  const burst = Math.max(1, Math.min(max - 1, Math.floor(allowance.burst * share)));
  return { ...allowance, max, burst };
}

interface AllowanceState {
  /** When the whole burst is available again; each call moves it on. */
  readonly fullAt: number;
  readonly heldUntil: number;
  /** By how much holds have moved its queue back so far. */
  readonly movedMs: number;
}

const UNUSED: AllowanceState = { fullAt: 0, heldUntil: 0, movedMs: 0 };

interface BookedPlace {
  readonly startAt: number;
  /** How far each queue had been moved back by then. */
  readonly movedMs: readonly number[];
}

/** Above this many entries, those that are of no more use are removed. */
const KEPT_MAX = 1_000;

/**
 * Enforces limits for this process alone. It uses the process's monotonic time: pacing is independent of business time,
 * and a test clock that stands still must not stop it.
 */
export function inProcessAllowances(now: () => number = () => performance.now()): Allowances {
  const kept = new Map<string, AllowanceState>();
  const places = new Map<string, BookedPlace>();
  const allowanceState = ({ name }: Allowance): AllowanceState => kept.get(name) ?? UNUSED;
  const moved = (wanted: readonly Allowance[]): readonly number[] =>
    wanted.map((allowance) => allowanceState(allowance).movedMs);
  const fullFrom = (allowance: Allowance, at: number): number =>
    Math.max(allowanceState(allowance).fullAt, at);
  const heldFor = (allowances: readonly Allowance[], at: number): number =>
    Math.max(
      0,
      ...allowances.map((allowance) => Math.ceil(allowanceState(allowance).heldUntil - at)),
    );

  function freeFor(wanted: readonly Allowance[], at: number): number {
    const freeIn = (allowance: Allowance): number =>
      fullFrom(allowance, at) + (1 - allowance.burst) * intervalMs(allowance) - at;
    return Math.max(...wanted.map(freeIn));
  }

  function book(wanted: readonly Allowance[], at: number): void {
    for (const allowance of wanted)
      kept.set(allowance.name, {
        ...allowanceState(allowance),
        fullAt: fullFrom(allowance, at) + intervalMs(allowance),
      });
  }

  function tidy(at: number): void {
    if (kept.size > KEPT_MAX)
      for (const [name, { fullAt, heldUntil }] of kept)
        if (Math.max(fullAt, heldUntil) <= at) kept.delete(name);
    if (places.size > KEPT_MAX)
      for (const [id, { startAt }] of places) if (startAt + PLACE_VALID_MS < at) places.delete(id);
  }

  return {
    async take(wanted, waitMsMax, place) {
      const at = now();
      const id = placeId(wanted, place);
      const own = placeNow(places.get(id), moved(wanted), at);
      const turnIn = own === null ? freeFor(wanted, at) : own.startAt - at;
      const waitMs = Math.max(0, heldFor(wanted, at), Math.ceil(turnIn));
      const starts = waitMs <= waitMsMax;
      if (own === null && !starts && place === undefined) return { booked: false, waitMs };
      tidy(at);
      if (own === null) book(wanted, at);
      if (starts) places.delete(id);
      else places.set(id, own ?? { startAt: at + waitMs, movedMs: moved(wanted) });
      return { booked: starts, waitMs };
    },
    async hold(allowances, ms) {
      const at = now();
      const until = at + ms;
      for (const allowance of allowances) {
        const { fullAt, heldUntil, movedMs } = allowanceState(allowance);
        const backMs = Math.max(0, until - Math.max(at, heldUntil));
        kept.set(allowance.name, {
          fullAt: Math.max(fullAt + backMs, until + (allowance.burst - 1) * intervalMs(allowance)),
          heldUntil: Math.max(heldUntil, until),
          movedMs: movedMs + backMs,
        });
      }
    },
    heldMs: async (allowances) => heldFor(allowances, now()),
  };
}

/** The place a call has already, with what holds moved it back by; null when it has none, or came too late. */
function placeNow(
  booked: BookedPlace | undefined,
  movedMs: readonly number[],
  at: number,
): BookedPlace | null {
  if (booked === undefined) return null;
  const backMs = movedMs.map((ms, index) => ms - (booked.movedMs[index] ?? ms));
  const startAt = booked.startAt + Math.max(0, ...backMs);
  return startAt + PLACE_VALID_MS < at ? null : { ...booked, startAt, movedMs };
}

/** Names one place on these limits. */
export function placeId(wanted: readonly Allowance[], place = ""): string {
  return [place, ...wanted.map(({ name }) => name)].join(" ");
}

// Answers of a vendor that hold for a while, so that it is asked less often.

/** When there are this many entries, all are forgotten instead of more being kept. */
const CACHE_MAX = 2_000;

/**
 * Caches answers by name for `ageMaxMs`, in milliseconds like `failedMs`: how long a failure is kept, which is not at all
 * unless it is an answer in its way. Concurrent questions share one look-up.
 */
export function cachedLookUp<Value>(
  clock: Pick<Clock, "now">,
  ageMaxMs: number,
  failedMs: (error: unknown) => number = () => 0,
): (name: string, ask: () => Promise<Value>) => Promise<Value> {
  const known = new Map<string, { until: number; readonly value: Promise<Value> }>();
  return (name, ask) => {
    const now = clock.now().getTime();
    const before = known.get(name);
    if (before !== undefined && now < before.until) return before.value;
    if (known.size >= CACHE_MAX) known.clear();
    const value = ask();
    const entry = { until: now + ageMaxMs, value };
    known.set(name, entry);
    value.catch((error: unknown) => {
      entry.until = clock.now().getTime() + failedMs(error);
    });
    return value;
  };
}
