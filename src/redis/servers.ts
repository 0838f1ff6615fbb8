/** The servers of a place for Redis: those its settings name, and the master its Sentinels name. */

import { Redis } from "ioredis";
import { z } from "zod";
import { currentKey, type Keys } from "#core/connection/signing-keys.ts";
import type { HostAndPort, RedisPlace } from "#core/contracts/redis-place.ts";

const REDIS_PORT = 6379;

/** Most milliseconds for the answer of a Sentinel. */
const SENTINEL_MS = 2_000;

const Master = z.tuple([z.string().min(1), z.coerce.number().int().min(1).max(65_535)]);

/** The servers that the settings name: the one server, the nodes of a cluster to ask first, or the Sentinels. */
export function redisServers(place: RedisPlace): readonly HostAndPort[] {
  const { url, cluster = [], sentinels } = place;
  if (sentinels !== undefined) return sentinels.at;
  const { hostname, port } = new URL(url);
  const first = { host: hostname.replace(/^\[|\]$/gu, ""), port: Number(port || REDIS_PORT) };
  const others = cluster.filter(({ host, port: at }) => host !== first.host || at !== first.port);
  return [first, ...others];
}

/** The masters that the Sentinels name now; none where no Sentinel answers, or there are none. Never throws. */
export async function mastersOf(place: RedisPlace): Promise<readonly HostAndPort[]> {
  const { url, sentinels } = place;
  const answers = await Promise.all(
    (sentinels?.at ?? []).map((sentinel) => masterAt(sentinel, url, sentinels?.password ?? null)),
  );
  return answers.filter((answer) => answer !== null);
}

async function masterAt(
  sentinel: HostAndPort,
  url: string,
  password: Keys | null,
): Promise<HostAndPort | null> {
  const { protocol, hostname } = new URL(url);
  const client = new Redis({
    ...sentinel,
    ...(password === null ? {} : { password: currentKey(password) }),
    ...(protocol === "rediss:" ? { tls: {} } : {}),
    commandTimeout: SENTINEL_MS,
    connectTimeout: SENTINEL_MS,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  // A failed command rejects; the event says the same once more.
  client.on("error", () => undefined);
  try {
    const name = decodeURIComponent(hostname);
    const answer = Master.safeParse(await client.call("SENTINEL", "get-master-addr-by-name", name));
    return answer.success ? { host: answer.data[0], port: answer.data[1] } : null;
  } catch {
    return null;
  } finally {
    client.disconnect();
  }
}
