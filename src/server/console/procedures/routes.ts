/**
 * Room: the console's pages about procedures.
 * In: browser requests of teammates; texts, tests, wishes to publish and to go back, of leads.
 * Out: pages, drafts, results of tests, proposals that leads vote on, entries of the audit.
 * May touch: the database; the model and the shop only to play tests, which change nothing.
 * This file: the addresses.
 */

import type { RequestHandler, Router } from "express";
import { partOf, type Desk, type Draw } from "#server/console/visit.ts";
import { addProcedureChanges } from "./changes.ts";
import { editPage, newPage } from "./edit.ts";
import { proceduresPage } from "./list.ts";
import { procedureNow, procedurePage } from "./page.ts";

/** Adds the list, the page of one procedure, its editor, and what their buttons send. */
export function addProcedurePages(
  router: Router,
  desk: Desk,
  {
    page,
    ownPage,
  }: {
    readonly page: (draw: Draw) => RequestHandler;
    readonly ownPage: readonly RequestHandler[];
  },
): void {
  router.get(
    "/procedures",
    page((visit) => proceduresPage(desk, visit)),
  );
  router.get(
    "/new-procedure",
    page((visit) => newPage(desk, visit)),
  );
  router.get(
    "/procedures/:name",
    page((visit, request) => procedurePage(desk, visit, request)),
  );
  router.get(
    "/procedures/:name/edit",
    page((visit, request) => editPage(desk, visit, request)),
  );
  router.get(
    "/part/procedures/:name",
    partOf(desk, (visit, request) => procedureNow(desk, visit, request)),
  );
  addProcedureChanges(router, desk, ownPage);
}
