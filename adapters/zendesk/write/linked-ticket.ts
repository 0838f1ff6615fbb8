/** Opens and updates the ticket that is linked to a conversation of another channel. */
import { type Action, CreateTicketArguments } from "#core/values/action.ts";
import { z } from "zod";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";
import { isMerge } from "#zendesk/read/ownership-signals.ts";
import { AuditsPage, type Ticket, TicketAnswer } from "#zendesk/api/schema.ts";
import { cutToBytes, LINKED_TAG, parseArguments, type Update } from "./updates.ts";

/** The earlier ticket of a conversation: one that takes comments, one that is closed for good, or none. */
export type EarlierTicket =
  | { readonly kind: "none" }
  | { readonly kind: "closed"; readonly ticketId: number }
  | { readonly kind: "open"; readonly ticketId: number };

/** A merged ticket continues in another one, which may have been merged too. */
const MERGES_MAX = 3;

/**
 * The ticket in which an earlier hand-over continues. Merging closes a ticket and names the one it went into; that
 * one is used only when it is the same customer's, so that no customer's text reaches another.
 */
export async function earlierTicket(
  { client }: { readonly client: ZendeskClient },
  action: Action,
  signal: AbortSignal,
): Promise<EarlierTicket> {
  const { earlier } = parseArguments(CreateTicketArguments, action);
  if (earlier === null) return { kind: "none" };
  const first = await ticketOf(client, Number(earlier.externalId), signal);
  if (first === null) return { kind: "none" };
  let ticket = first;
  for (let merges = 0; ticket.status === "closed" && merges < MERGES_MAX; merges += 1) {
    const into = await mergeTarget(client, ticket.id, signal);
    const next = into === null ? null : await ticketOf(client, into, signal);
    if (next === null || next.requester_id !== first.requester_id) break;
    ticket = next;
  }
  return { kind: ticket.status === "closed" ? "closed" : "open", ticketId: ticket.id };
}

async function ticketOf(
  client: ZendeskClient,
  ticketId: number,
  signal: AbortSignal,
): Promise<Ticket | null> {
  if (!Number.isSafeInteger(ticketId) || ticketId <= 0) return null;
  const answer = await client.longWait.find(["tickets", ticketId], TicketAnswer, signal);
  return answer === null || answer.ticket.status === "deleted" ? null : answer.ticket;
}

async function mergeTarget(
  client: ZendeskClient,
  ticketId: number,
  signal: AbortSignal,
): Promise<number | null> {
  const audits = await client.longWait.list(["tickets", ticketId, "audits"], AuditsPage, signal);
  const merged = audits.findLast(({ via }) => isMerge(via))?.via?.source;
  const other = [merged?.to?.ticket_id, merged?.from?.ticket_id].find(
    (id) => id !== null && id !== undefined && id !== ticketId,
  );
  return other ?? null;
}

const FINISHED_OR_WAITING = new Set(["solved", "pending", "hold"]);

/**
 * The text as a note on the earlier ticket. A solved, pending or on-hold ticket is opened, as a customer's own comment
 * would open it, since agents do not look at such tickets.
 */
export function earlierTicketUpdate(
  action: Action,
  { ticketId }: { readonly ticketId: number },
  groups: ZendeskOptions["groups"],
): Update {
  const made = parseArguments(CreateTicketArguments, action);
  const quoted = made.firstMessage.replaceAll(/^/gm, "> ");
  const words =
    made.firstMessage === ""
      ? made.summary
      : `${made.summary}\n\nWhat the customer wrote:\n\n${quoted}`;
  return {
    ticketId,
    isPublic: false,
    basedOn: [],
    files: [],
    check: () => undefined,
    fields: ({ ticket }) => ({
      comment: { body: cutToBytes(words), public: false },
      ...(made.earlier?.reassign === true
        ? { group_id: groups[made.group], assignee_id: null }
        : {}),
      ...(made.earlier?.reassign === true || FINISHED_OR_WAITING.has(ticket.status)
        ? { status: "open" }
        : {}),
      ...(ticket.tags.includes(LINKED_TAG) ? {} : { tags: [...ticket.tags, LINKED_TAG] }),
    }),
  };
}

const NewTicket = z.object({ ticket: z.looseObject({}) });

/** The body of a new ticket with further fields, such as the closed ticket whose follow-up it is. */
export function withTicketFields(body: unknown, more: Readonly<Record<string, unknown>>): unknown {
  const { ticket } = NewTicket.parse(body);
  return { ticket: { ...ticket, ...more } };
}
