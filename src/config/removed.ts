/** Settings of earlier versions that nothing reads any more, each with what holds in its place. */

const ONE_REDIS =
  "REDIS_URL names one Redis; where several servers stand in for each other, put a proxy in front";

const REMOVED: Readonly<Record<string, string>> = {
  DESKHAND_TRACE_CONTENT: "the file of DESKHAND_SPANS_FILE has all excerpts",
  OTEL_EXPORTER_OTLP_ENDPOINT:
    "a collector reads the file of DESKHAND_SPANS_FILE, and Prometheus reads /metrics",
  DESKHAND_BACKUP_KEY_FILE:
    "backups are not encrypted by Deskhand: encrypt the bucket, or the file on its way out",
  REDIS_CLUSTER: ONE_REDIS,
  REDIS_SENTINELS: ONE_REDIS,
  REDIS_SENTINEL_PASS: ONE_REDIS,
  DATABASE_REPLICA_URL: "reports are read from the database itself",
};

/** One problem for each that is still set: an operator who relies on one hears of it at the start. */
export function removedProblems(set: Readonly<Partial<Record<string, string>>>): string[] {
  return Object.entries(REMOVED)
    .filter(([name]) => (set[name] ?? set[`${name}_FILE`]) !== undefined)
    .map(([name, instead]) => `${name}: is no longer read; ${instead}. Take it out`);
}
