/** Reads the text of tickets that were merged into this one. */
import type { Segment } from "#core/values/message.ts";
import { z } from "zod";
import type { TicketReader } from "./ticket-reader.ts";
import { readCommentHtml } from "./comment-html.ts";
import { Comment, User } from "#zendesk/api/schema.ts";

/** What a merge comment is replaced with, by comment id. */
export type MergeQuotes = ReadonlyMap<
  number,
  { readonly text: string; readonly segments: Segment[] }
>;

/** At most this many merges are read, since an API caller can make any number; the rest keep Zendesk's text. */
const MERGES_MAX = 5;
/** At most this many of the merged ticket's newest public comments are shown. */
const COMMENTS_MAX = 10;
const COMMENT_CHARACTERS_MAX = 4_000;

const OtherTicket = z.object({
  ticket: z.object({
    id: z.int(),
    subject: z.string().nullish(),
    requester_id: z.int().nullish(),
  }),
});
const Authors = z.object({ users: z.array(User.pick({ id: true, name: true })) });

/**
 * The text of tickets that were merged into this one, each comment with its author: Zendesk quotes it in a comment by
 * the person who merged, as if that person had written it. For a ticket that cannot be read, Zendesk's text stays.
 */
export async function quoteMergedTickets(
  reading: Pick<TicketReader, "client">,
  comments: readonly Comment[],
  signal: AbortSignal,
): Promise<MergeQuotes> {
  const merges = comments.flatMap((comment) => {
    const from = comment.via?.source?.rel === "merge" ? comment.via.source.from?.ticket_id : null;
    return from ? [{ comment, from }] : [];
  });
  const quotes = new Map<number, { text: string; segments: Segment[] }>();
  for (const { comment, from } of merges.slice(-MERGES_MAX)) {
    const quoted = await publicTicketText(reading, from, signal);
    if (quoted === null) continue;
    quotes.set(comment.id, {
      text: `Request ${from} (“${quoted.subject}”) was merged with this one. What was said there is quoted with its author.\n\n${quoted.text}`,
      segments: [{ kind: "quoted", text: quoted.text }],
    });
  }
  return quotes;
}

/** What was said in public on another ticket, each comment under its author's name; null when it cannot be read. */
export async function publicTicketText(
  { client }: Pick<TicketReader, "client">,
  ticketId: number,
  signal: AbortSignal,
): Promise<{
  readonly subject: string;
  readonly requesterId: number | null;
  readonly text: string;
} | null> {
  const other = await client.longWait.find(["tickets", ticketId], OtherTicket, signal);
  if (other === null) return null;
  const all = await client.longWait.list(["tickets", ticketId, "comments"], Comment, signal);
  // Internal notes are left out: they were written about another conversation.
  const said = all
    .filter((comment) => comment.public && comment.via?.source?.rel !== "merge")
    .toSorted((one, next) => one.id - next.id);
  const shown = said.slice(-COMMENTS_MAX);
  const ids = [...new Set(shown.map(({ author_id: id }) => id))].filter((id) => id > 0);
  const { users } =
    ids.length === 0
      ? { users: [] }
      : await client.longWait.get(["users", "show_many", { ids: ids.join(",") }], Authors, signal);
  const names = new Map(users.map(({ id, name }) => [id, name]));
  const left = said.length - shown.length;
  return {
    subject: other.ticket.subject ?? "",
    requesterId: other.ticket.requester_id ?? null,
    text: [
      ...(left === 0 ? [] : [`(${left} older comments are left out.)`]),
      ...shown.map(
        (comment) => `${names.get(comment.author_id) ?? "Zendesk"}: ${visibleComment(comment)}`,
      ),
    ].join("\n\n"),
  };
}

function visibleComment(comment: Comment): string {
  const text = comment.html_body ? readCommentHtml(comment.html_body).text : (comment.body ?? "");
  return text.slice(0, COMMENT_CHARACTERS_MAX).toWellFormed();
}
