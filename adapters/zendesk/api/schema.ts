/** Schemas of the Zendesk API answers the channel reads. */
import { z } from "zod";

/**
 * What Zendesk answers and sends, as far as the adapter uses it. Unknown fields pass, because Zendesk keeps adding
 * some. Ids are numbers in the API and strings in webhook events and audit values.
 */

/** The number of any record. */
export const Id = z.int().positive();
/** A moment as Zendesk writes it. */
export const Timestamp = z.string().refine((text) => !Number.isNaN(Date.parse(text)), "is no time");
const TextId = z.union([z.string().regex(/^-?\d{1,19}$/), z.int()]).transform(Number);

/** A record's number, which we hand out as text; null for what is none, or is too large to be kept exactly. */
export function recordNumber(text: string): number | null {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(id) ? id : null;
}

/** How a record came in; the shape of `source` differs by channel. */
const Via = z.object({
  channel: z.union([z.string(), z.number()]).transform(String),
  source: z
    .object({
      rel: z.string().nullish(),
      from: z
        .object({
          ticket_id: TextId.nullish().catch(null),
          /** Of a rule. */
          id: z.union([z.string(), z.number()]).nullish(),
          title: z.string().nullish(),
        })
        .nullish(),
      to: z.object({ ticket_id: TextId.nullish().catch(null) }).nullish(),
    })
    .nullish(),
});
export type Via = z.infer<typeof Via>;

export const Ticket = z.object({
  id: Id,
  subject: z.string().nullish(),
  status: z.string(),
  requester_id: Id.nullable(),
  assignee_id: Id.nullish(),
  group_id: Id.nullish(),
  brand_id: Id.nullish(),
  organization_id: Id.nullish(),
  priority: z.string().nullish(),
  custom_fields: z.array(z.object({ id: z.int(), value: z.unknown() })).nullish(),
  tags: z.array(z.string()),
  external_id: z.string().nullish(),
  via: Via.nullish(),
  /** True where the text is in a messaging conversation, not in comments. */
  from_messaging_channel: z.boolean().nullish(),
  /** People who get a copy of each public comment: old and new kinds of CC. */
  collaborator_ids: z.array(z.int()).nullish(),
  email_cc_ids: z.array(z.int()).nullish(),
  /** Only tasks have one. */
  due_at: Timestamp.nullish(),
  updated_at: Timestamp,
});
export type Ticket = z.infer<typeof Ticket>;
export const TicketAnswer = z.object({ ticket: Ticket });

/** Zendesk's doubts about a comment or change; see `identity.ts` for the numbers. */
const Metadata = z
  .object({ flags: z.array(z.int()).nullish(), trusted: z.boolean().nullish() })
  .nullish();

const Attachments = z
  .array(
    z.object({
      id: Id.nullish(),
      inline: z.boolean().nullish(),
      file_name: z.string().nullish(),
      content_type: z.string().nullish(),
      size: z.int().min(0).nullish(),
    }),
  )
  .nullish();

export const Comment = z.object({
  id: Id,
  audit_id: Id.nullish(),
  author_id: z.int(),
  body: z.string().nullish(),
  html_body: z.string().nullish(),
  public: z.boolean(),
  created_at: Timestamp,
  via: Via.nullish(),
  metadata: Metadata,
  attachments: Attachments,
});
export type Comment = z.infer<typeof Comment>;

/** One event of an audit, as far as it says something about owner or text. */
const AuditEvent = z.object({
  id: z.int(),
  type: z.string(),
  field_name: z.union([z.string(), z.number()]).transform(String).nullish(),
  value: z.unknown().optional(),
  previous_value: z.unknown().optional(),
  author_id: z.int().nullish(),
  public: z.boolean().nullish(),
  via: Via.nullish(),
  // Read of ratings and comments alone; in other kinds they may be anything.
  score: z.string().nullish().catch(null),
  body: z.string().nullish().catch(null),
  html_body: z.string().nullish().catch(null),
  attachments: Attachments.catch(null),
});

const READ_KINDS: ReadonlySet<string> = new Set(["Create", "Change", "Comment"]);

/** "Events may be added at any time": one of a kind that we do not read, whatever its shape, keeps its type alone. */
const OtherEvent = z
  .object({ type: z.string().refine((type) => !READ_KINDS.has(type)) })
  .transform(({ type }) => AuditEvent.parse({ id: 0, type }));

export const Audit = z.object({
  id: Id,
  author_id: z.int(),
  created_at: Timestamp,
  via: Via.nullish(),
  metadata: z
    .object({
      custom: z.unknown().optional(),
      flags: z.array(z.int()).nullish(),
      trusted: z.boolean().nullish(),
    })
    .nullish(),
  events: z.array(z.union([AuditEvent, OtherEvent])),
});
export type Audit = z.infer<typeof Audit>;

/** The mark that our own writes leave in `metadata.custom`, by which they are found again. */
export const Marker = z.object({ deskhand_key: z.string() });

export const User = z.object({
  id: Id,
  name: z.string(),
  email: z.string().nullish(),
  role: z.string(),
  /** Set by people or by marking spam: such a user is not written to. */
  suspended: z.boolean().nullish(),
  /** True once any of their addresses was proven. */
  verified: z.boolean().nullish(),
  /** The id the company's own site gives them; a signed-in chat sends it. */
  external_id: z.string().nullish(),
  /** The group a ticket of theirs is in unless set otherwise; end users have none. */
  default_group_id: Id.nullish(),
  /** True for a light agent, who cannot have a ticket. */
  only_private_comments: z.boolean().nullish(),
});
export type User = z.infer<typeof User>;
export const UsersAnswer = z.object({ users: z.array(User) });

/** A customers' organisation; with `shared_tickets` each of its people may read all tickets that belong to it. */
export const OrganizationAnswer = z.object({
  organization: z.object({ id: Id, name: z.string(), shared_tickets: z.boolean().nullish() }),
});

/** `users/me` answers 200 without a valid credential too, as "Anonymous user" with a null id. */
export const MeAnswer = z.object({
  user: User.pick({ role: true, email: true, suspended: true, only_private_comments: true }).extend(
    {
      id: z.int().nullable(),
      name: z.string().nullish(),
      /** Null when all tickets are seen; else which: `groups`, `assigned`, `organization`, `requested`. */
      ticket_restriction: z.string().nullish(),
    },
  ),
});

/** Proof that tickets may be read at all, and those with our own external id. */
export const TicketsAnswer = z.object({
  tickets: z.array(
    z.object({ id: Id, external_id: z.string().nullish(), submitter_id: z.int().nullish() }),
  ),
});

/** A file as the account knows it now; `malware_scan_result` changes once it was scanned. */
export const AttachmentAnswer = z.object({
  attachment: z.object({
    id: Id,
    content_url: z.string(),
    size: z.int().min(0).nullish(),
    deleted: z.boolean().nullish(),
    malware_scan_result: z.string().nullish(),
  }),
});

/** The token is good for one comment, within an hour. */
export const UploadAnswer = z.object({ upload: z.object({ token: z.string().min(1) }) });

/** A write answers with the ticket and the one audit it made. */
export const WriteAnswer = z.object({
  ticket: z.object({ id: Id, submitter_id: z.int().nullish() }),
  audit: Audit,
});

export const ExportPage = z.object({
  tickets: z.array(
    z.object({ id: Id, status: z.string(), updated_at: Timestamp, generated_timestamp: z.int() }),
  ),
  after_cursor: z.string().nullable(),
  end_of_stream: z.boolean(),
});

/** An event as the account's webhooks send it ("Ticket events" in Zendesk's webhook reference). */
export const WebhookEvent = z.object({
  type: z.string().startsWith("zen:event-type:ticket."),
  id: z.string().min(1).max(200),
  subject: z.string().regex(/^zen:ticket:[1-9]\d{0,14}$/),
  detail: z.object({ actor_id: TextId.nullish() }),
  event: z
    .object({
      tags_added: z.array(z.string()).nullish(),
      /** "Events with the same sequence id were triggered by the same action." */
      meta: z
        .object({ sequence: z.object({ id: z.string().min(1).max(100) }) })
        .nullish()
        .catch(null),
    })
    .nullish(),
});

/** What the poller delivers: one line of the export. */
export const PolledTicket = z.object({
  ticket_id: Id,
  updated_at: Timestamp,
  generated_timestamp: z.int(),
});

/** What the adapter itself stores in a hint. */
export const HintData = z.object({
  ticketId: Id,
  /** For a line of the export: Zendesk's `generated_timestamp` of the ticket, in seconds. */
  generated: z.int().optional(),
});
