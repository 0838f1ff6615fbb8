/** The memory of the processes over a run, as the kernel counts it. */
import type { Fleet } from "#test/faults/fleet.ts";
import type { RoleProcess } from "#test/support/role-process.ts";

const EVERY_MS = 1_000;

/** A process needs this long to load everything, and what it uses before that says nothing. */
const SETTLED_MS = 8_000;

interface Sample {
  readonly name: string;
  readonly life: string;
  readonly at: number;
  readonly mb: number;
}

/** In MB; for workers the mean of those that run. `longest` is the worker that lived longest without being killed. */
export interface MemoryFigures {
  readonly workers: { readonly start: number; readonly middle: number; readonly end: number };
  readonly web: { readonly start: number; readonly middle: number; readonly end: number };
  readonly longest: { readonly seconds: number; readonly first: number; readonly last: number };
}

/** Samples until stopped; stopping again gives the same figures. */
export function watchMemory(fleet: Fleet): { stop(): MemoryFigures } {
  const samples: Sample[] = [];
  const births = new Map<string, number>();
  const take = (member: RoleProcess): void => {
    const [pid, mb, at] = [member.pid(), member.memoryMb(), Date.now()];
    if (pid === null || mb === null) return;
    const life = `${member.name} ${pid}`;
    const born = births.get(life) ?? at;
    births.set(life, born);
    if (at - born >= SETTLED_MS) samples.push({ name: member.name, life, at, mb });
  };
  const timer = setInterval(() => {
    for (const member of fleet.members()) take(member);
  }, EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      const workers = samples.filter(({ name }) => name.startsWith("worker"));
      return {
        workers: thirds(workers),
        web: thirds(samples.filter(({ name }) => name === "web")),
        longest: longestLife(workers),
      };
    },
  };
}

/** The mean of the first tenth of the time, the middle tenth and the last. */
function thirds(samples: readonly Sample[]): MemoryFigures["workers"] {
  const from = Math.min(...samples.map(({ at }) => at));
  const span = Math.max(...samples.map(({ at }) => at)) - from;
  const mean = (share: number): number => {
    const near = samples.filter(({ at }) => Math.abs(at - from - share * span) <= span / 20 + 1);
    return rounded(near.reduce((sum, { mb }) => sum + mb, 0) / near.length);
  };
  return { start: mean(0.05), middle: mean(0.5), end: mean(0.95) };
}

function longestLife(samples: readonly Sample[]): MemoryFigures["longest"] {
  const lives = Map.groupBy(samples, ({ life }) => life);
  const longest = [...lives.values()].toSorted((one, other) => other.length - one.length)[0] ?? [];
  const tenth = Math.max(1, Math.ceil(longest.length / 10));
  const mean = (some: readonly Sample[]): number =>
    rounded(some.reduce((sum, { mb }) => sum + mb, 0) / some.length);
  return {
    seconds: rounded(((longest.at(-1)?.at ?? 0) - (longest[0]?.at ?? 0)) / 1_000),
    first: mean(longest.slice(0, tenth)),
    last: mean(longest.slice(-tenth)),
  };
}

/** Too short a run has no samples: the result is 0, since JSON cannot hold NaN. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 10) / 10 : 0;
}
