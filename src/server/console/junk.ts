/** The list of what was set aside as junk, with the button that puts it back to work. */

import { caseHeads, type CaseHead } from "#store/conversations/conversations.ts";
import type { Request } from "express";
import { momentText } from "#core/values/moment.ts";
import { html, type Html } from "#server/http/html.ts";
import { type Cursor, CursorText, PAGE_ROWS, pageOf } from "#store/console/cursor.ts";
import { newestJunk, type JunkRow } from "#store/conversations/junk.ts";
import type { PageContent, Visit } from "./frame.ts";
import { badge, caseAddress, livePagedList, rowView } from "./parts.ts";
import { asked, type Desk, type Subject } from "./visit.ts";
import { listTabs, PATHS } from "./waiting.ts";

/** The page, and its list, which it asks for again. */
export const JUNK: Subject = { pages: { "/junk": junkPage }, parts: { "/junk": junkList } };

/** What was set aside, newest first. */
async function junkPage(desk: Desk, visit: Visit, request: Request): Promise<PageContent> {
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
async function junkList(
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
  return livePagedList("junk", {
    path: PATHS.junk,
    id: "junk",
    label: "Mails that were set aside",
    none: "Nothing was set aside.",
    rows: page.rows.map((row) =>
      junkRow(row, heads.get(row.conversationId), parts.guard.mask, visit),
    ),
    after,
    next: page.next,
  });
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
  const back = html`<button type="button" data-press="not_junk">Was no junk</button>`;
  return rowView({
    id: `junk-${conversationId}`,
    card: conversationId,
    href: caseAddress(conversationId),
    isWayOn: true,
    what: mask(title === "" ? conversationId : title),
    aside: html`<span class="act">${restoredAt === null ? back : badge("Back at work")}</span>`,
    about: `${kind} · ${why} · ${momentText(at, zone, now)}`,
  });
}
