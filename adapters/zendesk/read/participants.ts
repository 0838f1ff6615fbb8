/** The participants of a ticket, and whether the bot may write there. */
import type { Barrier, ConversationParticipants } from "#core/contracts/channel.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";
import type { Ticket, User } from "#zendesk/api/schema.ts";
import { LINKED_TAG } from "#zendesk/write/updates.ts";

/** What decides who takes part in a ticket and whether the bot may write there. */
interface Account {
  readonly options: Pick<ZendeskOptions, "brand" | "brands">;
  readonly botUserId: number;
}

/** The author id in a customer's messages. */
export function authorId(userId: number): string {
  return `zendesk:user:${userId}`;
}

/** Our name for a ticket's brand; null for one that is not on the list of brands. */
export function brandOf(
  { brand_id: id }: Ticket,
  { brand, brands }: Account["options"],
): string | null {
  if (brands === undefined) return brand;
  return Object.hasOwn(brands, String(id)) ? (brands[String(id)] ?? null) : null;
}

/** The participants of a ticket that was deleted, marked as spam, or hidden from the bot. */
export function deletedTicketParticipants(ticketId: number): ConversationParticipants {
  const reason = `ticket ${ticketId} was deleted, or is hidden from Deskhand`;
  return { customer: null, readers: [], barred: { reason, alert: null } };
}

/**
 * A ticket belongs to its requester, no matter which user submitted it or was its requester before. `users` holds the
 * requester and all who get copies.
 */
export function participantsOf(
  ticket: Ticket,
  users: ReadonlyMap<number, User>,
  account: Account,
): ConversationParticipants {
  const { requester_id: requester } = ticket;
  return {
    customer: requester === null ? "" : authorId(requester),
    readers: readersOf(ticket, users),
    reach: {
      to: requester === null ? "" : displayName(users.get(requester), requester),
      copies: copiesOf(ticket).map((id) => displayName(users.get(id), id)),
    },
    barred: barrierOf(ticket, users, account),
    ...(isMessaging(ticket) ? { unserved: MESSAGING_REASON } : {}),
  };
}

/** Why nothing is answered on a ticket of Zendesk's messaging. */
const MESSAGING_REASON =
  "it is a messaging conversation, whose words are not in the ticket and which takes no answer through the ticket's comments";

/** Zendesk marks tickets of every kind of messaging, social channels included; older records have the channel only. */
function isMessaging({ from_messaging_channel: isMarked, via }: Ticket): boolean {
  return isMarked === true || via?.channel === "native_messaging";
}

/** People who get a copy of each public comment. The team reads everything anyway. */
function readersOf(ticket: Ticket, users: ReadonlyMap<number, User>): readonly string[] {
  const outside = copiesOf(ticket).filter((id) => {
    const role = users.get(id)?.role;
    return role === undefined || role === "end-user";
  });
  return outside.toSorted((one, other) => one - other).map(authorId);
}

/** The address comes first, because people choose their names freely. */
function displayName(user: User | undefined, id: number): string {
  if (user === undefined) return `user ${id}`;
  const address = user.email ?? "";
  const name = user.role === "end-user" ? user.name : `${user.name}, of the team`;
  return address === "" ? name : `${address} (${name})`;
}

/** Ids of all who get copies except the requester, by the old kind of CC or the new one. */
export function copiesOf(ticket: Ticket): readonly number[] {
  const copies = new Set([...(ticket.collaborator_ids ?? []), ...(ticket.email_cc_ids ?? [])]);
  copies.delete(ticket.requester_id ?? 0);
  return [...copies];
}

/** Why the bot must not write to a ticket; null when it may. */
function barrierOf(
  ticket: Ticket,
  users: ReadonlyMap<number, User>,
  { options, botUserId }: Account,
): Barrier | null {
  if (brandOf(ticket, options) === null) {
    const unlisted = `the Zendesk brand ${ticket.brand_id ?? "without a number"}`;
    return {
      reason: `${unlisted} is not on the list of brands`,
      alert: `Tickets of ${unlisted} are left alone: it is not on the list of brands (ZENDESK_BRANDS). Nothing is read for answers or written there.`,
    };
  }
  const requester = users.get(ticket.requester_id ?? 0);
  // Without the name: the reason is stored with the conversation and outlives the person's erasure.
  if (requester?.suspended === true) return barrier("the customer is suspended in Zendesk");
  // Tickets we opened ourselves are for people to work on, regardless of the requester.
  const isOurs = requester?.id === botUserId || ticket.tags.includes(LINKED_TAG);
  if (requester !== undefined && requester.role !== "end-user" && !isOurs)
    return barrier(`${requester.name}, whose request it is, belongs to the team`);
  return null;
}

function barrier(reason: string): Barrier {
  return { reason, alert: null };
}
