/**
 * Room: the console's pages about rehearsals, which leads alone see.
 * In: browser requests of leads; what they say about a ticket.
 * Out: what a rehearsal came to, its tickets, both answers beside each other; the same as one file for others to read.
 * May touch: the tables of rehearsals.
 * This file: the addresses.
 */

import type { Router, Request, RequestHandler } from "express";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { PersonVerdict } from "#core/values/rehearsal.ts";
import { keptName } from "#jobs/reports/candidate-cases.ts";
import { addPages, type Guarded } from "#server/console/page-routes.ts";
import { parseInput } from "#server/console/parse-input.ts";
import { type Desk, named } from "#server/console/visit.ts";
import { judgeTicket, markKept } from "#store/rehearsal/rehearsals.ts";
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

// What the pages about rehearsals send: who was right, and what becomes a case. Leads alone may.

const TicketId = z.string().min(1).max(500);
const Said = z.strictObject({
  ticket: TicketId,
  /** Null takes back what was said. */
  right: PersonVerdict.shape.right.nullable(),
});
const Kept = z.strictObject({ ticket: TicketId });

/** Adds the addresses behind the buttons. */
function addRehearsalChanges(router: Router, desk: Desk, ownPage: readonly RequestHandler[]): void {
  router.post("/rehearsals/:id/verdict", ...ownPage, sayWhoWasRight(desk));
  router.post("/rehearsals/:id/keep", ...ownPage, keepAsCase(desk));
}

async function leadOf({ session }: Desk, request: Request): Promise<string> {
  const { teammate, role } = await session.teammate(request);
  if (role !== "lead")
    throw new DeskhandError("input.forbidden", "only a lead can judge a rehearsal");
  return teammate.name;
}

function sayWhoWasRight(desk: Desk): RequestHandler {
  const { store, clock } = desk.options.parts;
  return async (request, response) => {
    const by = await leadOf(desk, request);
    const { ticket, right } = parseInput(Said, request.body);
    const at = clock.now().toISOString();
    const verdict = right === null ? null : { right, by, note: "", at };
    const place = { rehearsalId: named(request, "id"), ticketId: ticket };
    requireKept(await store.run((transaction) => judgeTicket(transaction, place, verdict)));
    response.json({});
  };
}

function keepAsCase(desk: Desk): RequestHandler {
  const { store } = desk.options.parts;
  return async (request, response) => {
    await leadOf(desk, request);
    const { ticket } = parseInput(Kept, request.body);
    const place = { rehearsalId: named(request, "id"), ticketId: ticket };
    const name = keptName(place.rehearsalId, ticket);
    requireKept(await store.run((transaction) => markKept(transaction, place, name)));
    response.json({});
  };
}

function requireKept(isKept: boolean): void {
  if (!isKept)
    throw new DeskhandError(
      "input.invalid",
      "this ticket is not kept any more: it was erased or became too old; the figures stay",
    );
}
