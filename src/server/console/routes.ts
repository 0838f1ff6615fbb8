/**
 * Room: the console, where the team sees what waits, decides it, and reads everything Deskhand did.
 * In: browser requests of teammates who signed in with a one-time link or with Slack.
 * Out: pages, cards and files; decisions go to the desk handler, notes, pauses, drafts of procedures and help pages to
 * the database.
 * May touch: the database (cards, messages, sessions, pause, traces) and kept files; Slack only to sign in, and the
 * model only to describe a picture when a teammate asks for it.
 */

import { json, Router } from "express";
import { requireOwnPage, type OwnOrigin } from "#server/pages/own-origin.ts";
import type { PageOptions } from "#server/pages/options.ts";
import { attachedFileRoutes } from "./attachment-download.ts";
import { caseCards, caseNotes, casePage, messagePage } from "./case/page.ts";
import { addPictureDescriptions } from "./case/describe-picture.ts";
import { addDecisions } from "./decisions.ts";
import { entranceOf } from "./entrance.ts";
import { addKnowledgePages } from "./knowledge/routes.ts";
import { addLessonPages } from "./lessons/routes.ts";
import { addProcedurePages } from "./procedures/routes.ts";
import { addRehearsalPages } from "./rehearsals/routes.ts";
import { addSearch } from "./search/routes.ts";
import { consoleSession } from "./session.ts";
import { addSlackEntrance } from "./slack-entrance.ts";
import { addTeamPages } from "./team/routes.ts";
import { addPages, addParts } from "./page-routes.ts";
import { pageOf, type Desk, type Draw } from "./visit.ts";
import { junkList, junkPage } from "./waiting/junk.ts";
import { decidedPage, nextCase, shadowPage, waitingList, waitingPage } from "./waiting/pages.ts";

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
  const entrance = entranceOf(session, options.teamSignIn !== null, options.parts.clock);
  const page = (draw: Draw) => pageOf(desk, entrance, draw);
  entrance.addTo(router, ownPage);
  addSlackEntrance(router, desk, entrance, ownOrigin);
  addPages(router, desk, page, {
    "/": waitingPage,
    "/decided": decidedPage,
    "/shadow": shadowPage,
    "/junk": junkPage,
    "/next{/:id}": (_desk, _visit, request) => nextCase(desk, request),
    "/case/:id": casePage,
    "/case/:id/message/:message": (_desk, _visit, request) => messagePage(desk, request),
  });
  addParts(router, desk, {
    "/junk": junkList,
    "/waiting": waitingList,
    "/case/:id": caseCards,
    "/notes/:id": caseNotes,
  });
  addSearch(router, desk, page);
  for (const add of [
    addTeamPages,
    addProcedurePages,
    addKnowledgePages,
    addRehearsalPages,
    addLessonPages,
  ])
    add(router, desk, { page, ownPage });
  router.use(attachedFileRoutes(options, session));
  addPictureDescriptions(router, desk, { page, ownOrigin });
  addDecisions(router, desk, ownPage);
  router.post("/leave", ...ownPage, async (request, response) => {
    await session.leave(request, response);
    response.json({});
  });
  return router;
}
