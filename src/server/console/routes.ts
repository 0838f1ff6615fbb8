/**
 * Room: the console, where the team sees what waits, decides it, and reads everything Deskhand did.
 * In: browser requests of teammates who signed in with a one-time link or with Slack.
 * Out: pages, cards and files; decisions go to the desk handler, notes, pauses, drafts of procedures and help pages to
 * the database.
 * May touch: the database (cards, messages, sessions, pause, traces) and kept files; Slack only to sign in, and the
 * model only to describe a picture when a teammate asks for it.
 */

import { json, Router } from "express";
import type { PageOptions } from "#server/pages/options.ts";
import { requireOwnPage, type OwnOrigin } from "#server/pages/own-origin.ts";
import { AUDIT, exportAudit } from "./audit.ts";
import { addFiles } from "#server/console/case/files.ts";
import { CASE } from "#server/console/case/page.ts";
import { DECISIONS } from "./decisions.ts";
import { HEALTH } from "./health.ts";
import { KNOWLEDGE_EDITING } from "#server/console/knowledge/edit.ts";
import { KNOWLEDGE } from "#server/console/knowledge/list.ts";
import { HELP_PAGE } from "#server/console/knowledge/page.ts";
import { QUESTIONS } from "#server/console/knowledge/questions.ts";
import { LESSONS } from "./lessons.ts";
import { NUMBERS } from "./numbers.ts";
import { POLICY } from "./policy.ts";
import { PROCEDURE_EDITING } from "#server/console/procedures/edit.ts";
import { PROCEDURES } from "#server/console/procedures/page.ts";
import { exportRehearsal } from "#server/console/rehearsals/file.ts";
import { REHEARSALS } from "#server/console/rehearsals/page.ts";
import { SEARCH } from "./search.ts";
import { consoleSession } from "./session.ts";
import { addSignIn } from "./sign-in.ts";
import { addSubject, type Desk } from "./visit.ts";
import { WAITING, JUNK } from "./waiting.ts";

/** Everything the console has. A new subject is one more name here, and a place in the navigation of `frame.ts`. */
const SUBJECTS = [
  WAITING,
  JUNK,
  CASE,
  DECISIONS,
  SEARCH,
  NUMBERS,
  POLICY,
  AUDIT,
  HEALTH,
  PROCEDURES,
  PROCEDURE_EDITING,
  KNOWLEDGE,
  QUESTIONS,
  HELP_PAGE,
  KNOWLEDGE_EDITING,
  REHEARSALS,
  LESSONS,
];

/** Enough for a reply of 60,000 characters in JSON, whatever its alphabet. */
const BODY_MAX = "300kb";

/** The console. Every page and every part of one checks session and role; what changes something, its origin as well. */
export function consoleRoutes(options: PageOptions, ownOrigin: OwnOrigin): Router {
  const router = Router();
  const session = consoleSession(options.parts);
  const desk: Desk = { options, session };
  router.use((_request, response, next) => {
    response.set("Cache-Control", "no-store");
    // Without one, browsers name no origin with a form, and such a form is refused.
    response.set("Referrer-Policy", "same-origin");
    next();
  });
  const ownPage = [requireOwnPage(ownOrigin), json({ limit: BODY_MAX })];
  const doorkeeper = addSignIn(router, desk, { ownPage, ownOrigin });
  for (const subject of SUBJECTS) addSubject(router, desk, subject, { doorkeeper, ownPage });
  addFiles(router, desk, { doorkeeper, ownOrigin });
  router.get(["/audit/export.csv", "/audit/export.jsonl"], exportAudit(desk));
  router.get("/rehearsals/:id/file", exportRehearsal(desk));
  router.post("/leave", ...ownPage, async (request, response) => {
    await session.leave(request, response);
    response.json({});
  });
  return router;
}
