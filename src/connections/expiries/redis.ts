/** The servers of Redis whose certificates are looked at. */

import type { HostAndPort, RedisPlace } from "#core/contracts/redis-place.ts";
import { mastersOf, redisServers } from "#redis/servers.ts";

/** Those the settings name, and the master that Sentinels name now; none without TLS. Never throws. */
export async function redisOverTls(place: RedisPlace): Promise<readonly HostAndPort[]> {
  if (!place.url.startsWith("rediss:")) return [];
  return [...redisServers(place), ...(await mastersOf(place))];
}
