/** What differs between two versions of a procedure, line by line. */

import { lineDifference } from "#text/line-diff.ts";
import type { ProcedureVersion } from "#store/procedures/versions.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { linesView } from "#server/console/line-difference.ts";
import { pathOf, versionWords } from "./words.ts";

/**
 * A form to choose two versions, and their differences. Without a choice it compares what is in use, or was last, with
 * the newest one.
 */
export function differencesView(
  name: string,
  versions: readonly ProcedureVersion[],
  chosen: { readonly from: string; readonly to: string },
): HtmlValue {
  if (versions.length < 2) return null;
  const by = (wanted: string): ProcedureVersion | undefined =>
    versions.find(({ version }) => String(version) === wanted);
  const to = by(chosen.to) ?? versions[0];
  const others = versions.filter((one) => one !== to);
  const from = by(chosen.from) ?? others.find(({ state }) => state === "published") ?? others[0];
  if (to === undefined || from === undefined) return null;
  return html`<section class="box stack" aria-labelledby="diff-title" id="differences">
    <h2 id="diff-title">What is different</h2>
    <form class="filters" method="get" action="${pathOf(name)}#differences" data-filters="">
      ${choice("from", "Between", versions, from)}${choice("to", "and", versions, to)}
      <button type="submit">Compare</button>
    </form>
    ${linesView(lineDifference(from.text, to.text))}
  </section>`;
}

function choice(
  name: string,
  label: string,
  versions: readonly ProcedureVersion[],
  chosen: ProcedureVersion,
): Html {
  return html`<label
    >${label}<select name="${name}">
      ${versions.map(
        (one) =>
          html`<option value="${one.version}" ${one === chosen ? html`selected=""` : ""}>
            ${versionWords(one)}
          </option>`,
      )}
    </select></label
  >`;
}
