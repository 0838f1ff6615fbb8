/** Ticket fields that have to be filled in. */
import type { Desk } from "./desk.ts";
import { ApiError } from "#sandbox/zendesk/http/errors.ts";
import type { TicketFields } from "./ticket-model.ts";

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
