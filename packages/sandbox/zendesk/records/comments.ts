/** Adds comments to tickets of the local Zendesk. */
import type { Actor } from "#sandbox/zendesk/behaviour/actor.ts";
import { takeUploads } from "./attachments.ts";
import { type Desk, stamp } from "./desk.ts";
import { recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import type { User } from "./account-model.ts";
import type { Comment, Ticket } from "./ticket-model.ts";
import { htmlFromText, storedHtml, textFromHtml } from "./comment-html.ts";

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
