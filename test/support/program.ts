/** What the measuring programs share: their options, their progress, and work that goes on side by side. */

/** One line of progress, beside the results on standard output. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What `read` makes of the command line; with a mistake in it, tells that and the usage, and the program ends with 2. */
export function optionsOrUsage<Options>(read: () => Options, usage: string): Options | null {
  try {
    return read();
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exitCode = 2;
    return null;
  }
}

/** Does the work for each in this order, so many at once. */
export async function inLanes<One>(
  all: Iterable<One>,
  lanes: number,
  work: (one: One) => Promise<unknown>,
): Promise<void> {
  const waiting = [...all];
  const lane = async (): Promise<void> => {
    while (waiting.length > 0) for (const one of waiting.splice(0, 1)) await work(one);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** The value below which this share of all lies; 0 where there is none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
