import type { Knowledge } from "#core/knowledge.ts";
import type { Log } from "#core/ports.ts";
import type { Store } from "#store/driver.ts";

/** Opens the help pages for searching. */
export async function openKnowledge(options: { readonly store: Store; readonly log: Log }): Promise<Knowledge> {
  options.log.info("help pages", { kind: options.store.kind });
  return { search: async () => [] };
}
