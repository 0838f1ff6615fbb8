/** The agents' list of tickets. */
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { html, type Markup } from "./html.ts";
import { statusBadge, timeTag } from "./layout.ts";
import { isRated, ratingWords } from "./rating.ts";

interface View {
  readonly key: string;
  readonly title: string;
  readonly shows: (ticket: Ticket, me: User) => boolean;
}

/** The views next to the list: the standard ones, and one for each group. */
function viewsOf(desk: Desk): View[] {
  const unsolved = (ticket: Ticket): boolean => !["solved", "closed"].includes(ticket.status);
  return [
    { key: "unsolved", title: "All unsolved", shows: unsolved },
    {
      key: "mine",
      title: "Yours",
      shows: (ticket, me) => unsolved(ticket) && ticket.assignee_id === me.id,
    },
    {
      key: "unassigned",
      title: "Unassigned",
      shows: (ticket) => unsolved(ticket) && ticket.assignee_id === null,
    },
    ...desk.groups.all().map((group) => ({
      key: `group-${group.id}`,
      title: group.name,
      shows: (ticket: Ticket): boolean => unsolved(ticket) && ticket.group_id === group.id,
    })),
    {
      key: "pending",
      title: "Pending",
      shows: (ticket) => ["pending", "hold"].includes(ticket.status),
    },
    {
      key: "solved",
      title: "Solved",
      shows: (ticket) => ["solved", "closed"].includes(ticket.status),
    },
    { key: "all", title: "All tickets", shows: () => true },
  ];
}

/** The list of tickets with its views. */
export function ticketList(desk: Desk, me: User, viewKey: string): Markup {
  const views = viewsOf(desk);
  const current = views.find((view) => view.key === viewKey) ?? views[0];
  const tickets = desk.tickets.all().filter((ticket) => !ticket.deleted);
  const links = views.map((view) => {
    const count = tickets.filter((ticket) => view.shows(ticket, me)).length;
    return html`<a href="/agent?view=${view.key}" ${view === current && html`aria-current="page"`}
      >${view.title} <span>${count}</span></a
    >`;
  });
  const shown = tickets
    .filter((ticket) => current?.shows(ticket, me))
    .toSorted((left, right) => right.sequence - left.sequence);
  return html`<div class="columns">
    <nav class="views" aria-label="Views">
      ${links}<a href="/agent/suspended"
        >Suspended mail <span>${desk.suspended.all().length}</span></a
      >
    </nav>
    <section>
      <div class="head"><h1>${current?.title}</h1></div>
      ${shown.length === 0 ? html`<div class="card empty">No tickets in this view.</div>` : table(desk, shown)}
    </section>
  </div>`;
}

function ratingOf(desk: Desk, ticket: Ticket): string {
  return isRated(desk, ticket) ? ` · rated ${ratingWords(desk, ticket)}` : "";
}

function table(desk: Desk, tickets: readonly Ticket[]): Markup {
  const rows = tickets.map((ticket) => {
    const requester = desk.users.get(ticket.requester_id);
    const assignee = ticket.assignee_id === null ? undefined : desk.users.get(ticket.assignee_id);
    const group = ticket.group_id === null ? undefined : desk.groups.get(ticket.group_id);
    return html`<tr>
      <td>${statusBadge(ticket.status)}</td>
      <td>
        <a class="subject" href="/agent/tickets/${ticket.id}">${ticket.subject}</a><br /><small
          >#${ticket.id} · ${requester?.name}${ratingOf(desk, ticket)}</small
        >
      </td>
      <td>
        ${group?.name ?? html`<span class="soft">no group</span>`}<br /><small
          >${assignee?.name ?? "unassigned"}</small
        >
      </td>
      <td>${ticket.tags.map((tag) => html`<span class="tag">${tag}</span>`)}</td>
      <td class="nowrap"><small>${timeTag(ticket.updated_at)}</small></td>
    </tr>`;
  });
  return html`<table>
    <thead>
      <tr>
        <th>Status</th>
        <th>Subject</th>
        <th>Group and assignee</th>
        <th>Tags</th>
        <th>Updated</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
