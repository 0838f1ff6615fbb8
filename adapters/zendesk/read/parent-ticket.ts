/** Reads the closed ticket that a follow-up ticket continues. */
import type { Message } from "#core/values/message.ts";
import type { TicketReader } from "./ticket-reader.ts";
import { publicTicketText } from "./merged-tickets.ts";
import type { Comment, Ticket } from "#zendesk/api/schema.ts";

/**
 * What was said on the closed ticket that this one follows, as one internal system text before its first comment: the
 * agent may know it, it gets no reply, and no state of that ticket comes with it. Null for a ticket that follows none.
 */
export async function parentTicketMessage(
  reading: Pick<TicketReader, "client">,
  ticket: Ticket,
  comments: readonly Comment[],
  signal: AbortSignal,
): Promise<Message | null> {
  const { via } = ticket;
  const parentId = via?.source?.rel === "follow_up" ? via.source.from?.ticket_id : null;
  const first = comments.toSorted((one, other) => one.id - other.id)[0];
  if (!parentId || first === undefined) return null;
  const earlier = await publicTicketText(reading, parentId, signal);
  const words =
    earlier === null
      ? "It cannot be read any more."
      : earlier.requesterId === ticket.requester_id
        ? `Subject: ${earlier.subject}\n\n${earlier.text}`
        : // A person in copy replied: the other customer's text is third-party data.
          "It was another customer's, so its words are not shown.";
  return {
    key: `zendesk:follows:${ticket.id}:${parentId}`,
    author: { kind: "system", id: "zendesk:system", name: "Zendesk" },
    visibility: "internal",
    subject: (ticket.subject ?? "").slice(0, 1_000),
    text: `This conversation follows ticket ${parentId}, which is closed. What was said there, to read only:\n\n${words}`,
    segments: [],
    attachments: [],
    // Before all other messages of this conversation.
    sentAt: new Date(Date.parse(first.created_at) - 1).toISOString(),
    identity: {
      level: 0,
      method: "none",
      reason: "written by the help desk",
      handle: { kind: "none" },
    },
    answerTo: null,
    answerPrivatelyTo: null,
    ignore: null,
  };
}
