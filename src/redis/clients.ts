/**
 * Room: connections to Redis.
 * In: the place an operator configured, and how patient the connection has to be.
 * Out: clients that connect again by themselves, and what is wrong with Redis in words.
 * May touch: Redis only.
 */

import { Redis } from "ioredis";
import type { RedisPlace } from "#core/contracts/ports.ts";

/** A client of the server. */
export type RedisClient = Redis;

/** The operating system's probes detect connections that a firewall dropped. */
const KEEP_ALIVE_MS = 10_000;

/**
 * How much longer than it may take an answer is waited for before its connection is taken for dead. One that was cut
 * without a word (a failover, a firewall) would else stay in use until the operating system gives up, a quarter of an
 * hour.
 */
const SILENT_MS = 5_000;

/** Often enough to reconnect within seconds once Redis is back. */
const RETRY_CAP_MS = 1_000;

/** What all connections have in common. */
const LASTING = {
  keepAlive: KEEP_ALIVE_MS,
  retryStrategy: (times: number) => Math.min(times * 100, RETRY_CAP_MS),
};

/** What a connection is for. */
export interface ClientUse {
  /** Most milliseconds for an answer; null waits as long as it takes, as a wait for the next job does. */
  readonly commandMs: number | null;
  /** The longest a call on a connection without `commandMs` waits by itself, in milliseconds. */
  readonly waitMs?: number;
  /** True: the first connection is made by `connect`. */
  readonly lazy?: boolean;
}

/**
 * A client for commands. A prompt one (with `commandMs`) fails at once while there is no connection; a patient one keeps
 * its commands until there is. Either connects again by itself.
 */
export function redisClient(
  { url }: RedisPlace,
  { commandMs, waitMs = 0, lazy = false }: ClientUse,
): RedisClient {
  const isPrompt = commandMs !== null;
  return new Redis(url, {
    ...LASTING,
    maxRetriesPerRequest: isPrompt ? 1 : null,
    ...(isPrompt ? { commandTimeout: commandMs } : {}),
    socketTimeout: (commandMs ?? waitMs) + SILENT_MS,
    reconnectOnError: needsAnotherConnection,
    enableOfflineQueue: !isPrompt,
    lazyConnect: lazy,
  });
}

/** A connection that only listens for notices. Its owner subscribes at each `ready`: then it knows since when it hears. */
export function listeningClient({ url }: RedisPlace): Redis {
  return new Redis(url, {
    ...LASTING,
    autoResubscribe: false,
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
  });
}

/** Answers of a server that does not let us in, or is not ready yet, whatever it is asked. */
const NOT_NOW =
  /^(?:NOAUTH|WRONGPASS|DENIED|LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|ERR max number of clients)\b/;

/**
 * What the server does when its memory is full (`maxmemory-policy`); null for one that hides its setting, as hosted ones
 * do, each in words of its own, and is trusted.
 */
export async function evictionPolicy(client: Redis): Promise<string | null> {
  try {
    const answer: unknown = await client.config("GET", "maxmemory-policy");
    return Array.isArray(answer) && answer.length > 1 ? String(answer[1]) : null;
  } catch (error) {
    if (isReply(error) && !NOT_NOW.test(error.message)) return null;
    throw error;
  }
}

/**
 * True for the answer of a server that was the primary before (with hosted Redis the same name leads to the new primary,
 * but only a new connection finds it), or that forgot who asks.
 */
export function needsAnotherConnection(error: Error): boolean {
  return /\b(?:READONLY|NOAUTH)\b/.test(error.message);
}

/** How much of an unknown answer is repeated, in characters. */
const WORDS_MAX = 120;

const KEPT = "Nothing is lost: the database knows the work, and goes on with it.";

/** Redis' own error words (its documentation, "Error handling"), what they mean, and what a person does. */
const SENTENCES: readonly (readonly [words: RegExp, happened: string, remedy: string])[] = [
  [/\bOOM\b/, "Redis has no memory left", "Raise maxmemory, or remove what is not Deskhand's."],
  [
    /\bREADONLY\b/,
    "Redis is a read-only replica",
    "Name the primary in REDIS_URL, or make this one it (replicaof no one).",
  ],
  [/\bMISCONF\b/, "Redis cannot write to its disk", "Make room on its disk."],
  [/\bLOADING\b/, "Redis is still loading its data", "Wait until it has."],
  [/\bMASTERDOWN\b/, "Redis is a replica without its primary", "Name the primary in REDIS_URL."],
  [
    /max number of clients/,
    "Redis has no connection left",
    "End clients that need none, or raise maxclients.",
  ],
  [
    /\b(?:NOAUTH|WRONGPASS|NOPERM)\b/,
    "Redis refuses our sign-in",
    "Check user and password in REDIS_URL.",
  ],
];

/** What happened to Redis, what was kept and what to do, for the log and for health. Never throws. */
export function redisSentence(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  for (const [pattern, happened, remedy] of SENTENCES) {
    const told = pattern.exec(words);
    if (told !== null) return `${happened} (${told[0]}). ${KEPT} ${remedy}`;
  }
  const said = words.slice(0, WORDS_MAX);
  // An answer of another kind is a refusal; everything else is the connection.
  return isReply(error)
    ? `Redis refuses a command (${said}). ${KEPT} Look at its settings.`
    : `Redis cannot be reached (${said}). ${KEPT} Start it, or check REDIS_URL and the network.`;
}

/** True for what the server itself answered, and not the connection to it. */
function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReplyError";
}
