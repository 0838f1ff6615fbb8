/** The agents' side: the list of tickets, what a teammate does to one, and the app beside it. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { Router } from "express";
import { z } from "zod";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { Status, type Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { findTicket, updateTicket } from "#sandbox/zendesk/records/tickets.ts";
import {
  choosePersona,
  conversationHistory,
  idOf,
  personaUser,
  sendPage,
  stampFor,
  statusBadge,
  ticketForms,
  timeTag,
} from "./layout.ts";
import { type Html, html } from "#server/http/html.ts";
import { assetRoutes, fileRoutes } from "#server/pages/static.ts";

const CommentForm = z.object({
  kind: z.enum(["reply", "note"]),
  body: z.string().trim().min(1, "Write something first."),
});
const optionalId = z.string().transform((text) => (text === "" ? null : Number(text)));
/** An assignment is `GROUP:USER`, either of which may be missing. */
const PropertiesForm = z
  .object({ assignment: z.string().regex(/^\d*:\d*$/u), status: Status })
  .transform(({ assignment, status }) => {
    const [group = "", user = ""] = assignment.split(":");
    return { group_id: optionalId.parse(group), assignee_id: optionalId.parse(user), status };
  });

const FILES = ["desk.css", "live.js", "app-around.js"].map(
  (name) => new URL(name, import.meta.url),
);

/** The team's pages below `/agent`, and what all pages load from there; `app` is the page of the app beside tickets. */
export function agentPages(desk: Desk, app: () => string | null): Router {
  const router = Router();
  router.use("/assets", assetRoutes());
  router.use("/agent", fileRoutes(FILES));
  appScript(router);
  router.get("/agent/stamp{/:id}", (request, response) => {
    const ticketId = request.params["id"] === undefined ? undefined : idOf(request);
    response.type("text").send(stampFor(desk, ticketId));
  });
  router.post("/agent/act-as", choosePersona);
  router.get("/agent", (request, response) => {
    sendPage(desk, request, response, {
      side: "agent",
      title: "Tickets",
      content: ticketList(desk),
    });
  });
  router.get("/agent/tickets/:id", (request, response) => {
    const ticket = findTicket(desk, idOf(request));
    const me = personaUser(desk, request, "agent");
    const content = ticketPage(desk, ticket, me, appFrame(desk, ticket, me, app()));
    const title = `#${ticket.id} ${ticket.subject}`;
    sendPage(desk, request, response, { side: "agent", title, content, ticketId: ticket.id });
  });
  ticketForms(desk, router, "agent", {
    comment: (actor, id, fields) => {
      const { kind, body } = CommentForm.parse(fields);
      updateTicket(desk, actor, id, { comment: { body, public: kind === "reply" } });
    },
    properties: (actor, id, fields) => {
      updateTicket(desk, actor, id, PropertiesForm.parse(fields));
    },
  });
  return router;
}

/** All tickets, those that changed last first. */
function ticketList(desk: Desk): Html {
  const tickets = desk.tickets.all().filter((ticket) => !ticket.deleted);
  const shown = tickets.toSorted((left, right) => right.sequence - left.sequence);
  return html`<h1>Tickets</h1>
    ${shown.length === 0 ? html`<p>There is no ticket.</p>` : ticketTable(desk, shown)}`;
}

function ticketTable(desk: Desk, tickets: readonly Ticket[]): Html {
  const rows = tickets.map((ticket) => {
    const assignee = ticket.assignee_id === null ? undefined : desk.users.get(ticket.assignee_id);
    const group = ticket.group_id === null ? undefined : desk.groups.get(ticket.group_id);
    return html`<tr>
      <td>${statusBadge(ticket.status)}</td>
      <td>
        <a href="/agent/tickets/${ticket.id}">${ticket.subject}</a><br /><span class="soft"
          >#${ticket.id} · ${desk.users.get(ticket.requester_id)?.name}</span
        >
      </td>
      <td>
        ${group?.name ?? "no group"}<br /><span class="soft"
          >${assignee?.name ?? "unassigned"}</span
        >
      </td>
      <td>${ticket.tags.join(", ")}</td>
      <td><span class="soft">${timeTag(ticket.updated_at)}</span></td>
    </tr>`;
  });
  const titles = ["Status", "Subject", "Group and assignee", "Tags", "Updated"];
  return html`<table class="box">
    <thead>
      <tr>
        ${titles.map((title) => html`<th>${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

// The page of one ticket.

const STATUSES = ["open", "pending", "hold", "solved"] as const;

/** A ticket with everything a teammate does to it. */
function ticketPage(desk: Desk, ticket: Ticket, me: User, app: Html | false): Html {
  const requester = desk.users.get(ticket.requester_id);
  const isClosed = ticket.status === "closed";
  return html`<h1>${ticket.subject} ${statusBadge(ticket.status)}</h1>
    <p class="soft">
      #${ticket.id} · from ${requester?.name} &lt;${requester?.email}&gt; · via
      ${ticket.via.channel} · ${timeTag(ticket.created_at)}
    </p>
    <div class="ticket">
      <section class="stack" aria-label="Conversation">
        <div id="history" class="stack">${conversationHistory(desk, ticket.id)}</div>
        ${isClosed ? html`<p>This ticket is closed. A follow-up is a new ticket.</p>` : composer(ticket, me)}
      </section>
      <aside class="stack">${app}${!isClosed && properties(desk, ticket)}</aside>
    </div>`;
}

function composer(ticket: Ticket, me: User): Html {
  return html`<form class="box" method="post" action="/agent/tickets/${ticket.id}/comment">
    <fieldset class="row">
      <legend>Kind of comment</legend>
      <label class="row"
        ><input type="radio" name="kind" value="reply" checked /> Public reply</label
      >
      <label class="row"><input type="radio" name="kind" value="note" /> Internal note</label>
    </fieldset>
    <label for="body">As ${me.name}</label>
    <textarea id="body" name="body" required></textarea>
    <button>Submit</button>
  </form>`;
}

function properties(desk: Desk, ticket: Ticket): Html {
  const statuses = ticket.status === "new" ? ["new", ...STATUSES] : STATUSES;
  const choice = (value: string, title: string, current: boolean): Html =>
    html`<option value="${value}" ${current && html`selected`}>${title}</option>`;
  const assignments = desk.groups.all().map((group) => {
    const members = desk.memberships.all().filter((row) => row.group_id === group.id);
    const here = ticket.group_id === group.id;
    return html`<optgroup label="${group.name}">
      ${choice(`${group.id}:`, `${group.name} (whole group)`, here && ticket.assignee_id === null)}
      ${members.map((row) => choice(`${group.id}:${row.user_id}`, `${group.name} / ${desk.users.get(row.user_id)?.name ?? ""}`, here && ticket.assignee_id === row.user_id))}
    </optgroup>`;
  });
  return html`<form class="box" method="post" action="/agent/tickets/${ticket.id}/properties">
    <label for="assignment">Assigned to</label>
    <select id="assignment" name="assignment">
      ${choice(":", "unassigned", ticket.group_id === null)}${assignments}
    </select>
    <label for="status">Status</label>
    <select id="status" name="status">
      ${statuses.map((status) => choice(status, status, status === ticket.status))}
    </select>
    <button>Save</button>
  </form>`;
}

// The app beside a ticket: signs what opens its page, frames it, and stands in for the framework around it.

/** The installation of the app in this account. */
const INSTALLATION = 4_900_000_001;

const APP_KEY = "app key";
const TOKEN_LIVES_S = 60;

const FRAMEWORK = readFileSync(new URL("./app-framework.js", import.meta.url), "utf8");

/** The app as it is installed here, under the account's address: what Deskhand has to know of it. The key, as PEM, is the same over restarts. */
export function installedApp(desk: Desk) {
  if (desk.secrets.get(APP_KEY) === undefined) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const value = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    desk.write(() => desk.secrets.put({ id: APP_KEY, value }));
  }
  const publicKey = createPublicKey(appKey(desk)).export({ type: "spki", format: "pem" });
  return {
    installation: INSTALLATION,
    publicKey: publicKey.toString(),
    /** The address of the script that a page of an app loads. */
    script: `${desk.url()}/agent/app-framework.js`,
  };
}

function appKey(desk: Desk): string {
  return desk.secrets.get(APP_KEY)?.value ?? "";
}

/** What Zendesk signs when it opens an app's page for this agent (a JWT, RS256). */
function openingToken(desk: Desk, agent: User): string {
  const issued = Math.floor(desk.now().getTime() / 1_000);
  const account = desk.url();
  const claims = {
    iss: new URL(account).host,
    aud: `${account}/api/v2/apps/installations/${INSTALLATION}.json`,
    sub: `${account}/api/v2/users/${agent.id}.json`,
    jti: randomUUID(),
    iat: issued,
    nbf: issued,
    exp: issued + TOKEN_LIVES_S,
    context: { product: "support", location: "ticket_sidebar", accountUrl: account },
  };
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(signed), createPrivateKey(appKey(desk)));
  return `${signed}.${signature.toString("base64url")}`;
}

/** The script of the framework in an app's page, which another site loads. */
function appScript(router: Router): void {
  router.get("/agent/app-framework.js", (_request, response) => {
    response.set("cross-origin-resource-policy", "cross-origin").type("js").send(FRAMEWORK);
  });
}

/** The frame of the app beside a ticket, and the form that opens its page as Zendesk does; nothing without an app. */
function appFrame(desk: Desk, ticket: Ticket, agent: User, page: string | null): Html | false {
  if (page === null) return false;
  const address = new URL(page);
  address.searchParams.set("origin", desk.url());
  address.searchParams.set("app_guid", "deskhand");
  return html`<section class="app" aria-label="Apps">
    <form id="open-app" method="post" action="${address.href}" target="deskhand-app" hidden>
      <input type="hidden" name="token" value="${openingToken(desk, agent)}" />
    </form>
    <iframe
      id="app"
      name="deskhand-app"
      title="Deskhand"
      data-ticket="${ticket.id}"
      data-origin="${address.origin}"
    ></iframe>
    <script src="/agent/app-around.js" defer></script>
  </section>`;
}
