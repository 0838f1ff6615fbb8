/** Divides the attacks of a red-team run among threads. */
import { availableParallelism } from "node:os";
import { type AskedThread, openAskedThread } from "#evals/worlds/asked-thread.ts";
import type { Attack, Place } from "./attack.ts";
import type { Beginning } from "./pool-worker.ts";
import { type Case, CaseResult } from "./run.ts";

/** Each thread starts the whole product, so more threads than processors would only slow each other down. */
const THREADS_MAX = 4;
/** With fewer cases than this, another thread is not worth its start. */
const CASES_MIN = 20;

/**
 * Tries every attack at every place, with up to one thread for each processor. Rejects when one fails, because an
 * untried case must not count as withstood.
 */
export async function runInWorkers(
  { attacks, places }: { readonly attacks: readonly Attack[]; readonly places: readonly Place[] },
  beginning: Beginning,
  onResult: (result: CaseResult) => void,
): Promise<void> {
  const waiting: Case[] = attacks.flatMap((attack, row) =>
    places.map((place, column) => ({ attack, place, index: row * places.length + column })),
  );
  const most = Math.min(availableParallelism(), THREADS_MAX);
  const threads = Array.from(
    { length: Math.max(1, Math.min(most, Math.ceil(waiting.length / CASES_MIN))) },
    () => openAskedThread(new URL("./pool-worker.ts", import.meta.url), beginning),
  );
  const tryOn = async (opening: Promise<AskedThread>): Promise<void> => {
    const thread = await opening;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      onResult(CaseResult.parse(await thread.ask(next)));
  };
  const ended = await Promise.allSettled(
    threads.map((thread) =>
      tryOn(thread).catch((error: unknown) => {
        waiting.splice(0);
        throw error;
      }),
    ),
  );
  for (const opened of await Promise.allSettled(threads))
    if (opened.status === "fulfilled") await opened.value.close();
  const failed = ended.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}
