/** The routes of the pages about the team's work as a whole. */

import type { Router, Request } from "express";
import { ageText, momentText } from "#core/values/moment.ts";
import { oneLine } from "#core/values/words.ts";
import { pager, type PageContent, type Visit } from "#server/console/frame.ts";
import { addPages, addParts, type Guarded } from "#server/console/page-routes.ts";
import { type Desk, asked } from "#server/console/visit.ts";
import { addressWith, html, type Html } from "#server/http/html.ts";
import { CursorText, cursorText } from "#store/console/cursor.ts";
import { withPeople, type WithPeople } from "#store/console/handovers.ts";
import { auditPage, checkChain, exportAudit } from "./audit.ts";
import { healthPage } from "./health.ts";
import { figurePage, numbersPage } from "./numbers.ts";
import { policyCards, policyPage } from "./policy.ts";

/** Adds hand-overs, numbers, policy, audit and health. */
export function addTeamPages(router: Router, desk: Desk, { page, ownPage }: Guarded): void {
  addPages(router, desk, page, {
    "/handovers": handoversPage,
    "/numbers": numbersPage,
    "/numbers/:figure": figurePage,
    "/policy": policyPage,
    "/audit": auditPage,
    "/health": healthPage,
  });
  addParts(router, desk, { "/handovers": handoverList, "/policy": policyCards });
  router.get("/audit/export.csv", exportAudit(desk));
  router.get("/audit/export.jsonl", exportAudit(desk));
  router.post("/audit/check", ...ownPage, checkChain(desk));
}

// The page of hand-overs: what people have, who has taken it, and since when.

const PATH = "/console/handovers";

/** Conversations handed to people and not solved, the longest waiting first. */
async function handoversPage(desk: Desk, visit: Visit, request: Request): Promise<PageContent> {
  return { place: PATH, title: "Hand-overs", body: await handoverList(desk, visit, request) };
}

/** The list alone, which the page asks for again every two seconds. */
async function handoverList(desk: Desk, visit: Visit, request: Request): Promise<Html> {
  const { parts } = desk.options;
  const after = CursorText.parse(asked(request, "after"));
  const { rows, next } = await parts.store.run((transaction) => withPeople(transaction, after));
  const mask = (text: string): string => parts.guard.mask(text);
  const here = after === null ? {} : { after: cursorText(after) };
  return html`<div
    id="list"
    data-live="${addressWith("/console/part/handovers", here)}"
    data-keep="hover"
  >
    ${rows.length === 0 ? html`<p class="box soft" id="none">People have no open conversation.</p>` : ""}
    <ol class="cases" id="handovers" aria-label="Conversations with people">
      ${rows.map((row) => handoverRow(row, mask, visit))}
    </ol>
    ${pager({
      first: after === null ? null : PATH,
      next: next === null ? null : addressWith(PATH, { after: cursorText(next) }),
    })}
  </div>`;
}

function handoverRow(row: WithPeople, mask: (text: string) => string, visit: Visit): Html {
  const { id, channel, subject, reason, customer, excerpt, ticket, handedOverAt } = row;
  const title = [customer, subject].filter((part) => part !== null && part !== "").join(": ");
  const taker = takerOf(row, visit);
  const about = [
    sentence(reason.replace(/^handed to people: /, "")),
    channel,
    ticket === null || ticket === "" ? "" : `ticket #${ticket}`,
    `since ${momentText(handedOverAt, visit.zone, visit.now)}`,
  ].filter((part) => part !== "");
  return html`<li class="case-row" id="${id}" data-card="${id}" data-version="1">
    <a class="what" href="/console/case/${encodeURIComponent(id)}" data-row=""
      >${mask(title === "" ? id : title)}</a
    >
    <span class="money">${ageText(handedOverAt, visit.now)}</span>
    <span class="meta">${mask(about.join(" · "))}</span>
    ${excerpt === null || excerpt === "" ? "" : html`<span class="excerpt" dir="auto">“${mask(oneLine(excerpt))}”</span>`}
    <span class="badges"
      ><span class="badge${taker === null ? " warn" : ""}">${taker ?? "Not taken yet"}</span>${
        taker === null
          ? html`<span class="act"
              ><button type="button" data-press="take_over">Take over</button></span
            >`
          : ""
      }</span
    >
  </li>`;
}

function takerOf({ assignee, answeredBy, answeredAt }: WithPeople, visit: Visit): string | null {
  if (answeredBy !== null && answeredAt !== null)
    return `${answeredBy} answered ${momentText(answeredAt, visit.zone, visit.now)}`;
  return assignee === null || assignee === "" ? null : `${assignee} has it`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
