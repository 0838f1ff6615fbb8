/** Views of the inbox beside what is open: what was decided, what is only shown, and what was set aside as junk. */

import { cardAsItStands } from "#jobs/approval/sync-cards.ts";
import { html, type Html } from "#server/http/html.ts";
import { badge, caseAddress, livePagedList, rowView, soft } from "#server/console/parts.ts";
import type { Visit } from "#server/console/session.ts";
import { doneRows, shadowRows } from "#store/console/inbox.ts";
import { caseHeads, type CaseHead } from "#store/conversations/conversations.ts";
import { newestJunk, type JunkRow } from "#store/conversations/junk.ts";
import { cardRow, caseRow, conversationTitle, decidedRow } from "./rows.ts";

/** What was decided, ended otherwise or closed, newest first. */
export async function decidedList(visit: Visit, path: string): Promise<Html> {
  const { rows, next } = await visit.run(doneRows, visit.after);
  return livePagedList(visit, {
    path,
    label: "What is done",
    none: "Nothing was decided or closed yet.",
    rows: rows.map((row) => (row.kind === "card" ? decidedRow(row, visit) : caseRow(row, visit))),
    next,
  });
}

/** What would have been written in shadow mode, newest first. */
export async function shadowList(visit: Visit, path: string): Promise<Html> {
  const { rows, next } = await visit.run(shadowRows, visit.after);
  const about = "Nothing of this is sent. Open a draft to say whether you would have sent it.";
  return livePagedList(
    visit,
    {
      path,
      label: "Shadow drafts",
      none: "There are no shadow drafts.",
      rows: rows.flatMap((row) =>
        row.kind === "card" ? [cardRow(row, cardAsItStands(row.approval), visit)] : [],
      ),
      next,
    },
    soft(about),
  );
}

/** What was set aside as junk, newest first, each with the button that puts it back to work. */
export async function junkList(visit: Visit, path: string): Promise<Html> {
  const { page, heads } = await visit.run(async (transaction) => {
    const listed = await newestJunk(transaction, visit.after);
    const ids = listed.rows.map(({ conversationId }) => conversationId);
    return { page: listed, heads: await caseHeads(transaction, ids) };
  });
  const about =
    "Set aside as advertising or fraud: nothing of it was answered, and nothing was deleted.";
  return livePagedList(
    visit,
    {
      path,
      label: "Mails that were set aside",
      none: "Nothing was set aside.",
      rows: page.rows.map((row) => junkRow(row, heads.get(row.conversationId), visit)),
      next: page.next,
    },
    soft(about),
  );
}

function junkRow(
  { conversationId, why, at, restoredAt }: JunkRow,
  head: CaseHead | undefined,
  { when, mask }: Visit,
): Html {
  const title = conversationTitle(head?.name ?? null, head?.subject ?? null);
  const back = html`<button type="button" data-press="not_junk">Not junk</button>`;
  return rowView({
    id: `junk-${conversationId}`,
    card: conversationId,
    version: 1,
    caseId: conversationId,
    href: caseAddress(conversationId),
    what: mask(title || conversationId),
    aside: html`<span class="act">${restoredAt === null ? back : badge("Back at work")}</span>`,
    about: `${why} · ${when(at)}`,
  });
}
