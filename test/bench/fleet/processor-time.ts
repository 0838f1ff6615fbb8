/** Processor time by the operating system's own count (proc(5)), in milliseconds. */
import { readdirSync, readFileSync } from "node:fs";
import type { Redis } from "ioredis";
import type pg from "pg";
import { z } from "zod";

/** Linux counts in hundredths of a second. */
const TICK_MS = 10;

/** The fields of a process after its name: state, parent, …; `utime` is the twelfth of them. */
function fieldsOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
}

/** What one process has used so far. */
export function processorMsOf(pid: number): number {
  const fields = fieldsOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** What a PostgreSQL server has used so far: its sessions, those that ended, and its own processes. */
export async function processorMsOfPostgres(client: pg.Client): Promise<number> {
  const { rows } = await client.query("select pg_backend_pid() as pid");
  const [own] = z.array(z.object({ pid: z.int() })).parse(rows);
  const server = Number(fieldsOf(own?.pid ?? 0)[1]);
  const fields = fieldsOf(server);
  const ended = (Number(fields[13]) + Number(fields[14])) * TICK_MS;
  return processorMsOf(server) + ended + sum(childrenOf(server).map(unlessEnded));
}

/** A session that ends between two looks counts with those that ended, from the next time on. */
function unlessEnded(pid: number): number {
  try {
    return processorMsOf(pid);
  } catch {
    return 0;
  }
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(fieldsOf(pid)[1]) === parent;
      } catch {
        // It has ended since the folder was read.
        return false;
      }
    });
}

/** What a Redis server has used so far, as it says itself. */
export async function processorMsOfRedis(redis: Redis): Promise<number> {
  const info = await redis.info("cpu");
  const seconds = (name: string): number =>
    Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1] ?? 0);
  return (seconds("used_cpu_user") + seconds("used_cpu_sys")) * 1_000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
