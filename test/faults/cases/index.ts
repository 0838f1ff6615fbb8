/** All cases, by their ids. A new group is one more line here. */
import type { FaultCase } from "#test/faults/case.ts";
import { cases as pglite } from "./pglite.ts";
import { cases as postgres } from "./postgres.ts";
import { cases as redis } from "./redis.ts";

export const CASES: readonly FaultCase[] = [...redis, ...postgres, ...pglite].toSorted(
  (a, b) => a.id - b.id,
);
