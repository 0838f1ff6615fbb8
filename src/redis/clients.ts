/**
 * Room: connections to Redis, whether it is one server, the master that Sentinels name, or a cluster.
 * In: the place an operator configured, and how patient the connection has to be.
 * Out: clients that connect again by themselves; whose keys lie on one node of a cluster.
 * May touch: Redis only.
 */

import { Cluster, Redis, type RedisOptions } from "ioredis";
import { currentKey } from "#core/connection/signing-keys.ts";
import type { RedisPlace } from "#core/contracts/redis-place.ts";
import { redisServers } from "./servers.ts";

/** A client of one server or of a cluster. */
export type RedisClient = Redis | Cluster;

/** The operating system's probes detect connections that a firewall dropped. */
const KEEP_ALIVE_MS = 10_000;

/** Often enough to reconnect within seconds once Redis is back. */
const RETRY_CAP_MS = 1_000;

/** How long a Sentinel may take to name the master before the next one is asked. */
const SENTINEL_MS = 1_000;

/** How long a node of a cluster may take to say which node has which keys. */
const SLOTS_MS = 1_000;

/** A command that fails since its node is gone is sent again this much later, to the node that has the key then. */
const FAILED_OVER_MS = 100;

/** How often a prompt command is sent again: its caller is promised an answer within two seconds. */
const PROMPT_TRIES = 5;

/** How often a patient one is: BullMQ tries again by itself when this was not enough. */
const PATIENT_TRIES = 16;

/** What a connection is for. */
export interface ClientUse {
  /** Most milliseconds for an answer; null waits as long as it takes, as a wait for the next job does. */
  readonly commandMs: number | null;
  /** True: the first connection is made by `connect`. */
  readonly lazy?: boolean;
}

/**
 * A client for commands. A prompt one (with `commandMs`) fails at once while there is no connection; a patient one keeps
 * its commands until there is. Either connects again by itself.
 */
export function redisClient(
  place: RedisPlace,
  { commandMs, lazy = false }: ClientUse,
): RedisClient {
  const isPrompt = commandMs !== null;
  const common = {
    maxRetriesPerRequest: isPrompt ? 1 : null,
    ...(isPrompt ? { commandTimeout: commandMs } : {}),
    keepAlive: KEEP_ALIVE_MS,
    reconnectOnError: needsAnotherConnection,
  };
  if (place.cluster === undefined)
    return singleClient(place, { ...common, enableOfflineQueue: !isPrompt, lazyConnect: lazy });
  const { tls, ...signIn } = sharedOptions(place);
  const cluster = new Cluster(
    redisServers(place).map((node) => ({ ...node })),
    {
      // A certificate is made out to a name, so a name is not looked up before the connection is made.
      ...(tls === undefined ? {} : { dnsLookup: (address, done) => done(null, address) }),
      enableOfflineQueue: !isPrompt,
      lazyConnect: lazy,
      slotsRefreshTimeout: SLOTS_MS,
      maxRedirections: isPrompt ? PROMPT_TRIES : PATIENT_TRIES,
      retryDelayOnFailover: FAILED_OVER_MS,
      retryDelayOnClusterDown: FAILED_OVER_MS,
      clusterRetryStrategy: retryMs,
      redisOptions: {
        ...common,
        ...(tls === undefined ? {} : { tls }),
        ...signIn,
      },
    },
  );
  return followingCluster(cluster, place);
}

/**
 * A connection that only listens for notices. Its owner subscribes at each `ready`: then it knows since when it hears.
 * The nodes of a cluster pass notices on to each other, so it is a connection to one node, and to another after each
 * failure.
 */
export function listeningClient(place: RedisPlace): Redis {
  const options = {
    autoResubscribe: false,
    maxRetriesPerRequest: null,
    keepAlive: KEEP_ALIVE_MS,
    enableOfflineQueue: true,
  };
  if (place.cluster === undefined) return singleClient(place, options);
  const nodes = redisServers(place).map((node) => ({ ...node }));
  const listening: Redis = new Redis({
    ...options,
    ...sharedOptions(place),
    ...nodes[0],
    retryStrategy: (times) => {
      Object.assign(listening.options, nodes[times % nodes.length]);
      return retryMs(times);
    },
  });
  return following(listening, place);
}

/**
 * What each server that has keys does when its memory is full (`maxmemory-policy`). One that hides its setting, as some
 * hosted ones do, is trusted and left out, and so is a node of a cluster that is away: it evicts nothing meanwhile.
 */
export async function evictionPolicies(client: RedisClient): Promise<readonly string[]> {
  if (client instanceof Redis) return evictionOf(client);
  const found = client.nodes("master").map((server) => evictionOf(server).catch(() => []));
  return (await Promise.all(found)).flat();
}

async function evictionOf(server: Redis): Promise<readonly string[]> {
  try {
    const answer: unknown = await server.config("GET", "maxmemory-policy");
    return Array.isArray(answer) ? [String(answer[1])] : [];
  } catch (error) {
    if (error instanceof Error && /unknown command|NOPERM/i.test(error.message)) return [];
    throw error;
  }
}

/**
 * What the keys of one purpose begin with. In a cluster the part in braces decides the node, so that a script may use
 * several of them (Redis Cluster specification, "Hash tags"). Elsewhere there are none: processes of a version that
 * knew no clusters work on the same keys.
 */
export function keyPrefix(place: RedisPlace, name: string): string {
  return place.cluster === undefined ? name : `{${name}}`;
}

/** What differs between the connections to one server. */
type ConnectionOptions = Pick<
  RedisOptions,
  | "autoResubscribe"
  | "commandTimeout"
  | "enableOfflineQueue"
  | "keepAlive"
  | "lazyConnect"
  | "maxRetriesPerRequest"
  | "reconnectOnError"
>;

function singleClient(place: RedisPlace, options: ConnectionOptions): Redis {
  const retrying = { ...options, retryStrategy: retryMs };
  const { url, sentinels } = place;
  if (sentinels === undefined) return following(new Redis(addressNow(place), retrying), place);
  const { tls, ...shared } = sharedOptions(place);
  const watched = new Redis({
    ...retrying,
    ...shared,
    ...(tls === undefined ? {} : { tls, sentinelTLS: {}, enableTLSForSentinelMode: true }),
    name: decodeURIComponent(new URL(url).hostname),
    sentinels: [...sentinels.at],
    ...(sentinels.password === null ? {} : { sentinelPassword: currentKey(sentinels.password) }),
    sentinelCommandTimeout: SENTINEL_MS,
    sentinelRetryStrategy: retryMs,
  });
  return following(watched, place);
}

/**
 * Whenever its connection has ended, this client takes the user and password of that moment for the next one, and so do
 * the clients it makes of itself, as BullMQ's wait for a job. An open connection stays signed in: Redis asks once.
 */
function following(client: Redis, place: RedisPlace): Redis {
  client.on("close", () => signInAnew(client, place));
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (override) => following(duplicate(override), place);
  return client;
}

/** The same for a cluster, which makes a new client for a node whose connection ended. */
function followingCluster(cluster: Cluster, place: RedisPlace): Cluster {
  cluster.on("+node", (node: Redis) => signInAnew(node, place));
  const duplicate = cluster.duplicate.bind(cluster);
  cluster.duplicate = (nodes, override) => followingCluster(duplicate(nodes, override), place);
  return cluster;
}

function signInAnew({ options }: Pick<Redis, "options">, place: RedisPlace): void {
  const { username, password } = sharedOptions(place);
  const own = place.sentinels?.password ?? null;
  Object.assign(options, {
    username,
    password,
    ...(own === null ? {} : { sentinelPassword: currentKey(own) }),
  });
}

/**
 * True for the answer of a server that was the primary before: with hosted Redis the same name leads to the new primary,
 * but only a new connection finds it.
 */
export function wasPrimary(error: Error): boolean {
  return /\bREADONLY\b/.test(error.message);
}

/** True also for a server that forgot who asks. */
function needsAnotherConnection(error: Error): boolean {
  return wasPrimary(error) || /\bNOAUTH\b/.test(error.message);
}

function retryMs(times: number): number {
  return Math.min(times * 100, RETRY_CAP_MS);
}

/** The address with the user and password of this moment. */
function addressNow({ url, now = url }: RedisPlace): string {
  const { username, password } = new URL(currentKey(now));
  return Object.assign(new URL(url), { username, password }).href;
}

/** What counts for every server: who asks, in which database, and whether in TLS. */
function sharedOptions({ url, now = url }: RedisPlace) {
  const { protocol, pathname } = new URL(url);
  const { username, password } = new URL(currentKey(now));
  const database = Number(pathname.replace(/^\//u, ""));
  return {
    ...(username === "" ? {} : { username: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    ...(database > 0 ? { db: database } : {}),
    ...(protocol === "rediss:" ? { tls: {} } : {}),
  };
}
