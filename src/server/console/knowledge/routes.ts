/**
 * Room: the console's pages about help pages.
 * In: browser requests of teammates; texts and switches of leads.
 * Out: lists, one page with its history, what a question finds; versions of written pages, entries of the audit.
 * May touch: the database, and the search of help pages.
 * This file: the addresses.
 */
import type { Router } from "express";
import { addPages, type Guarded } from "#server/console/page-routes.ts";
import type { Desk } from "#server/console/visit.ts";
import { addKnowledgeChanges } from "./changes.ts";
import { editPage, newPage } from "./edit.ts";
import { gapsPage } from "./gaps.ts";
import { knowledgePage } from "./list.ts";
import { helpPage } from "./page.ts";
import { searchPage } from "./search.ts";
import { sourcePage } from "./source.ts";

/** Adds the list, the page of one help page, its form, the search, and what their buttons send. */
export function addKnowledgePages(router: Router, desk: Desk, { page, ownPage }: Guarded): void {
  addPages(router, desk, page, {
    "/knowledge": knowledgePage,
    "/knowledge/search": searchPage,
    "/knowledge/gaps": gapsPage,
    "/knowledge/new": newPage,
    "/knowledge/source/:name": sourcePage,
    "/knowledge/page/:slug": helpPage,
    "/knowledge/page/:slug/edit": editPage,
  });
  addKnowledgeChanges(router, desk, ownPage);
}
