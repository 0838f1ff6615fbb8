/**
 * The bodies that the document's text describes and its schemas leave out, from the pages of the vendor's reference that
 * are listed beside each. What is not named is an error, because an account would ignore it without a sign.
 */
import { z } from "zod";

const Id = z.number().int();
const Field = z.strictObject({ id: Id, value: z.unknown() });
const Uploads = z.array(z.string());

/** "Requests", properties that are not read-only. */
const RequestComment = z.strictObject({
  body: z.string().optional(),
  html_body: z.string().optional(),
  public: z.boolean().optional(),
  uploads: Uploads.optional(),
});
const Request = z.strictObject({
  subject: z.string().optional(),
  comment: RequestComment.optional(),
  requester: z
    .strictObject({
      name: z.string().optional(),
      email: z.string().optional(),
      locale_id: Id.optional(),
    })
    .optional(),
  priority: z.string().optional(),
  type: z.string().optional(),
  custom_fields: z.array(Field).optional(),
  ticket_form_id: Id.optional(),
  collaborators: z.array(z.union([Id, z.string()])).optional(),
  email_ccs: z.array(z.unknown()).optional(),
  additional_collaborators: z.array(z.unknown()).optional(),
  due_at: z.string().nullable().optional(),
  recipient: z.string().optional(),
  solved: z.boolean().optional(),
  via_followup_source_id: Id.optional(),
});

/** "Tags". */
const Tags = z.strictObject({
  tags: z.array(z.string()),
  updated_stamp: z.string().optional(),
  safe_update: z.union([z.boolean(), z.literal("true")]).optional(),
});

/** "Satisfaction Ratings". */
const Rating = z.strictObject({
  score: z.enum(["offered", "unoffered", "good", "bad"]),
  comment: z.string().optional(),
  reason: z.string().optional(),
  reason_code: Id.optional(),
});

/** "Ticket Fields". */
const TicketField = z.strictObject({
  type: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  agent_description: z.string().optional(),
  active: z.boolean().optional(),
  required: z.boolean().optional(),
  tag: z.string().optional(),
  position: Id.optional(),
  regexp_for_validation: z.string().nullable().optional(),
  visible_in_portal: z.boolean().optional(),
  editable_in_portal: z.boolean().optional(),
  required_in_portal: z.boolean().optional(),
  title_in_portal: z.string().optional(),
  collapsed_for_agents: z.boolean().optional(),
  custom_field_options: z.array(z.looseObject({ name: z.string(), value: z.string() })).optional(),
});

/** "OAuth Tokens for Grant Types", and "Using PKCE to make Zendesk OAuth access tokens more secure". */
const Grant = z.strictObject({
  grant_type: z.enum(["authorization_code", "client_credentials", "refresh_token", "password"]),
  client_id: z.string(),
  client_secret: z.string(),
  scope: z.string().optional(),
  code: z.string().optional(),
  redirect_uri: z.string().optional(),
  code_verifier: z.string().optional(),
  refresh_token: z.string().optional(),
  expires_in: z.union([z.string(), z.number()]).optional(),
  refresh_token_expires_in: z.union([z.string(), z.number()]).optional(),
});

/** One body by method and path below `/api/v2`. */
export const BODIES: readonly { readonly call: RegExp; readonly body: z.ZodType }[] = [
  { call: /^POST \/requests$/u, body: z.strictObject({ request: Request }) },
  { call: /^(?:POST|PUT|DELETE) \/tickets\/\d+\/tags$/u, body: Tags },
  {
    call: /^POST \/tickets\/\d+\/satisfaction_rating$/u,
    body: z.strictObject({ satisfaction_rating: Rating }),
  },
  {
    call: /^(?:POST|PUT) \/ticket_fields(?:\/\d+)?$/u,
    body: z.strictObject({ ticket_field: TicketField }),
  },
  { call: /^POST \/oauth\/tokens$/u, body: Grant },
];
