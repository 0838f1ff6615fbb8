/** The procedures in use, as turns find them; and the sample shop's, put into use while the sandbox's own policy is in force. */

import type { Procedures } from "#core/contracts/knowledge.ts";
import { readProcedureFiles } from "#config/folders.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { adoptOwn, type Publishing } from "#jobs/procedures/publish.ts";
import { holdsIn, readProcedure, type Procedure } from "#procedures/format.ts";
import type { Config } from "#config/environment.ts";
import { databaseNotices } from "#store/db/database.ts";
import { publishedVersions } from "#store/procedures/versions.ts";

/**
 * Each change is told by a notice of the database. Where none was heard for five seconds, although a leader is heard every
 * two, what is published now is followed two seconds later; elsewhere this bounds what an older version changes untold.
 */
const KEPT_MS = 30_000;
const SILENT_KEPT_MS = 2_000;
const HEARD_MS = 5_000;

type InUse = Procedure & { readonly version: number };

/**
 * Reads what is published when a turn asks, and keeps it for a moment. While the database cannot be asked, or holds a
 * text that an older version wrote in another form, turns go on with what is known: a procedure helps, and is not
 * needed.
 */
export function proceduresInUse({ store, log }: Pick<JobContext, "store" | "log">): Procedures {
  const notices = databaseNotices(store);
  const kept = { at: -Infinity, toldAt: 0, procedures: [] as readonly InUse[] };
  notices.follow("policy", () => void (kept.toldAt = performance.now()));
  async function current(): Promise<readonly InUse[]> {
    const now = performance.now();
    const keptMs = notices.silentMs() > HEARD_MS ? SILENT_KEPT_MS : KEPT_MS;
    if (kept.at > kept.toldAt && now - kept.at < keptMs) return kept.procedures;
    try {
      const versions = await store.run((transaction) => publishedVersions(transaction));
      kept.procedures = versions.flatMap(({ name, text, version }) => {
        const read = readProcedure(name, text);
        return read.kind === "read" ? [{ ...read.procedure, version }] : [];
      });
      // From before the question, so that a notice during it counts.
      kept.at = now;
    } catch (error) {
      log.warn("procedures are those known before", { reason: reasonOf(error) });
    }
    return kept.procedures;
  }
  return {
    async held(place, signal) {
      signal.throwIfAborted();
      return (await current())
        .filter((procedure) => holdsIn(procedure, place))
        .toSorted((a, b) => a.name.localeCompare(b.name));
    },
  };
}

/** They are part of the program, like the sandbox's policy; with a folder or policy of your own nothing is adopted. */
export async function adoptSampleProcedures(config: Config, parts: Publishing): Promise<void> {
  if (!config.isSandboxPolicy || config.environment.DESKHAND_PROCEDURES !== undefined) return;
  await adoptOwn(parts, readProcedureFiles(config));
}
