/** Turns records into the JSON that Zendesk's API answers with. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import type { Desk } from "./desk.ts";
import type { Group, Membership, User } from "./account-model.ts";
import type { Comment, Rating, Ticket } from "./ticket-model.ts";
import { attachmentsJson } from "./files.ts";

/** What records say besides what is kept of them, by their kind. */
export const FIXED = z
  .record(z.string(), z.record(z.string(), z.unknown()))
  .parse(parse(readFileSync(new URL("fixed.yaml", import.meta.url), "utf8")));

/** Fixed ids of the standard statuses. */
const STATUS_IDS = {
  new: 4_300_000_011,
  open: 4_300_000_012,
  pending: 4_300_000_013,
  hold: 4_300_000_014,
  solved: 4_300_000_015,
  closed: 4_300_000_016,
} as const;

/** Zendesk's number for the role of light agents. */
const LIGHT_AGENT = 1;

/** A ticket as `GET /tickets/{id}` shows it to staff. */
export function ticketJson(desk: Desk, ticket: Ticket): Record<string, unknown> {
  const {
    satisfaction: { score, comment, rating_id: ratingId },
    first_comment_public: _firstIsPublic,
    followup_source_id: _source,
    sequence: _sequence,
    deleted,
    spam: _spam,
    ...shown
  } = ticket;
  const said = ratingId === null ? {} : { id: ratingId, comment };
  return {
    url: `${desk.url()}/api/v2/tickets/${ticket.id}.json`,
    ...FIXED["ticket"],
    ...shown,
    raw_subject: ticket.subject,
    status: deleted ? "deleted" : ticket.status,
    collaborator_ids: ticket.email_cc_ids,
    satisfaction_rating: { score, ...said },
    custom_status_id: ticket.custom_status_id ?? STATUS_IDS[ticket.status],
    fields: ticket.custom_fields,
    from_messaging_channel: ticket.via.channel === "native_messaging",
  };
}

/** A comment of a ticket. Pictures inside its lines are listed only when they are asked for. */
export function commentJson(
  desk: Desk,
  comment: Comment,
  withInline: boolean,
): Record<string, unknown> {
  const { ticket_id: _ticket, attachment_ids: _ids, ...shown } = comment;
  return {
    ...shown,
    type: "Comment",
    attachments: attachmentsJson(desk, comment.attachment_ids, withInline),
  };
}

/** A user as staff see it. */
export function userJson(desk: Desk, user: User): Record<string, unknown> {
  return {
    url: `${desk.url()}/api/v2/users/${user.id}.json`,
    ...FIXED["user"],
    ...user,
    last_login_at: user.created_at,
    role_type: user.only_private_comments ? LIGHT_AGENT : null,
    moderator: user.role !== "end-user",
    restricted_agent: user.role === "end-user",
    ticket_restriction: user.role === "end-user" ? "requested" : null,
  };
}

/** The address of a user, which is their only identity here. Its number is as good as any other. */
export function identityJson(desk: Desk, user: User): Record<string, unknown> {
  const { id, email, verified, created_at, updated_at } = user;
  return {
    url: `${desk.url()}/api/v2/users/${id}/identities/${id}.json`,
    id,
    user_id: id,
    type: "email",
    value: email,
    verified,
    primary: true,
    created_at,
    updated_at,
    undeliverable_count: 0,
    deliverable_state: "deliverable",
    ownership: "owned",
  };
}

/** What `users/me` answers without credentials: 200, which has misled more than one start-up check. */
export const ANONYMOUS_USER = {
  id: null,
  url: null,
  name: "Anonymous user",
  email: "invalid@example.com",
  role: "end-user",
  active: null,
  verified: false,
  default_group_id: null,
} as const;

/** A record as the API shows it: its address, its fields, and what Zendesk says besides. */
export function shown(
  desk: Desk,
  kind: string,
  row: { readonly id: number },
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return { url: `${desk.url()}/api/v2/${kind}/${row.id}.json`, ...row, ...more };
}

/** A group. */
export function groupJson(desk: Desk, group: Group): Record<string, unknown> {
  return shown(desk, "groups", group, { ...FIXED["group"], updated_at: group.created_at });
}

/** A membership of an agent in a group. */
export function membershipJson(desk: Desk, membership: Membership): Record<string, unknown> {
  return shown(desk, "group_memberships", membership, { updated_at: membership.created_at });
}

/** A satisfaction rating; without a text it has no `comment`. */
export function ratingJson(desk: Desk, { comment, ...rating }: Rating): Record<string, unknown> {
  return shown(desk, "satisfaction_ratings", rating, comment === null ? {} : { comment });
}
