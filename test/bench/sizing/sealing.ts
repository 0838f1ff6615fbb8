/** `npm run bench -- sealing`: how many entries of the audit one process puts into the chain in a second, on a PostgreSQL of its own. */
import { sealWaiting } from "#jobs/worker/reconciler.ts";
import { migratedDatabase, NOW } from "#test/store/bench.ts";
import { recordAudit } from "#test/support/stored-rows.ts";

const ENTRIES = 20_000;
const AT_ONCE = 1_000;

const opened = await migratedDatabase("postgres");
try {
  const entry = {
    kind: "turn",
    data: { turn: "0".repeat(36), outcome: "answered", digest: "0".repeat(64) },
  };
  for (let count = 0; count < ENTRIES; count += AT_ONCE)
    await opened.store.run((transaction) =>
      recordAudit(
        transaction,
        Array.from({ length: AT_ONCE }, () => entry),
        NOW,
      ),
    );
  const began = performance.now();
  await sealWaiting(opened);
  const seconds = (performance.now() - began) / 1_000;
  process.stdout.write(`${Math.round(ENTRIES / seconds)} entries a second\n`);
} finally {
  await opened.close();
}
