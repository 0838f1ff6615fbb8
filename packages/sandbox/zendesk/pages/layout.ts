/** What all pages share: the header with the persona selector, how a page is sent, how a form is answered, and how a conversation is shown. */
import type { Request, Response, Router } from "express";
import { z } from "zod";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { USER_IDS } from "#sandbox/zendesk/records/account.ts";
import { findTicket } from "#sandbox/zendesk/records/tickets.ts";
import { ApiError, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import {
  type Actor,
  type Audit,
  type AuditEvent,
  type Comment,
  type Ticket,
  systemOf,
  viaOf,
} from "#sandbox/zendesk/records/ticket-model.ts";
import { contentUrl } from "#sandbox/zendesk/records/files.ts";
import { type Html, html } from "#server/http/html.ts";

/** Whom a visitor can act as on each half of the pages: the team's, and the customers'. */
const PERSONAS = {
  agent: ["dana", "lee", "sam", "lea"],
  customer: ["ann", "bob", "cara"],
} as const;
/** Which half of the pages. */
type Side = keyof typeof PERSONAS;
type Persona = (typeof PERSONAS)[Side][number];

const LINKS: Readonly<Record<Side, readonly (readonly [path: string, name: string])[]>> = {
  agent: [
    ["/agent", "Tickets"],
    ["/hc/requests", "Customer side"],
  ],
  customer: [
    ["/hc/requests", "My requests"],
    ["/hc/requests/new", "New request"],
    ["/agent", "Agent side"],
  ],
};

/** The persona a visitor acts as. Each side keeps it in a cookie of its own, so that one browser can show both. */
function personaKey(request: Request, side: Side): Persona {
  const [, chosen] =
    new RegExp(`(?:^|;\\s*)${side}=([a-z]+)`, "u").exec(request.get("cookie") ?? "") ?? [];
  const keys: readonly Persona[] = PERSONAS[side];
  return keys.find((key) => key === chosen) ?? PERSONAS[side][0];
}

/** The user behind the chosen persona. */
export function personaUser(desk: Desk, request: Request, side: Side): User {
  const user = desk.users.get(USER_IDS[personaKey(request, side)]);
  if (!user) throw recordNotFound();
  return user;
}

/** The chosen persona as the author of a change made on a page. */
export function actorFor(desk: Desk, request: Request, side: Side): Actor {
  const system = systemOf(request.get("user-agent"), request.ip);
  return { user: personaUser(desk, request, side), via: viaOf("web"), system };
}

const PersonaForm = z.object({
  side: z.enum(["agent", "customer"]),
  persona: z.enum([...PERSONAS.agent, ...PERSONAS.customer]),
  /** Only a path of the sandbox, so that the form is no open redirect. */
  back: z.string().regex(/^\/(agent|hc)(\/[\w/-]*)?$/u),
});

/** Stores the choice and goes back to the page it was made on. */
export function choosePersona(request: Request, response: Response): void {
  const form = PersonaForm.safeParse(request.body);
  if (!form.success) return response.redirect(303, "/agent");
  const { side, persona, back } = form.data;
  response.cookie(side, persona, { httpOnly: true, sameSite: "lax", path: "/" });
  response.redirect(303, back);
}

/** Sends a page; one about a ticket watches that ticket for changes, others all tickets. */
export function sendPage(
  desk: Desk,
  request: Request,
  response: Response,
  page: {
    readonly side: Side;
    readonly title: string;
    readonly content: Html;
    readonly ticketId?: number;
  },
): void {
  const { side, title, content, ticketId } = page;
  const chosen = personaKey(request, side);
  const options = PERSONAS[side].map((key) => {
    const user = desk.users.get(USER_IDS[key]);
    const lead = user?.tags.includes("lead") === true && " (lead)";
    return html`<option value="${key}" ${key === chosen && html`selected`}>
      ${user?.name}${lead}
    </option>`;
  });
  const problem = request.query["problem"];
  const body = html`<header class="bar">
      <strong>${side === "agent" ? "Sandbox Zendesk" : "OurShop Help"}</strong>
      <nav aria-label="Pages">
        ${LINKS[side].map(([path, name]) => html`<a href="${path}">${name}</a> `)}
      </nav>
      <form class="who" method="post" action="/agent/act-as">
        <label for="persona">Act as</label>
        <input type="hidden" name="side" value="${side}" />
        <input type="hidden" name="back" value="${request.path}" />
        <select id="persona" name="persona">
          ${options}
        </select>
        <button>Switch</button>
      </form>
    </header>
    <main ${side === "customer" && html`class="narrow"`}>
      <div class="notice warn" id="newer" role="status" hidden>
        This page has changed meanwhile. <a href="${request.path}">Reload</a>
      </div>
      ${typeof problem === "string" && html`<div class="notice problem" role="alert">${problem}</div>`}
      ${content}
    </main>
    <script src="/agent/live.js" defer></script>`;
  const watched = ticketId === undefined ? "/agent/stamp" : `/agent/stamp/${ticketId}`;
  response.type("html").send(wholePage(title, body, { watched, stamp: stampFor(desk, ticketId) }));
}

/** A document in the style of every page of ours; an open page is current as long as `watched` answers the stamp. */
export function wholePage(
  title: string,
  body: Html,
  watch: { readonly watched: string; readonly stamp: string },
): string {
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${title}</title>
      <link rel="icon" href="data:," />
      <link rel="stylesheet" href="/assets/style.css" />
      <link rel="stylesheet" href="/agent/desk.css" />
    </head>
    <body data-watch="${watch.watched}" data-stamp="${watch.stamp}">
      ${body}
    </body>
  </html>`;
  return `<!doctype html>\n${page.toString()}`;
}

/** Moves with every change of the ticket, or of any ticket where none is named. */
export function stampFor(desk: Desk, ticketId: number | undefined): string {
  if (ticketId !== undefined) return String(findTicket(desk, ticketId).sequence);
  return String(Math.max(0, ...desk.tickets.all().map((ticket) => ticket.sequence)));
}

/** The ticket number in the path; no ticket has the number NaN. */
export function idOf(request: Request): number {
  return Number(request.params["id"]);
}

/** The ticket in the path; 404 where the visitor may not see it. Customers see what they asked themselves. */
export function visibleTicket(desk: Desk, request: Request, side: Side): Ticket {
  const ticket = findTicket(desk, idOf(request));
  const isOwn = ticket.requester_id === personaUser(desk, request, side).id && ticket.is_public;
  if (side === "customer" && !isOwn) throw recordNotFound();
  return ticket;
}

/** The forms of a ticket's page, each by the end of its path, with what they do as the chosen persona. */
export function ticketForms(
  desk: Desk,
  router: Router,
  side: Side,
  forms: Readonly<Record<string, (actor: Actor, ticketId: number, fields: unknown) => void>>,
): void {
  const tickets = side === "agent" ? "/agent/tickets" : "/hc/requests";
  for (const [name, act] of Object.entries(forms))
    router.post(`${tickets}/:id/${name}`, (request, response) => {
      const { id } = visibleTicket(desk, request, side);
      submit(response, `${tickets}/${id}`, () => {
        act(actorFor(desk, request, side), id, request.body);
        return `${tickets}/${id}`;
      });
    });
}

/** Runs `act` and redirects to the path it returns; a refusal is shown on the page the form came from. */
export function submit(response: Response, back: string, act: () => string): void {
  try {
    response.redirect(303, act());
  } catch (error) {
    const problem = problemText(error);
    if (problem === undefined) throw error;
    response.redirect(303, `${back}?problem=${encodeURIComponent(problem)}`);
  }
}

const Envelope = z.object({
  details: z.record(z.string(), z.array(z.object({ description: z.string() }))),
});

function problemText(error: unknown): string | undefined {
  if (error instanceof z.ZodError) return error.issues.map((issue) => issue.message).join(" ");
  if (!(error instanceof ApiError) || error.status === 404) return undefined;
  const parsed = Envelope.safeParse(error.body);
  if (!parsed.success) return "This cannot be done.";
  return Object.values(parsed.data.details)
    .flat()
    .map((detail) => detail.description)
    .join(" ");
}

/** A time for people; the machine's form is in the title. */
export function timeTag(iso: string): Html {
  return html`<time datetime="${iso}" title="${iso}"
    >${iso.slice(0, 16).replace("T", " ")} UTC</time
  >`;
}

/** The status of a ticket as a badge. */
export function statusBadge(status: string): Html {
  return html`<span class="badge">${status === "hold" ? "on hold" : status}</span>`;
}

/** Text with its web addresses made links; everything in it is escaped. */
function linkedText(text: string): Html {
  const pieces = text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,:;!?)\]])/gu);
  return html`${pieces.map((piece, index) =>
    index % 2 === 1
      ? html`<a href="${piece}" rel="noreferrer" target="_blank">${piece}</a>`
      : html`${piece}`,
  )}`;
}

// How a conversation is shown.

/** The history of a ticket, oldest first: what was said and what was changed, audit by audit. */
export function conversationHistory(desk: Desk, ticketId: number): Html {
  const comments = desk.comments.of(ticketId);
  return html`${desk.audits.of(ticketId).map((audit) => {
    const messages = comments.filter((comment) => comment.audit_id === audit.id);
    return html`${messages.map((comment) => staffMessage(desk, comment))} ${eventLine(desk, audit)}`;
  })}`;
}

/** The files of a comment; pictures inside its lines are not listed. */
function fileList(desk: Desk, comment: Comment): Html | false {
  const files = comment.attachment_ids.flatMap((id) => desk.attachments.get(id) ?? []);
  const listed = files.filter(({ inline }) => !inline);
  if (listed.length === 0) return false;
  return html`<ul class="files" aria-label="Files">
    ${listed.map((file) => {
      const isBad = file.malware_scan_result === "malware_found";
      const name = file.file_name;
      return html`<li>
        ${isBad ? name : html`<a href="${contentUrl(desk, file)}" rel="noreferrer" target="_blank">${name}</a>`}
        <span class="soft"
          >${`${Math.ceil(Buffer.byteLength(file.base64, "base64") / 1000)} kB`}</span
        >
        ${isBad && html`<span class="badge danger">Malware found</span>`}
      </li>`;
    })}
  </ul>`;
}

/** A comment as the team sees it; an internal note looks different enough not to be taken for a reply. */
function staffMessage(desk: Desk, comment: Comment): Html {
  const kind = kindOf(desk.users.get(comment.author_id));
  const label = comment.public
    ? html`<span class="badge">Public</span>`
    : html`<span class="badge warn">Internal note</span>`;
  const channel = comment.via.channel === "api" ? "API" : comment.via.channel;
  const marks = html`${kind === "bot" && html`<span class="badge">Bot</span>`}
    ${(kind !== "customer" || !comment.public) && label}<span class="soft">via ${channel}</span>`;
  return messageBox(desk, comment, marks);
}

/** A comment with its author; `marks` follow the name. */
export function messageBox(desk: Desk, comment: Comment, marks?: Html): Html {
  const author = desk.users.get(comment.author_id);
  return html`<article class="box message ${comment.public ? kindOf(author) : "note"}">
    <div class="row"><strong>${author?.name}</strong>${marks}${timeTag(comment.created_at)}</div>
    <div class="words">${linkedText(comment.plain_body)}</div>
    ${fileList(desk, comment)}
  </article>`;
}

function kindOf(user: User | undefined): "bot" | "customer" | "staff" {
  if (user?.id === USER_IDS.bot) return "bot";
  return user === undefined || user.role === "end-user" ? "customer" : "staff";
}

/** What one audit changed is one line, so that an assignment with its side effects reads as one act. */
function eventLine(desk: Desk, audit: Audit): Html | null {
  const actor = desk.users.get(audit.author_id)?.name ?? "System";
  const changes = audit.events.flatMap((event) =>
    event.type === "Change" ? [`${event.field_name} → ${newValue(desk, event)}`] : [],
  );
  if (changes.length === 0) return null;
  return html`<p class="soft">
    <b>${actor}</b> changed ${changes.join(", ")} · ${timeTag(audit.created_at)}
  </p>`;
}

function newValue(
  desk: Desk,
  { field_name: field, value }: AuditEvent & { readonly type: "Change" },
): string {
  const records = field === "group_id" ? desk.groups : desk.users;
  if (field.endsWith("_id")) return records.get(Number(value))?.name ?? "none";
  return [value].flat().join(", ") || "none";
}
