/** Erases a person on a bench of the jobs, and looks at every row that is left. */
import type { Blobs } from "#core/contracts/ports.ts";
import { erasePerson, type ErasureRequest, findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { personNames } from "#store/people/person-names.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { everyRow } from "#test/support/read-all.ts";
import { SECRET } from "./busy-desk.ts";

/** What an erasure is asked with, with the blobs that hold at the time, and what it leaves. */
export function erasing(bench: JobBench, blobs: () => Blobs) {
  const parts = (): ErasureRequest => ({
    store: bench.parts.store,
    blobs: blobs(),
    clock: bench.parts.clock,
    ids: bench.parts.ids,
    secret: SECRET,
  });
  const rows = () => everyRow(bench.parts.store);
  return {
    parts,
    rows,
    erase: async (typed = "Ann@Customer.test") =>
      erasePerson(parts(), await findPersonTraces(parts(), personNames(typed))),
    /** The rows in which this still stands. */
    leftOf: async (pattern: RegExp) => (await rows()).filter((row) => pattern.test(row)),
  };
}
