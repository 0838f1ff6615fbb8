/**
 * Rate limits for calls to a provider: the arithmetic and a limiter for one process. The limiter that all processes
 * share comes from the composition root.
 */

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

/** When the requested call may start. Not booked when the wait would be longer than the caller accepts. */
interface Booking {
  readonly booked: boolean;
  readonly waitMs: number;
}

/**
 * Enforces limits for all callers that share them. Never throws: a limiter that cannot be reached allows less, never
 * more.
 */
export interface Allowances {
  /** Books one call on each of these or on none. A caller that waits checks `heldMs` before the call starts. */
  take(wanted: readonly Allowance[], waitMsMax: number): Promise<Booking>;
  /** The provider said to wait: no call starts before, and then calls start evenly rather than all at once. */
  hold(allowances: readonly Allowance[], ms: number): Promise<void>;
  /** How long no call may start on these, in milliseconds; 0 when nothing is held. */
  heldMs(allowances: readonly Allowance[]): Promise<number>;
}

/** Time between two calls once the burst is used up. */
export function intervalMs({ max, windowMs, burst }: Allowance): number {
  return windowMs / Math.max(1, max - burst);
}

/** The share of a limit for one of several processes that cannot coordinate. */
export function shareOf(allowance: Allowance, share: number): Allowance {
  const max = Math.max(2, Math.floor(allowance.max * share));
  const burst = Math.max(1, Math.min(max - 1, Math.floor(allowance.burst * share)));
  return { ...allowance, max, burst };
}

/** The current state of one allowance. */
interface AllowanceState {
  /** When the whole burst is available again; each call moves it on. */
  readonly fullAt: number;
  readonly heldUntil: number;
}

const UNUSED: AllowanceState = { fullAt: 0, heldUntil: 0 };

/** Above this many entries, those that are full again are removed. */
const KEPT_MAX = 1_000;

/**
 * Enforces limits for this process alone. It uses the process's monotonic time: pacing is independent of business time,
 * and a test clock that stands still must not stop it.
 */
export function inProcessAllowances(now: () => number = () => performance.now()): Allowances {
  const kept = new Map<string, AllowanceState>();
  const standingOf = ({ name }: Allowance): AllowanceState => kept.get(name) ?? UNUSED;
  const waitFor = (allowance: Allowance, at: number): number => {
    const { fullAt, heldUntil } = standingOf(allowance);
    const start = Math.max(fullAt, at) - (allowance.burst - 1) * intervalMs(allowance);
    return Math.max(start - at, heldUntil - at, 0);
  };
  const tidy = (at: number): void => {
    if (kept.size <= KEPT_MAX) return;
    for (const [name, { fullAt, heldUntil }] of kept)
      if (Math.max(fullAt, heldUntil) <= at) kept.delete(name);
  };
  return {
    async take(wanted, waitMsMax) {
      const at = now();
      const waitMs = Math.ceil(Math.max(0, ...wanted.map((allowance) => waitFor(allowance, at))));
      if (waitMs > waitMsMax) return { booked: false, waitMs };
      tidy(at);
      for (const allowance of wanted) {
        const { fullAt, heldUntil } = standingOf(allowance);
        kept.set(allowance.name, {
          fullAt: Math.max(fullAt, at) + intervalMs(allowance),
          heldUntil,
        });
      }
      return { booked: true, waitMs };
    },
    async hold(allowances, ms) {
      const until = now() + ms;
      for (const allowance of allowances) {
        const { fullAt, heldUntil } = standingOf(allowance);
        kept.set(allowance.name, {
          fullAt: Math.max(fullAt, until + (allowance.burst - 1) * intervalMs(allowance)),
          heldUntil: Math.max(heldUntil, until),
        });
      }
    },
    async heldMs(allowances) {
      const at = now();
      return Math.max(
        0,
        ...allowances.map((allowance) => Math.ceil(standingOf(allowance).heldUntil - at)),
      );
    },
  };
}
