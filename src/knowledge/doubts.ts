/** Finds which pages are no good source, and says it of the passages a search finds. */
import { createHash } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";
import type { PageInspector, SourcePage } from "#core/contracts/knowledge.ts";
import type { Store } from "#store/db/database.ts";
import { type PageDoubt, pageDoubts, replaceDoubts } from "#store/knowledge/page-doubts.ts";
import { comparedPages, goneSources } from "./lint/check-pages.ts";

/** Pages inspected between two pauses, so that customers are answered meanwhile. */
const PAGES_AT_ONCE = 50;

/**
 * Reads each page of a source for instructions to the bot, in its text and in what is hidden on it, and keeps what was
 * found. A page that its site did not send again keeps what was found before.
 */
export async function inspectPages(
  store: Store,
  source: string,
  pages: readonly SourcePage[],
  { inspect, now }: { readonly inspect: PageInspector; readonly now: Date },
): Promise<void> {
  const before = await store.run(pageDoubts);
  const doubts: Omit<PageDoubt, "allowedBy">[] = [];
  for (const [at, page] of pages.entries()) {
    if (at % PAGES_AT_ONCE === PAGES_AT_ONCE - 1) await breathe();
    const slug = `${source}/${page.id}`;
    const digest = digestOf(page);
    const kept = before.find((one) => one.slug === slug && one.kind === "instructions");
    const isUnread = page.hidden === undefined && kept?.digest === digest;
    const reason = isUnread ? (kept?.reason ?? null) : inspect(page);
    if (reason !== null) doubts.push({ slug, passage: "", kind: "instructions", reason, digest });
  }
  await store.run((transaction) =>
    replaceDoubts(transaction, { kinds: ["instructions"], source, doubts, at: now }),
  );
}

function digestOf({ title, text }: SourcePage): string {
  return createHash("sha256")
    .update(JSON.stringify([title, text]))
    .digest("hex")
    .slice(0, 32);
}

/** Compares all pages, and looks which sources are gone; searches know it after their next `reload`. */
export async function reviewPages(store: Store, now: Date): Promise<void> {
  const contradictions = await comparedPages(store);
  await store.run(async (transaction) => {
    const gone = await goneSources(transaction, now);
    const doubts = new Map<string, Omit<PageDoubt, "allowedBy">>();
    for (const { one, other } of contradictions)
      for (const [side, against] of [
        [one, other],
        [other, one],
      ] as const)
        doubts.set(side.passage, {
          slug: side.slug,
          passage: side.passage,
          kind: "contradiction",
          reason: `says ${side.value}, and ${against.title} says ${against.value}`,
          digest: "",
        });
    for (const { slugs, said } of gone)
      for (const slug of slugs)
        doubts.set(slug, { slug, passage: "", kind: "source gone", reason: said, digest: "" });
    await replaceDoubts(transaction, {
      kinds: ["contradiction", "source gone"],
      doubts: [...doubts.values()],
      at: now,
    });
  });
}

/** What is known against pages, as a search asks for it. */
export interface KnownDoubts {
  /** Why no draft may rest on the page; null when it may. */
  withheld(slug: string): string | null;
  /** Why a person has to decide on a reply that rests on the passage; null when the policy alone decides. */
  doubtOf(slug: string, passage: string): string | null;
}

/** Loads them. */
export async function loadDoubts(store: Store): Promise<KnownDoubts> {
  const all = await store.run(pageDoubts);
  const open = all.filter(({ allowedBy }) => allowedBy === "");
  const withheld = new Map(
    open.flatMap(({ kind, slug, reason }) => (kind === "instructions" ? [[slug, reason]] : [])),
  );
  const doubts = new Map(
    open.flatMap(({ kind, slug, passage, reason }) =>
      kind === "instructions" ? [] : [[passage === "" ? slug : passage, reason]],
    ),
  );
  return {
    withheld: (slug) => withheld.get(slug) ?? null,
    doubtOf: (slug, passage) => doubts.get(passage) ?? doubts.get(slug) ?? null,
  };
}
