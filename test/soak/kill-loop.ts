/** Every worker is killed again and again, and started again, while customers go on writing until the time is over. */
import { setTimeout as delay } from "node:timers/promises";
import type { Fleet } from "#test/faults/fleet.ts";
import type { Customers } from "./customers.ts";
import { chance, type Plan } from "./plan.ts";

/** How long a worker lives once it is ready. */
const LIFE_MS_MIN = 1_000;
const LIFE_MS_MAX = 5_000;

/** Few enough that the work in hand is what is killed, and not a queue in front of it. */
const LANES = 6;

/** Resolves with the number of kills when the last message is accepted and all workers run. */
export async function killLoop(given: {
  readonly fleet: Fleet;
  readonly customers: Customers;
  readonly plan: Plan;
  readonly seed: number;
  readonly seconds: number;
}): Promise<number> {
  const { fleet, customers, plan, seed, seconds } = given;
  const end = Date.now() + seconds * 1_000;
  const state = { kills: 0 };
  const kill = async (name: string): Promise<void> => {
    const worker = fleet.member(name);
    for (let life = 0; Date.now() < end; life += 1) {
      const share = chance(seed, "life", name, life);
      await delay(LIFE_MS_MIN + share * (LIFE_MS_MAX - LIFE_MS_MIN));
      await worker.end("SIGKILL");
      state.kills += 1;
      await worker.start();
    }
  };
  const waiting = [...plan.conversations];
  const write = async (): Promise<void> => {
    while (Date.now() < end) {
      const next = waiting.splice(0, 1);
      if (next.length === 0) throw new Error("the plan has too few messages for this time");
      await customers.write(next, 1);
    }
  };
  const workers = fleet.members().filter(({ role }) => role === "worker");
  await Promise.all([
    ...workers.map(({ name }) => kill(name)),
    ...Array.from({ length: LANES }, write),
  ]);
  return state.kills;
}
