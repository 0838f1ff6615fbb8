/** The agents' page of one ticket. */
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { GROUP_IDS } from "#sandbox/zendesk/records/seed.ts";
import { conversationHistory } from "./conversation.ts";
import { html, type Markup } from "./html.ts";
import { statusBadge, timeTag } from "./layout.ts";
import { ratingForm, ratingWords } from "./rating.ts";

/** A ticket with everything a teammate does to it. `problem` is what the last form was refused for. */
export function ticketPage(desk: Desk, ticket: Ticket, me: User, problem: string): Markup {
  const requester = desk.users.get(ticket.requester_id);
  return html`${problem !== "" && html`<div class="problem" role="alert">${problem}</div>`}
    <div class="head">
      <div>
        <h1>${ticket.subject}</h1>
        <span class="soft"
          >#${ticket.id} · from ${requester?.name} &lt;${requester?.email}&gt; ·
          ${timeTag(ticket.created_at)}</span
        >
      </div>
      ${statusBadge(ticket.status)}
    </div>
    <div class="ticket">
      <section aria-label="Conversation">
        ${conversationHistory(desk, desk.audits.of(ticket.id))}
        ${ticket.status === "closed" ? html`<p class="card empty">This ticket is closed. A follow-up is a new ticket.</p>` : composer(ticket, me)}
      </section>
      <aside>
        ${ticket.status !== "closed" && properties(desk, ticket, me)} ${ticketFacts(desk, ticket)}
        ${mergeAndRatingForms(desk, ticket)}
      </aside>
    </div>`;
}

function composer(ticket: Ticket, me: User): Markup {
  const statuses = ["open", "pending", "hold", "solved"];
  return html`<form
    class="card composer"
    method="post"
    action="/agent/tickets/${ticket.id}/comment"
  >
    <div class="switch" role="radiogroup" aria-label="Kind of comment">
      <label><input type="radio" name="kind" value="reply" checked />Public reply</label>
      <label><input type="radio" name="kind" value="note" />Internal note</label>
    </div>
    <label for="body">As ${me.name}</label>
    <textarea id="body" name="body" required></textarea>
    <div class="row end">
      <label for="then" style="margin:0">then set</label>
      <select id="then" name="status">
        <option value="">status unchanged</option>
        ${statuses.map((status) => html`<option>${status}</option>`)}
      </select>
      <span class="soft keys">Ctrl + Enter</span>
      <button class="main">Submit</button>
    </div>
  </form>`;
}

function properties(desk: Desk, ticket: Ticket, me: User): Markup {
  const statuses =
    ticket.status === "new"
      ? ["new", "open", "pending", "hold", "solved"]
      : ["open", "pending", "hold", "solved"];
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
  const action = `/agent/tickets/${ticket.id}/properties`;
  return html`<form class="card" method="post" action="${action}">
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
        ${["", "low", "normal", "high", "urgent"].map((level) => choice(level, level === "" ? "none" : level, level === (ticket.priority ?? "")))}
      </select>
      <label for="tags">Tags</label>
      <input
        id="tags"
        type="text"
        name="tags"
        value="${ticket.tags.join(" ")}"
        autocomplete="off"
      />
      <div class="row end"><button class="main">Save</button></div>
    </form>
    ${shortcuts(ticket, me, action)}`;
}

/** The two assignments a lead makes most, unless the ticket is there already. */
function shortcuts(ticket: Ticket, me: User, action: string): Markup {
  const mine = ticket.assignee_id === me.id;
  const bots = ticket.group_id === GROUP_IDS.bot;
  const untouched = ticket.group_id === null && ticket.assignee_id === null;
  return html`<div class="card row">
    ${!mine && assignButton(action, me.default_group_id, me.id, "Take it")}
    ${!bots && assignButton(action, GROUP_IDS.bot, null, untouched ? "Give to Deskhand" : "Hand back to Deskhand")}
    ${
      ticket.status !== "solved" &&
      html`<form method="post" action="/agent/tickets/${ticket.id}/solve">
        <button>${ticket.assignee_id === null ? "Take it and solve" : "Solve"}</button>
      </form>`
    }
  </div>`;
}

function assignButton(
  action: string,
  group: number | null,
  user: number | null,
  title: string,
): Markup {
  return html`<form method="post" action="${action}">
    <input type="hidden" name="assignment" value="${group ?? ""}:${user ?? ""}" /><button>
      ${title}
    </button>
  </form>`;
}

function ticketFacts(desk: Desk, ticket: Ticket): Markup {
  const requester = desk.users.get(ticket.requester_id);
  const rating = ratingWords(desk, ticket);
  return html`<div class="card">
    <dl>
      <dt>Requester</dt>
      <dd>${requester?.name}<br /><span class="soft">${requester?.email}</span></dd>
      <dt>Channel</dt>
      <dd>${ticket.via.channel}</dd>
      <dt>Updated</dt>
      <dd>${timeTag(ticket.updated_at)}</dd>
      ${
        rating !== "" &&
        html`<dt>Rating</dt>
          <dd>${rating}</dd>`
      }
      ${
        ticket.followup_source_id !== null &&
        html`<dt>Follows</dt>
          <dd>
            <a href="/agent/tickets/${ticket.followup_source_id}">#${ticket.followup_source_id}</a>
          </dd>`
      }
    </dl>
  </div>`;
}

function mergeAndRatingForms(desk: Desk, ticket: Ticket): Markup {
  const others = desk.tickets
    .all()
    .filter(
      (other) =>
        other.id !== ticket.id && !other.deleted && !["solved", "closed"].includes(other.status),
    );
  return html`${
    ticket.status !== "closed" &&
    others.length > 0 &&
    html`<details class="card">
      <summary>Merge into another ticket</summary>
      <form method="post" action="/agent/tickets/${ticket.id}/merge">
        <p class="soft">
          Closes this ticket and notes its last message there. It cannot be undone.
        </p>
        <label for="into">Into</label>
        <select id="into" name="into">
          ${others.map((other) => html`<option value="${other.id}">#${other.id} ${other.subject}</option>`)}
        </select>
        <div class="row end"><button>Merge</button></div>
      </form>
    </details>`
  }
  ${
    ticket.status === "solved" &&
    html`<details class="card">
      <summary>Rate as the customer</summary>
      ${ratingForm(desk, ticket, `/agent/tickets/${ticket.id}/rating`)}
    </details>`
  }`;
}
