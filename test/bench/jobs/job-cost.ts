/**
 * Room: our whole job, from the question to the answer, in an installation of several processes.
 * In: how many workers, how many questions, how many at once.
 * Out: processor time of each process and server, conversations a second, time to answer.
 * May touch: processes, databases and servers on 127.0.0.1 that it starts and ends itself.
 * This file: measures one load on a running installation.
 */
import { z } from "zod";
import { askInChat, median, type Asked, type ChatLoad } from "#test/bench/fleet/chat-load.ts";
import type { Fleet } from "#test/bench/fleet/fleet.ts";
import { watch } from "#test/bench/fleet/watch.ts";

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
  const asked: Asked[] = [];
  const { seconds, cpuMs } = await watch(fleet, async () => {
    asked.push(...(await askInChat(fleet.web.url, load)));
  });
  return {
    webMs: cpuMs.web / load.count,
    workerMs: cpuMs.worker / load.count,
    postgresMs: cpuMs.postgres / load.count,
    redisMs: cpuMs.redis / load.count,
    p50Ms: median(asked.map((one) => one.to - one.from)),
    perSecond: load.count / seconds,
  };
}
