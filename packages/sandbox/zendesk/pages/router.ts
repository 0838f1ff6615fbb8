/**
 * Room: the pages: `/agent` for the team, `/hc` for customers.
 * In: a browser's requests and forms, and the persona chosen in a cookie.
 * Out: HTML, and changes made as that persona.
 * May touch: the account's records. Who a visitor is, is chosen and not proven.
 */
import { type ErrorRequestHandler, Router, urlencoded } from "express";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { ApiError, refuseOtherSites } from "#sandbox/zendesk/http/errors.ts";
import { agentPages } from "./agent.ts";
import { customerPages } from "./customer.ts";
import { html } from "./html.ts";
import { wholePage } from "./layout.ts";

/** Pages load nothing from elsewhere, and only pages of this machine may frame them. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self' 'unsafe-inline'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*",
].join("; ");

/** The pages for people: `/agent` for the team, `/hc/requests` for customers. */
export function pagesRouter(desk: Desk): Router {
  const router = Router();
  const pages = ["/agent", "/hc"];
  const readForm = urlencoded({ extended: false, limit: 1_000_000 });
  router.use(pages, refuseOtherSites, readForm, (_request, response, next) => {
    response.set({
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    next();
  });
  router.get("/", (_request, response) => response.redirect("/agent"));
  router.use(agentPages(desk), customerPages(desk));
  router.use(pages, showProblem);
  return router;
}

const showProblem: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (!(error instanceof ApiError) || response.headersSent) return next(error);
  const home = request.originalUrl.startsWith("/hc") ? "/hc/requests" : "/agent";
  const content = html`<main>
    <h1>This page does not exist</h1>
    <p>It may have been deleted, or you may not see it. <a href="${home}">Back</a></p>
  </main>`;
  const page = wholePage("Not found", content, { watched: "", stamp: "" });
  response.status(error.status).type("html").send(page);
};
