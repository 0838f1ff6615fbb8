/** One comment of a ticket as a message, its HTML read as a person sees it: author, text, evidence of identity, and where an answer to it goes. */

import type { ConversationParticipants } from "#core/contracts/channel.ts";
import { unknownIdentity } from "#core/values/identity.ts";
import {
  type Destination,
  type Message,
  plainMessage,
  type Segment,
} from "#core/values/message.ts";
import type { Audit, Comment, Ticket, User } from "#zendesk/api/schema.ts";
import { commentAttachments } from "./attachments.ts";
import {
  type ProgramComments,
  authorEvidence,
  authorId,
  cameByMail,
  isAutomatic,
} from "./authors.ts";
import { isMerge } from "./ownership-signals.ts";
import type { TicketReader } from "./ticket-reader.ts";
import { type HtmlOptions, visibleText } from "#text/visible-html.ts";

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
export function commentMessage(comment: Comment, view: LoadedTicket): Message {
  const { ticket, users, reading } = view;
  const author = users.get(comment.author_id);
  const audit = view.audits.get(comment.audit_id ?? 0);
  const program = view.programs.get(comment.id);
  const kind = commentAuthorKind(comment, author, {
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
      name: zendeskUserName(comment.author_id, users),
      ...(program === undefined ? {} : { program }),
    },
    visibility: comment.public ? "public" : "internal",
    subject: (ticket.subject ?? "").slice(0, 1_000),
    text: shorten(text, TEXT_MAX),
    ...(kind === "teammate" && comment.public ? writtenWords(comment, audit, text) : {}),
    segments: segments.map((segment) => ({ ...segment, text: shorten(segment.text, SEGMENT_MAX) })),
    attachments: commentAttachments(comment),
    sentAt: new Date(comment.created_at).toISOString(),
    identity: authorEvidence({
      comment,
      audit,
      author,
      requesterId: ticket.requester_id,
      senderAuthentication: reading.options.senderAuthentication,
      trustedForms: reading.options.trustedForms ?? [],
    }),
    answerTo: fromCustomer && comment.public ? answerDestination(view, comment) : null,
    answerPrivatelyTo: null,
    ignore: fromCustomer ? ignoreReason(comment, audit) : null,
  };
}

/** A comment of ours as `commentMessage` reads it later, by the event of the audit that wrote it. */
export function ownMessage(
  { author_id: author, created_at: at }: Audit,
  event: Audit["events"][number],
): Message {
  const { text, segments } = commentText(event);
  return plainMessage({
    key: `zendesk:comment:${event.id}`,
    author: { kind: "bot", id: authorId(author), name: "Deskhand" },
    visibility: event.public === true ? "public" : "internal",
    text,
    segments: [...segments],
    attachments: commentAttachments(event),
    sentAt: new Date(at).toISOString(),
    identity: unknownIdentity("its author is not the customer of this ticket"),
  });
}

/**
 * An author who is neither a teammate nor us counts as a customer; that it may not be the customer of this ticket
 * is a matter of identity and of who reads along.
 */
function commentAuthorKind(
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
function answerDestination(
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

interface CommentText {
  readonly text: string;
  readonly segments: readonly Segment[];
}

function commentText(
  { html_body: html, body }: Pick<Comment, "html_body" | "body">,
  options: Pick<HtmlOptions, "withAddresses"> = {},
): CommentText {
  const words = html ? readCommentHtml(html, options) : { text: body ?? "", segments: [] };
  return splitQuotes(removeInvisible(words));
}

/** Where it is more than the `text`: all that a teammate typed, with addresses and quotations; of a mail what is new. */
function writtenWords(
  comment: Comment,
  audit: Audit | undefined,
  text: string,
): Pick<Message, "written"> {
  const { html_body: html, body } = comment;
  const withAddresses = true;
  const typed = html ? visibleText(html, { withAddresses }).visible : (body ?? "");
  const written = cameByMail(comment, audit)
    ? commentText(comment, { withAddresses }).text
    : removeInvisible({ text: typed, segments: [] }).text;
  return written === text ? {} : { written: shorten(written, TEXT_MAX) };
}

/** Says how much is missing, so that a part is not taken for the whole. */
function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - 100).toWellFormed();
  return `${kept}\n[${text.length - kept.length} more characters were cut]`;
}

/** A user's name for people to read. The system has ids below one. */
export function zendeskUserName(id: number, users: ReadonlyMap<number, User>): string {
  return id <= 0 ? "Zendesk" : (users.get(id)?.name ?? `user ${id}`);
}

// Removes characters that a person does not see.

/** Letters that take no place: they only break words apart for text searches. Joiners belong to scripts and stay. */
const ZERO_WIDTH =
  /[\u00AD\u061C\u180E\u200B\u200E\u200F\u2060-\u2064\u206A-\u206F\uFEFF]|\u034F|\u115F|\u1160|\u3164|\uFFA0/g;
/** Embeddings and isolates: needed where two writing directions meet, and without meaning for the text. */
const DIRECTION_MARKS = /[\u202A\u202B\u202C\u2066-\u2069]/g;
/** Text under a direction override is displayed in another order than stored, up to its end or that of the line. */
const DIRECTION_OVERRIDE = /[\u202D\u202E]([^\u202C\n]*)\u202C?/g;

/**
 * The text as a person sees it: what takes no place is dropped, and what is shown turned around is taken out and kept
 * as hidden, because a person does not read there what a program would.
 */
function removeInvisible(words: CommentText): CommentText {
  const turned: string[] = [];
  const text = words.text.replaceAll(DIRECTION_OVERRIDE, (_whole, inside: string) => {
    turned.push(inside);
    return "";
  });
  const plain = (some: string): string =>
    some.replaceAll(ZERO_WIDTH, "").replaceAll(DIRECTION_MARKS, "");
  const hidden = plain(turned.join("\n")).trim();
  return {
    text: plain(text).trim(),
    segments: [
      ...words.segments.map((segment) => ({ ...segment, text: plain(segment.text) })),
      ...(hidden === "" ? [] : [{ kind: "hidden" as const, text: hidden }]),
    ],
  };
}

// Separates new text in a comment from quotations and the signature.

/** "Ann wrote:" in the languages mail programs speak most. */
const ATTRIBUTION_LINE =
  /^\s*\S.{0,300}\b(wrote|writes|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|napisał|napisała|skrev|kirjoitti|написал|написала|пише)(\s.{0,200})?:\s*$/iu;
/** Below such a line all is an older mail: the divider Outlook shows, or the line Zendesk puts into its mails. */
const HISTORY_DIVIDER =
  /^\s*(-{2,}\s*(original message|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale|oorspronkelijk bericht)\s*-{2,}|##-.{0,200}-##)\s*$/i;
const FROM_HEADER = /^\s*\*?(from|von|de|da|van)\*?\s*:\s*(?:\*\s*)?\S/i;
const OTHER_HEADER =
  /^\s*\*?(sent|date|to|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|para|asunto|inviato|oggetto|verzonden|aan|onderwerp)\*?\s*:/i;
const SIGNATURE_LINES_MAX = 12;

/** People write fewer lines than that; what comes after them is left as it is. */
const LINES_MAX = 20_000;

/**
 * Takes what was written before, and the signature, out of the new words. A message that is nothing but a quotation was
 * passed on: its words are shown, as another person's.
 */
function splitQuotes(words: CommentText): CommentText {
  const { own, quoted, signature } = splitParts(words);
  const segments = [...words.segments];
  if (quoted !== "") segments.push({ kind: "quoted", text: quoted });
  if (signature !== "") segments.push({ kind: "signature", text: signature });
  if (own !== "") return { text: own, segments };
  return {
    text: own,
    segments: segments.map((segment) =>
      segment.kind === "quoted" ? { ...segment, kind: "forwarded" } : segment,
    ),
  };
}

function splitParts({ text, segments }: CommentText) {
  const all = text.split("\n");
  const lines = all.slice(0, LINES_MAX);
  const history = historyStart(lines);
  const above = lines.slice(0, history);
  const quoteFollows = segments.some(({ kind }) => kind === "quoted");
  const isQuote = above.map((line, index) => {
    if (line.trimStart().startsWith(">")) return true;
    if (!ATTRIBUTION_LINE.test(line)) return false;
    const next = above.slice(index + 1).find((later) => later.trim() !== "");
    return next === undefined
      ? quoteFollows || history < lines.length
      : next.trimStart().startsWith(">");
  });
  const own = above.filter((_, index) => isQuote[index] !== true);
  const rule = own.findLastIndex((line) => /^-- ?$/.test(line));
  const signs = rule > 0 && own.length - rule <= SIGNATURE_LINES_MAX;
  const before = above.filter((_, index) => isQuote[index] === true);
  return {
    own: [...(signs ? own.slice(0, rule) : own), ...all.slice(LINES_MAX)].join("\n").trim(),
    quoted: [...before, ...lines.slice(history)].join("\n").trim(),
    signature: signs
      ? own
          .slice(rule + 1)
          .join("\n")
          .trim()
      : "",
  };
}

/** The line where an older mail begins with its own header; the number of lines when there is none. */
function historyStart(lines: readonly string[]): number {
  const at = lines.findIndex((line, index) => {
    if (HISTORY_DIVIDER.test(line)) return true;
    if (!FROM_HEADER.test(line)) return false;
    return lines.slice(index + 1, index + 5).filter((next) => OTHER_HEADER.test(next)).length >= 2;
  });
  return at === -1 ? lines.length : at;
}

const QUOTE_CLASS =
  /\s(gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|zd-quote|zmail_extra|protonmail_quote|tutanota_quote|OutlookMessageHeader)\s/i;

/** Outlook puts the message it replies to below an element with this id, and closes that at once. */
const HISTORY_ID =
  /^(x_)*(divRplyFwdMsg|appendonsend|reply-intro|mail-editor-reference-message-container)$/i;

const SIGNATURE_CLASS = /\s(gmail_signature|moz-signature|signature)\s/;

/**
 * The text of a comment as a person sees it. Zendesk's `body` and `plain_body` keep hidden text as ordinary prose;
 * only `html_body` shows that it was hidden. What is hidden, quoted or a signature comes apart as segments, so that the
 * guard looks at it and it is not taken for the request.
 */
export function readCommentHtml(
  html: string,
  options: Pick<HtmlOptions, "withAddresses"> = {},
): {
  readonly text: string;
  readonly segments: Segment[];
} {
  const read = visibleText(html, { ...options, partOf: elementPart });
  const kinds = ["hidden", "quoted", "signature"] as const;
  return {
    text: read.visible,
    segments: kinds.map((kind) => ({ kind, text: read[kind] })).filter(({ text }) => text !== ""),
  };
}

function elementPart(name: string, attributes: ReadonlyMap<string, string>) {
  if (HISTORY_ID.test(attributes.get("id") ?? "")) return "history";
  const classes = ` ${attributes.get("class") ?? ""} `;
  if (name === "blockquote" || QUOTE_CLASS.test(classes)) return "quoted";
  return SIGNATURE_CLASS.test(classes) ? "signature" : null;
}

/** What a merge comment is replaced with, by comment id. */
export type MergeQuotes = ReadonlyMap<
  number,
  { readonly text: string; readonly segments: Segment[] }
>;
