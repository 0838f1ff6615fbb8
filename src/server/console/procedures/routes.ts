/**
 * Room: the console's pages about procedures.
 * In: browser requests of teammates; texts, tests, wishes to publish and to go back, of leads.
 * Out: pages, drafts, results of tests, proposals that leads vote on, entries of the audit.
 * May touch: the database; the model and the shop only to play tests, which change nothing.
 * This file: the addresses.
 */

import type { Router } from "express";
import { addPages, addParts, type Guarded } from "#server/console/page-routes.ts";
import type { Desk } from "#server/console/visit.ts";
import { addProcedureChanges } from "./changes.ts";
import { editPage, newPage } from "./edit.ts";
import { proceduresPage } from "./list.ts";
import { procedureNow, procedurePage } from "./page.ts";

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
