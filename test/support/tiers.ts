/**
 * The two tiers: `npm test` proves every promise, `npm test -- --long` everything with the wide variants. What belongs
 * to the long tier and why is listed in docs/development.md.
 */
import { test, type TestContext } from "node:test";
import fc from "fast-check";

/** Whether this is `npm test -- --long`. A file whose name ends in `.long.test.ts` belongs to it as a whole. */
export const isLong = process.env["TEST_TIER"] === "long";

/**
 * `npm test` tries every property on the same cases each time, so that what is red is red again and a count of few
 * cases (so many compared, so many laxer) does not depend on luck; `npm test -- --long` draws new ones.
 */
if (!isLong) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_261_124 });

/** A property is tried this much less often in `npm test`. */
const RUNS_SHARE = 8;
const RUNS_LEAST = 5;

/** How often to try a property that `npm test -- --long` tries `wide` times: an eighth of it, at least five times. */
export function runs(wide: number): number {
  return isLong ? wide : Math.min(wide, Math.max(RUNS_LEAST, Math.ceil(wide / RUNS_SHARE)));
}

type Body = (context: TestContext) => void | Promise<void>;

interface Register {
  (name: string, body: Body): unknown;
  (name: string, options: { readonly skip?: boolean | string }, body: Body): unknown;
}

/** A test of `npm test -- --long` alone: a wide variant of what another test proves. */
export const testLong: Register = isLong ? test : () => undefined;
