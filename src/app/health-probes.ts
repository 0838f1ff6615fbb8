/** The health of a process: what it needs for its tasks, how each need is checked, and what it tells the team on the desk. */

import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import type { Blobs, Clock } from "#core/contracts/ports.ts";
import type { Running } from "#core/values/deadline.ts";
import { currentConditions, followModelEnds, watchProcess } from "#jobs/operating/watch-process.ts";
import type { SeenFigures } from "#jobs/operating/follow-figures.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import type { Need, Readiness } from "#server/http/health.ts";
import type { SharedPlace } from "#store/blobs/shared-place.ts";
import { ask, onlyRow, type Store } from "#store/db/database.ts";
import { PAUSE_SETTINGS, pauseIn } from "#store/effects/pause.ts";
import { logTrouble } from "#telemetry/log.ts";
import { clockProblem, type SharedClock } from "./shared-clock.ts";
import type { RoleTasks } from "#config/process-roles.ts";
import type { ModelEnd } from "#core/contracts/model.ts";
import type { Config } from "#config/environment.ts";
import { modelsAsked } from "#config/language-model.ts";
import type { ComposedApp } from "./composed-app.ts";
import type { StartContext } from "./foundation.ts";

/** The reconciler ticks at least every two seconds. A hanging statement delays it up to the database's time limit of 30 seconds. */
const TICK_AGE_MS_MAX = 45_000;

/** How long an answer stays valid: database and queue answer at once, the disk has to write and flush. */
const ANSWER_FRESH_MS = 1_000;
const WRITE_FRESH_MS = 5_000;

/** As large as a mail with a small picture: on an almost full disk, a few bytes would still fit. */
const TRIAL_BYTES = 64 * 1024;

/** State of the background work, filled in as it starts. */
export interface Heartbeat {
  /** Milliseconds since the reconciler last finished a tick; null before it was started. */
  reconcilerAgeMs: (() => number) | null;
  /** The figures of the installation while this process leads; null before the reconciler was started. */
  figures: (() => SeenFigures | null) | null;
  /** True once every channel and the desk were started. */
  connected: boolean;
}

/**
 * Everything a process needs for its tasks. Where it takes messages in over HTTP, only that decides: a load balancer
 * that stopped sending because the work behind it stands still would turn away messages that could be stored. Problems
 * of the other tasks are reported with their reason.
 */
export function healthProbes(given: {
  readonly store: Store;
  readonly queue: Pick<WakeQueue, "ping" | "standstill">;
  readonly blobs: Pick<Blobs, "put" | "get" | "remove">;
  readonly blobPlace: SharedPlace;
  readonly board: Pick<ConnectionBoard, "states">;
  readonly tasks: RoleTasks;
  readonly heartbeat: Heartbeat;
  readonly clock: Clock | SharedClock;
  readonly modelRefusal: () => string | null;
}): readonly Need[] {
  const { store, queue, blobs, blobPlace, board, tasks, heartbeat, clock } = given;
  const { serves, works, connects } = tasks;
  const only = (needed: boolean): boolean => needed && !serves;
  const needs: readonly (readonly [
    isLookedAt: boolean,
    required: boolean,
    Omit<Need, "required">,
  ])[] = [
    [true, true, { name: "database", freshMs: ANSWER_FRESH_MS, ask: () => probeDatabase(store) }],
    // Without wakes, the reconciler finds what was taken in.
    [
      true,
      only(works),
      { name: "queue", freshMs: ANSWER_FRESH_MS, ask: () => queue.ping().then(() => ({})) },
    ],
    [
      works || connects,
      only(true),
      { name: "blobs", freshMs: WRITE_FRESH_MS, ask: () => probeBlobs(blobs, blobPlace) },
    ],
    // Conversations wait for the operator, and what is taken in is kept: this process can do the rest of its tasks.
    [works, false, { name: "model", ask: async () => unlessNull(given.modelRefusal()) }],
    [works, only(true), { name: "jobs", ask: async () => queue.standstill() ?? {} }],
    [works, only(true), { name: "reconciler", ask: async () => probeReconciler(heartbeat) }],
    [connects, only(true), { name: "channels", ask: async () => probeChannels(heartbeat, board) }],
    [true, false, { name: "clock", ask: async () => unlessNull(clockProblem(clock)) }],
    [true, false, { name: "log", ask: async () => unlessNull(logTrouble()) }],
  ];
  return needs.flatMap(([isLookedAt, required, need]) =>
    isLookedAt ? [{ ...need, required }] : [],
  );
}

function unlessNull(reason: string | null) {
  return reason === null ? {} : { reason };
}

/** Stands still when it takes no more looks, or when what it has woken does not move. */
export function probeReconciler({
  reconcilerAgeMs,
  figures,
}: Pick<Heartbeat, "reconcilerAgeMs" | "figures">) {
  if (reconcilerAgeMs === null) return { reason: "has not started yet" };
  const ageMs = reconcilerAgeMs();
  if (ageMs > TICK_AGE_MS_MAX) return { reason: `stands still for ${Math.round(ageMs / 1_000)} s` };
  const seen = figures?.() ?? null;
  const stuck =
    seen === null ? [] : currentConditions(seen).filter(({ name }) => name === "not-moving");
  return unlessNull(stuck[0]?.sentence ?? null);
}

/**
 * The current state of each inbox, account and socket. A channel is lost with its last connection. While one of several
 * inboxes is away the others are still read, and a restart would help none of them, so this is reported but does not
 * fail the check.
 */
export function probeChannels(
  heartbeat: Pick<Heartbeat, "connected">,
  board: Pick<ConnectionBoard, "states">,
) {
  const states = board.states();
  const facts = {
    connections: Object.fromEntries(states.map(({ name, ...state }) => [name, state])),
  };
  if (!heartbeat.connected) return { facts, reason: "not connected yet" };
  const lost = states.filter((state) => !state.connected);
  const reached = new Set(states.flatMap((state) => (state.connected ? [state.channel] : [])));
  const [degraded, away] = [true, false].map((others) =>
    lost
      .filter(({ channel }) => reached.has(channel) === others)
      .map(({ name, reason }) => `${name}: ${reason}`),
  );
  const told = degraded?.length === 0 ? facts : { ...facts, degraded };
  if (away === undefined || away.length === 0) return { facts: told };
  return { facts: told, reason: away.join("; ") };
}

async function probeBlobs(blobs: Pick<Blobs, "put" | "get" | "remove">, shared: SharedPlace) {
  const trial = randomBytes(TRIAL_BYTES);
  const ref = await blobs.put(trial);
  try {
    const read = await blobs.get(ref);
    if (Buffer.compare(read, trial) !== 0)
      return { reason: "the storage for raw mails gave back something else" };
    const apart = await shared.problem();
    return apart === null ? {} : { reason: apart };
  } finally {
    await blobs.remove(ref);
  }
}

/** Takes the locks of a message's way and writes a row, all in one statement; a lock is waited for 1.5 seconds. */
const TRY_WRITING = {
  name: "readiness_write",
  text: `
do $$ begin
  set local lock_timeout = '1500ms';
  lock table conversation, hint, message, turn, effect, audit in row exclusive mode;
  insert into setting (name, value) values ('readiness', jsonb_build_object('at', now()))
  on conflict (name) do update set value = excluded.value;
end $$`,
  row: z.unknown(),
} as const;

const FACTS = {
  name: "readiness_facts",
  text: `select (select max(name) from deskhand_migration) as schema,
    (select coalesce(json_object_agg(name, value), '{}') from setting
      where name in (select jsonb_array_elements_text($1::jsonb))) as settings`,
  row: z.object({ schema: z.string().nullable(), settings: z.record(z.string(), z.unknown()) }),
} as const;

/**
 * Writes as real work does: a server that accepts connections, or answers from memory, may still have a locked table or
 * a full disk. It waits for a lock for less time than the caller waits for an answer.
 */
async function probeDatabase(store: Store) {
  await ask(store, TRY_WRITING, []);
  const found = onlyRow(await ask(store, FACTS, [JSON.stringify(PAUSE_SETTINGS)]));
  const { all, channels, topics } = pauseIn(new Map(Object.entries(found.settings)));
  return { facts: { schema: found.schema, paused: { all, channels, topics } } };
}

/** When the models end that are asked, as this process has seen it. */
export type ModelEnds = ReturnType<typeof followModelEnds>;

/** Looked at by the processes that keep connections, of which there are few; the others see nothing. */
export function modelEndsHere({
  config,
  log,
  tasks,
}: Pick<StartContext, "config" | "log" | "tasks">): ModelEnds {
  return followModelEnds(async () => (tasks.connects ? modelEnds(config) : []), log);
}

/** The ends of the models that are asked, each at its own server. */
async function modelEnds({ environment }: Config): Promise<readonly ModelEnd[]> {
  const models = modelsAsked(environment);
  if (models.length === 0) return [];
  const { modelEnd } = await import("#agent/model.ts");
  const ends = await Promise.all(models.map((model) => modelEnd({ ...model, timeoutMs: LIST_MS })));
  return ends.flat();
}

const LIST_MS = 10_000;

/**
 * Starts the watch of this process. What all processes share (database, Redis, the place for mails) is told by those that
 * keep connections, of which there are few; a wrong clock and a full disk under the log by each.
 */
export function startWatch(
  parts: ComposedApp,
  given: {
    readonly board: ConnectionBoard;
    readonly readiness: Pick<Readiness, "look">;
    readonly queue: Pick<WakeQueue, "depth">;
    readonly tasks: RoleTasks;
    readonly modelEnds: Pick<ModelEnds, "seen">;
  },
): Running {
  const { board, readiness, queue, tasks, modelEnds: ends } = given;
  const isForAll = tasks.connects;
  return watchProcess(parts, {
    board: isForAll ? board : { states: () => [] },
    credentialStates: () => (isForAll ? parts.credentialStates() : {}),
    needs: async (isTold) => (await readiness.look(isTold)).needs,
    connects: isForAll,
    modelEnds: () => ends.seen(),
    queued: async () => (isForAll ? queue.depth() : null),
  });
}
