/** What a conversation costs on each channel in a world like a customer's, in one run. */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { AloneCounts, countAlone } from "#test/bench/fleet/conversation-counts.ts";
import { withCustomerFleet } from "#test/bench/fleet/customer-fleet.ts";
import { total } from "#test/bench/fleet/meter.ts";
import { watch, type Seen } from "#test/bench/fleet/watch.ts";
import { askedOver, PathCost, SETTLE_MS } from "./path.ts";

/** What all processes do each second without customers. */
const Idle = z.object({
  statements: z.number(),
  commits: z.number(),
  redisCommands: z.number(),
  cpuMs: z.number(),
});

export const ChannelCosts = z.object({
  paths: z.record(z.string(), PathCost),
  /** One conversation in the chat while no other goes on. */
  alone: AloneCounts,
  idle: Idle,
});
export type ChannelCosts = z.infer<typeof ChannelCosts>;

/** The first questions over a channel do what later ones find done, and V8 compiles what the channel alone runs. */
const FIRST = 40;

const ALONE = 15;

/**
 * Each minute a process reads Zendesk's export, which lags a minute behind and names once more what was answered: no part
 * of being idle, nor of the next channel.
 */
const LATE_MS = 125_000;

/** Measures every channel that this machine has the servers for, with a web, a channels and a worker process. */
export async function measureChannels(load: {
  readonly verified: boolean;
  readonly conversations: number;
  readonly idleMs: number;
  readonly say: (line: string) => void;
}): Promise<ChannelCosts> {
  const { say, conversations, verified, idleMs } = load;
  const reader = verified ? "with a reader" : "without a reader";
  say(`channels, ${reader}: customers write for the first times`);
  return withCustomerFleet({ workers: 1, verified, tapped: true, say }, async (running) => {
    const { fleet, sources } = running;
    for (const source of sources.values()) await source.ask(fleet, FIRST);
    await delay(LATE_MS);
    const idle = await watch(fleet, () => delay(idleMs));
    const paths: Record<string, PathCost> = {};
    for (const [name, source] of sources) {
      say(`channels, ${reader}: ${name}`);
      const how = { idle, conversations };
      paths[name] = await askedOver(fleet, source, how);
      if (name === "zendesk")
        paths["zendesk, named again"] = await askedOver(fleet, { ask: () => delay(LATE_MS) }, how);
      await delay(SETTLE_MS);
    }
    const alone = await countAlone(fleet, { idle, conversations: ALONE });
    return { paths, alone, idle: idleOf(idle) };
  });
}

function idleOf({ transactions, redisCommands, cpuMs, seconds }: Seen): z.infer<typeof Idle> {
  return {
    statements: total(transactions.map(({ statements }) => statements.length)) / seconds,
    commits: transactions.length / seconds,
    redisCommands: total(redisCommands) / seconds,
    cpuMs: (cpuMs.web + cpuMs.worker + cpuMs.channels) / seconds,
  };
}
