/**
 * Room: how large an installation has to be for so many conversations a day.
 * In: what a conversation costs on each channel, as the benchmark found it, and assumptions that are named.
 * Out: cores, processes, machines, connections and storage for each number, and what stops being true there.
 * May touch: nothing; the program beside it reads and writes files.
 * This file: the sums.
 */
import { z } from "zod";
import type { PathCost } from "#test/bench/paths/path.ts";

/** What one conversation costs on one channel; times are of one core, in milliseconds. */
export type ChannelCost = Pick<
  PathCost,
  "webMs" | "workerMs" | "channelsMs" | "postgresMs" | "redisMs" | "statements" | "commits"
>;

const positive = z.number().positive();

/** What nobody can measure for an operator. All have defaults, and each may be given with `--assume FILE`. */
export const Assumptions = z.strictObject({
  /** The share of conversations that come by each channel; together 1. */
  shares: z
    .record(z.string(), z.number().min(0).max(1))
    .default({ chat: 0.6, mail: 0.25, zendesk: 0.15 }),
  /** How many times busier the busiest hour is than the mean of the day. */
  peak: positive.default(4),
  /** How busy a core may be in that hour, so that a failed machine's work fits on the others. */
  busyMax: positive.max(1).default(0.5),
  coresPerMachine: positive.int().default(4),
  /** With its indexes, a conversation and all that was said and done in it. */
  bytesPerConversation: positive,
  auditPerConversation: positive,
  /** Entries of the audit one process seals in a second: `npm run bench -- sealing`. */
  sealedPerSecond: positive.default(11_000),
  /** What one database may hold; beyond, a dump and a restore of it take too long. */
  gigabytesMax: positive.default(2_000),
  keepDays: positive.default(90),
});
export type Assumptions = z.infer<typeof Assumptions>;

/** Prices a month, in the operator's currency. None has a default. */
export const Prices = z.strictObject({
  machine: positive,
  databaseCore: positive,
  databaseGigabyte: positive,
  redis: positive,
});
export type Prices = z.infer<typeof Prices>;

/** Connections of one process: its pool, and the one that hears notices (src/store/db). */
const CONNECTIONS = 11;

/** More connections cost one PostgreSQL server memory and snapshots that a pooler saves. */
const CONNECTIONS_MAX = 300;

/** More cores than one PostgreSQL server usually has; beyond, one database is not the answer any more. */
const DATABASE_CORES_MAX = 64;

const DAY_S = 86_400;
const MONTH_DAYS = 30;

/** What is needed for so many conversations a day. */
export interface Size {
  readonly perDay: number;
  readonly perSecondAtPeak: number;
  readonly processes: { readonly web: number; readonly worker: number; readonly channels: number };
  readonly machines: number;
  readonly databaseCores: number;
  readonly redisCores: number;
  readonly connections: number;
  readonly statementsPerSecond: number;
  readonly commitsPerSecond: number;
  readonly gigabytesPerMonth: number;
  readonly gigabytesKept: number;
  readonly cost: number | null;
  /** What is no longer true at this size; empty where the sums hold. */
  readonly limits: readonly string[];
}

/** The mean cost of a conversation over the channels; throws for a share of a channel that was not measured. */
function meanCost(
  costs: Readonly<Record<string, ChannelCost>>,
  shares: Assumptions["shares"],
): ChannelCost {
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  if (Math.abs(sum - 1) > 0.001)
    throw new Error(`The shares of the channels add up to ${sum}, not to 1.`);
  const mean = (of: (cost: ChannelCost) => number): number =>
    Object.entries(shares).reduce((total, [channel, share]) => {
      const cost = costs[channel];
      if (cost === undefined) throw new Error(`The benchmark has no channel ${channel}.`);
      return total + share * of(cost);
    }, 0);
  return {
    webMs: mean(({ webMs }) => webMs),
    workerMs: mean(({ workerMs }) => workerMs),
    channelsMs: mean(({ channelsMs }) => channelsMs),
    postgresMs: mean(({ postgresMs }) => postgresMs),
    redisMs: mean(({ redisMs }) => redisMs),
    statements: mean(({ statements }) => statements),
    commits: mean(({ commits }) => commits),
  };
}

/** What is needed for `perDay` conversations. Two of each process at least, so that one may end. */
export function sizeFor(
  perDay: number,
  costs: Readonly<Record<string, ChannelCost>>,
  assumed: Assumptions,
  prices: Prices | null,
): Size {
  const cost = meanCost(costs, assumed.shares);
  const perSecond = (perDay / DAY_S) * assumed.peak;
  const cores = (ms: number): number => (perSecond * ms) / 1_000 / assumed.busyMax;
  // One process uses one core.
  const processes = {
    web: Math.max(2, Math.ceil(cores(cost.webMs))),
    worker: Math.max(2, Math.ceil(cores(cost.workerMs))),
    channels: Math.max(2, Math.ceil(cores(cost.channelsMs))),
  };
  const count = processes.web + processes.worker + processes.channels;
  const used = cores(cost.webMs + cost.workerMs + cost.channelsMs);
  const machines = Math.max(2, Math.ceil(used / assumed.coresPerMachine));
  const databaseCores = Math.max(2, Math.ceil(cores(cost.postgresMs)));
  const perDayGigabytes = (perDay * assumed.bytesPerConversation) / 1e9;
  const kept = perDayGigabytes * assumed.keepDays;
  const size = {
    perDay,
    perSecondAtPeak: perSecond,
    processes,
    machines,
    databaseCores,
    redisCores: cores(cost.redisMs),
    connections: count * CONNECTIONS,
    statementsPerSecond: perSecond * cost.statements,
    commitsPerSecond: perSecond * cost.commits,
    gigabytesPerMonth: perDayGigabytes * MONTH_DAYS,
    gigabytesKept: kept,
    cost:
      prices === null
        ? null
        : machines * prices.machine +
          databaseCores * prices.databaseCore +
          kept * prices.databaseGigabyte +
          prices.redis,
  };
  return { ...size, limits: limitsOf(size, perSecond, assumed) };
}

function limitsOf(
  size: Pick<Size, "databaseCores" | "redisCores" | "connections" | "gigabytesKept">,
  perSecond: number,
  assumed: Assumptions,
): readonly string[] {
  const entries = perSecond * assumed.auditPerConversation;
  const found: readonly (readonly [isReached: boolean, words: string])[] = [
    [
      entries > assumed.sealedPerSecond,
      `one process at a time seals the audit, ${assumed.sealedPerSecond} entries a second, and ${Math.round(entries)} come at the peak`,
    ],
    [
      size.databaseCores > DATABASE_CORES_MAX,
      `one PostgreSQL server would need ${size.databaseCores} cores`,
    ],
    [
      size.gigabytesKept > assumed.gigabytesMax,
      `${Math.round(size.gigabytesKept)} GB in one database: shorten what is kept, and back up by PostgreSQL's own means`,
    ],
    [size.redisCores > 1, "the wakes of one queue are more than one core of Redis carries"],
    [
      size.connections > CONNECTIONS_MAX,
      `${size.connections} connections: put PgBouncer in transaction mode before the database`,
    ],
  ];
  return found.flatMap(([isReached, words]) => (isReached ? [words] : []));
}
