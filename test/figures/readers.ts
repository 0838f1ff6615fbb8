/**
 * How long each reader of strangers' words takes for texts made against it: `npm run figures -- readers [PART OF A NAME]`. It
 * prints the slowest shape of each, in milliseconds of processor time for 100 kB and as growth from 50 to 100 kB, where
 * 2 is linear. Exits 1 when one takes longer than 100 ms on this machine.
 */
import { OUTSIDE_READERS } from "#test/readers/readers.ts";
import { SHAPES } from "#test/readers/shapes.ts";
import { GUARD_READERS } from "#test/readers/guard-readers.ts";
import { processorClock } from "#test/support/processor-time.ts";

const LENGTH = 100_000;
const MS_MAX = 100;
const TRIES = 8;

const [part = ""] = process.argv.slice(2);
const readers = Object.entries({ ...OUTSIDE_READERS, ...GUARD_READERS }).filter(([name]) =>
  name.includes(part),
);

async function msFor(read: (text: string) => unknown, text: string): Promise<number> {
  const tookMs = processorClock();
  await read(text);
  return tookMs();
}

/** The least of a few tries: what else the process does, and compiling what is called for the first time, only adds. */
async function leastMs(read: (text: string) => unknown, text: string): Promise<number> {
  const tries: number[] = [];
  for (let count = 0; count < TRIES; count += 1) {
    tries.push(await msFor(read, text));
    if ((tries.at(-1) ?? 0) < MS_MAX / 2) break;
  }
  return Math.min(...tries);
}

console.log(
  `${readers.length} readers, ${Object.keys(SHAPES).length} shapes of ${LENGTH} characters`,
);
const slow: string[] = [];
for (const [name, read] of readers) {
  await read(SHAPES["sentences"]?.(LENGTH) ?? "");
  const times: { readonly shape: string; readonly ms: number }[] = [];
  for (const [shape, make] of Object.entries(SHAPES))
    times.push({ shape, ms: await leastMs(read, make(LENGTH)) });
  const [slowest] = times.toSorted((one, other) => other.ms - one.ms);
  if (slowest === undefined) continue;
  const half = await leastMs(read, SHAPES[slowest.shape]?.(LENGTH / 2) ?? "");
  const growth = half < 1 ? "" : `, ${(slowest.ms / half).toFixed(1)} times that of half of it`;
  console.log(`${slowest.ms.toFixed(0).padStart(6)} ms  ${name}: ${slowest.shape}${growth}`);
  for (const { shape, ms } of times)
    if (ms > MS_MAX) slow.push(`${name}: ${shape} ${ms.toFixed(0)} ms`);
}
console.log(
  slow.length === 0
    ? "none takes longer than 100 ms"
    : `longer than 100 ms:\n  ${slow.join("\n  ")}`,
);
process.exitCode = slow.length === 0 ? 0 : 1;
