/** The help center's pages for customers. */
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { SurveyResponse, Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { findTicket } from "#sandbox/zendesk/records/tickets.ts";
import { messageBox, type ShownComment } from "./conversation.ts";
import { html, type Markup } from "./html.ts";
import { statusBadge, timeTag } from "./layout.ts";
import { isRated, ratingForm, ratingWords, surveyForm } from "./rating.ts";

/** A customer's own requests. */
export function requestList(desk: Desk, me: User): Markup {
  const own = desk.tickets
    .all()
    .filter((ticket) => !ticket.deleted && ticket.is_public && ticket.requester_id === me.id)
    .toSorted((left, right) => right.sequence - left.sequence);
  const rows = own.map(
    (ticket) =>
      html`<tr>
        <td>
          <a class="subject" href="/hc/requests/${ticket.id}">${ticket.subject}</a><br /><small
            >#${ticket.id}${ticket.status === "solved" && html` · ${ratingStatus(desk, ticket)}`}</small
          >
        </td>
        <td>${statusBadge(ticket.status)}</td>
        <td class="nowrap"><small>${timeTag(ticket.updated_at)}</small></td>
      </tr>`,
  );
  return html`<div class="head">
      <h1>My requests</h1>
      <a class="button" href="/hc/requests/new">New request</a>
    </div>
    ${
      own.length === 0
        ? html`<div class="card empty">
            <p>You have not asked us anything yet.</p>
            <a class="button" href="/hc/requests/new">Ask something</a>
          </div>`
        : html`<table>
            <thead>
              <tr>
                <th>Subject</th>
                <th>Status</th>
                <th>Last activity</th>
              </tr>
            </thead>
            <tbody>
              ${rows}
            </tbody>
          </table>`
    }`;
}

function ratingStatus(desk: Desk, ticket: Ticket): string {
  return isRated(desk, ticket) ? `you rated it: ${ratingWords(desk, ticket)}` : "How did we do?";
}

/** The form for a new request. */
export function newRequest(me: User, problem: string): Markup {
  return html`${problem !== "" && html`<div class="problem" role="alert">${problem}</div>`}
    <div class="head"><h1>How can we help, ${me.name.split(" ")[0]}?</h1></div>
    <form class="card" method="post" action="/hc/requests">
      <label for="subject">Subject</label
      ><input id="subject" type="text" name="subject" required maxlength="150" autocomplete="off" />
      <label for="body">Your message</label><textarea id="body" name="body" required></textarea>
      <p class="soft">You are signed in as ${me.email}.</p>
      <div class="row end"><button class="main">Send</button></div>
    </form>`;
}

/** One request: its public comments, and a form for the customer's next one. */
export function requestPage(desk: Desk, ticket: Ticket, problem: string): Markup {
  const said = publicComments(desk, ticket.id);
  return html`${problem !== "" && html`<div class="problem" role="alert">${problem}</div>`}
    <div class="head">
      <div>
        <h1>${ticket.subject}</h1>
        <span class="soft">Request #${ticket.id} · ${timeTag(ticket.created_at)}</span>
      </div>
      ${statusBadge(ticket.status)}
    </div>
    ${said.map(({ event, at }) => messageBox(desk, event, at))}
    ${ticket.status === "closed" ? followUp(ticket) : answerForm(ticket)}
    ${ticket.status === "solved" && ratingForm(desk, ticket, `/hc/requests/${ticket.id}/rating`)}`;
}

function publicComments(
  desk: Desk,
  ticketId: number,
): { readonly event: ShownComment; readonly at: string }[] {
  return desk.audits
    .of(ticketId)
    .flatMap((audit) => audit.events.map((event) => ({ event, at: audit.created_at })))
    .flatMap(({ event, at }) => (event.type === "Comment" && event.public ? [{ event, at }] : []));
}

function answerForm(ticket: Ticket): Markup {
  return html`<form class="card" method="post" action="/hc/requests/${ticket.id}/comment">
    <label for="body">Add to the conversation</label
    ><textarea id="body" name="body" required></textarea>
    <div class="row end"><button class="main">Send</button></div>
  </form>`;
}

function followUp(ticket: Ticket): Markup {
  return html`<form class="card" method="post" action="/hc/requests">
    <p>This request is closed. What you write now starts a follow-up.</p>
    <input type="hidden" name="follows" value="${ticket.id}" /><input
      type="hidden"
      name="subject"
      value="Re: ${ticket.subject}"
    />
    <label for="body">Your message</label><textarea id="body" name="body" required></textarea>
    <div class="row end"><button class="main">Send</button></div>
  </form>`;
}

/** The survey about one request, on a page of its own. */
export function surveyPage(desk: Desk, survey: SurveyResponse, problem: string): Markup {
  const ticket = findTicket(desk, survey.ticket_id);
  return html`${problem !== "" && html`<div class="problem" role="alert">${problem}</div>`}
    <div class="head">
      <div>
        <h1>Your rating</h1>
        <a href="/hc/requests/${ticket.id}">Request #${ticket.id}: ${ticket.subject}</a>
      </div>
    </div>
    ${surveyForm(survey, `/hc/surveys/${survey.id}`)}`;
}
