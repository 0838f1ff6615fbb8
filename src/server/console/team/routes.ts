/** The routes of the pages about the team's work as a whole. */

import type { RequestHandler, Router } from "express";
import { partOf, type Desk, type Draw } from "#server/console/visit.ts";
import { auditPage, checkChain, exportAudit } from "./audit.ts";
import { handoverList, handoversPage } from "./handovers.ts";
import { healthPage } from "./health.ts";
import { figurePage, numbersPage } from "./numbers.ts";
import { policyCards, policyPage } from "./policy.ts";

/** Adds hand-overs, numbers, policy, audit and health. */
export function addTeamPages(
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
    "/handovers",
    page((visit, request) => handoversPage(desk, visit, request)),
  );
  router.get(
    "/part/handovers",
    partOf(desk, (visit, request) => handoverList(desk, visit, request)),
  );
  router.get(
    "/numbers",
    page((visit, request) => numbersPage(desk, visit, request)),
  );
  router.get(
    "/numbers/:figure",
    page((visit, request) => figurePage(desk, visit, request)),
  );
  router.get(
    "/policy",
    page((visit, request) => policyPage(desk, visit, request)),
  );
  router.get(
    "/part/policy",
    partOf(desk, (visit) => policyCards(desk, visit)),
  );
  router.get(
    "/audit",
    page((visit, request) => auditPage(desk, visit, request)),
  );
  router.get("/audit/export.csv", exportAudit(desk));
  router.get("/audit/export.jsonl", exportAudit(desk));
  router.post("/audit/check", ...ownPage, checkChain(desk));
  router.get(
    "/health",
    page((visit) => healthPage(desk, visit)),
  );
}
