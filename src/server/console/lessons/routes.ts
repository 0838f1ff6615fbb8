/**
 * Room: the console's pages about lessons.
 * In: browser requests of leads; their decisions on what three alike differences propose.
 * Out: a list, one page each with the drafted change, and the form in which the lead writes it.
 * May touch: the database.
 * This file: the addresses.
 */
import type { Router } from "express";
import { addPages, type Guarded } from "#server/console/page-routes.ts";
import type { Desk } from "#server/console/visit.ts";
import { addLessonChanges } from "./changes.ts";
import { lessonsPage } from "./list.ts";
import { lessonPage } from "./page.ts";
import { writePage } from "./write.ts";

/** Adds the list, the page of one lesson, its draft in the editor, and what their buttons send. */
export function addLessonPages(router: Router, desk: Desk, { page, ownPage }: Guarded): void {
  addPages(router, desk, page, {
    "/lessons": lessonsPage,
    "/lessons/:id": lessonPage,
    "/lessons/:id/write": writePage,
  });
  addLessonChanges(router, desk, ownPage);
}
