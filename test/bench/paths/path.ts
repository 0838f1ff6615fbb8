/**
 * Room: the whole path of a question on each channel, from its source and back.
 * In: a channel with its source: the chat, a Dovecot, the sandbox's Slack and Zendesk.
 * Out: processor time of our processes and counts, for one conversation.
 * May touch: processes, databases and servers on 127.0.0.1 that it starts and ends itself.
 * This file: measures one path.
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { startFleet, type Fleet } from "#test/bench/fleet/fleet.ts";
import { countsOf, watch, withoutIdle, type Seen } from "#test/bench/fleet/watch.ts";
import type { SharedServices } from "#test/support/processes.ts";

/** For one conversation, without what the same processes do when they are idle. */
export const PathCost = z.object({
  webMs: z.number(),
  workerMs: z.number(),
  channelsMs: z.number(),
  postgresMs: z.number(),
  redisMs: z.number(),
  statements: z.number(),
  commits: z.number(),
  redisCommands: z.number(),
});
export type PathCost = z.infer<typeof PathCost>;

/** Where questions come from and answers go to. */
export interface Source {
  /** Variables that connect the processes to it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Called once the processes are up. */
  connect(fleet: Fleet): Promise<void>;
  /** Writes so many questions, each a conversation of its own, and resolves when each has its answer. */
  ask(fleet: Fleet, count: number): Promise<void>;
  close(): Promise<void>;
}

export const OPEN_SOURCE_MS = 180_000;

/** Until the processes are done with what they do after a start. */
export const SETTLE_MS = 3_000;

/** Runs `conversations` over one path, with a web, a channels and a worker process. */
export async function measurePath(
  source: Source,
  options: {
    readonly shared: SharedServices;
    readonly conversations: number;
    readonly idleMs: number;
  },
): Promise<PathCost> {
  const fleet = await startFleet({
    roles: ["web", "channels", "worker"],
    tapped: true,
    environment: source.environment,
    shared: options.shared,
  });
  try {
    await source.connect(fleet);
    await source.ask(fleet, Math.min(8, options.conversations));
    await delay(SETTLE_MS);
    const idle = await watch(fleet, () => delay(options.idleMs));
    return await askedOver(fleet, source, { idle, conversations: options.conversations });
  } catch (error) {
    throw new Error(`the processes printed:\n${fleet.output().slice(-4_000)}`, { cause: error });
  } finally {
    await fleet.close();
  }
}

/** Asks so many questions over one of the channels that are connected, and gives what each cost. */
export async function askedOver(
  fleet: Fleet,
  source: Pick<Source, "ask">,
  { idle, conversations }: { readonly idle: Seen; readonly conversations: number },
): Promise<PathCost> {
  const busy = await watch(fleet, () => source.ask(fleet, conversations));
  const spent = (of: keyof Seen["cpuMs"]): number =>
    Math.max(0, busy.cpuMs[of] - (idle.cpuMs[of] * busy.seconds) / idle.seconds) / conversations;
  return {
    webMs: spent("web"),
    workerMs: spent("worker"),
    channelsMs: spent("channels"),
    postgresMs: spent("postgres"),
    redisMs: spent("redis"),
    ...countsOf(withoutIdle(busy, idle, conversations)),
  };
}

/** All of our own processes. */
export function ownMsOfPath(cost: PathCost): number {
  return cost.webMs + cost.workerMs + cost.channelsMs;
}
