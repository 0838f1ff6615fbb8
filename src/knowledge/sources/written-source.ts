/** The pages that leads wrote in the console, as a source of help pages. */
import type { SourcePage } from "#core/contracts/knowledge.ts";
import type { Store } from "#store/db/database.ts";
import { WRITTEN, writtenPages, type WrittenVersion } from "#store/knowledge/written-pages.ts";
import { attributesFrom } from "#knowledge/attributes.ts";
import type { OpenKnowledge } from "#knowledge/index.ts";

/**
 * Makes written pages findable as they are now, and hides what is switched off; the next search knows both. A page that
 * is saved while this runs is taken too, since an older list must not replace a newer one.
 */
export async function renewWritten(
  store: Store,
  knowledge: Pick<OpenKnowledge, "take" | "reload">,
): Promise<void> {
  let taken = "";
  for (;;) {
    const versions = await store.run(writtenPages);
    const state = versions.map(({ name, version }) => `${name} ${version}`).join("\n");
    if (state === taken) break;
    await knowledge.take(WRITTEN, versions.map(pageFrom));
    taken = state;
  }
  await knowledge.reload();
}

function pageFrom(version: WrittenVersion): SourcePage {
  const { name, title, url, body, at, language, brands, audience, owner, labels } = version;
  return {
    id: name,
    title,
    text: body,
    updated: at.toISOString().slice(0, 10),
    ...(url === "" ? {} : { url }),
    ...attributesFrom({
      lang: language || undefined,
      brands: [...brands],
      audience,
      valid_from: version.validFrom ?? undefined,
      valid_until: version.validUntil ?? undefined,
      owner: owner || undefined,
      labels: [...labels],
    }),
  };
}
