/** The agents' page of one ticket. */
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { conversationHistory } from "./conversation.ts";
import { ratingWords } from "./customer.ts";
import { html, type Markup } from "./html.ts";
import { statusBadge, timeTag } from "./layout.ts";

const STATUSES = ["open", "pending", "hold", "solved"] as const;

/** A ticket with everything a teammate does to it. */
export function ticketPage(desk: Desk, ticket: Ticket, me: User): Markup {
  const requester = desk.users.get(ticket.requester_id);
  const isClosed = ticket.status === "closed";
  const rating = ratingWords(desk, ticket);
  return html`<h1>${ticket.subject} ${statusBadge(ticket.status)}</h1>
    <p class="soft">
      #${ticket.id} · from ${requester?.name} &lt;${requester?.email}&gt; · via
      ${ticket.via.channel} · ${timeTag(ticket.created_at)}${rating !== "" && ` · ${rating}`}
    </p>
    <div class="ticket">
      <section aria-label="Conversation">
        ${conversationHistory(desk, desk.audits.of(ticket.id))}
        ${isClosed ? html`<p>This ticket is closed. A follow-up is a new ticket.</p>` : composer(ticket, me)}
      </section>
      <aside>${!isClosed && html`${properties(desk, ticket)} ${mergeForm(desk, ticket)}`}</aside>
    </div>`;
}

function composer(ticket: Ticket, me: User): Markup {
  return html`<form class="card" method="post" action="/agent/tickets/${ticket.id}/comment">
    <fieldset>
      <legend>Kind of comment</legend>
      <label><input type="radio" name="kind" value="reply" checked /> Public reply</label>
      <label><input type="radio" name="kind" value="note" /> Internal note</label>
    </fieldset>
    <label for="body">As ${me.name}</label>
    <textarea id="body" name="body" required></textarea>
    <label for="then">then set</label>
    <select id="then" name="status">
      <option value="">status unchanged</option>
      ${STATUSES.map((status) => html`<option>${status}</option>`)}
    </select>
    <button>Submit</button>
  </form>`;
}

function properties(desk: Desk, ticket: Ticket): Markup {
  const statuses = ticket.status === "new" ? ["new", ...STATUSES] : STATUSES;
  const choice = (value: string, title: string, current: boolean): Markup =>
    html`<option value="${value}" ${current && html`selected`}>${title}</option>`;
  const assignments = desk.groups.all().map((group) => {
    const members = desk.memberships.all().filter((row) => row.group_id === group.id);
    const here = ticket.group_id === group.id;
    return html`<optgroup label="${group.name}">
      ${choice(`${group.id}:`, `${group.name} (whole group)`, here && ticket.assignee_id === null)}
      ${members.map((row) => choice(`${group.id}:${row.user_id}`, `${group.name} / ${desk.users.get(row.user_id)?.name ?? ""}`, here && ticket.assignee_id === row.user_id))}
    </optgroup>`;
  });
  const priorities = ["", "low", "normal", "high", "urgent"];
  return html`<form class="card" method="post" action="/agent/tickets/${ticket.id}/properties">
    <label for="assignment">Assigned to</label>
    <select id="assignment" name="assignment">
      ${choice(":", "unassigned", ticket.group_id === null)}${assignments}
    </select>
    <label for="status">Status</label>
    <select id="status" name="status">
      ${statuses.map((status) => choice(status, status, status === ticket.status))}
    </select>
    <label for="priority">Priority</label>
    <select id="priority" name="priority">
      ${priorities.map((level) => choice(level, level === "" ? "none" : level, level === (ticket.priority ?? "")))}
    </select>
    <label for="tags">Tags</label>
    <input id="tags" type="text" name="tags" value="${ticket.tags.join(" ")}" autocomplete="off" />
    <button>Save</button>
  </form>`;
}

/** Merging closes this ticket and notes its last message in the other one. */
function mergeForm(desk: Desk, ticket: Ticket): Markup | false {
  const others = desk.tickets
    .all()
    .filter(
      ({ id, deleted, status }) =>
        id !== ticket.id && !deleted && !["solved", "closed"].includes(status),
    );
  if (others.length === 0) return false;
  return html`<form class="card" method="post" action="/agent/tickets/${ticket.id}/merge">
    <label for="into">Merge into</label>
    <select id="into" name="into">
      ${others.map(({ id, subject }) => html`<option value="${id}">#${id} ${subject}</option>`)}
    </select>
    <button>Merge</button>
  </form>`;
}
