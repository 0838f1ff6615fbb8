/** Ticket fields that have to be filled in. */
import type { Desk } from "./desk.ts";
import { ApiError } from "#sandbox/zendesk/http/errors.ts";
import type { RequiredField, TicketFields } from "./ticket-model.ts";

/** Refuses the whole write with all that is missing, as Zendesk does; end users are not asked. */
export function refuseIncomplete(desk: Desk, after: TicketFields, byEndUser: boolean): void {
  if (byEndUser) return;
  const missing = desk.settings.requiredFields.filter(
    ({ id, statuses }) => statuses.includes(after.status) && isEmpty(after, id),
  );
  if (missing.length === 0) return;
  throw new ApiError(422, {
    error: "RecordInvalid",
    description: "Record validation errors",
    details: {
      base: missing.map(({ id, title }) => ({
        description: `${title}: is required when ${verbFor(after.status)} a ticket`,
        error: "BlankValue",
        ticket_field_id: id,
        ticket_field_type: "FieldText",
      })),
    },
  });
}

function isEmpty({ custom_fields: fields }: TicketFields, id: number): boolean {
  const value = fields.find((field) => field.id === id)?.value;
  return value === undefined || value === null || value === "";
}

function verbFor(status: TicketFields["status"]): string {
  return status === "solved" ? "solving" : "saving";
}

/** A field as `GET /ticket_fields` shows it. */
export function requiredFieldJson(
  desk: Desk,
  field: RequiredField,
): { readonly id: number; readonly [name: string]: unknown } {
  const created = "2024-01-08T09:00:00Z";
  return {
    url: `${desk.url()}/api/v2/ticket_fields/${field.id}.json`,
    id: field.id,
    type: "text",
    title: field.title,
    raw_title: field.title,
    description: "",
    raw_description: "",
    position: 9999,
    active: true,
    required: field.statuses.includes("solved"),
    collapsed_for_agents: false,
    regexp_for_validation: null,
    title_in_portal: field.title,
    raw_title_in_portal: field.title,
    visible_in_portal: false,
    editable_in_portal: false,
    required_in_portal: false,
    agent_description: null,
    tag: null,
    removable: true,
    key: null,
    created_at: created,
    updated_at: created,
  };
}
