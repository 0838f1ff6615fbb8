/** Shows a ticket's conversation. */
import { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { Audit, AuditEvent } from "#sandbox/zendesk/records/ticket-model.ts";
import { USER_IDS } from "#sandbox/zendesk/records/seed.ts";
import { html, type Markup, linkedText } from "./html.ts";
import { timeTag } from "./layout.ts";

/** The history of a ticket, oldest first: what was said and what was changed, audit by audit. */
export function conversationHistory(desk: Desk, audits: readonly Audit[]): Markup {
  return html`${audits.map((audit) => {
    const messages = audit.events.filter((event) => event.type === "Comment");
    const lines = eventLines(desk, audit);
    return html`${messages.map((event) => staffMessage(desk, audit, event))}
    ${
      lines.length > 0 &&
      html`<ul class="events">
        ${lines.map((line) => html`<li>${line}</li>`)}
      </ul>`
    }`;
  })}`;
}

/** A comment as an audit has it. */
export interface ShownComment {
  readonly author_id: number;
  readonly plain_body: string;
  readonly public: boolean;
  readonly attachments?: readonly unknown[];
}

/** A file of a comment, as the API shows it. */
const Attachment = z.object({
  file_name: z.string(),
  content_url: z.string(),
  size: z.number().optional(),
  malware_scan_result: z.string().optional(),
});

function fileList(said: ShownComment): Markup | false {
  const shown = (said.attachments ?? []).flatMap((item) => {
    const parsed = Attachment.safeParse(item);
    return parsed.success && /^https?:/u.test(parsed.data.content_url) ? [parsed.data] : [];
  });
  if (shown.length === 0) return false;
  return html`<ul class="files" aria-label="Files">
    ${shown.map(
      ({ file_name: name, content_url: url, size, malware_scan_result: scan }) =>
        html`<li>
          ${scan === "malware_found" ? name : html`<a href="${url}" rel="noreferrer" target="_blank">${name}</a>`}
          <span class="soft">${size !== undefined && `${Math.ceil(size / 1000)} kB`}</span>
          ${scan === "malware_found" && html`<span class="label danger">Malware found</span>`}
        </li>`,
    )}
  </ul>`;
}

/** A comment as the team sees it; an internal note looks different enough not to be taken for a reply. */
function staffMessage(desk: Desk, audit: Audit, said: ShownComment): Markup {
  const kind = kindOf(desk.users.get(said.author_id));
  const label = said.public
    ? html`<span class="label">Public</span>`
    : html`<span class="label note">Internal note</span>`;
  const channel = audit.via.channel === "api" ? "API" : audit.via.channel;
  const marks = html`${kind === "bot" && html`<span class="label bot">Bot</span>`}
    ${(kind !== "customer" || !said.public) && label}<span class="soft">via ${channel}</span>`;
  return messageBox(desk, said, audit.created_at, marks);
}

/** A comment with its author; `marks` follow the name. */
export function messageBox(desk: Desk, said: ShownComment, at: string, marks?: Markup): Markup {
  const author = desk.users.get(said.author_id);
  const kind = kindOf(author);
  return html`<article class="message ${said.public ? kind : "note"}">
    <div class="who"><strong>${author?.name}</strong>${marks}${timeTag(at)}</div>
    <div class="text">${linkedText(said.plain_body)}</div>
    ${fileList(said)}
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
