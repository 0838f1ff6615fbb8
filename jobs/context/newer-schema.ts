import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { JobContext } from "./job-context.ts";

/**
 * Does what concerns many conversations. Where one of them holds something of a newer version, all of it is left to a
 * process of that version, and nothing else this process has to do is held up.
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
