/** Tickets of the local Zendesk and what belongs to one; a restart parses every line of the journal with these schemas. */
import { z } from "zod";
import { CHANGED_ROW, type User } from "./account-model.ts";

/** Life of a ticket. It starts as `new`, which never comes back, and `closed` is final. */
export const Status = z.enum(["new", "open", "pending", "hold", "solved", "closed"]);

/** How something came in, as in Zendesk's via object. */
export const Via = z.object({
  channel: z.string(),
  source: z.object({
    from: z.record(z.string(), z.unknown()),
    to: z.record(z.string(), z.unknown()),
    rel: z.string().nullable(),
  }),
});
export type Via = z.infer<typeof Via>;

/** Legacy satisfaction: `offered` once a ticket is solved, then what the requester said. */
const Satisfaction = z.object({
  score: z.enum(["unoffered", "offered", "good", "bad"]),
  comment: z.string().nullable(),
  rating_id: z.number().nullable(),
});

/** Brands of the account: the shop's own, which is the default, another one, and one the bot is not configured for. */
const BRANDS = [
  { id: 4_300_000_001, name: "OurShop" },
  { id: 4_300_000_101, name: "OtherBrand" },
  { id: 4_300_000_102, name: "Wholesale" },
] as const;

/** The brand of a ticket that names none. */
export const DEFAULT_BRAND_ID: number = BRANDS[0].id;

/** True for the number of a brand of the account. */
export function isBrand(id: number): boolean {
  return BRANDS.some((brand) => brand.id === id);
}

/** The one organisation of the account; whether its people see each other's tickets is a setting. */
export const ORGANIZATION = { id: 4_300_000_201, name: "Harbour Hotels" } as const;

/** The part of a ticket that people and rules change and an audit records. */
const FIELDS = {
  subject: z.string(),
  status: Status,
  /** A status of the team's own; null for the default one of its category, which `status` names. */
  custom_status_id: z.number().int().nullable(),
  priority: z.enum(["low", "normal", "high", "urgent"]).nullable(),
  type: z.enum(["problem", "incident", "question", "task"]).nullable(),
  tags: z.array(z.string()),
  requester_id: z.number().int(),
  assignee_id: z.number().int().nullable(),
  group_id: z.number().int().nullable(),
  external_id: z.string().nullable(),
  brand_id: z.number().int(),
  organization_id: z.literal(ORGANIZATION.id).nullable(),
  /** End users in copy, who get every public comment too. */
  email_cc_ids: z.array(z.number()),
  custom_fields: z.array(z.object({ id: z.number(), value: z.unknown() })),
};

/** What a caller asks to change; a field that is absent stays. */
export const FieldChange = z.object(FIELDS).partial();
export type FieldChange = z.infer<typeof FieldChange>;

/** A ticket as it stands now; how it came to be is in its audits. */
export const Ticket = z.object({
  ...FIELDS,
  ...CHANGED_ROW,
  description: z.string(),
  submitter_id: z.number(),
  custom_status_id: FIELDS.custom_status_id.default(null),
  brand_id: FIELDS.brand_id.default(DEFAULT_BRAND_ID),
  organization_id: FIELDS.organization_id.default(null),
  email_cc_ids: FIELDS.email_cc_ids.default([]),
  recipient: z.string().nullable(),
  via: Via,
  /** Whether the first comment was public: what a later comment inherits when it does not say. */
  first_comment_public: z.boolean(),
  is_public: z.boolean(),
  satisfaction: Satisfaction,
  followup_source_id: z.number().nullable(),
  followup_ids: z.array(z.number()),
  /** Seconds since 1970 of the last change of any kind; the incremental export goes by it. */
  generated_timestamp: z.number(),
  /** Position in the order of all changes, so that an export cursor never skips a change of the same second. */
  sequence: z.number(),
  deleted: z.boolean(),
  /** True when it was deleted as spam. */
  spam: z.boolean().default(false),
});
export type Ticket = z.infer<typeof Ticket>;

/** What an update of a ticket may change, with the value of each field. */
export type TicketFields = Pick<Ticket, keyof typeof FIELDS>;

/** A comment: for the customer when `public`, for staff otherwise. */
export const Comment = z.object({
  id: z.number(),
  ticket_id: z.number(),
  audit_id: z.number(),
  author_id: z.number(),
  body: z.string(),
  html_body: z.string(),
  plain_body: z.string(),
  public: z.boolean(),
  created_at: z.string(),
  via: Via,
  metadata: z.record(z.string(), z.unknown()),
  attachment_ids: z.array(z.number()).default([]),
});
export type Comment = z.infer<typeof Comment>;

/** A file of a comment, or of an upload that no comment has taken yet. */
export const Attachment = z.object({
  id: z.number(),
  /** Stands in the file's address: a caller who has it may open the file. */
  secret: z.string(),
  file_name: z.string(),
  content_type: z.string(),
  inline: z.boolean(),
  malware_scan_result: z.enum([
    "malware_found",
    "malware_not_found",
    "failed_to_scan",
    "not_scanned",
  ]),
  base64: z.string(),
});
export type Attachment = z.infer<typeof Attachment>;

/** What an upload gave a token for: good for an hour, and for one comment. */
export const Upload = z.object({
  id: z.string(),
  attachment_ids: z.array(z.number()),
  expires_at_ms: z.number(),
});
export type Upload = z.infer<typeof Upload>;

/** What happened, as an event of an audit; ids in values are strings, as Zendesk writes them. */
const Happening = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("Create"),
    field_name: z.string(),
    value: z.unknown(),
  }),
  z.object({
    type: z.literal("Change"),
    field_name: z.string(),
    value: z.unknown(),
    previous_value: z.unknown(),
  }),
  z.object({
    type: z.literal("Comment"),
    audit_id: z.number(),
    author_id: z.number(),
    body: z.string(),
    html_body: z.string(),
    plain_body: z.string(),
    public: z.boolean(),
    attachments: z.array(z.unknown()),
  }),
  z.object({
    type: z.literal("EmailCcChange"),
    previous_email_ccs: z.array(z.string()),
    current_email_ccs: z.array(z.string()),
    via: Via,
  }),
  z.object({
    type: z.literal("Notification"),
    subject: z.string(),
    body: z.string(),
    recipients: z.array(z.number()),
    via: Via,
  }),
  z.object({ type: z.literal("CollabThreadCreated"), subject: z.string() }),
  z.object({
    type: z.literal("AttachmentRedactionEvent"),
    attachment_id: z.number(),
    comment_id: z.number(),
  }),
  z.object({
    type: z.literal("SatisfactionRating"),
    score: z.string(),
    body: z.string().nullable(),
    assignee_id: z.number().nullable(),
  }),
]);

const AuditEvent = Happening.and(z.object({ id: z.number() }));
export type AuditEvent = z.infer<typeof AuditEvent>;

/** An event before its audit numbers it; that of a comment has the comment's own number. */
export type NewEvent = z.infer<typeof Happening> & { readonly id?: number };

/** Everything one update did, by whom and which way; `metadata.custom` is what the caller wrote on it. */
export const Audit = z.object({
  id: z.number(),
  ticket_id: z.number(),
  created_at: z.string(),
  author_id: z.number(),
  metadata: z.object({ system: z.record(z.string(), z.unknown()), custom: z.unknown() }),
  events: z.array(AuditEvent),
  via: Via,
});
export type Audit = z.infer<typeof Audit>;

/** What a requester said about a solved ticket; there is one for each ticket at most. */
export const Rating = z.object({
  ...CHANGED_ROW,
  ticket_id: z.number(),
  requester_id: z.number(),
  assignee_id: z.number().nullable(),
  group_id: z.number().nullable(),
  score: z.enum(["good", "bad"]),
  comment: z.string().nullable(),
});
export type Rating = z.infer<typeof Rating>;

/** A mail that was held back instead of becoming a ticket; `cause_id` is Zendesk's number for why. */
export const Suspended = z.object({
  id: z.number(),
  name: z.string(),
  email: z.string(),
  subject: z.string(),
  content: z.string(),
  cause: z.string(),
  cause_id: z.number(),
  /** The ticket it answers; null when it opens one. */
  ticket_id: z.number().nullable().default(null),
  created_at: z.string(),
});
export type Suspended = z.infer<typeof Suspended>;

/** What a create with an Idempotency-Key answered, kept for two hours. */
export const Replay = z.object({
  id: z.string(),
  digest: z.string(),
  ticket_id: z.number(),
  audit_id: z.number(),
  created_at_ms: z.number(),
});
export type Replay = z.infer<typeof Replay>;

/** Who does it and by which way in; `system` is what Zendesk notes about the request (client, address). */
export interface Actor {
  readonly user: User;
  readonly via: Via;
  readonly system: Readonly<Record<string, unknown>>;
}

/** Via object of a channel without a further source. */
export function viaOf(channel: string): Via {
  return { channel, source: { from: {}, to: {}, rel: null } };
}

/** What Zendesk notes about a request in comments and audits: client, address, and where that address seems to be. */
export function systemOf(client: string | undefined, address: string | undefined): Actor["system"] {
  const place = { location: "Hamburg, HH, Germany", latitude: 53.55, longitude: 9.99 };
  return { client: client ?? "", ip_address: address ?? "", ...place };
}
