/** Schemas of the ticket bodies that the local Zendesk accepts. */
import { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import {
  CustomField,
  Priority,
  Status,
  TicketType,
} from "#sandbox/zendesk/records/ticket-model.ts";
import { createOrUpdateUser, userByEmail } from "#sandbox/zendesk/records/people.ts";

/** Write-only attributes the sandbox does not know are ignored, as Zendesk ignores them. */
const CommentInput = z.object({
  body: z.string().optional(),
  html_body: z.string().optional(),
  public: z.boolean().optional(),
  author_id: z.number().int().optional(),
  uploads: z.array(z.string()).optional(),
});

const TicketInput = z.object({
  subject: z.string().optional(),
  comment: CommentInput.optional(),
  status: Status.optional(),
  priority: Priority.nullable().optional(),
  type: TicketType.nullable().optional(),
  assignee_id: z.number().int().nullable().optional(),
  group_id: z.number().int().nullable().optional(),
  requester_id: z.number().int().optional(),
  requester: z.object({ name: z.string().optional(), email: z.string().optional() }).optional(),
  brand_id: z.number().int().optional(),
  due_at: z.iso.datetime().nullable().optional(),
  email_ccs: z
    .array(
      z.object({
        user_id: z.coerce.number().int().optional(),
        user_email: z.string().optional(),
        action: z.enum(["put", "delete"]).default("put"),
      }),
    )
    .optional(),
  external_id: z.string().nullable().optional(),
  recipient: z.string().optional(),
  tags: z.array(z.string()).optional(),
  custom_fields: z.array(CustomField).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  safe_update: z.coerce.boolean().optional(),
  updated_stamp: z.string().optional(),
  via_followup_source_id: z.number().int().optional(),
});
type TicketInput = z.infer<typeof TicketInput>;

/** Body of `POST /tickets`. */
export const Create = z.object({
  ticket: TicketInput.extend({ comment: CommentInput }),
});
/** Body of `PUT /tickets/{id}`. */
export const Update = z.object({ ticket: TicketInput });
/** Body of `POST /tickets/{id}/merge`. */
export const Merge = z.object({
  ids: z.array(z.number().int()).min(1).max(5),
  target_comment: z.string().optional(),
  source_comment: z.string().optional(),
  target_comment_is_public: z.boolean().optional(),
  source_comment_is_public: z.boolean().optional(),
});

/** `requester_id` goes before `requester`, a person who is made where nobody has the address. */
export function requesterOf(desk: Desk, input: TicketInput): number | undefined {
  const { requester_id: id, requester } = input;
  if (id !== undefined || requester === undefined) return id;
  const known = requester.email === undefined ? undefined : userByEmail(desk, requester.email);
  return (known ?? createOrUpdateUser(desk, requester).user).id;
}

/** The people in copy after the call: each of `email_ccs` adds one, or takes one off. */
export function copiesOf(desk: Desk, input: TicketInput, before: readonly number[]): number[] {
  const copies = new Set(before);
  for (const { user_id: id, user_email: email, action } of input.email_ccs ?? []) {
    const user =
      id ?? (email === undefined ? undefined : createOrUpdateUser(desk, { email }).user.id);
    if (user === undefined) continue;
    if (action === "put") copies.add(user);
    else copies.delete(user);
  }
  return [...copies];
}
