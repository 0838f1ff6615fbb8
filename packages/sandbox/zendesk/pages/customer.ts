/** Routes of the customers' pages. */
import { type Request, Router } from "express";
import { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { SurveyResponse } from "#sandbox/zendesk/records/ticket-model.ts";
import { createTicket, findTicket, updateTicket } from "#sandbox/zendesk/records/tickets.ts";
import { articleList, articlePage } from "./articles.ts";
import { guideList, guidePage } from "./guide.ts";
import { newRequest, requestList, requestPage, surveyPage } from "./help-center.ts";
import { idOf, problemOf, sendPage, submit } from "./send-page.ts";
import { actorFor, personaUser } from "./personas.ts";
import { rateBy } from "./rating.ts";

const RequestForm = z.object({
  subject: z.string().trim().min(1, "Give it a subject."),
  body: z.string().trim().min(1, "Write something first."),
  follows: z.coerce.number().int().positive().optional(),
});
const AnswerForm = z.object({ body: z.string().trim().min(1, "Write something first.") });

/** The customers' pages below `/hc`. */
export function customerPages(desk: Desk): Router {
  const router = Router();
  const me = (request: Request): User => personaUser(desk, request, "customer");
  const own = (request: Request): number => {
    const ticket = findTicket(desk, idOf(request));
    if (ticket.requester_id !== me(request).id || !ticket.is_public) throw recordNotFound();
    return ticket.id;
  };
  router.get("/hc", (_request, response) => response.redirect("/hc/requests"));
  router.get("/hc/requests", (request, response) => {
    sendPage(desk, request, response, {
      side: "customer",
      title: "My requests",
      content: requestList(desk, me(request)),
    });
  });
  router.get("/hc/requests/new", (request, response) => {
    const content = newRequest(me(request), problemOf(request));
    sendPage(desk, request, response, { side: "customer", title: "New request", content });
  });
  router.get("/hc/requests/:id", (request, response) => {
    const ticket = findTicket(desk, own(request));
    const content = requestPage(desk, ticket, problemOf(request));
    sendPage(desk, request, response, {
      side: "customer",
      title: ticket.subject,
      content,
      ticketId: ticket.id,
    });
  });
  router.post("/hc/requests", (request, response) => {
    const actor = actorFor(desk, request, "customer");
    submit(response, "/hc/requests/new", () => {
      const { subject, body, follows } = RequestForm.parse(request.body);
      const draft = {
        subject,
        comment: { body },
        requester_id: actor.user.id,
        followup_source_id: follows,
      };
      return `/hc/requests/${createTicket(desk, actor, draft).ticket.id}`;
    });
  });
  router.post("/hc/requests/:id/comment", (request, response) => {
    const id = own(request);
    const path = `/hc/requests/${id}`;
    submit(response, path, () => {
      const { body } = AnswerForm.parse(request.body);
      updateTicket(desk, actorFor(desk, request, "customer"), id, { comment: { body } });
      return path;
    });
  });
  router.post("/hc/requests/:id/rating", (request, response) => {
    const id = own(request);
    const path = `/hc/requests/${id}`;
    submit(response, path, () => {
      rateBy(desk, actorFor(desk, request, "customer"), id, request.body);
      return path;
    });
  });
  articlePages(desk, router);
  surveyPages(desk, router, me);
  guidePages(desk, router);
  return router;
}

/** The help pages, which everybody may read. */
function articlePages(desk: Desk, router: Router): void {
  router.get("/hc/articles", (request, response) => {
    const content = articleList();
    sendPage(desk, request, response, { side: "customer", title: "Help", content, isFixed: true });
  });
  router.get("/hc/articles/:slug", (request, response) => {
    const article = articlePage(request.params.slug);
    sendPage(desk, request, response, { side: "customer", ...article, isFixed: true });
  });
}

/** The articles that the team writes in the account itself, in each language. */
function guidePages(desk: Desk, router: Router): void {
  router.get("/hc/:locale/articles/:name", (request, response) => {
    const { locale, name } = request.params;
    const article = guidePage(desk, locale, name);
    sendPage(desk, request, response, { side: "customer", ...article, isFixed: true });
  });
  router.get("/hc/:locale", (request, response) => {
    const list = guideList(desk, request.params.locale);
    sendPage(desk, request, response, { side: "customer", ...list, isFixed: true });
  });
}

/** The page behind the link in a survey's mail: the survey alone, visible only to its recipient. */
function surveyPages(desk: Desk, router: Router, me: (request: Request) => User): void {
  const find = (request: Request): SurveyResponse => {
    const survey = desk.surveys.get(String(request.params["id"]));
    if (survey?.responder_id !== me(request).id) throw recordNotFound();
    return survey;
  };
  router.get("/hc/surveys/:id", (request, response) => {
    const survey = find(request);
    const content = surveyPage(desk, survey, problemOf(request));
    sendPage(desk, request, response, { side: "customer", title: "Your rating", content });
  });
  router.post("/hc/surveys/:id", (request, response) => {
    const survey = find(request);
    const path = `/hc/surveys/${survey.id}`;
    submit(response, path, () => {
      rateBy(desk, actorFor(desk, request, "customer"), survey.ticket_id, request.body);
      return path;
    });
  });
}
