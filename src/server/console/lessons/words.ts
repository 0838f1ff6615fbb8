/** Addresses and words that the pages about lessons share. */
import type { LessonSearch } from "#jobs/lessons/find-lessons.ts";
import { type LessonTexts, procedureTexts } from "#jobs/lessons/draft-change.ts";
import { changeInForce } from "#store/console/policy-history.ts";
import { html } from "#server/http/html.ts";
import type { Visit } from "#server/console/frame.ts";
import type { Desk } from "#server/console/visit.ts";

/** Where lessons are listed. */
export const PATH = "/console/lessons";

/** The page about one lesson. */
export function pathOf(id: number): string {
  return `${PATH}/${id}`;
}

/** What a teammate who is no lead reads. */
export const NOT_YOURS = html`<p class="box soft" id="not-yours">
  Only a lead sees what edits and rejections propose to change.
</p>`;

/** What lessons are looked for in. */
export function searchOf(
  { options: { parts, vectors } }: Desk,
  { now }: Pick<Visit, "now">,
): LessonSearch {
  return { store: parts.store, now, ...(vectors === null ? {} : { vectors }) };
}

/** Where the texts are that lessons would change. */
export function textsOf({ options: { parts, procedures } }: Desk): LessonTexts {
  return {
    store: parts.store,
    policyText: async () => {
      const { version } = parts.policy;
      const inForce = await parts.store.run((transaction) => changeInForce(transaction, version));
      return inForce?.text ?? null;
    },
    procedureText: procedureTexts(procedures),
  };
}
