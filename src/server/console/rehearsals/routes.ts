/**
 * Room: the console's pages about rehearsals, which leads alone see.
 * In: browser requests of leads; what they say about a ticket.
 * Out: what a rehearsal came to, its tickets, both answers beside each other; the same as one file for others to read.
 * May touch: the tables of rehearsals.
 * This file: the addresses.
 */
import type { Router } from "express";
import { addPages, type Guarded } from "#server/console/page-routes.ts";
import type { Desk } from "#server/console/visit.ts";
import { addRehearsalChanges } from "./changes.ts";
import { rehearsalsPage } from "./list.ts";
import { rehearsalPage, rehearsedTicketPage } from "./page.ts";

/** Adds the list, the page of one rehearsal, that of one of its tickets, and what their buttons send. */
export function addRehearsalPages(router: Router, desk: Desk, { page, ownPage }: Guarded): void {
  addPages(router, desk, page, {
    "/rehearsals": rehearsalsPage,
    "/rehearsals/:id": rehearsalPage,
    "/rehearsals/:id/ticket": rehearsedTicketPage,
  });
  addRehearsalChanges(router, desk, ownPage);
}
