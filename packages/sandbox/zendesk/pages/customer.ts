/** The customers' side: their requests, and the help centre's articles. */
import { type Request, Router } from "express";
import { z } from "zod";
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { createTicket, updateTicket } from "#sandbox/zendesk/records/tickets.ts";
import {
  actorFor,
  messageBox,
  personaUser,
  sendPage,
  statusBadge,
  submit,
  ticketForms,
  timeTag,
  visibleTicket,
  wholePage,
} from "./layout.ts";
import { type Html, html } from "#server/http/html.ts";

const WRITE_SOMETHING = "Write something first.";
const RequestForm = z.object({
  subject: z.string().trim().min(1, "Give it a subject."),
  body: z.string().trim().min(1, WRITE_SOMETHING),
});
const AnswerForm = z.object({ body: z.string().trim().min(1, WRITE_SOMETHING) });

/** The customers' pages below `/hc`. */
export function customerPages(desk: Desk): Router {
  const router = Router();
  const me = (request: Request): User => personaUser(desk, request, "customer");
  router.get("/hc", (_request, response) => response.redirect("/hc/requests"));
  router.get("/hc/requests", (request, response) => {
    const content = requestList(desk, me(request));
    sendPage(desk, request, response, { side: "customer", title: "My requests", content });
  });
  router.get("/hc/requests/new", (request, response) => {
    const content = newRequest(me(request));
    sendPage(desk, request, response, { side: "customer", title: "New request", content });
  });
  router.get("/hc/requests/:id", (request, response) => {
    const ticket = visibleTicket(desk, request, "customer");
    const content = requestPage(desk, ticket);
    const { id: ticketId, subject: title } = ticket;
    sendPage(desk, request, response, { side: "customer", title, content, ticketId });
  });
  router.post("/hc/requests", (request, response) => {
    const actor = actorFor(desk, request, "customer");
    submit(response, "/hc/requests/new", () => {
      const { subject, body } = RequestForm.parse(request.body);
      const draft = {
        subject,
        comment: { body },
        requester_id: actor.user.id,
      };
      return `/hc/requests/${createTicket(desk, actor, draft).ticket.id}`;
    });
  });
  ticketForms(desk, router, "customer", {
    comment: (actor, id, fields) => {
      updateTicket(desk, actor, id, { comment: AnswerForm.parse(fields) });
    },
  });
  articlePages(desk, router);
  return router;
}

function requestList(desk: Desk, me: User): Html {
  const own = desk.tickets
    .all()
    .filter((ticket) => !ticket.deleted && ticket.is_public && ticket.requester_id === me.id)
    .toSorted((left, right) => right.sequence - left.sequence);
  const rows = own.map(
    (ticket) =>
      html`<tr>
        <td><a href="/hc/requests/${ticket.id}">${ticket.subject}</a></td>
        <td>${statusBadge(ticket.status)}</td>
        <td><span class="soft">${timeTag(ticket.updated_at)}</span></td>
      </tr>`,
  );
  return html`<h1>My requests</h1>
    <p>
      ${own.length === 0 && "You have not asked us anything yet."}
      <a href="/hc/requests/new">New request</a>
    </p>
    <table class="box">
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

function newRequest(me: User): Html {
  return html`<h1>How can we help, ${me.name.split(" ")[0]}?</h1>
    <form class="box" method="post" action="/hc/requests">
      <label for="subject">Subject</label>
      <input id="subject" type="text" name="subject" required maxlength="150" autocomplete="off" />
      <label for="body">Your message</label>
      <textarea id="body" name="body" required></textarea>
      <p class="soft">You are signed in as ${me.email}.</p>
      <button>Send</button>
    </form>`;
}

/** One request: its public comments, and a form for the customer's next one. */
function requestPage(desk: Desk, ticket: Ticket): Html {
  const comments = desk.comments.of(ticket.id).filter((comment) => comment.public);
  return html`<h1>${ticket.subject} ${statusBadge(ticket.status)}</h1>
    <p class="soft">Request #${ticket.id} · ${timeTag(ticket.created_at)}</p>
    ${comments.map((comment) => messageBox(desk, comment))} ${answerForm(ticket)}`;
}

function answerForm({ id, status }: Ticket): Html {
  if (status === "closed") return html`<p>This request is closed.</p>`;
  return html`<form class="box" method="post" action="/hc/requests/${id}/comment">
    <label for="body">Add to the conversation</label>
    <textarea id="body" name="body" required></textarea>
    <button>Send</button>
  </form>`;
}

/** Where an article's address leads: no draft, and nothing that only some people may read. */
function articlePages(desk: Desk, router: Router): void {
  router.get("/hc/:locale/articles/:name", (request, response) => {
    const { locale, name } = request.params;
    const article = desk.articles.get(Number(/^\d{1,15}(?=-|$)/u.exec(name)?.[0] ?? 0));
    const words = article?.translations.find((one) => one.locale === locale && !one.draft);
    if (article?.user_segment_id !== null || words === undefined) throw recordNotFound();
    const content = html`<main lang="${locale}">
      <h1>${words.title}</h1>
    </main>`;
    const page = wholePage(words.title, content, { watched: "", stamp: "" });
    // An article is markup as its writer made it, and no template takes that.
    response.type("html").send(page.replace("</main>", () => `${words.body}</main>`));
  });
}
