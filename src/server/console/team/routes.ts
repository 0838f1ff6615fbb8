/** The routes of the pages about the team's work as a whole. */

import type { Router } from "express";
import { addPages, addParts, type Guarded } from "#server/console/page-routes.ts";
import type { Desk } from "#server/console/visit.ts";
import { auditPage, checkChain, exportAudit } from "./audit.ts";
import { handoverList, handoversPage } from "./handovers.ts";
import { healthPage } from "./health.ts";
import { figurePage, numbersPage } from "./numbers.ts";
import { policyCards, policyPage } from "./policy.ts";

/** Adds hand-overs, numbers, policy, audit and health. */
export function addTeamPages(router: Router, desk: Desk, { page, ownPage }: Guarded): void {
  addPages(router, desk, page, {
    "/handovers": handoversPage,
    "/numbers": numbersPage,
    "/numbers/:figure": figurePage,
    "/policy": policyPage,
    "/audit": auditPage,
    "/health": healthPage,
  });
  addParts(router, desk, { "/handovers": handoverList, "/policy": policyCards });
  router.get("/audit/export.csv", exportAudit(desk));
  router.get("/audit/export.jsonl", exportAudit(desk));
  router.post("/audit/check", ...ownPage, checkChain(desk));
}
