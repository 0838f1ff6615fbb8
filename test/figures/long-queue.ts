/**
 * What a queue that has grown long costs: fills Redis with wakes of conversations that need nothing, starts a `web` and a
 * `worker`, writes as a customer, and then removes the wakes as docs/runbooks/queue-long.md says. Ends with 1 when the
 * message is not answered after that, or the length is not told: `npm run figures -- long-queue [--wakes 1000000]`.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Redis } from "ioredis";
import { refusing } from "#jobs/operating/watch-process.ts";
import { openQueue } from "#jobs/queue/queue.ts";
import { queryPostgres } from "#test/faults/inside.ts";
import { silentLog } from "#test/store/bench.ts";
import {
  chat,
  readiness,
  startRole,
  startSharedServices,
  withoutZendesk,
} from "#test/support/processes.ts";
import { until } from "#test/support/waiting.ts";

const PIECE = 5_000;
const LOOK_MS = 15_000;
const ANSWER_MS = 60_000;

/** Copies of one real wake under other names, as that many conversations would have left them. */
const FILL = `
local job = redis.call("HGETALL", KEYS[1])
for at = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  local id = "c_long" .. at .. ".now"
  redis.call("HSET", "deskhand:wake:" .. id, unpack(job))
  redis.call("HSET", "deskhand:wake:" .. id, "data", (string.gsub(ARGV[3], "c_long0", "c_long" .. at)))
  redis.call("SET", "deskhand:wake:de:" .. id, id)
  redis.call("LPUSH", "deskhand:wake:wait", id)
end`;

const { values } = parseArgs({ options: { wakes: { type: "string", default: "1000000" } } });
const wakes = Number(values.wakes);
const shared = await startSharedServices();
const redis = new Redis(shared.redisUrl);
const queue = await openQueue({ url: shared.redisUrl, log: silentLog });
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return Math.round(performance.now() - began);
};
const memoryMb = async (): Promise<number> =>
  Math.round(Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]) / 1_000_000);

try {
  const emptyMb = await memoryMb();
  await queue.wake("c_long0", 0);
  const data = (await redis.hget("deskhand:wake:1", "data")) ?? "";
  for (let at = 1; at < wakes; at += PIECE)
    await redis.eval(FILL, 1, "deskhand:wake:1", at, Math.min(at + PIECE, wakes) - 1, data);
  const redisMb = (await memoryMb()) - emptyMb;
  const [alert] = refusing({}, await queue.depth());
  const environment = withoutZendesk(shared.environment);
  const [web, worker] = await Promise.all([
    startRole(environment, "web"),
    startRole(environment, "worker"),
  ]);
  const before = await queue.depth();
  await delay(LOOK_MS);
  const perSecond = Math.round(((before - (await queue.depth())) / LOOK_MS) * 1_000);
  const { ready_after_ms, memory_mb } = await readiness(worker.url);
  const written = chat(web.url, "u123", "Where is my order 789?").catch(() => null);
  await delay(LOOK_MS);
  const answered = async (): Promise<boolean> => {
    const rows = await queryPostgres(shared.databaseUrl, (ask) =>
      ask("select 1 from message where outcome = 'answered'"),
    );
    return rows.length > 0;
  };
  const answeredMeanwhile = await answered();
  const left = await queue.depth();
  const clearedMs = await timed(async () => {
    for await (const keys of redis.scanStream({ match: "deskhand:wake:*", count: 1_000 }))
      if (Array.isArray(keys) && keys.length > 0) await redis.unlink(...keys.map(String));
  });
  const workMs = await timed(() => until("the answer", answered, undefined, ANSWER_MS));
  await written;
  process.stdout.write(
    `${JSON.stringify({ wakes, redis_mb: redisMb, told: alert?.sentence ?? null, worker_ready_ms: ready_after_ms, worker_mb: memory_mb, empty_wakes_per_second: perSecond, answered_before_removal: answeredMeanwhile, left_at_removal: left, removal_ms: clearedMs, answered_after_removal_ms: workMs })}\n`,
  );
  await Promise.all([web.end("SIGTERM"), worker.end("SIGTERM")]);
  process.exitCode = alert === undefined && wakes > 100_000 ? 1 : 0;
} finally {
  redis.disconnect();
  await queue.close(0);
  await shared.close();
}
