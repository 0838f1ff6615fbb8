/**
 * Room: everything Deskhand answers over HTTP. This file mounts the pages; each subfolder is a room of its own.
 * In: HTTP requests of vendors, visitors, teammates and load balancers.
 * Out: answers, server-sent events, pages, the widget script; messages go to intake, decisions to the desk handler.
 * May touch: the database, kept files, its own static files; no vendor, but Slack to sign a teammate in and the model to
 * describe a picture when a teammate asks for it.
 */

import { promisify } from "node:util";
import { json, raw, Router, urlencoded } from "express";
import { AUDIT, AUDIT_EXPORT } from "./console/audit.ts";
import { DECISIONS } from "./console/case/card.ts";
import { CASE } from "./console/case/case.ts";
import { customerFiles } from "./console/case/files.ts";
import { addSubject, type Subject } from "./console/frame.ts";
import { HEALTH } from "./console/health.ts";
import { INBOX } from "./console/inbox/inbox.ts";
import { HELP_PAGE } from "./console/knowledge/page.ts";
import { KNOWLEDGE } from "./console/knowledge/list.ts";
import { KNOWLEDGE_EDITING } from "./console/knowledge/edit.ts";
import { QUESTIONS } from "./console/knowledge/questions.ts";
import { LESSONS } from "./console/lessons.ts";
import { NUMBERS } from "./console/numbers.ts";
import { ACCESS_PAGES } from "./console/policy/access.ts";
import { POLICY } from "./console/policy/page.ts";
import { POLICY_SETTINGS } from "./console/policy/settings.ts";
import { TEAM_PAGES } from "./console/policy/team.ts";
import { WEBHOOK_PAGE } from "./console/policy/webhooks.ts";
import { PERSON } from "./console/person.ts";
import { PROCEDURE_EDITING } from "./console/procedures/edit.ts";
import { PROCEDURES } from "./console/procedures/page.ts";
import { REHEARSALS } from "./console/rehearsals/page.ts";
import { SEARCH } from "./console/search.ts";
import { consoleSession, type Desk, type PageOptions } from "./console/session.ts";
import { addSignIn } from "./console/sign-in.ts";
import { requireOwnForm, requireOwnPage, type OwnOrigin } from "./pages/own-origin.ts";
import { assetRoutes, readPage } from "./pages/static.ts";
import { ticketRoutes } from "./ticket/routes.ts";
import { widgetRoutes } from "./widget/bundle-route.ts";

/** A page of a sample shop with the widget's one script tag. */
const SHOP_PAGE = readPage(new URL("./pages/shop.html", import.meta.url));

/** The pages people open: the console, the chat widget on a sample page, and the start page where there is one. */
export function pageRoutes(options: PageOptions): Router {
  const router = Router();
  // Read at each request, because the port is known only once we listen.
  const ownOrigin = (): string => {
    const address = options.parts.cardLink("");
    return URL.canParse(address) ? new URL(address).origin : "";
  };
  router.use("/assets", assetRoutes());
  router.use(
    "/widget.js",
    widgetRoutes(() => options.parts.policy.linkHosts),
  );
  router.use("/console", consoleRoutes(options, ownOrigin));
  const { sidebar } = options;
  if (sidebar !== null)
    router.use(`/${sidebar.channel}/app`, ticketRoutes(options, sidebar, ownOrigin));
  router.get("/chat", (_request, response) => {
    response.set("Cache-Control", "no-store").type("html").send(SHOP_PAGE);
  });
  if (options.startPage === null)
    router.get("/", (_request, response) => response.redirect("/console"));
  else router.use("/", options.startPage(ownOrigin));
  return router;
}

/** Everything the console has. A new subject is one more name here, and a place in the navigation of `frame.ts`. */
export const SUBJECTS: readonly Subject[] = [
  INBOX,
  CASE,
  DECISIONS,
  SEARCH,
  NUMBERS,
  POLICY,
  POLICY_SETTINGS,
  TEAM_PAGES,
  WEBHOOK_PAGE,
  ACCESS_PAGES,
  AUDIT,
  AUDIT_EXPORT,
  HEALTH,
  PERSON,
  PROCEDURES,
  PROCEDURE_EDITING,
  KNOWLEDGE,
  QUESTIONS,
  HELP_PAGE,
  KNOWLEDGE_EDITING,
  REHEARSALS,
  LESSONS,
];

/** Enough for a page of 250,000 characters in JSON, whatever its alphabet. */
const BODY_MAX = "1mb";
/** More does not come in within the time a body has. */
const FILE_MAX = "5mb";
const FORM_MAX = "4kb";

/** The console, where the team sees what waits, decides it, and reads everything Deskhand did. */
function consoleRoutes(options: PageOptions, ownOrigin: OwnOrigin): Router {
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
  const ownForm = [requireOwnForm(ownOrigin), urlencoded({ extended: false, limit: FORM_MAX })];
  const readFile = promisify(raw({ type: "application/octet-stream", limit: FILE_MAX }));
  const turnAway = addSignIn(router, desk, { ownPage, ownOrigin });
  for (const subject of [...SUBJECTS, customerFiles(options.parts)])
    addSubject(router, desk, subject, { turnAway, ownPage, ownForm, readFile });
  router.post("/leave", ...ownPage, async (request, response) => {
    await session.leave(request, response);
    response.json({});
  });
  return router;
}
