/** The list of rehearsals, newest first, with what each came to. */
import { momentText } from "#core/values/moment.ts";
import { listRehearsals, type Rehearsal } from "#store/rehearsal/rehearsals.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import type { Desk } from "#server/console/visit.ts";
import { moneyText, PATH, pathOf, shareText, sourceText } from "./words.ts";
import { counted } from "#core/values/words.ts";

/** More rehearsals than a team compares; older ones stay under their addresses. */
const LISTED_MAX = 50;

/** What a teammate without the role of a lead reads instead. */
export const LEADS_ONLY: PageContent = {
  place: PATH,
  title: "Rehearsals",
  isNarrow: true,
  body: html`<p class="box">
    Rehearsals show what your colleagues answered, so that leads alone see them. Ask a lead to show
    you one.
  </p>`,
};

/** All rehearsals; for leads. */
export async function rehearsalsPage(
  { options: { parts } }: Desk,
  visit: Visit,
): Promise<PageContent> {
  if (visit.role !== "lead") return LEADS_ONLY;
  const rehearsals = await parts.store.run((transaction) =>
    listRehearsals(transaction, LISTED_MAX),
  );
  return {
    place: PATH,
    title: "Rehearsals",
    tools: html`<p class="soft">
      What Deskhand would have done with tickets that people solved. Nothing of it was sent or
      changed.
    </p>`,
    body:
      rehearsals.length === 0
        ? html`<div class="box stack" id="none">
            <p>There has been no rehearsal yet. Start one on the machine that Deskhand runs on:</p>
            <p><code>deskhand rehearse --zendesk --last 200</code></p>
          </div>`
        : html`<ol class="cases" id="rehearsals" aria-label="Rehearsals">
            ${rehearsals.map((rehearsal) => row(rehearsal, visit))}
          </ol>`,
  };
}

function row(rehearsal: Rehearsal, visit: Visit): Html {
  const { id, source, model, startedAt, summary, isRehearsalModel } = rehearsal;
  const figures = summary?.overall ?? null;
  const came =
    figures === null
      ? "no figures yet"
      : `${shareText(figures.alone)} could go alone · ${counted(figures.wrongActions.count, "wrong action")} · at risk: ${moneyText(figures.moneyAtRisk)}`;
  return html`<li class="case-row">
    <a class="what" href="${pathOf(id)}"
      >${counted(rehearsal.tickets, "ticket")} from ${sourceText(source)}</a
    ><span class="money">${momentText(startedAt, visit.zone, visit.now)}</span
    ><span class="meta">${came}</span
    ><span class="badges"
      >${stateBadge(rehearsal)}${
        isRehearsalModel
          ? html`<span class="badge warn">rehearsal rules, no AI</span>`
          : html`<span class="badge">${model}</span>`
      }</span
    >
  </li>`;
}

/** What a reader has to know of a rehearsal that is not whole. */
export function stateBadge({ state, reason }: Pick<Rehearsal, "state" | "reason">): HtmlValue {
  if (state === "done") return null;
  const words = state === "running" ? "still running, or interrupted" : "stopped";
  return html`<span class="badge warn">${words}${reason === "" ? "" : `: ${reason}`}</span>`;
}
