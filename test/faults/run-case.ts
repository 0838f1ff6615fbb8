/** Runs one case to its end, also when it fails or hangs, and returns its result. */
import { setTimeout as delay } from "node:timers/promises";
import { openCaseContext } from "./arena.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import type { CaseResult, FaultCase } from "./case.ts";

/** No shorter than what the case itself waits for, whose failure says more. */
const SECONDS_MOST = (2 * PATIENCE_MS) / 1_000;

/**
 * A case holds when it ran to its end, was judged, and the judge found nothing. One that was not judged proves nothing
 * and does not count.
 */
export async function runCase(
  one: FaultCase,
  options: { readonly quick: boolean; readonly note: (text: string) => void },
): Promise<CaseResult> {
  const began = performance.now();
  const open = openCaseContext(options);
  const { context, verdicts } = open;
  const reasons: string[] = [];
  try {
    await within(one.seconds ?? SECONDS_MOST, "the case", one.run(context));
    if (verdicts.length === 0) reasons.push("it was not judged");
  } catch (error) {
    reasons.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
  reasons.push(...verdicts.flatMap((verdict) => verdict.reasons));
  if (reasons.length > 0) options.note(`printed: ${open.printed()}`);
  try {
    await within(SECONDS_MOST, "putting away what the case started", open.close());
  } catch (error) {
    reasons.push(error instanceof Error ? error.message : String(error));
  }
  const sum = (field: "lost" | "twice" | "outOfOrder"): number =>
    verdicts.reduce((total, verdict) => total + verdict[field], 0);
  return {
    id: one.id,
    name: one.name,
    ok: reasons.length === 0,
    lost: sum("lost"),
    twice: sum("twice"),
    out_of_order: sum("outOfOrder"),
    seconds: Math.round((performance.now() - began) / 100) / 10,
    reasons,
  };
}

async function within(seconds: number, what: string, work: Promise<void>): Promise<void> {
  const limit = new AbortController();
  const tooLong = delay(seconds * 1_000, undefined, { signal: limit.signal }).then(
    () => {
      throw new Error(`${what} did not end within ${seconds} s`);
    },
    () => undefined,
  );
  try {
    await Promise.race([work, tooLong]);
  } finally {
    limit.abort();
  }
}
