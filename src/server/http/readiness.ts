import { reasonOf } from "#core/values/errors.ts";
import type { Clock } from "#core/contracts/ports.ts";

/** What a need tells beside being met, such as the version of the schema. */
type Facts = Readonly<Record<string, unknown>>;

/** What a need answers. */
interface Answer {
  /** Why it is not met; left out when it is. */
  readonly reason?: string;
  /** Told either way. */
  readonly facts?: Facts;
  /** Since when it is as it is, where that is known; otherwise it is the first look that found it so. */
  readonly since?: Date;
}

/** Something a process needs for what it does. */
export interface Need {
  readonly name: string;
  /** False for what the process does its duty without: told with its reason, and deciding nothing. */
  readonly required: boolean;
  /** What it throws counts as the reason, too. */
  readonly ask: () => Promise<Answer>;
  /** For how long an answer is good; looking costs something, and strangers may look as often as they like. */
  readonly freshMs?: number;
}

/** How one need stands. */
interface NeedState {
  readonly state: "ok" | "away";
  readonly required: boolean;
  readonly since: string;
  readonly reason: string | null;
}

/** What a look found. */
export interface NeedCheck {
  readonly ready: boolean;
  /** Why it is not ready although every part may be well: the process is being stopped. */
  readonly stopping: boolean;
  readonly needs: Readonly<Record<string, NeedState>>;
  readonly facts: Facts;
}

/** Whether a process can do what it is there for, now. */
export interface Readiness {
  look(): Promise<NeedCheck>;
  /** From now on it is not ready, so that nothing new is sent here while what is in hand comes to its end. */
  stop(): void;
}

/** Whoever asks for readiness waits three seconds at most, so a part that hangs is away after two. */
const ANSWER_MS = 2_000;

/** Ready is who has everything that is required; the rest is told. */
export function readinessOf(needs: readonly Need[], clock: Clock): Readiness {
  const state = { stopping: false };
  const looks = needs.map((need) => lookAt(need, clock));
  return {
    async look() {
      const found = await Promise.all(looks.map((look) => look()));
      const unmet = found.some(({ seen }) => seen.required && seen.state === "away");
      return {
        ready: !state.stopping && !unmet,
        stopping: state.stopping,
        needs: Object.fromEntries(found.map(({ name, seen }) => [name, seen])),
        facts: Object.assign({}, ...found.map(({ facts }) => facts)),
      };
    },
    stop() {
      state.stopping = true;
    },
  };
}

interface NeedHistory {
  readonly name: string;
  readonly seen: NeedState;
  readonly facts: Facts;
}

/** Keeps the last answer for as long as it is good, and since when the need has been as it is. */
function lookAt(need: Need, clock: Clock): () => Promise<NeedHistory> {
  const ask = oneAtATime(need.ask);
  const last: { seen: NeedHistory | null; at: number; since: Date } = {
    seen: null,
    at: 0,
    since: new Date(0),
  };
  return async () => {
    if (last.seen !== null && performance.now() - last.at < (need.freshMs ?? 0)) return last.seen;
    const { reason = null, facts = {}, since } = await answerOf(ask);
    const state = reason === null ? "ok" : "away";
    if (last.seen?.seen.state !== state) last.since = since ?? clock.now();
    const { name, required } = need;
    const seen = { state, required, since: last.since.toISOString(), reason } as const;
    last.seen = { name, seen, facts };
    last.at = performance.now();
    return last.seen;
  };
}

/** A part that hangs is asked once, not once for each look at it: every question may hold a connection. */
function oneAtATime(ask: Need["ask"]): Need["ask"] {
  const asked: { answer: Promise<Answer> | null } = { answer: null };
  return () => {
    asked.answer ??= ask().finally(() => {
      asked.answer = null;
    });
    return asked.answer;
  };
}

/** The operator has to act on it, so that it says what the system said as well. */
function withCause(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error ? `${reasonOf(error)} (${withCause(cause)})` : reasonOf(error);
}

async function answerOf(ask: Need["ask"]): Promise<Answer> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS} ms`)), ANSWER_MS);
  try {
    return await Promise.race([ask(), late]);
  } catch (error) {
    return { reason: withCause(error) };
  } finally {
    clearTimeout(timer);
  }
}
