/**
 * Room: what Zendesk does by itself: native rules, triggers, routing, merges, mail that comes in, ratings and surveys.
 * In: a ticket and the change asked for, or an event such as a mail.
 * Out: the fields as they end up, new tickets and comments, audit events.
 * May touch: the account's records.
 */
import { isBrand } from "#sandbox/zendesk/records/brands.ts";
import { ApiError, recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import type { FieldChange, TicketFields } from "#sandbox/zendesk/records/ticket-model.ts";

/** What the rules need to know about the account and the change. */
export interface RuleContext {
  readonly byEndUser: boolean;
  readonly withComment: boolean;
  readonly isAgent: (userId: number) => boolean;
  readonly isMember: (userId: number, groupId: number) => boolean;
  readonly isGroup: (groupId: number) => boolean;
  readonly defaultGroup: (userId: number) => number | null;
}

/** After closing, these may still be changed ("About native system ticket rules" in Zendesk's help). */
const CHANGEABLE_WHEN_CLOSED = new Set(["tags", "subject", "priority"]);

/**
 * Zendesk's native rules, which no account can switch off. Returns the fields as they end up; throws a 422 when the
 * change as a whole is refused.
 */
export function applyRules(
  before: TicketFields,
  change: FieldChange,
  context: RuleContext,
): TicketFields {
  refuseClosed(before, change, context);
  const asked = Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  );
  // A priority can be changed but not taken away again.
  const priority = change.priority ?? before.priority;
  const assigned = assign({ ...before, ...asked, priority }, before, change, context);
  const after = { ...assigned, status: nextStatus(before, assigned, change, context) };
  if (after.status === "solved" && before.status !== "solved" && after.assignee_id === null)
    throw needsAssignee();
  return after;
}

function refuseClosed(before: TicketFields, change: FieldChange, context: RuleContext): void {
  if (before.status !== "closed") return;
  const refused = Object.entries(change).some(
    ([name, value]) => value !== undefined && !CHANGEABLE_WHEN_CLOSED.has(name),
  );
  if (refused || context.withComment) {
    throw recordInvalid("status", "Status: closed prevents ticket update", "ClosedTicket");
  }
}

/** An agent brings the default group along; a group that the assignee is not in loses the assignee. */
function assign(
  wanted: TicketFields,
  before: TicketFields,
  change: FieldChange,
  context: RuleContext,
): TicketFields {
  refuseUnknown(wanted, context);
  if (!isBrand(wanted.brand_id)) throw recordInvalid("brand", "Brand: is invalid");
  const { assignee_id: assignee, group_id: group } = wanted;
  if (assignee === null || (group !== null && context.isMember(assignee, group))) return wanted;
  const groupAsked = group !== null && isChanged(change.group_id, before.group_id);
  if (groupAsked && isChanged(change.assignee_id, before.assignee_id)) {
    throw recordInvalid("assignee", "Assignee: is not a member of the group");
  }
  if (groupAsked) return { ...wanted, assignee_id: null };
  return { ...wanted, group_id: context.defaultGroup(assignee) };
}

function refuseUnknown(
  { assignee_id: assignee, group_id: group }: TicketFields,
  context: RuleContext,
): void {
  if (group !== null && !context.isGroup(group)) {
    throw recordInvalid("group", "Group: is invalid");
  }
  if (assignee !== null && !context.isAgent(assignee)) {
    throw recordInvalid("assignee", "Assignee: is invalid");
  }
}

function isChanged(wanted: number | null | undefined, before: number | null): boolean {
  return wanted !== undefined && wanted !== before;
}

function nextStatus(
  before: TicketFields,
  after: TicketFields,
  change: FieldChange,
  context: RuleContext,
): TicketFields["status"] {
  if (change.status === "new" && before.status !== "new") {
    throw recordInvalid("status", "Status: cannot return to new");
  }
  const reopens = context.byEndUser && context.withComment && change.status === undefined;
  if (reopens && ["pending", "hold", "solved"].includes(before.status)) return "open";
  return after.status === "new" && after.assignee_id !== null ? "open" : after.status;
}

function needsAssignee(): ApiError {
  return new ApiError(422, {
    error: "RecordInvalid",
    description: "Record validation errors",
    details: {
      base: [
        {
          description: "Assignee: is required when solving a ticket",
          error: "BlankValue",
          ticket_field_id: 4_500_000_001,
          ticket_field_type: "FieldAssignee",
        },
      ],
    },
  });
}
