/** Tells the team which help pages changed: what a page says goes out to customers. */
import { digest } from "#core/values/canonical-json.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";
import { listed } from "#jobs/operating/conditions.ts";
import { forgetPageChanges, type PageChange, untoldPages } from "#store/knowledge/page-changes.ts";

const KINDS: readonly PageChange["what"][] = ["new", "changed", "removed"];
const TITLE_MAX = 80;

/** One message for all pages that changed since the last look. A desk that is away is told later, and nothing twice. */
export async function tellPageChanges({
  store,
  desk,
}: Pick<JobContext, "store" | "desk">): Promise<void> {
  const changes = await store.run(untoldPages);
  if (changes.length === 0) return;
  const parts = KINDS.flatMap((what) => {
    const titles = changes
      .filter((change) => change.what === what)
      .map(({ title }) => title.slice(0, TITLE_MAX).toWellFormed());
    return titles.length === 0 ? [] : [`${titles.length} ${what} (${listed(titles)})`];
  });
  const text = `Help pages that answers rest on have changed: ${parts.join(", ")}.`;
  const key = `help-pages:${digest(changes).slice(0, 32)}`;
  await desk.notify(text, [], key, AbortSignal.timeout(LIMITS.effectMs));
  await store.run((transaction) => forgetPageChanges(transaction, changes));
}
