/** The list of what was set aside as junk, with the button that puts it back to work. */

import { caseHeads, type CaseHead } from "#store/conversations/conversations.ts";
import { html, type Html } from "#server/http/html.ts";
import { newestJunk, type JunkRow } from "#store/conversations/junk.ts";
import type { PageContent } from "./frame.ts";
import type { Subject } from "./visit.ts";
import { badge, caseAddress, livePagedList, rowView } from "./parts.ts";
import { listTabs, PATHS } from "./waiting.ts";
import type { Visit } from "./session.ts";

/** The page, and its list, which it asks for again. */
export const JUNK: Subject = { pages: { "/junk": junkPage }, parts: { "/junk": junkList } };

/** What was set aside, newest first. */
async function junkPage(visit: Visit): Promise<PageContent> {
  return {
    place: PATHS.waiting,
    title: "Junk",
    tools: listTabs("junk"),
    body: html`<p class="soft">
        Set aside as phishing or as a sales offer: nothing of it was answered, and nothing was
        deleted.
      </p>
      ${await junkList(visit)}`,
  };
}

/** The list alone, which the page asks for again every two seconds. */
async function junkList(visit: Visit): Promise<Html> {
  const { after } = visit;
  const { page, heads } = await visit.run(async (transaction) => {
    const listed = await newestJunk(transaction, after);
    const ids = listed.rows.map(({ conversationId }) => conversationId);
    return { page: listed, heads: await caseHeads(transaction, ids) };
  });
  return livePagedList("junk", {
    path: PATHS.junk,
    id: "junk",
    label: "Mails that were set aside",
    none: "Nothing was set aside.",
    rows: page.rows.map((row) => junkRow(row, heads.get(row.conversationId), visit.mask, visit)),
    after,
    next: page.next,
  });
}

function junkRow(
  { conversationId, kind, why, at, restoredAt }: JunkRow,
  head: CaseHead | undefined,
  mask: (text: string) => string,
  { when }: Visit,
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
    about: `${kind} · ${why} · ${when(at)}`,
  });
}
