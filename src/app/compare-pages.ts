/** Has the reading model compare help pages that were saved or imported with the others, beside everything else. */
import { excludingSentences } from "#agent/compare-passages.ts";
import { nextNonce } from "#agent/data-marking.ts";
import { visibleTokens } from "#agent/span.ts";
import { nothingUsed } from "#core/contracts/agent.ts";
import { type Running, logFailure, startRepeating, unlessAborted } from "#core/values/deadline.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { usedUpCap } from "#jobs/turn/limits.ts";
import { storedPages } from "#knowledge/lint/check-pages.ts";
import {
  comparisonsFor,
  keepComparison,
  takeUncompared,
} from "#knowledge/lint/read-contradictions.ts";
import { addUsage } from "#store/effects/usage.ts";
import type { ComposedApp } from "./composed-app.ts";

type Comparing = Pick<ComposedApp, "store" | "clock" | "ids" | "log"> & {
  readonly policy: Pick<ComposedApp["policy"], "caps">;
  readonly knowledge: Pick<ComposedApp["knowledge"], "search" | "review" | "reload" | "embedded">;
  readonly agentParts: Pick<ComposedApp["agentParts"], "verifier" | "prices">;
};
type Reader = NonNullable<Comparing["agentParts"]["verifier"]>;

const LOOK_MS = 30_000;
/** An import of many pages is compared some at a time. */
const PAGES_AT_ONCE = 20;
/** What could not be compared is tried again after it. */
const AGAIN_MS = 15 * 60_000;
/** Customers wait for answers, and for this no customer does: the other half of a day's caps is theirs. */
const PART_OF_DAY = 1 / 2;

/** Compares at once and then twice a minute; does nothing where no model is configured. */
export function startComparing(parts: Comparing): Running {
  const { verifier } = parts.agentParts;
  if (verifier === null) return { stop: () => Promise.resolve() };
  return startRepeating(async (signal) => {
    await logFailure(parts.log, "comparing help pages", () =>
      comparePages(parts, verifier, signal),
    );
    return LOOK_MS;
  });
}

/** Compares some of the pages that are due. One that the model cannot compare now stays due, and the check names it. */
export async function comparePages(
  parts: Comparing,
  reader: Reader,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, ids, knowledge, log, agentParts } = parts;
  const now = clock.now();
  const until = new Date(now.getTime() + AGAIN_MS);
  const due = await takeUncompared(store, { now, until, max: PAGES_AT_ONCE });
  if (due.size === 0) return;
  await knowledge.reload();
  // By words alone, as where pages cannot be embedded now, fewer of one subject are found.
  await unlessAborted(knowledge.embedded(), signal).catch(() => undefined);
  const pages = await store.run(storedPages);
  const asking = { ...reader, clock, prices: agentParts.prices };
  for (const page of pages.filter(({ slug }) => due.has(slug))) {
    if (signal.aborted || (await usedUpCap(parts, "", PART_OF_DAY)) !== null) break;
    const used = nothingUsed();
    const startedAt = clock.now();
    try {
      const found = [];
      for (const comparison of await comparisonsFor(page, pages, { knowledge, signal })) {
        const given = { ...comparison, nonce: nextNonce({ ids }), used, signal };
        found.push(...(await excludingSentences(asking, given)));
      }
      await keepComparison(store, page, found);
    } catch (error) {
      if (signal.aborted || !(error instanceof DeskhandError)) throw error;
      log.warn("a help page is not compared yet", { page: page.slug, reason: reasonOf(error) });
      // A model that is away is away for the next page, too.
      if (error.retry) break;
    } finally {
      const ms = Math.max(0, clock.now().getTime() - startedAt.getTime());
      const spent = { ...used, outputTokens: visibleTokens(used), startedAt, ms };
      await store.run((transaction) => addUsage(transaction, spent));
    }
  }
  await knowledge.review();
  await knowledge.reload();
}
