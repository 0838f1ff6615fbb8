/**
 * How often a provider may be asked, kept for everybody who asks it. Pure arithmetic and a keeper for one process; the
 * keeper that all processes share is given by the composition root.
 */

/**
 * A limit: never more than `max` calls in any span of `windowMs`, of which `burst` may come at once. What is left of
 * `max` beside the burst comes back evenly, so a provider that counts in windows of its own is kept as well, wherever
 * its windows begin.
 */
export interface Allowance {
  /** The same for everybody who shares it, such as `zendesk:example.zendesk.com:account`. */
  readonly name: string;
  readonly max: number;
  readonly windowMs: number;
  /** Below `max`. */
  readonly burst: number;
}

/** The answer to a wish: when the call may start. Not booked when that would take longer than asked. */
interface Taken {
  readonly booked: boolean;
  readonly waitMs: number;
}

/** Keeps limits for all who share them. None of it throws: a keeper that cannot be asked allows less, never more. */
export interface Allowances {
  /** Books one call on each of these or on none. Whoever waits looks at `heldMs` before the call starts. */
  take(wanted: readonly Allowance[], waitMsMax: number): Promise<Taken>;
  /** The provider said to wait: nobody starts before, and then evenly rather than all at once. */
  hold(allowances: readonly Allowance[], ms: number): Promise<void>;
  /** For how long nobody may start a call on these, in milliseconds; 0 when nothing is held. */
  heldMs(allowances: readonly Allowance[]): Promise<number>;
}

/** Time between two calls once the burst is used up. */
export function intervalMs({ max, windowMs, burst }: Allowance): number {
  return windowMs / Math.max(1, max - burst);
}

/** The part of a limit one of several may use that cannot ask each other. */
export function shareOf(allowance: Allowance, share: number): Allowance {
  const max = Math.max(2, Math.floor(allowance.max * share));
  const burst = Math.max(1, Math.min(max - 1, Math.floor(allowance.burst * share)));
  return { ...allowance, max, burst };
}

/** How one allowance stands. */
interface AllowanceState {
  /** When the whole burst is there again; each call moves it on. */
  readonly fullAt: number;
  readonly heldUntil: number;
}

const UNUSED: AllowanceState = { fullAt: 0, heldUntil: 0 };

/** More than this are looked through for those that are full again. */
const KEPT_MAX = 1_000;

/**
 * Keeps limits for this process alone. It goes by the process's own monotonic time: pacing has nothing to do with
 * business time, and a test clock that stands still must not stop it.
 */
export function ownAllowances(now: () => number = () => performance.now()): Allowances {
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
