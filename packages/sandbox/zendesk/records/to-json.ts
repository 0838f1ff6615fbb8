/** Turns records into the JSON that Zendesk's API answers with. */
import type { Desk } from "./desk.ts";
import type { Group, Membership, User } from "./account-model.ts";
import type { Comment, Rating, Ticket } from "./ticket-model.ts";
import { attachmentsJson } from "./files.ts";

/** Fixed ids of an account that has one form and the standard statuses. */
const FORM_ID = 4_300_000_002;
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

/** Id of the ticket's own status, or of the standard one behind its name. */
export function customStatusId(ticket: Ticket): number {
  return ticket.custom_status_id ?? STATUS_IDS[ticket.status];
}

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
    ...shown,
    raw_subject: ticket.subject,
    status: deleted ? "deleted" : ticket.status,
    organization_id: null,
    collaborator_ids: ticket.email_cc_ids,
    follower_ids: [],
    problem_id: null,
    has_incidents: false,
    satisfaction_rating: { score, ...said },
    sharing_agreement_ids: [],
    custom_status_id: customStatusId(ticket),
    fields: ticket.custom_fields,
    ticket_form_id: FORM_ID,
    allow_channelback: false,
    allow_attachments: true,
    from_messaging_channel: ticket.via.channel === "native_messaging",
  };
}

/** A ticket as its requester sees it: no tags, no notes, no teammates' ids beyond the assignee. */
export function requestJson(desk: Desk, ticket: Ticket): Record<string, unknown> {
  const { id, status, priority, type, subject, description, via, requester_id } = ticket;
  const { email_cc_ids, is_public, created_at, updated_at, assignee_id } = ticket;
  const { followup_source_id, recipient } = ticket;
  return {
    url: `${desk.url()}/api/v2/requests/${id}.json`,
    id,
    status,
    priority,
    type,
    subject,
    description,
    via,
    requester_id,
    email_cc_ids,
    is_public,
    created_at,
    updated_at,
    assignee_id,
    collaborator_ids: email_cc_ids,
    custom_fields: [],
    can_be_solved_by_me: assignee_id !== null && !["solved", "closed"].includes(status),
    ...(followup_source_id === null ? {} : { followup_source_id }),
    ...(recipient === null ? {} : { recipient }),
    ticket_form_id: FORM_ID,
    custom_status_id: customStatusId(ticket),
    fields: [],
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

/** A comment for its requester: what the request carried (addresses, client) stays inside. */
export function requestCommentJson(desk: Desk, comment: Comment): Record<string, unknown> {
  const { id, body, html_body, plain_body, author_id, created_at } = comment;
  return {
    url: `${desk.url()}/api/v2/requests/${comment.ticket_id}/comments/${id}.json`,
    id,
    type: "Comment",
    request_id: comment.ticket_id,
    body,
    html_body,
    plain_body,
    public: true,
    author_id,
    attachments: attachmentsJson(desk, comment.attachment_ids),
    created_at,
  };
}

/** A user as staff see it. */
export function userJson(desk: Desk, user: User): Record<string, unknown> {
  return {
    ...publicUserJson(desk, user),
    email: user.email,
    verified: user.verified,
    suspended: user.suspended,
    last_login_at: user.created_at,
    default_group_id: user.default_group_id,
    external_id: user.external_id,
    tags: user.tags,
    time_zone: "UTC",
    iana_time_zone: "Etc/UTC",
    locale: "en-US",
    locale_id: 1,
    phone: null,
    shared_phone_number: null,
    organization_id: null,
    custom_role_id: null,
    role_type: user.only_private_comments ? LIGHT_AGENT : null,
    details: "",
    notes: "",
    alias: "",
    signature: "",
    moderator: user.role !== "end-user",
    restricted_agent: user.role === "end-user",
    only_private_comments: user.only_private_comments,
    shared: false,
    shared_agent: false,
    ticket_restriction: user.role === "end-user" ? "requested" : null,
    two_factor_auth_enabled: null,
    user_fields: {},
  };
}

/** The part of a user that other end users may see. */
export function publicUserJson(desk: Desk, user: User): Record<string, unknown> {
  return {
    url: `${desk.url()}/api/v2/users/${user.id}.json`,
    id: user.id,
    name: user.name,
    role: user.role,
    active: true,
    created_at: user.created_at,
    updated_at: user.updated_at,
    photo: null,
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
  const more = { is_public: true, default: false, deleted: false, updated_at: group.created_at };
  return shown(desk, "groups", group, more);
}

/** A membership of an agent in a group. */
export function membershipJson(desk: Desk, membership: Membership): Record<string, unknown> {
  return shown(desk, "group_memberships", membership, { updated_at: membership.created_at });
}

/** A satisfaction rating; without a text it has no `comment`. */
export function ratingJson(desk: Desk, { comment, ...rating }: Rating): Record<string, unknown> {
  return shown(desk, "satisfaction_ratings", rating, comment === null ? {} : { comment });
}
