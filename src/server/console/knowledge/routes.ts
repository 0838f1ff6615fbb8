/**
 * Room: the console's pages about help pages.
 * In: browser requests of teammates; texts and switches of leads.
 * Out: lists, one page with its history, what a question finds; versions of written pages, entries of the audit.
 * May touch: the database, and the search of help pages.
 * This file: the addresses.
 */
import type { RequestHandler, Router } from "express";
import type { Desk, Draw } from "#server/console/visit.ts";
import { addKnowledgeChanges } from "./changes.ts";
import { editPage, newPage } from "./edit.ts";
import { knowledgePage } from "./list.ts";
import { helpPage } from "./page.ts";
import { searchPage } from "./search.ts";
import { sourcePage } from "./source.ts";

/** Adds the list, the page of one help page, its form, the search, and what their buttons send. */
export function addKnowledgePages(
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
  const places: readonly (readonly [path: string, draw: (...of: DrawOf) => ReturnType<Draw>])[] = [
    ["/knowledge", knowledgePage],
    ["/knowledge/search", searchPage],
    ["/knowledge/new", newPage],
    ["/knowledge/source/:name", sourcePage],
    ["/knowledge/page/:slug", helpPage],
    ["/knowledge/page/:slug/edit", editPage],
  ];
  for (const [path, draw] of places)
    router.get(
      path,
      page((visit, request) => draw(desk, visit, request)),
    );
  addKnowledgeChanges(router, desk, ownPage);
}

/** What a page is drawn from. */
type DrawOf = readonly [desk: Desk, ...visited: Parameters<Draw>];
