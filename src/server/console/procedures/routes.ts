/**
 * Room: the console's pages about procedures.
 * In: browser requests of teammates; texts, tests, wishes to publish and to go back, of leads.
 * Out: pages, drafts, results of tests, proposals that leads vote on, entries of the audit.
 * May touch: the database; the model and the shop only to play tests, which change nothing.
 * This file: the addresses.
 */

import type { Router } from "express";
import { digestOf } from "#jobs/procedures/publish.ts";
import { readProcedure } from "#procedures/format.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import { addPages, addParts, type Guarded } from "#server/console/page-routes.ts";
import type { Desk } from "#server/console/visit.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { recentVersions, type ProcedureVersion } from "#store/procedures/versions.ts";
import { addProcedureChanges } from "./changes.ts";
import { editPage, newPage } from "./edit.ts";
import { procedureNow, procedurePage } from "./page.ts";
import { PATH, pathOf, stateBadge, testWords, versionWords } from "./words.ts";

/** Adds the list, the page of one procedure, its editor, and what their buttons send. */
export function addProcedurePages(router: Router, desk: Desk, { page, ownPage }: Guarded): void {
  addPages(router, desk, page, {
    "/procedures": proceduresPage,
    "/new-procedure": newPage,
    "/procedures/:name": procedurePage,
    "/procedures/:name/edit": editPage,
  });
  addParts(router, desk, { "/procedures/:name": procedureNow });
  addProcedureChanges(router, desk, ownPage);
}

// The list of procedures: what each is for, what is in use, who owns it, and what its last tests came to.

/** A procedure of the list: its versions that count now, and its file. */
interface Listed {
  readonly name: string;
  readonly versions: readonly ProcedureVersion[];
  readonly file: string | null;
}

/** Every procedure that is in use, waits, is being written, was taken back, or lies in the folder. */
async function proceduresPage(
  { options: { procedures: shelf } }: Desk,
  visit: Visit,
): Promise<PageContent> {
  const kept = Map.groupBy(await shelf.desk.store.run(recentVersions), ({ name }) => name);
  const files = new Map(shelf.files().map(({ name, text }) => [name, text]));
  const names = [...new Set([...kept.keys(), ...files.keys()])].toSorted();
  const rows = names.map((name) =>
    row({ name, versions: kept.get(name) ?? [], file: files.get(name) ?? null }, visit),
  );
  return {
    place: PATH,
    title: "Procedures",
    tools: html`<p class="soft">
        How the team handles a kind of case, in plain language. Answers follow what is in use; it
        permits nothing that the policy does not.
      </p>
      ${visit.role === "lead" ? html`<p class="row"><a class="button" href="/console/new-procedure">Write a new one</a></p>` : ""}`,
    body:
      rows.length === 0
        ? html`<p class="box soft">
            There is no procedure yet. A lead can write one here, or put a file into
            ${shelf.folder ?? "a folder named procedures beside the policy file"}.
          </p>`
        : html`<ol class="cases" id="procedures" aria-label="Procedures">
            ${rows}
          </ol>`,
  };
}

function row(listed: Listed, visit: Visit): Html {
  const { name, versions, file } = listed;
  const first =
    versions.find(({ state }) => state === "published") ??
    versions.find(({ state }) => state !== "retired") ??
    versions[0];
  const read = readProcedure(name, first?.text ?? file ?? "");
  const { title, when, owner } =
    read.kind === "read" ? read.procedure : { title: name, when: "", owner: "" };
  const about = [
    name,
    ...(first === undefined ? ["nothing of it in use"] : [versionWords(first)]),
    owner,
    ...(first === undefined ? [] : [testWords(first, visit)]),
  ].filter((part) => part !== "");
  return html`<li class="case-row">
    <a class="what" href="${pathOf(name)}">${title}</a
    ><span class="badges-beside"
      >${badges(listed)}${
        read.kind === "read" ? "" : html`<span class="badge warn">has mistakes</span>`
      }</span
    ><span class="excerpt" dir="auto">${when}</span><span class="meta">${about.join(" · ")}</span>
  </li>`;
}

/** Its states, and whether its file was changed outside the console. */
function badges({ versions, file }: Listed): readonly HtmlValue[] {
  const isNewFile = file !== null && !versions.some(({ digest }) => digest === digestOf(file));
  return [
    ...versions.filter(({ state }) => state !== "retired" || versions.length === 1).map(stateBadge),
    isNewFile ? html`<span class="badge warn">the file has another text</span>` : null,
  ];
}
