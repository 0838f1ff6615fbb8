/** Opens a thread with a world and plays cases in it. */
import { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";
import type { Stage } from "#evals/runner.ts";
import { PlayRecord, recordOf } from "#evals/runs/record.ts";
import { openAskedThread } from "./asked-thread.ts";
import type { Beginning } from "./thread.ts";

/** A stage with the name of its model, until it is closed. */
export type OpenStage = Stage & { readonly modelName: string; close(): Promise<void> };

/**
 * Starts a thread and waits until its world is open. Throws `config.invalid` with the reason where the configuration
 * allows no world. A thread that ends makes every play that it was asked for a record with that error.
 */
export async function openThread(beginning: Beginning): Promise<OpenStage> {
  const thread = await openAskedThread(new URL("./thread.ts", import.meta.url), beginning);
  return {
    modelName: z.string().parse(thread.opened),
    async play({ evalCase, repetition }) {
      try {
        return PlayRecord.parse(await thread.ask({ case: evalCase.id, repetition }));
      } catch (error) {
        return recordOf(evalCase, repetition, { error: reasonOf(error) });
      }
    },
    close: () => thread.close(),
  };
}
