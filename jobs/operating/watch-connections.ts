/** Tells the team when a connection or a sign-in of this process is lost: the process that leads cannot see them. */

import { reasonOf } from "#core/values/errors.ts";
import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { type Condition, inWords } from "./conditions.ts";
import { type Open, tellChanges } from "./tell-team.ts";

const LOOK_MS = 30_000;

/** The same as in the rule for Prometheus. */
const LOST_MS = 5 * 60_000;

/** What is looked at. */
interface Watched {
  readonly board: Pick<ConnectionBoard, "states">;
  /** `ok`, or what has to be done, by identity. */
  readonly credentialStates: () => Readonly<Record<string, string>>;
}

/** What is wrong with the connections of this process. Pure. */
export function lostConnections(
  { board, credentialStates }: Watched,
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

/** Looks twice a minute until it is stopped. What was told is forgotten with the process, and told again by the next. */
export function watchConnections(
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
      await tellChanges(desk, notes, lostConnections(watched, now), now);
    } catch (error) {
      log.warn("the team could not be told of a lost connection", { reason: reasonOf(error) });
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
