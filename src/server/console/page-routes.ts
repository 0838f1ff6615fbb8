/** Puts the pages of the console, and their parts, under their addresses. */

import type { Request, RequestHandler, Router } from "express";
import type { Html } from "#server/http/html.ts";
import type { Visit } from "./frame.ts";
import { partOf, type Desk, type Draw } from "./visit.ts";

/** What the routes of every room of pages are given. */
export interface Guarded {
  /** Makes the route of a page, which only a teammate with a role is shown. */
  readonly page: (draw: Draw) => RequestHandler;
  /** Checks that what changes something was sent by a page of ours. */
  readonly ownPage: readonly RequestHandler[];
}

/** By address: what draws the page there. */
type Pages = Readonly<
  Record<string, (desk: Desk, visit: Visit, request: Request) => ReturnType<Draw>>
>;

/** By address below `/part`: what draws that part of a page. */
type Parts = Readonly<
  Record<string, (desk: Desk, visit: Visit, request: Request) => Promise<Html>>
>;

/** Adds a route for each page, in the order in which they are written. */
export function addPages(router: Router, desk: Desk, page: Guarded["page"], pages: Pages): void {
  for (const [path, draw] of Object.entries(pages))
    router.get(
      path,
      page((visit, request) => draw(desk, visit, request)),
    );
}

/** Adds a route for each part that a page's script asks for. */
export function addParts(router: Router, desk: Desk, parts: Parts): void {
  for (const [path, draw] of Object.entries(parts))
    router.get(
      `/part${path}`,
      partOf(desk, (visit, request) => draw(desk, visit, request)),
    );
}
