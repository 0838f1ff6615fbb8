/** Circuit breakers and queues for the providers outside: the model, the shop, the channels and the desk. */

import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
  type IBackoff,
  type IBackoffFactory,
  isBrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
} from "cockatiel";
import type { Channel } from "#core/contracts/channel.ts";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";
import type { SecondOpinion } from "#core/contracts/agent.ts";
import type { Model } from "#core/contracts/model.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import type { Shop } from "#core/contracts/shop.ts";
import type { Target } from "#core/contracts/tool.ts";

/**
 * One circuit breaker per provider. Closed: calls go through. After five failures in a row it opens: calls fail at
 * once, so that no caller waits for a provider known to be away or adds to its load. After ten seconds one call goes
 * through as a probe (half-open); its answer closes the breaker, its failure opens it again for twice as long, up to a
 * minute.
 *
 * A failure means that the provider is away (`*.unavailable`) or went away during the call (`*.uncertain`). A refusal,
 * a conflict, a rate limit or an unreadable answer comes from a provider that is up.
 */
type BreakerState = "closed" | "open" | "half-open";

const FAILURES_MAX = 5;
const PAUSE_MS = 10_000;
const PAUSE_MS_MAX = 60_000;
/** While a probe is under way, "soon" is all that can be said. */
const SOON_MS = 1_000;

/** All of a process, by what they protect. */
export type Breakers = ReturnType<typeof createBreakers>;

/**
 * Independent breakers; a provider that is never wrapped has none. Each wraps a provider in the same contract, with its
 * queue and its breaker in front of each call that leaves the process.
 */
export function createBreakers(options: { readonly clock: Clock; readonly log: Log }) {
  const breakers = new Map<string, Breaker>();
  const providerBreaker = (provider: string, code: ErrorCode): Breaker => {
    const known = breakers.get(provider);
    if (known !== undefined) return known;
    const made = createBreaker({ ...options, provider, code });
    breakers.set(provider, made);
    return made;
  };
  return {
    /** One that reads drafts or messages may be another one elsewhere, so that each part has a breaker of its own. */
    model: (model: Model, part: "model" | "verifier" | "second opinion" = "model"): Model =>
      guarded(model, providerBreaker(part, "model.unavailable").run),
    /** Reads and writes share one breaker: it is one shop. */
    shop({ reads, target }: { readonly reads: Shop; readonly target: Target }) {
      const { run } = providerBreaker("shop", "shop.unavailable");
      return { reads: guarded(reads, run), target: guarded(target, run) };
    },
    /**
     * The breaker has the channel's name. A file host that is away says nothing about the channel, nor does a place in the
     * queue of its limits.
     */
    channel: (channel: Channel): Channel =>
      guarded(channel, providerBreaker(channel.name, "channel.unavailable").run, [
        "openFile",
        "reserve",
      ]),
    /** The breaker has the provider's name, so the desk and the channel of one workspace share it. */
    desk: (provider: string, desk: ApprovalDesk): ApprovalDesk =>
      guarded(desk, providerBreaker(provider, "channel.unavailable").run, ["reserve"]),
    secondOpinion: (opinion: SecondOpinion): SecondOpinion =>
      guarded(opinion, providerBreaker("second opinion", "system.unavailable").run),
    /** For each of your own systems, by the name of its connection: what makes its calls. */
    system: (connection: string): Run =>
      providerBreaker(`system ${connection}`, "system.unavailable").run,
    /** In the provider's words, why it refused what is configured when it was last asked; null once it answers. */
    modelRefusal: () => breakers.get("model")?.refusal() ?? null,
    /** State of each breaker by provider, for health. */
    states: () => Object.fromEntries([...breakers].map(([name, { state }]) => [name, state()])),
  };
}

/** Makes one call, in its turn; or throws the provider's own "unavailable", at once while the breaker is open. */
export type Run = <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;

type Breaker = ReturnType<typeof createBreaker>;

/** How a call ended for the breaker: whatever a provider says is an answer, even a refusal. */
type CallOutcome<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "refused"; readonly error: DeskhandError }
  | { readonly kind: "failed"; readonly error: unknown };

function createBreaker(options: {
  readonly clock: Clock;
  readonly log: Log;
  readonly provider: string;
  readonly code: ErrorCode;
}) {
  const { clock, log, provider, code } = options;
  const pause = { untilMs: 0 };
  const last: { refusal: string | null } = { refusal: null };
  const policy = circuitBreaker(handleWhenResult(isFailed), {
    breaker: new ConsecutiveBreaker(FAILURES_MAX),
    halfOpenAfter: growingPauses((ms) => {
      pause.untilMs = clock.now().getTime() + ms;
    }),
  });
  const inTurn = limitConcurrency(provider, code);
  policy.onBreak(() => log.warn("a provider is away, its calls fail at once", { provider }));
  policy.onReset(() => log.info("a provider is back", { provider }));

  const away = (retryAfterMs: number): DeskhandError =>
    new DeskhandError(code, `${provider} failed several times in a row and is left alone`, {
      retryAfterMs: Math.max(SOON_MS, retryAfterMs),
      notTried: true,
    });

  async function asked<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    // The library would make other calls wait for the probe; a turn has no time for that.
    if (policy.state === CircuitState.HalfOpen) throw away(SOON_MS);
    const restMs = pause.untilMs - clock.now().getTime();
    const ended = await policy
      .execute(() => callOutcome(call, signal, { policy, code }))
      .catch((error: unknown) => {
        throw isBrokenCircuitError(error) ? away(restMs) : error;
      });
    if (ended.kind === "answered") {
      last.refusal = null;
      return ended.value;
    }
    if (ended.kind === "refused" && ended.error.code === "model.refused")
      last.refusal = ended.error.message;
    throw ended.error;
  }
  // The queue comes first: the breaker is checked when the call's turn comes, not when it starts to wait.
  const run: Run = (call, signal) => inTurn(() => asked(call, signal), signal);
  return { run, state: () => breakerState(policy), refusal: () => last.refusal };
}

async function callOutcome<T>(
  call: () => Promise<T>,
  signal: AbortSignal,
  { policy, code }: { readonly policy: CircuitBreakerPolicy; readonly code: ErrorCode },
): Promise<CallOutcome<T>> {
  try {
    return { kind: "answered", value: await call() };
  } catch (error) {
    // An error of our own code, or of a part such as the database, says nothing about the provider.
    if (!(error instanceof DeskhandError) || errorArea(error.code) !== errorArea(code)) throw error;
    if (!/\.(?:unavailable|uncertain)$/.test(error.code)) return { kind: "refused", error };
    if (!wasAborted(signal)) return { kind: "failed", error };
    // A call aborted by its caller proves nothing; as a probe it is not enough to close the breaker.
    if (policy.state === CircuitState.HalfOpen) return { kind: "failed", error };
    throw error;
  }
}

/** `shop` of `shop.unavailable`. */
function errorArea(code: ErrorCode): string {
  return code.replace(/\..*/, "");
}

/** An expired time limit means a slow provider; any other abort is ours. */
function wasAborted(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return signal.aborted && !(reason instanceof DOMException && reason.name === "TimeoutError");
}

function isFailed(ended: unknown): boolean {
  return typeof ended === "object" && ended !== null && "kind" in ended && ended.kind === "failed";
}

function breakerState({ state }: CircuitBreakerPolicy): BreakerState {
  if (state === CircuitState.HalfOpen) return "half-open";
  return state === CircuitState.Closed ? "closed" : "open";
}

function growingPauses(onPause: (ms: number) => void): IBackoffFactory<unknown> {
  const growingPause = (ms: number): IBackoff<unknown> => {
    onPause(ms);
    return { duration: ms, next: () => growingPause(Math.min(ms * 2, PAUSE_MS_MAX)) };
  };
  return { next: () => growingPause(PAUSE_MS) };
}

/**
 * The same contract, with every call that carries a signal, as or in its last argument, made through `run`: these leave
 * the process. Pollers and sockets keep their own pace, `receive` makes no call, and a typing status is not worth a try
 * while a provider is away; none of them carries a signal.
 */
function guarded<Contract extends object>(
  contract: Contract,
  run: Run,
  except: readonly (keyof Contract)[] = [],
): Contract {
  const exceptions: ReadonlySet<PropertyKey> = new Set(except);
  return new Proxy(contract, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...given: readonly unknown[]): unknown => {
        const call = (): unknown => Reflect.apply(member, target, given);
        const signal = exceptions.has(name) ? null : signalIn(given.at(-1));
        return signal === null ? call() : run(async () => call(), signal);
      };
    },
  });
}

function signalIn(argument: unknown): AbortSignal | null {
  if (argument instanceof AbortSignal) return argument;
  const isHolder = typeof argument === "object" && argument !== null && "signal" in argument;
  return isHolder && argument.signal instanceof AbortSignal ? argument.signal : null;
}

/** How many calls run at the same time, and how many more may wait. */
interface ConcurrencyLimit {
  readonly atOnce: number;
  readonly waiting: number;
}

/**
 * A process works on eight conversations at once and also answers clicks and visitors. The limits are wide enough for
 * that, and narrow enough that a slow provider does not collect every call of the process:
 *
 * - `model`: a turn asks one question after another, so turns need at most eight; as many again for other questions.
 *   Each may take a minute, so few wait.
 * - `shop`: short reads, several per turn; a burst of customers must not flood a small shop's API.
 * - `zendesk`: the adapter's own pacing keeps its limits; this keeps waiting calls from piling up behind it.
 * - `slack`: posting is limited to about one message per second and channel, so more at once would only wait there.
 * - `email`: every sending opens a connection, and providers allow an account only a few.
 * - `chat`: it uses our own database, whose pool has ten connections.
 */
const LIMITS: Readonly<Record<string, ConcurrencyLimit>> = {
  model: { atOnce: 16, waiting: 32 },
  shop: { atOnce: 12, waiting: 100 },
  zendesk: { atOnce: 8, waiting: 100 },
  slack: { atOnce: 8, waiting: 100 },
  email: { atOnce: 4, waiting: 50 },
  chat: { atOnce: 8, waiting: 200 },
};

/** For a provider without limits of its own. */
const DEFAULT_LIMIT: ConcurrencyLimit = { atOnce: 8, waiting: 50 };

/** A full queue moves within about this time. */
const FULL_RETRY_MS = 1_000;

/**
 * Queues calls to one provider. A waiting call ends with its own signal, and a call that finds the queue full fails at
 * once; both as the provider's "unavailable", since nothing was asked.
 */
export function limitConcurrency(provider: string, code: ErrorCode): Run {
  const { atOnce, waiting } = LIMITS[provider] ?? DEFAULT_LIMIT;
  const room = bulkhead(atOnce, waiting);
  const full = (cause: unknown): DeskhandError =>
    new DeskhandError(code, `${waiting} calls wait for ${provider} already`, {
      cause,
      retryAfterMs: FULL_RETRY_MS,
    });
  const left = (): DeskhandError =>
    new DeskhandError(code, `${provider} had too much to do to be asked in time`);

  return <T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const waiter = { hasLeft: false };
      // The library checks a signal only when the call's turn comes; a waiting caller must be able to leave at once.
      const leave = (): void => {
        waiter.hasLeft = true;
        reject(left());
      };
      signal.addEventListener("abort", leave, { once: true });
      const turn = room.execute(() => {
        signal.removeEventListener("abort", leave);
        // A call aborted before it got here reports that itself, as it would without a queue.
        return waiter.hasLeft ? Promise.reject(left()) : call();
      });
      turn.then(resolve, (error: unknown) => {
        signal.removeEventListener("abort", leave);
        reject(error instanceof BulkheadRejectedError ? full(error) : error);
      });
    });
}
