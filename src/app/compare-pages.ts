/** Has the reading model compare help pages that were saved or imported with the others, beside everything else. */
import { excludingSentences } from "#agent/compare-passages.ts";
import { nextNonce } from "#agent/data-marking.ts";
import { nothingUsed } from "#core/contracts/agent.ts";
import { type Running, logFailure, startRepeating } from "#core/values/deadline.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { usedUpCap } from "#jobs/turn/limits.ts";
import { storedPages } from "#knowledge/lint/check-pages.ts";
import type { CheckedPage } from "#knowledge/lint/compare-pages.ts";
import {
  comparisonsFor,
  type ExcludingPair,
  keepComparison,
  takeUncompared,
} from "#knowledge/lint/read-contradictions.ts";
import { addUsage } from "#store/effects/usage.ts";
import type { ComposedApp } from "./composed-app.ts";

/** What comparing needs. */
export type Comparing = Pick<ComposedApp, "store" | "clock" | "ids" | "log" | "policy"> & {
  readonly knowledge: Pick<ComposedApp["knowledge"], "search" | "review" | "reload">;
  readonly agentParts: Pick<ComposedApp["agentParts"], "verifier" | "prices">;
};

const LOOK_MS = 30_000;
/** An import of many pages is compared some at a time. */
const PAGES_AT_ONCE = 20;
/** What could not be compared is tried again after it. */
const AGAIN_MS = 15 * 60_000;
/** Customers wait for their answers and nobody for this: the day's caps leave most to them. */
const PART_OF_DAY = 1 / 2;

/** Looks for such pages every half a minute; does nothing where no model is configured. */
export function startComparing(parts: Comparing): Running {
  if (parts.agentParts.verifier === null) return { stop: () => Promise.resolve() };
  return startRepeating(async (signal) => {
    await logFailure(parts.log, "comparing help pages", () => comparePages(parts, signal));
    return LOOK_MS;
  });
}

/**
 * Compares some of the pages that are due. One that the model cannot compare now stays as it is, named by the check of
 * pages, and is tried again later. Returns how many were compared.
 */
async function comparePages(parts: Comparing, signal: AbortSignal): Promise<number> {
  const { store, clock, knowledge, log, policy } = parts;
  const now = clock.now();
  const until = new Date(now.getTime() + AGAIN_MS);
  const due = await takeUncompared(store, { now, until, max: PAGES_AT_ONCE });
  if (due.size === 0) return 0;
  await knowledge.reload();
  const pages = await store.run(storedPages);
  let compared = 0;
  for (const page of pages.filter(({ slug }) => due.has(slug))) {
    if (signal.aborted || (await usedUpCap({ store, clock, policy }, "", PART_OF_DAY)) !== null)
      break;
    try {
      await keepComparison(store, page, await pairsOf(parts, page, { pages, signal }));
      compared += 1;
    } catch (error) {
      if (signal.aborted || !(error instanceof DeskhandError)) throw error;
      log.warn("a help page is not compared yet", { page: page.slug, reason: reasonOf(error) });
      // A model that is away is away for the next page, too.
      if (error.retry) break;
    }
  }
  if (compared > 0) {
    await knowledge.review();
    await knowledge.reload();
  }
  return compared;
}

/** Each request counts in the usage of the day, whatever came of it. */
async function pairsOf(
  { agentParts: { verifier, prices }, clock, ids, knowledge, store }: Comparing,
  page: CheckedPage,
  { pages, signal }: { readonly pages: readonly CheckedPage[]; readonly signal: AbortSignal },
): Promise<readonly ExcludingPair[]> {
  if (verifier === null) return [];
  const found: ExcludingPair[] = [];
  for (const comparison of await comparisonsFor(page, pages, { knowledge, signal })) {
    const used = nothingUsed();
    const startedAt = clock.now();
    try {
      const nonce = nextNonce({ ids });
      const given = { ...comparison, nonce, used, signal };
      found.push(...(await excludingSentences({ ...verifier, clock, prices }, given)));
    } finally {
      const ms = Math.max(0, clock.now().getTime() - startedAt.getTime());
      await store.run((transaction) => addUsage(transaction, { ...used, startedAt, ms }));
    }
  }
  return found;
}
