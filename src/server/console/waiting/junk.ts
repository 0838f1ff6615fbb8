/** The list of what was set aside as junk, with the button that puts it back to work. */

import type { Request } from "express";
import { momentText } from "#core/values/moment.ts";
import { caseHeads, type CaseHead } from "#store/conversations/conversations.ts";
import { newestJunk, type JunkRow } from "#store/conversations/junk.ts";
import { type Cursor, CursorText, cursorText, PAGE_ROWS, pageOf } from "#store/console/cursor.ts";
import { addressWith, html, type Html } from "#server/http/html.ts";
import { pager, type PageContent, type Visit } from "#server/console/frame.ts";
import { asked, type Desk } from "#server/console/visit.ts";
import { listTabs, PATHS } from "./list-tabs.ts";

/** What was set aside, newest first. */
export async function junkPage(desk: Desk, visit: Visit, request: Request): Promise<PageContent> {
  return {
    place: PATHS.waiting,
    title: "Junk",
    tools: listTabs("junk"),
    body: html`<p class="soft">
        Set aside as phishing or as a sales offer: nothing of it was answered, and nothing was
        deleted.
      </p>
      ${await junkList(desk, visit, request)}`,
  };
}

/** The list alone, which the page asks for again every two seconds. */
export async function junkList(
  { options: { parts } }: Desk,
  visit: Visit,
  request: Request,
): Promise<Html> {
  const after = CursorText.parse(asked(request, "after"));
  const { page, heads } = await parts.store.run(async (transaction) => {
    const rows = await newestJunk(transaction, { before: rowBefore(after), limit: PAGE_ROWS + 1 });
    const listed = pageOf(rows, ({ at, conversationId }) => ({ at, id: conversationId }));
    const ids = listed.rows.map(({ conversationId }) => conversationId);
    return { page: listed, heads: await caseHeads(transaction, ids) };
  });
  const mask = (text: string): string => parts.guard.mask(text);
  const here = after === null ? {} : { after: cursorText(after) };
  return html`<div id="list" data-live="${addressWith("/console/part/junk", here)}">
    ${page.rows.length === 0 ? html`<p class="box soft" id="none">Nothing was set aside.</p>` : ""}
    <ol class="cases" id="junk" aria-label="Mails that were set aside">
      ${page.rows.map((row) => junkRow(row, heads.get(row.conversationId), mask, visit))}
    </ol>
    ${pager({
      first: after === null ? null : PATHS.junk,
      next: page.next === null ? null : addressWith(PATHS.junk, { after: cursorText(page.next) }),
    })}
  </div>`;
}

function rowBefore(after: Cursor | null): Pick<JunkRow, "at" | "conversationId"> | null {
  return after === null ? null : { at: after.at, conversationId: after.id };
}

function junkRow(
  { conversationId, kind, why, at, restoredAt }: JunkRow,
  head: CaseHead | undefined,
  mask: (text: string) => string,
  { now, zone }: Visit,
): Html {
  const title = [head?.name ?? "", head?.subject ?? ""].filter((part) => part !== "").join(": ");
  return html`<li
    class="case-row"
    id="junk-${conversationId}"
    data-card="${conversationId}"
    data-version="1"
  >
    <a class="what" href="/console/case/${encodeURIComponent(conversationId)}" data-row=""
      >${mask(title === "" ? conversationId : title)}</a
    >
    <span class="act"
      >${
        restoredAt === null
          ? html`<button type="button" data-press="not_junk">Was no junk</button>`
          : html`<span class="badge">Back at work</span>`
      }</span
    >
    <span class="meta">${kind} · ${why} · ${momentText(at, zone, now)}</span>
  </li>`;
}
