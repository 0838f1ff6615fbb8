/** One comment of a ticket as a message: author, text, evidence of identity, and where an answer to it goes. */
import type { ConversationParticipants } from "#core/contracts/channel.ts";
import type { Destination, Message, Segment } from "#core/values/message.ts";
import { attachmentsOf } from "./attachments.ts";
import type { ProgramComments } from "./automatic-authors.ts";
import { readCommentHtml } from "./comment-html.ts";
import { removeInvisible } from "./invisible-characters.ts";
import { evidenceOf, isAutomatic } from "./identity.ts";
import type { MergeQuotes } from "./merged-tickets.ts";
import { isMerge } from "./ownership-signals.ts";
import { authorId } from "./participants.ts";
import { splitQuotes } from "./quoted-text.ts";
import type { TicketReader } from "./ticket-reader.ts";
import type { Audit, Comment, Ticket, User } from "#zendesk/api/schema.ts";

const TEXT_MAX = 200_000;
const SEGMENT_MAX = 50_000;

/** A ticket with all that is needed to read its comments. */
export interface LoadedTicket {
  readonly ticket: Ticket;
  readonly participants: ConversationParticipants;
  readonly audits: ReadonlyMap<number, Audit>;
  readonly users: ReadonlyMap<number, User>;
  readonly reading: TicketReader;
  readonly quotes: MergeQuotes;
  readonly programs: ProgramComments;
}

/** The comment in core's words; what is too long is cut and says so. */
export function messageOf(comment: Comment, view: LoadedTicket): Message {
  const { ticket, users, reading } = view;
  const author = users.get(comment.author_id);
  const audit = view.audits.get(comment.audit_id ?? 0);
  const program = view.programs.get(comment.id);
  const kind = kindOf(comment, author, {
    botUserId: reading.botUserId,
    isProgram: program !== undefined,
  });
  const fromCustomer = kind === "requester";
  const { text, segments } = view.quotes.get(comment.id) ?? commentText(comment);
  return {
    key: `zendesk:comment:${comment.id}`,
    author: {
      kind,
      id: authorId(comment.author_id),
      name: nameOf(comment.author_id, users),
      ...(program === undefined ? {} : { program }),
    },
    visibility: comment.public ? "public" : "internal",
    subject: (ticket.subject ?? "").slice(0, 1_000),
    text: shorten(text, TEXT_MAX),
    segments: segments.map((segment) => ({ ...segment, text: shorten(segment.text, SEGMENT_MAX) })),
    attachments: attachmentsOf(comment),
    sentAt: new Date(comment.created_at).toISOString(),
    identity: evidenceOf({
      comment,
      audit,
      author,
      requesterId: ticket.requester_id,
      senderAuthentication: reading.options.senderAuthentication,
    }),
    answerTo: fromCustomer && comment.public ? destinationOf(view, comment) : null,
    answerPrivatelyTo: null,
    ignore: fromCustomer ? ignoreReason(comment, audit) : null,
  };
}

/**
 * An author who is neither a teammate nor us counts as a customer; that it may not be the customer of this ticket
 * is a matter of identity and of who reads along.
 */
function kindOf(
  comment: Comment,
  author: User | undefined,
  { botUserId, isProgram }: { readonly botUserId: number; readonly isProgram: boolean },
): Message["author"]["kind"] {
  if (comment.author_id === botUserId) return "bot";
  if (comment.author_id <= 0 || isMerge(comment.via)) return "system";
  if (author?.role === "end-user" || author === undefined) return "requester";
  // What a program says as an agent is neither a person's answer nor a question.
  return isProgram ? "system" : "teammate";
}

/** A closed ticket takes no comments any more, and those of one from messaging are not delivered. */
function destinationOf(
  { ticket, participants }: LoadedTicket,
  comment: Comment,
): Destination | null {
  if (ticket.status === "closed" || participants.unserved !== undefined) return null;
  const alone = participants.readers.length === 0 && comment.author_id === ticket.requester_id;
  return {
    label: `public comment on ticket ${ticket.id}`,
    audience: alone ? "private" : "shared",
    address: { ticketId: ticket.id },
  };
}

function ignoreReason(comment: Comment, audit: Audit | undefined): string | null {
  if (isAutomatic(comment, audit)) return "it was sent by a program";
  return comment.public
    ? null
    : "its author is not part of the conversation, and only the team sees it";
}

function commentText(comment: Comment): { text: string; segments: Segment[] } {
  if (!comment.html_body)
    return splitQuotes(removeInvisible({ text: comment.body ?? "", segments: [] }));
  return splitQuotes(removeInvisible(readCommentHtml(comment.html_body)));
}

/** Says how much is missing, so that a part is not taken for the whole. */
function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - 100).toWellFormed();
  return `${kept}\n[${text.length - kept.length} more characters were cut]`;
}

/** A user's name for people to read. The system has ids below one. */
export function nameOf(id: number, users: ReadonlyMap<number, User>): string {
  return id <= 0 ? "Zendesk" : (users.get(id)?.name ?? `user ${id}`);
}
