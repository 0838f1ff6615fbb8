/** The page of the audit: its entries, whether the chain is whole, and its export for leads. */

import { utcDay } from "#core/values/moment.ts";
import { inWords } from "#core/values/words.ts";
import type { Response } from "express";
import { html, type Html } from "#server/http/html.ts";
import {
  entriesAfter,
  keepCheck,
  LAST_CHECK,
  newestEntries,
  verifyAudit,
  type AuditCheck,
  type AuditRow,
} from "#store/audit/audit-log.ts";
import { entriesWaiting } from "#store/audit/pending-entries.ts";
import { field, filterForm, sendButton } from "./forms.ts";
import type { PageContent, Subject } from "./frame.ts";
import { aside, link, none, number, pager, row, section, soft, table } from "./parts.ts";
import type { Caller, Visit } from "./session.ts";

const DATA_MAX = 300;

/** The page, and the check that any teammate may ask for. */
export const AUDIT: Subject = {
  place: "/console/audit",
  pages: { "/audit": auditPage },
  presses: { "/audit/check": checkChain },
};

const PATH = AUDIT.place;

/** The entire chain as a file. */
export const AUDIT_EXPORT: Subject = {
  place: PATH,
  files: {
    "/audit/export.csv": exportAudit,
  },
  leadsOnly: "only a lead may export the audit",
};

/** The newest entries, and what the last check of the chain found. */
async function auditPage(visit: Visit): Promise<PageContent> {
  const kind = visit.asked("kind").trim().toLowerCase().replaceAll(/\s+/g, "_") || null;
  const before = visit.askedNumber("before");
  const { entries, next, check, waiting } = await visit.run(async (transaction) => ({
    ...(await newestEntries(transaction, { before, kind })),
    check: await LAST_CHECK.read(transaction),
    waiting: await entriesWaiting(transaction),
  }));
  return {
    title: "Audit",
    body: html`${checkView(check, waiting, visit)}
    ${filterForm(PATH, field("kind", "Kind of entry", inWords(kind ?? ""), EXAMPLES), {
      after: kind !== null && html` ${link(PATH, "Show all")}`,
    })}
    ${entries.length === 0 ? none(kind === null ? "No entry." : "No entry of this kind.") : entryTable(entries, visit)}
    ${pager({
      path: PATH,
      query: { kind },
      isFirst: before === null,
      next: next === null ? null : { before: next },
    })}`,
  };
}

const EXAMPLES = html`maxlength="40" placeholder="vote, paused, case changed …"`;

function checkView(check: AuditCheck | null, waiting: number, visit: Visit): Html {
  const unsealed = waiting === 0 ? "" : ` ${waiting} newer entries are not in the chain yet.`;
  return section(
    "chain",
    "The chain",
    html`<p>${check === null ? "It was not checked yet." : checkWords(check, visit)}${unsealed}</p>
      ${soft("Each entry holds the digest of the one before it, so that a change of any is found. Entries hold ids and digests, and people as pseudonyms.")}
      ${row(
        sendButton("Check the whole chain", { to: `${PATH}/check` }),
        visit.isLead
          ? html`<a class="button" href="${PATH}/export.csv" download="">Export as CSV</a>`
          : aside("A lead can export it."),
      )}`,
  );
}

function checkWords({ at, entries, brokenAt, head }: AuditCheck, { when }: Visit): Html {
  const found = when(new Date(at));
  return brokenAt === null
    ? html`<span class="ok">✓ Whole</span> on ${found}: ${entries} entries, head
        ${head.slice(0, 16)}.`
    : html`<span class="bad">✗ Broken at entry ${brokenAt}</span>, found on ${found}: an entry was
        changed or is missing.`;
}

function entryTable(entries: readonly AuditRow[], { when }: Visit): Html {
  return html`<div class="box">
    ${table(
      ["Entry", "When", "What", "About"],
      entries.map(({ seq, at, kind, data }) => [
        number(seq),
        number(when(at)),
        inWords(kind),
        about(data),
      ]),
    )}
  </div>`;
}

/** The ids of an entry, each a link to what it names. */
function about(data: AuditRow["data"]): readonly Html[] {
  return Object.entries(data).map(([name, value], index) => {
    const words = (typeof value === "string" ? value : JSON.stringify(value)).slice(0, DATA_MAX);
    const shown = /^[a-z]{1,8}_[0-9a-f]{6,40}$/.test(words)
      ? link(`/console/find/${words}`, words)
      : html`${words.length > 24 && /^[0-9a-f]+$/.test(words) ? `${words.slice(0, 16)}…` : words}`;
    return html`${index === 0 ? "" : ", "}${aside(inWords(name))} ${shown}`;
  });
}

/** Checks the whole chain and keeps what was found. */
async function checkChain({ run, now }: Caller): Promise<object> {
  const verdict = await verifyAudit({ run });
  await run(keepCheck, verdict, now);
  return { whole: verdict.brokenAt === null };
}

/** As many entries as one piece of an export holds. */
const PIECE = 500;

const HEAD = "seq,at,kind,data,previous,hash\r\n";

function csvLine({ seq, at, kind, data, previous, hash }: AuditRow): string {
  const fields = [String(seq), at.toISOString(), kind, JSON.stringify(data), previous, hash];
  return `${fields.map(csvField).join(",")}\r\n`;
}

/** Quoted, and never a formula of a spreadsheet. */
function csvField(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}

/** The entire chain, in pieces; the export itself is an entry. A first read that fails is told, and is no file. */
async function exportAudit({ run, now, audit }: Caller, response: Response): Promise<void> {
  await run(audit, "audit_exported");
  response.attachment(`audit-${utcDay(now)}.csv`).type("text/csv");
  for (let after = 0, more = true; more;) {
    const from = after;
    const rows = await run(entriesAfter, from, PIECE);
    await written(response, `${from === 0 ? HEAD : ""}${rows.map(csvLine).join("")}`);
    after = rows.at(-1)?.seq ?? after;
    more = rows.length === PIECE && !response.destroyed;
  }
  response.end();
}

/** Waits while the reader is slower than the database. */
function written(response: Response, text: string): Promise<void> {
  if (response.write(text) || response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    response.once("drain", resolve).once("close", resolve);
  });
}
