/** Shows a ticket's conversation. */
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import { contentUrl } from "#sandbox/zendesk/records/files.ts";
import type { Audit, AuditEvent, Comment } from "#sandbox/zendesk/records/ticket-model.ts";
import { USER_IDS } from "#sandbox/zendesk/records/account.ts";
import { type Markup, html, linkedText, timeTag } from "./layout.ts";

/** The history of a ticket, oldest first: what was said and what was changed, audit by audit. */
export function conversationHistory(desk: Desk, ticketId: number): Markup {
  const comments = desk.comments.of(ticketId);
  return html`${desk.audits.of(ticketId).map((audit) => {
    const messages = comments.filter((comment) => comment.audit_id === audit.id);
    const lines = eventLines(desk, audit);
    return html`${messages.map((comment) => staffMessage(desk, comment))}
    ${
      lines.length > 0 &&
      html`<ul class="events">
        ${lines.map((line) => html`<li>${line}</li>`)}
      </ul>`
    }`;
  })}`;
}

/** The files of a comment; pictures inside its lines are not listed. */
function fileList(desk: Desk, comment: Comment): Markup | false {
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
        ${isBad && html`<span class="label danger">Malware found</span>`}
      </li>`;
    })}
  </ul>`;
}

/** A comment as the team sees it; an internal note looks different enough not to be taken for a reply. */
function staffMessage(desk: Desk, comment: Comment): Markup {
  const kind = kindOf(desk.users.get(comment.author_id));
  const label = comment.public
    ? html`<span class="label">Public</span>`
    : html`<span class="label note">Internal note</span>`;
  const channel = comment.via.channel === "api" ? "API" : comment.via.channel;
  const marks = html`${kind === "bot" && html`<span class="label bot">Bot</span>`}
    ${(kind !== "customer" || !comment.public) && label}<span class="soft">via ${channel}</span>`;
  return messageBox(desk, comment, marks);
}

/** A comment with its author; `marks` follow the name. */
export function messageBox(desk: Desk, comment: Comment, marks?: Markup): Markup {
  const author = desk.users.get(comment.author_id);
  return html`<article class="message ${comment.public ? kindOf(author) : "note"}">
    <div class="who"><strong>${author?.name}</strong>${marks}${timeTag(comment.created_at)}</div>
    <div class="text">${linkedText(comment.plain_body)}</div>
    ${fileList(desk, comment)}
  </article>`;
}

function kindOf(user: User | undefined): "bot" | "customer" | "staff" {
  if (user?.id === USER_IDS.bot) return "bot";
  return user === undefined || user.role === "end-user" ? "customer" : "staff";
}

const FIELD_TITLES: Readonly<Record<string, string>> = {
  status: "status",
  priority: "priority",
  assignee_id: "assignee",
  group_id: "group",
  requester_id: "requester",
  tags: "tags",
  subject: "subject",
  type: "type",
};

/** What one audit changed is one line, so that an assignment with its side effects reads as one act. */
function eventLines(desk: Desk, audit: Audit): Markup[] {
  const actor = desk.users.get(audit.author_id)?.name ?? "System";
  const changes = audit.events.flatMap((event) => changeText(desk, event) ?? []);
  const line = html`<b>${actor}</b> changed
    ${changes.map((change, index) => html`${index > 0 && ", "}${change}`)} ·
    ${timeTag(audit.created_at)}`;
  const others = audit.events.flatMap((event) => otherLine(desk, actor, event) ?? []);
  return changes.length > 0 ? [line, ...others] : others;
}

function changeText(desk: Desk, event: AuditEvent): Markup | undefined {
  if (event.type !== "Change") return undefined;
  const title = FIELD_TITLES[event.field_name] ?? `field ${event.field_name}`;
  const from = valueText(desk, event.field_name, event.previous_value);
  const to = valueText(desk, event.field_name, event.value);
  return html`${title} ${from} → <b>${to}</b>`;
}

function otherLine(desk: Desk, actor: string, event: AuditEvent): Markup | undefined {
  if (event.type === "Notification") {
    const names = event.recipients.map((id) => desk.users.get(id)?.name ?? String(id));
    return html`Mail sent to <b>${names.join(", ")}</b>`;
  }
  if (event.type !== "SatisfactionRating") return undefined;
  const words = event.body === null || event.body === "" ? undefined : html` “${event.body}”`;
  return html`<b>${actor}</b> rated: <b>${event.score}</b>${words}`;
}

function valueText(desk: Desk, field: string, value: unknown): string {
  const words = Array.isArray(value) ? value.map(String) : [wordOf(value)];
  const named = words.map((word) => nameOf(desk, field, word)).filter((word) => word !== "");
  return named.length === 0 ? "none" : named.join(", ");
}

function wordOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function nameOf(desk: Desk, field: string, word: string): string {
  if (field === "group_id") return desk.groups.get(Number(word))?.name ?? word;
  if (field.endsWith("_id")) return desk.users.get(Number(word))?.name ?? word;
  return word;
}
