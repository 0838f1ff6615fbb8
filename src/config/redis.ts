/** Environment variables of Redis, and what they mean together: one server, Sentinels, or a cluster. */

import { z } from "zod";
import type { HostAndPort, RedisPlace } from "#core/contracts/redis-place.ts";
import { Secret } from "./secret.ts";

const text = z.string().trim().min(1);

/** At most this many are read: three to seven are usual, and a list that long is a mistake. */
const SERVERS_MAX = 50;

/** Where the queue of wakes is. */
export const REDIS_VARIABLES = {
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe(
      "Redis with `maxmemory-policy noeviction`; without it one is started on this machine",
    ),
  REDIS_CLUSTER: text
    .optional()
    .describe(
      "nodes of a Redis Cluster, asked beside the one in REDIS_URL, whose user, password and TLS count for all",
    ),
  REDIS_SENTINELS: text
    .optional()
    .describe(
      "Sentinels that name the master; REDIS_URL then has the master's name in place of a host",
    ),
  REDIS_SENTINEL_PASS: text
    .transform((value) => new Secret(value))
    .optional()
    .describe("password of the Sentinels, where they ask for one of their own"),
};

/** The variables that only make sense beside `REDIS_URL`. */
export const BESIDE_REDIS_URL = [
  "REDIS_CLUSTER",
  "REDIS_SENTINELS",
  "REDIS_SENTINEL_PASS",
] as const;

/** One server as `host:port`; the host may be an IPv6 address in brackets. */
const SERVER = /^(\[[0-9a-f:.]{2,45}\]|[\w.-]{1,253}):(\d{1,5})$/iu;

/** The servers of a list, and the words in it that name none. */
function serversIn(list: string): {
  readonly servers: readonly HostAndPort[];
  readonly others: readonly string[];
} {
  const words = list.split(",").map((word) => word.trim());
  const read = words.map((word) => ({ word, server: serverOf(word) }));
  return {
    servers: read.flatMap(({ server }) => server ?? []),
    others: read.flatMap(({ word, server }) => (server === null ? [word] : [])),
  };
}

function serverOf(word: string): HostAndPort | null {
  const [, host = "", digits = ""] = SERVER.exec(word) ?? [];
  const port = Number(digits);
  if (host === "" || port < 1 || port > 65_535) return null;
  return { host: host.replace(/^\[|\]$/gu, ""), port };
}

/** Problems of the variables together, each with its name. Never says more of an address than which part is wrong. */
export function redisProblems(set: Readonly<Record<string, string | undefined>>): string[] {
  const lists = (["REDIS_CLUSTER", "REDIS_SENTINELS"] as const).flatMap((name) =>
    set[name] === undefined ? [] : listProblems(name, set[name]),
  );
  const { REDIS_CLUSTER: cluster, REDIS_SENTINELS: sentinels } = set;
  const both =
    cluster !== undefined && sentinels !== undefined
      ? ["REDIS_CLUSTER: is set together with REDIS_SENTINELS; a Redis has one or the other"]
      : [];
  const alone =
    set["REDIS_SENTINEL_PASS"] !== undefined && sentinels === undefined
      ? ["REDIS_SENTINEL_PASS: is set without REDIS_SENTINELS, and only they ask for it"]
      : [];
  const url = set["REDIS_URL"]?.trim() ?? "";
  if (!URL.canParse(url)) return [...lists, ...both, ...alone];
  return [...lists, ...both, ...alone, ...urlProblems(new URL(url), set)];
}

function listProblems(name: string, list: string): string[] {
  const { servers, others } = serversIn(list);
  if (others.length > 0)
    return [
      `${name}: ${others.length} of its entries are not of the form host:port; it is a list of those, separated by commas`,
    ];
  return servers.length > SERVERS_MAX
    ? [`${name}: names ${servers.length} servers; at most ${SERVERS_MAX} are read`]
    : [];
}

function urlProblems(url: URL, set: Readonly<Record<string, string | undefined>>): string[] {
  const database = url.pathname.replace(/^\//u, "");
  const found: readonly (readonly [isProblem: boolean, words: string])[] = [
    [
      set["REDIS_CLUSTER"] !== undefined && database !== "" && database !== "0",
      "REDIS_URL: names a database by number, and a Redis Cluster has only number 0",
    ],
    [
      set["REDIS_SENTINELS"] !== undefined && url.port !== "",
      "REDIS_URL: has a port; with REDIS_SENTINELS it has the name of the master in place of host and port, as in redis://mymaster",
    ],
    [
      set["REDIS_SENTINELS"] !== undefined && url.hostname === "",
      "REDIS_URL: has no name of the master; with REDIS_SENTINELS it is redis:// and that name",
    ],
  ];
  return found.flatMap(([isProblem, words]) => (isProblem ? [words] : []));
}

/**
 * The place the checked variables name; `startedHere` is the address of the Redis started on this machine, `filed` the
 * address as its file has it, where it comes from one.
 */
export function redisPlaceOf(
  settings: {
    readonly REDIS_URL?: string | undefined;
    readonly REDIS_CLUSTER?: string | undefined;
    readonly REDIS_SENTINELS?: string | undefined;
    readonly REDIS_SENTINEL_PASS?: Secret | undefined;
  },
  startedHere: string | null,
  filed: Secret | null = null,
): RedisPlace {
  const { REDIS_CLUSTER: cluster, REDIS_SENTINELS: sentinels } = settings;
  const url = settings.REDIS_URL ?? startedHere ?? "";
  const place = { url, ...(filed === null ? {} : { now: filed }) };
  if (cluster !== undefined) return { ...place, cluster: serversIn(cluster).servers };
  if (sentinels === undefined) return place;
  const password = settings.REDIS_SENTINEL_PASS ?? null;
  return { ...place, sentinels: { at: serversIn(sentinels).servers, password } };
}
