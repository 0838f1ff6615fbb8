/** Puts the audit entries that wait into the hash chain. */
import { entriesWaiting, sealAudit, SEALED_AT_ONCE } from "#store/audit/pending-entries.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** Seals batch after batch until none is left, or another process is at it. */
export async function sealWaiting({ store }: Pick<JobContext, "store">): Promise<void> {
  if ((await entriesWaiting(store)) === 0) return;
  let sealed: number | null;
  do sealed = await sealAudit(store);
  while (sealed === SEALED_AT_ONCE);
}
