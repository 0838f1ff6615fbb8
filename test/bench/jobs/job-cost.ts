/**
 * Room: our whole job, from the question to the answer, in an installation of several processes.
 * In: how many workers, how many questions, how many at once.
 * Out: processor time of each process and server, conversations a second, time to answer.
 * May touch: processes, databases and servers on 127.0.0.1 that it starts and ends itself.
 * This file: measures one load on a running installation.
 */
import { z } from "zod";
import { askInChat, median, type ChatLoad } from "#test/bench/fleet/chat-load.ts";
import type { Fleet } from "#test/bench/fleet/fleet.ts";

/** For one conversation; the time of workers is the sum over all of them. */
export const JobCost = z.object({
  webMs: z.number(),
  workerMs: z.number(),
  postgresMs: z.number(),
  redisMs: z.number(),
  p50Ms: z.number(),
  perSecond: z.number(),
});
export type JobCost = z.infer<typeof JobCost>;

/** Worker, PostgreSQL and Redis: what a bare job is counted by as well. */
export function jobMsOf(cost: JobCost): number {
  return cost.workerMs + cost.postgresMs + cost.redisMs;
}

/** All of our own processes. */
export function ownMsOf(cost: JobCost): number {
  return cost.webMs + cost.workerMs;
}

/** Asks `count` questions, so many at once, and gives what each cost. */
export async function measureJobs(fleet: Fleet, load: ChatLoad): Promise<JobCost> {
  const useFrom = fleet.use();
  const from = await fleet.meter.read();
  const began = performance.now();
  const asked = await askInChat(fleet.web.url, load);
  const seconds = (performance.now() - began) / 1_000;
  const use = fleet.use();
  const to = await fleet.meter.read();
  return {
    webMs: (use.web - useFrom.web) / load.count,
    workerMs: (use.worker - useFrom.worker) / load.count,
    postgresMs: (to.postgresMs - from.postgresMs) / load.count,
    redisMs: (to.redisMs - from.redisMs) / load.count,
    p50Ms: median(asked.map((one) => one.to - one.from)),
    perSecond: load.count / seconds,
  };
}
