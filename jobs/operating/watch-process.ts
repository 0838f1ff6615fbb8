/**
 * Tells the team what only this process sees: a lost connection or sign-in, a database, Redis or storage that refuses its
 * work, a wrong clock, a full disk under its log, a queue that grew long. None of it needs the database to be told.
 */

import { reasonOf } from "#core/values/errors.ts";
import { NEED_NAMES, NEEDS, type NeedName } from "#core/connection/needs.ts";
import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import { daysTold, endInWords, type ModelEnd } from "#core/connection/model-end.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { type Condition, inWords } from "./conditions.ts";
import { type Open, tellChanges } from "./tell-team.ts";

const LOOK_MS = 30_000;

/** The same as in the rule for Prometheus. */
const LOST_MS = 5 * 60_000;

/** The same as in the rule for Prometheus. */
const LONG_QUEUE_WAKES = 100_000;

/** What a process needs and has not, as its readiness saw it: no reason for what is met or not looked at. */
type SeenNeeds = Readonly<Partial<Record<NeedName, { readonly reason: string | null }>>>;

/** What is looked at. */
interface Watched {
  readonly needs: () => Promise<SeenNeeds>;
  /** Whether this process tells of what all share. */
  readonly connects: boolean;
  /** Which models end when, as far as this process looks. */
  readonly modelEnds: () => readonly ModelEnd[];
  /** How many wakes wait; null where this process does not answer for the queue. */
  readonly queued: () => Promise<number | null>;
  readonly board: Pick<ConnectionBoard, "states">;
  /** `ok`, or what has to be done, by identity. */
  readonly credentialStates: () => Readonly<Record<string, string>>;
}

/** What is wrong with the connections of this process. Pure. */
function lostConnections(
  { board, credentialStates }: Pick<Watched, "board" | "credentialStates">,
  now: Date,
): readonly Condition[] {
  const lost = board
    .states()
    .filter(({ connected, since }) => !connected && now.getTime() - since.getTime() > LOST_MS)
    .map(
      ({ name, since, reason }) =>
        `${name} hears nothing for ${inWords((now.getTime() - since.getTime()) / 1_000)}: ${reason}.`,
    );
  const broken = Object.entries(credentialStates())
    .filter(([, state]) => state !== "ok")
    .map(([name, state]) => `${name} cannot sign in: ${state}.`);
  const conditions = { "channel-silent": lost, "credential-broken": broken };
  return Object.entries(conditions).flatMap(([name, sentences]) =>
    sentences.length === 0 ? [] : [{ name, sentence: sentences.join(" ") }],
  );
}

/** What refuses its work, each with what was kept and what to do. Pure. */
export function refusing(
  needs: SeenNeeds,
  queued: number | null,
  connects: boolean,
): readonly Condition[] {
  const found = NEED_NAMES.flatMap((name): Condition[] => {
    const { runbook, toldBy } = NEEDS[name];
    const isTold = toldBy === "each" || (toldBy === "connecting" && connects);
    const reason = needs[name]?.reason ?? null;
    // The code is for programs.
    return isTold && reason !== null
      ? [{ name: runbook, sentence: reason.replace(/^\w+\.\w+: /, "") }]
      : [];
  });
  return (queued ?? 0) > LONG_QUEUE_WAKES
    ? [...found, { name: "queue-long", sentence: `${queued} wakes wait in the queue.` }]
    : found;
}

/** Looks twice a minute until it is stopped. What was told is forgotten with the process, and told again by the next. */
export function watchProcess(
  { desk, clock, log }: Pick<JobContext, "desk" | "clock" | "log">,
  watched: Watched,
): { stop(): Promise<void> } {
  const state: { open: Open; looking: Promise<void> | null } = { open: {}, looking: null };
  const notes = {
    read: async () => state.open,
    save: async (open: Open) => void (state.open = open),
  };
  const look = async (): Promise<void> => {
    const now = clock.now();
    try {
      // Redis that is away has no length to tell.
      const queued = await watched.queued().catch(() => null);
      const refused = refusing(await watched.needs(), queued, watched.connects);
      const ends = endingModels(watched.modelEnds(), now);
      await tellChanges(desk, notes, [...refused, ...lostConnections(watched, now), ...ends], now);
    } catch (error) {
      log.warn("the team could not be told of what is wrong", { reason: reasonOf(error) });
    }
  };
  const timer = setInterval(() => {
    state.looking ??= look().finally(() => (state.looking = null));
  }, LOOK_MS).unref();
  return {
    async stop() {
      clearInterval(timer);
      await state.looking;
    },
  };
}

// Which models end soon, for the team and for the metrics.

/** Providers name the day months ahead, so it is looked rarely. */
const ENDS_LOOK_MS = 3_600_000;

/** What ends soon; each number of days is a condition of its own, so that the team is told again. Pure. */
function endingModels(ends: readonly ModelEnd[], now: Date): readonly Condition[] {
  const told = Map.groupBy(ends, (end) => daysTold(end, now));
  return [...told].flatMap(([days, those]) =>
    days === null
      ? []
      : [
          {
            name: `model-end-${days}`,
            sentence: those.map((end) => endInWords(end, now)).join(" "),
          },
        ],
  );
}

/** Looks at once and every hour, until it is stopped; `seen` is what was found last. */
export function followModelEnds(
  look: () => Promise<readonly ModelEnd[]>,
  log: Log,
): { seen(): readonly ModelEnd[]; stop(): void } {
  const state: { seen: readonly ModelEnd[] } = { seen: [] };
  const again = (): void => {
    look().then(
      (found) => (state.seen = found),
      (error: unknown) =>
        log.warn("the ends of models could not be read", { reason: reasonOf(error) }),
    );
  };
  again();
  const timer = setInterval(again, ENDS_LOOK_MS).unref();
  return { seen: () => state.seen, stop: () => clearInterval(timer) };
}
