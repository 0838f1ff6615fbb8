/** Injects the faults of a run when its plan says so. */
import { setTimeout as delay } from "node:timers/promises";
import { workerName, type Fleet } from "#test/faults/fleet.ts";
import { withRedis, type OwnRedis } from "#test/support/redis.ts";
import type { RoleProcess } from "#test/support/role-process.ts";
import type { Plan, PlannedFault } from "./plan.ts";

/** More than enough for a Redis that is away for seconds. */
const STARTS_MAX = 10;

/** As a supervisor does: a start that fails, such as while Redis is away, is tried again. */
async function restart(worker: RoleProcess): Promise<void> {
  for (let tries = 1; ; tries += 1)
    try {
      return await worker.start();
    } catch (error) {
      if (tries === STARTS_MAX) throw error;
      await delay(1_000);
    }
}

/** Kills and flushes as planned, each once so many messages are on their way. */
export function createFaultInjector({
  plan,
  fleet,
  redis,
  options,
}: {
  readonly plan: Plan;
  readonly fleet: Fleet;
  readonly redis: OwnRedis;
  readonly options: { readonly messages: number };
}) {
  const waiting = [...plan.faults];
  const under: Promise<void>[] = [];
  const counts = { sent: 0, kills: 0, flushes: 0, redis_restarts: 0 };
  // Two faults of one part come one after the other.
  const turns = new Map<string, Promise<void>>();
  const cause = async (fault: PlannedFault): Promise<void> => {
    switch (fault.kind) {
      case "kill": {
        const worker = fleet.member(workerName(fault.worker));
        await worker.end("SIGKILL");
        counts.kills += 1;
        await delay(fault.awayMs);
        await restart(worker);
        return;
      }
      case "flush":
        await withRedis(redis.url, (client) => client.flushall());
        counts.flushes += 1;
        return;
      case "restart redis":
        await redis.kill();
        await delay(fault.awayMs);
        await redis.restart();
        counts.redis_restarts += 1;
        return;
      default:
        throw new Error(`unknown fault ${String(fault.kind satisfies never)}`);
    }
  };
  const start = (fault: PlannedFault): void => {
    const part = fault.kind === "kill" ? workerName(fault.worker) : "redis";
    const turn = (turns.get(part) ?? Promise.resolve()).then(() => cause(fault));
    turns.set(part, turn);
    under.push(turn);
    // Seen by done(); without this an early one would end the run as an unhandled rejection.
    turn.catch(() => undefined);
  };
  return {
    sent: () => {
      counts.sent += 1;
      while ((waiting[0]?.afterMessages ?? Infinity) <= counts.sent) {
        const [fault] = waiting.splice(0, 1);
        if (fault !== undefined) start(fault);
      }
    },
    done: async () => void (await Promise.all(under)),
    counts: () => ({
      kills: counts.kills,
      flushes: counts.flushes,
      redis_restarts: counts.redis_restarts,
    }),
    line: () =>
      `${counts.sent}/${options.messages} written, ${counts.kills} kills, ${counts.flushes} flushes, ${counts.redis_restarts} restarts of Redis`,
  };
}
