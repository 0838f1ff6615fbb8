/** Comments of the local Zendesk's tickets, their HTML and their files. */
import { type Desk, stamp } from "./desk.ts";
import { recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import type { User } from "./account-model.ts";
import { type Comment, type Ticket, type Actor, Attachment, type Upload } from "./ticket-model.ts";
import { randomBytes } from "node:crypto";
import { z } from "zod";

/** A comment to be added. Without `public` it inherits the privacy of the ticket's first comment. */
export interface CommentDraft {
  readonly body?: string | undefined;
  readonly html_body?: string | undefined;
  readonly public?: boolean | undefined;
  readonly author_id?: number | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Visible to the team only, regardless of its author. */
  readonly hidden?: boolean | undefined;
  /** Tokens of uploads, each of which is used up by this comment. */
  readonly uploads?: readonly string[] | undefined;
  readonly attachment_ids?: readonly number[] | undefined;
}

/** Zendesk's limit on one comment. */
const COMMENT_BYTES_MAX = 65_535;

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

/** Inside a write: a comment row, its privacy resolved. */
export function makeComment(
  desk: Desk,
  actor: Actor,
  draft: CommentDraft,
  place: CommentPlace,
): Comment {
  const { text, html } = bodiesOf(draft);
  if (desk.comments.of(place.ticketId).length >= desk.settings.commentsPerTicket) {
    throw recordInvalid(
      "base",
      `Ticket: has too many comments (maximum is ${desk.settings.commentsPerTicket})`,
    );
  }
  const inherited = place.before?.first_comment_public ?? true;
  return {
    id: desk.nextId("record"),
    ticket_id: place.ticketId,
    audit_id: place.auditId,
    author_id: place.author.id,
    body: text,
    html_body: html,
    plain_body: text,
    public: isPublic(actor.user, draft, inherited),
    created_at: stamp(desk.now()),
    via: actor.via,
    metadata: { system: actor.system, custom: {}, ...draft.metadata },
    attachment_ids: [...(draft.attachment_ids ?? []), ...takeUploads(desk, draft.uploads ?? [])],
  };
}

/** Customers only write publicly, light agents never do. */
function isPublic(user: User, draft: CommentDraft, inherited: boolean): boolean {
  if (draft.hidden === true || user.only_private_comments) return false;
  return user.role === "end-user" ? true : (draft.public ?? inherited);
}

function bodiesOf(draft: CommentDraft): { readonly text: string; readonly html: string } {
  const { body = "", html_body: html } = draft;
  const text = html === undefined ? body : textFromHtml(html);
  if (text.trim() === "" && html === undefined) {
    throw recordInvalid("base", "Description: cannot be blank", "BlankValue");
  }
  // The column behind it has this many bytes, whatever the script.
  if (Buffer.byteLength(text) > COMMENT_BYTES_MAX) {
    const limit = `maximum is ${COMMENT_BYTES_MAX} bytes`;
    throw recordInvalid("comment", `Comment: is too long (${limit})`);
  }
  return { text, html: html === undefined ? htmlFromText(body) : storedHtml(html) };
}

// Converts between plain text and the HTML of comments.

/** Escapes text for HTML, for content and quoted attributes alike. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Plain text as Zendesk renders it for `html_body`: paragraphs at blank lines, breaks at line ends. */
function htmlFromText(text: string): string {
  const paragraphs = text.replaceAll("\r\n", "\n").split(/\n{2,}/u);
  const inner = paragraphs.map(
    (paragraph) => `<p dir="auto">${escapeHtml(paragraph).replaceAll("\n", "<br>")}</p>`,
  );
  return wrap(inner.join(""));
}

/** HTML a caller sent as `html_body`: scripts are dropped, hidden text is kept, as Zendesk does. */
function storedHtml(html: string): string {
  return wrap(html.replaceAll(/<(script|style)\b[^<>]*>[\s\S]*?(?:<\/\1\s*>|$)/giu, ""));
}

/** The text of an HTML body. Text hidden by CSS appears here as ordinary prose, as in Zendesk's own bodies. */
function textFromHtml(html: string): string {
  return html
    .replaceAll(/<(script|style)\b[^<>]*>[\s\S]*?(?:<\/\1\s*>|$)/giu, "")
    .replaceAll(/<br\s*\/?>/giu, "\n")
    .replaceAll(/<\/(p|div|li|tr|h[1-6])>/giu, "\n")
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

// Files.

/** A file of a mail that comes in. */
export const MailedFile = z.strictObject({
  name: z.string(),
  type: z.string().default("application/octet-stream"),
  base64: z.string(),
  inline: z.boolean().default(false),
  scan: Attachment.shape.malware_scan_result.default("malware_not_found"),
});

/** Inside a write: keeps a file under a new id. */
export function keepFile(desk: Desk, file: z.output<typeof MailedFile>): Attachment {
  const kept: Attachment = {
    id: desk.nextId("record"),
    secret: randomBytes(18).toString("base64url"),
    file_name: file.name,
    content_type: file.type,
    inline: file.inline,
    malware_scan_result: file.scan,
    base64: file.base64,
  };
  desk.attachments.put(kept);
  return kept;
}

/** A token is good for an hour and for one comment ("Attachments" in Zendesk's reference). */
const UPLOAD_MS = 60 * 60_000;

/** Inside a write: a token for a file that waits for its comment, or one more file under a token that waits. */
export function keepUpload(desk: Desk, file: Attachment, given: string | null): Upload {
  const earlier = given === null ? undefined : desk.uploads.get(given);
  if (given !== null && earlier === undefined) throw badToken();
  const upload: Upload = {
    id: earlier?.id ?? randomBytes(18).toString("base64url"),
    attachment_ids: [...(earlier?.attachment_ids ?? []), file.id],
    expires_at_ms: desk.now().getTime() + UPLOAD_MS,
  };
  desk.uploads.put(upload);
  return upload;
}

/** Inside a write: the files behind these tokens, which are used up by it. */
function takeUploads(desk: Desk, tokens: readonly string[]): number[] {
  return tokens.flatMap((token) => {
    const upload = desk.uploads.get(token);
    if (upload === undefined || upload.expires_at_ms <= desk.now().getTime()) throw badToken();
    desk.uploads.remove(token);
    return upload.attachment_ids;
  });
}

function badToken() {
  return recordInvalid("uploads", "Uploads: token is invalid, expired or was used before");
}

/** A file as the API shows it; its bytes are behind `content_url`. */
export function attachmentJson(desk: Desk, file: Attachment): Record<string, unknown> {
  const { id, secret, base64, ...shown } = file;
  const base = desk.settings.contentUrl === "" ? desk.url() : desk.settings.contentUrl;
  const name = encodeURIComponent(file.file_name);
  const content = `${base}/attachments/token/${secret}/?name=${name}`;
  return {
    url: `${desk.url()}/api/v2/attachments/${id}.json`,
    id,
    ...shown,
    content_url: content,
    mapped_content_url: content,
    size: Buffer.byteLength(base64, "base64"),
    width: null,
    height: null,
    deleted: false,
    malware_access_override: false,
    thumbnails: [],
  };
}

/** The files of a comment. */
export function attachmentsJson(
  desk: Desk,
  ids: readonly number[],
  withInline = false,
): Record<string, unknown>[] {
  return ids.flatMap((id) => {
    const file = desk.attachments.get(id);
    return file === undefined || (file.inline && !withInline) ? [] : [attachmentJson(desk, file)];
  });
}
