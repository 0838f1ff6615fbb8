/** Comments of the local Zendesk's tickets, their HTML and their files. */
import { z } from "zod";
import { type Desk, stamp } from "./desk.ts";
import { recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import type { User } from "./account-model.ts";
import { attachmentsJson, takeUploads } from "./files.ts";
import {
  type Actor,
  type Audit,
  type NewEvent,
  type Comment,
  type Ticket,
  viaOf,
} from "./ticket-model.ts";

/** What a caller says in a comment. Without `public` it inherits the privacy of the ticket's first comment. */
export const CommentInput = z.object({
  body: z.string().optional(),
  html_body: z.string().optional(),
  public: z.boolean().optional(),
  author_id: z.number().int().optional(),
  /** Tokens of files uploaded before, each of which is used up by this comment. */
  uploads: z.array(z.string()).optional(),
});

/** A comment to be added. */
export interface CommentDraft extends z.infer<typeof CommentInput> {
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** True for a `body` that comes by the API for tickets: it is Markdown. What people type and mail is plain text. */
  readonly markdown?: boolean;
  /** Visible to the team only, regardless of its author. */
  readonly hidden?: boolean;
  readonly attachment_ids?: readonly number[];
}

/** "Bodies are limited to 64kB. Any characters exceeding this limit are truncated. No error is reported." */
const COMMENT_BYTES_MAX = 64_000;

/** Whether there is text to add: Zendesk ignores an empty comment instead of refusing the update. */
export function hasText(comment: CommentDraft): boolean {
  return (comment.body ?? "").trim() !== "" || comment.html_body !== undefined;
}

/** The ticket, audit and author of a comment; `before` is the ticket when it exists already. */
interface CommentPlace {
  readonly ticketId: number;
  readonly auditId: number;
  readonly author: User;
  readonly before?: Ticket;
}

/** Inside a write: keeps a comment, its privacy resolved. */
export function keepComment(
  desk: Desk,
  actor: Actor,
  draft: CommentDraft,
  place: CommentPlace,
): Comment {
  const bodies = bodiesOf(draft);
  const most = desk.settings.commentsPerTicket;
  if (desk.comments.of(place.ticketId).length >= most)
    throw recordInvalid("base", `Ticket: has too many comments (maximum is ${most})`);
  const inherited = place.before?.first_comment_public ?? true;
  return desk.save(desk.comments, {
    ticket_id: place.ticketId,
    audit_id: place.auditId,
    author_id: place.author.id,
    ...bodies,
    public: isPublic(actor.user, draft, inherited),
    via: actor.via,
    metadata: {
      system: actor.system,
      custom: {},
      ...(isOnBehalf(actor.user, place.author) ? ON_BEHALF : {}),
      ...draft.metadata,
    },
    attachment_ids: [...(draft.attachment_ids ?? []), ...takeUploads(desk, draft.uploads ?? [])],
  });
}

/** The flag of a comment that another user submitted for its author ("Comment flags" in the reference). */
const ON_BEHALF = { flags: [11], trusted: false } as const;

/** "Flags are not added when admins comment on behalf of agents or end users, and when agents comment on behalf of end users." */
function isOnBehalf(user: User, author: User): boolean {
  return user.id !== author.id && user.role !== "admin" && author.role !== "end-user";
}

/** Customers only write publicly, light agents never do. */
function isPublic(user: User, draft: CommentDraft, inherited: boolean): boolean {
  if (draft.hidden === true || user.only_private_comments) return false;
  return user.role === "end-user" ? true : (draft.public ?? inherited);
}

function bodiesOf(draft: CommentDraft): Pick<Comment, "body" | "html_body" | "plain_body"> {
  const { markdown = false } = draft;
  const body = truncated(draft.body ?? "");
  const html = draft.html_body === undefined ? undefined : truncated(draft.html_body);
  if (html === undefined && body.trim() === "")
    throw recordInvalid("base", "Description: cannot be blank", "BlankValue");
  if (html !== undefined) {
    const text = textFromHtml(html);
    // Scripts are dropped and hidden text is kept, as Zendesk does.
    return { body: text, html_body: wrap(html.replaceAll(SCRIPTS, "")), plain_body: text };
  }
  const escaped = escapeHtml(body.replaceAll("\r\n", "\n"));
  if (!markdown) return { body, html_body: paragraphs(escaped), plain_body: body };
  const marked = MARKDOWN.reduce((text, [sign, tag]) => text.replaceAll(sign, tag), escaped);
  const rendered = paragraphs(marked);
  return { body, html_body: rendered, plain_body: textFromHtml(rendered) };
}

function truncated(text: string): string {
  return Buffer.from(text).subarray(0, COMMENT_BYTES_MAX).toString();
}

// The HTML of comments: from plain text, from Markdown and from what a caller sent, and the text that is left of it.

/** Escapes text for HTML, for content and quoted attributes alike. */
function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Text without marks of its own as Zendesk renders it for `html_body`: paragraphs at blank lines, breaks at line ends. */
function paragraphs(html: string): string {
  const inner = html.split(/\n{2,}/u);
  return wrap(inner.map((one) => `<p dir="auto">${one.replaceAll("\n", "<br>")}</p>`).join(""));
}

const SCRIPTS = /<(script|style)\b[^<>]*>[\s\S]*?(?:<\/\1\s*>|$)/giu;

/** The text of an HTML body. Text hidden by CSS appears here as ordinary prose, as in Zendesk's own bodies. */
function textFromHtml(html: string): string {
  return html
    .replaceAll(SCRIPTS, "")
    .replaceAll(/<br\s*\/?>/giu, "\n")
    .replaceAll(/<\/p>/giu, "\n\n")
    .replaceAll(/<\/(div|li|tr|h[1-6]|pre)>/giu, "\n")
    .replaceAll(/<[^<>]*>/gu, "")
    .replaceAll("&nbsp;", " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .trim();
}

function wrap(html: string): string {
  return `<div class="zd-comment" dir="auto">${html}</div>`;
}

/**
 * Markdown, as which Zendesk reads the `body` of a comment that comes by its API: its signs become markup, so that a text
 * which has them is not what was written.
 */
const MARKDOWN: readonly (readonly [RegExp, string])[] = [
  [/^(?:-{3,}|\*{3,}|_{3,})\s*$/gmu, "<hr>"],
  [/^#{1,6}[ \t]*(\S.*)$/gmu, "<h2>$1</h2>"],
  [/^&gt;[ \t]?(.*)$/gmu, "<blockquote>$1</blockquote>"],
  [/^[-*+][ \t]+(.*)$/gmu, "<ul><li>$1</li></ul>"],
  [/^\d+[.)][ \t]+(.*)$/gmu, "<ol><li>$1</li></ol>"],
  [/^(?: {4}|\t)(.*)$/gmu, "<pre>$1</pre>"],
  [/`([^`]+)`/gu, "<code>$1</code>"],
  [/!\[([^[\]]*)\]\(([^()\s]+)\)/gu, '<img alt="$1" src="$2">'],
  [/\[([^[\]]+)\]\(([^()\s]+)\)/gu, '<a href="$2">$1</a>'],
  [/(\*\*|__)(?=\S)(.+?)\1/gu, "<strong>$2</strong>"],
  [/([*_])(?=\S)(.+?)\1/gu, "<em>$2</em>"],
];

// Audits.

/** The fields whose changes an audit records. */
const AUDITED_FIELDS = [
  "subject",
  "status",
  "priority",
  "type",
  "assignee_id",
  "group_id",
  "requester_id",
  "tags",
  "external_id",
  "brand_id",
  "organization_id",
] as const;

/** Ids are strings in audits. */
function auditValue(name: string, value: unknown): unknown {
  return name.endsWith("_id") && typeof value === "number" ? String(value) : value;
}

/** The events of a new ticket's fields. */
export function createEvents(ticket: Ticket): NewEvent[] {
  return AUDITED_FIELDS.map((name) => ({
    type: "Create" as const,
    field_name: name,
    value: auditValue(name, ticket[name]),
  }));
}

/** The events of the fields that differ. */
export function changeEvents(desk: Desk, before: Ticket, after: Ticket): NewEvent[] {
  const fields = AUDITED_FIELDS.map((name) => ({
    name: String(name),
    from: before[name],
    to: after[name],
  }));
  const custom = after.custom_fields.map((field) => {
    const old = before.custom_fields.find((candidate) => candidate.id === field.id);
    return { name: String(field.id), from: old?.value, to: field.value };
  });
  const changed = [...fields, ...custom]
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to))
    .map(({ name, from, to }) => ({
      type: "Change" as const,
      field_name: name,
      value: auditValue(name, to),
      previous_value: auditValue(name, from ?? null),
    }));
  return [...changed, ...ccEvents(desk, before, after)];
}

/** People in copy appear in an event of their own, by address. */
function ccEvents(desk: Desk, before: Ticket, after: Ticket): NewEvent[] {
  const addresses = (ticket: Ticket): string[] =>
    ticket.email_cc_ids.map((id) => desk.users.get(id)?.email ?? "");
  const [previous_email_ccs, current_email_ccs] = [addresses(before), addresses(after)];
  if (previous_email_ccs.join() === current_email_ccs.join()) return [];
  return [{ type: "EmailCcChange", previous_email_ccs, current_email_ccs, via: viaOf("system") }];
}

/** The event of a comment carries the comment's own id. */
export function commentEvent(desk: Desk, comment: Comment): NewEvent {
  const { id, audit_id, author_id, body, html_body, plain_body } = comment;
  return {
    id,
    type: "Comment",
    audit_id,
    author_id,
    body,
    html_body,
    plain_body,
    public: comment.public,
    attachments: attachmentsJson(desk, comment.attachment_ids),
  };
}

/** The audit of one change; the caller's own `metadata` is under `custom`. It is not kept yet. */
export function auditOf(
  desk: Desk,
  actor: Actor,
  draft: {
    readonly id: number;
    readonly ticket: Ticket;
    readonly events: readonly NewEvent[];
    readonly custom?: unknown;
  },
): Audit {
  return {
    id: draft.id,
    ticket_id: draft.ticket.id,
    created_at: stamp(desk.now()),
    author_id: actor.user.id,
    metadata: { system: { ...actor.system }, custom: draft.custom ?? {} },
    events: draft.events.map((event) => ({ ...event, id: event.id ?? desk.nextId("record") })),
    via: actor.via,
  };
}
