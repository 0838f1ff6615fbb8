/** Erases a person on a bench of the jobs, and looks at every row that is left. */
import { before } from "node:test";
import type { Blobs } from "#core/contracts/ports.ts";
import type { IdentityEvidence } from "#core/values/identity.ts";
import { erasePerson, type ErasureRequest, findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { personNames } from "#store/people/person-names.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { everyRow } from "#test/support/read-all.ts";
import { SECRET } from "./busy-desk.ts";

/** Binds each to who they prove to be; the bench alone knows nobody but Ann. */
async function bind({ handle }: IdentityEvidence) {
  const email = handle.kind === "email" ? handle.email : null;
  const isAnn = email === "ann@customer.test" || /u123/.test(JSON.stringify(handle));
  return {
    level: 2 as const,
    customerId: handle.kind === "customer" ? handle.customerId : isAnn ? "u123" : "u456",
    emailOnFile: email,
    name: isAnn ? "Ann Fields" : "Bob Stone",
    reason: `bound to ${email}`,
  };
}

/**
 * What an erasure is asked with, with the blobs that hold at the time, and what it leaves. Each is bound to who they prove to
 * be, unless the tests bind by themselves.
 */
export function erasing(bench: JobBench, blobs: () => Blobs, { binds = true } = {}) {
  if (binds) before(() => void Object.assign(bench.parts, { bind }));
  const parts = (): ErasureRequest => ({
    store: bench.parts.store,
    blobs: blobs(),
    clock: bench.parts.clock,
    ids: bench.parts.ids,
    secret: SECRET,
  });
  const rows = () => everyRow(bench.parts.store);
  const leftOf = async (pattern: RegExp) => (await rows()).filter((row) => pattern.test(row));
  return {
    parts,
    rows,
    erase: async (typed = "Ann@Customer.test") =>
      erasePerson(parts(), await findPersonTraces(parts(), personNames(typed))),
    /** The rows in which this still stands. */
    leftOf,
    /** The tables in which this still stands. */
    tablesWith: async (pattern: RegExp) => [
      ...new Set((await leftOf(pattern)).map((row) => row.split(" ")[0])),
    ],
  };
}
