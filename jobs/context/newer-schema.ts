/** Leaves work on rows of a newer version to a process of that version. */

import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { JobContext } from "./job-context.ts";

/**
 * Runs work on many conversations. When one row was written by a newer version, the whole round is left to a process of
 * that version, and this process goes on with its other work.
 */
export async function unlessNewerSchema(
  context: JobContext,
  work: (context: JobContext) => Promise<void>,
): Promise<void> {
  try {
    await work(context);
  } catch (error) {
    if (!(error instanceof DeskhandError && error.code === "store.newer_schema")) throw error;
    context.log.warn("left to a newer version", { reason: reasonOf(error) });
  }
}
