/** How BullMQ talks to Redis for a wake: with our scripts, without looks that find nothing, waiting to the millisecond. */
import { createRedisBackend, type BackendFactory, type RedisQueueBackend } from "bullmq";
import { z } from "zod";
import type { RedisClient } from "#redis/clients.ts";
import { endsOlderJob, WAKE_SCRIPTS } from "./wake-scripts.ts";

/** The same connection, which now knows the scripts of a wake. */
export function withWakeScripts(redis: RedisClient): RedisClient {
  for (const { name, ...script } of WAKE_SCRIPTS.values()) redis.defineCommand(name, script);
  return redis;
}

/** A worker asks for another job right after it got one. That none waited then is good for this long. */
const NONE_WAITS_MS = 50;

/** What taking a job gives when there was one: at the end, how many more wait and when the next delayed one is due. */
const Taken = z.tuple([
  z.array(z.unknown()),
  z.string(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
]);

/**
 * BullMQ's way to Redis, with the scripts of a wake in place of its own.
 *
 * After a job was taken and none waited, the next look is left out: whatever comes later has its marker, and the worker
 * waits for that next. This holds only while this worker does not wait yet. While it waits it may take the marker of a later
 * job, so that what was known before is worth nothing from the beginning of a wait to its end.
 */
export const wakeBackend: BackendFactory<RedisQueueBackend> = (name, options, connections) => {
  const backend = createRedisBackend(name, options, connections);
  const runOriginal = backend.execCommand.bind(backend);
  const wait = backend.waitForJob.bind(backend);
  const none = { until: 0, nextAt: 0 };
  const waits = { begun: 0, ended: 0 };
  let waitsFinely: Promise<void> | null = null;
  backend.execCommand = async (client, command, parameters: unknown[]): Promise<unknown> => {
    const script = WAKE_SCRIPTS.get(command);
    if (script === undefined || endsOlderJob(command, parameters))
      return runOriginal(client, command, parameters);
    const isKnown = performance.now() < none.until;
    none.until = 0;
    if (command === "moveToActive" && isKnown) return [0, 0, 0, none.nextAt];
    const ended = waits.ended;
    const answer: unknown = await client.runCommand(script.name, parameters);
    const [, , , , waiting, nextAt = 0] = Taken.safeParse(answer).data ?? [];
    const nobodyWaited = waits.begun === ended;
    if (waiting === 0 && nobodyWaited)
      Object.assign(none, { until: performance.now() + NONE_WAITS_MS, nextAt });
    return answer;
  };
  backend.waitForJob = async (seconds) => {
    none.until = 0;
    waits.begun += 1;
    try {
      await (waitsFinely ??= waitFinely(backend));
      return await wait(seconds);
    } finally {
      waits.ended += 1;
    }
  };
  return backend;
};

/** From this version on, Redis waits for parts of a second. */
const FINE_WAITS_FROM = 6;

/**
 * BullMQ takes a Redis it was told not to ask for its version for one that waits for whole seconds only, so that a
 * delayed wake could come a second late. A server that hides its version is left at that.
 */
async function waitFinely(backend: RedisQueueBackend): Promise<void> {
  const client = await backend.client;
  const text = await client.info().catch(() => "");
  const [, major] = /redis_version:(\d+)\./.exec(text) ?? [];
  if (backend.blockingConnection === undefined || Number(major ?? 0) < FINE_WAITS_FROM) return;
  backend.blockingConnection.capabilities = { canDoubleTimeout: true, canBlockFor1Ms: false };
}
