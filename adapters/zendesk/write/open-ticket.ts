/** Opens one ticket under a key, however often it is asked for, and finds the one that an earlier hand-over opened. */

import { setTimeout as delay } from "node:timers/promises";
import { DeskhandError } from "#core/values/errors.ts";
import { parsedArguments, type CommitResult } from "#core/contracts/target.ts";
import type { Ask, ZendeskClient } from "#zendesk/api/client.ts";
import { literalBody } from "./comment-text.ts";
import { TicketsAnswer, WriteAnswer } from "#zendesk/api/schema.ts";
import { type Action, CreateTicketArguments } from "#core/values/action.ts";
import { LINKED_TAG, type ZendeskOptions } from "#zendesk/options.ts";
import { isMerge } from "#zendesk/read/ownership-signals.ts";
import { currentTicket, ticketAudits } from "#zendesk/read/ticket-reader.ts";
import { handoverComment, INTERNAL, type Update } from "./updates.ts";
import { conversationKey } from "#zendesk/read/arrivals.ts";

/** How often to look for a ticket that another request is opening, and how long to wait in between. */
const LOOKS_MAX = 4;
const LOOK_EVERY_MS = 1_000;

interface NewTicket {
  readonly externalId: string;
  readonly ticket: Readonly<Record<string, unknown>>;
  readonly botUserId: number;
}

/**
 * The one ticket under this key. A conflict means that a request with the key is still in progress, such as one that
 * timed out: its ticket is ours once it exists, and if that request fails, the next one opens the ticket.
 */
export async function openOnce(
  client: ZendeskClient,
  { externalId, ticket, botUserId }: NewTicket,
  signal: AbortSignal,
): Promise<CommitResult> {
  const headers = { "Idempotency-Key": externalId };
  const body = literalBody({ ticket });
  const ask: Ask = ({ tickets }) => tickets.create(body);
  for (let looks = 1; ; looks += 1) {
    try {
      const { ticket: opened, audit } = await client.longWait.write(ask, WriteAnswer, signal, {
        headers,
      });
      const comment = audit.events.find(({ type }) => type === "Comment");
      return openedTicket(opened.id, comment?.author_id ?? opened.submitter_id, botUserId);
    } catch (error) {
      const isUnderWay = error instanceof DeskhandError && error.code === "channel.conflict";
      if (!isUnderWay && !isOtherBody(error)) throw error;
      // A different body under this key, such as one from an earlier release: that ticket is the one.
      const opener = await findOpenedTicket(client, { externalId, botUserId }, signal);
      if (opener !== null) return opener;
      const unknown = new DeskhandError(
        "channel.uncertain",
        "Zendesk knows the key of this ticket already",
        { cause: error },
      );
      if (!isUnderWay || looks >= LOOKS_MAX) throw unknown;
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => {
        throw unknown;
      });
    }
  }
}

/** The ticket, with an alert where Zendesk has our words to the team in another user's name. */
function openedTicket(
  ticketId: number,
  author: number | null | undefined,
  botUserId: number,
): CommitResult {
  if ((author ?? botUserId) === botUserId) return committedTicket(ticketId);
  const remark = `Zendesk shows the summary on ticket ${ticketId} as words of user ${author}, not of Deskhand. Check whether the customer can see it.`;
  return { ...committedTicket(ticketId), remark };
}

/** Zendesk's answer to an Idempotency-Key that came with another body before. */
function isOtherBody(error: unknown): boolean {
  return (
    error instanceof DeskhandError &&
    error.code === "channel.refused" &&
    error.message.includes("IdempotentRequestError")
  );
}

/** The ticket opened under this id, also when the answer to the request for it was lost. */
export async function findOpenedTicket(
  client: ZendeskClient,
  { externalId, botUserId }: Pick<NewTicket, "externalId" | "botUserId">,
  signal: AbortSignal,
): Promise<CommitResult | null> {
  const ask: Ask = (account) => account.tickets.listWithFilter("external_id", externalId);
  const { tickets } = await client.longWait.get(ask, TicketsAnswer, signal);
  // Compared again here, so that a list without the filter is never taken for a hit.
  const found = tickets.find((ticket) => ticket.external_id === externalId);
  return found === undefined ? null : openedTicket(found.id, found.submitter_id, botUserId);
}

/** The ticket's number is its conversation's external id from now on. */
export function committedTicket(ticketId: number): CommitResult {
  return { ref: String(ticketId), conversationKeys: [conversationKey(ticketId)] };
}

/** The earlier ticket of a conversation: one that takes comments, one that is closed for good, or none. */
type EarlierTicket =
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
  const { earlier } = parsedArguments(CreateTicketArguments, action);
  if (earlier === null) return { kind: "none" };
  const ticketId = Number(earlier.externalId);
  const first =
    Number.isSafeInteger(ticketId) && ticketId > 0
      ? await currentTicket(client.longWait, ticketId, signal)
      : null;
  if (first === null) return { kind: "none" };
  let ticket = first;
  for (let merges = 0; ticket.status === "closed" && merges < MERGES_MAX; merges += 1) {
    const into = await mergeTarget(client, ticket.id, signal);
    const next = into === null ? null : await currentTicket(client.longWait, into, signal);
    if (next === null || next.requester_id !== first.requester_id) break;
    ticket = next;
  }
  return { kind: ticket.status === "closed" ? "closed" : "open", ticketId: ticket.id };
}

async function mergeTarget(
  client: ZendeskClient,
  ticketId: number,
  signal: AbortSignal,
): Promise<number | null> {
  const audits = await ticketAudits(client, ticketId, signal);
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
  const made = parsedArguments(CreateTicketArguments, action);
  return {
    ...INTERNAL,
    ticketId,
    fields: ({ ticket }) => ({
      comment: handoverComment(made),
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
