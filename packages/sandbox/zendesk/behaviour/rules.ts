/**
 * Room: what Zendesk does by itself: native rules, triggers, routing, merges, mail that comes in, ratings.
 * In: a ticket and the change asked for, or an event such as a mail.
 * Out: the fields as they end up, new tickets and comments, audit events.
 * May touch: the account's records.
 */
import { ApiError, recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import {
  type FieldChange,
  type TicketFields,
  isBrand,
  type AuditEvent,
  type Ticket,
  type Via,
} from "#sandbox/zendesk/records/ticket-model.ts";
import type { Trigger as ShownTrigger, User } from "#sandbox/zendesk/records/account-model.ts";

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

// The triggers every account begins with.

/**
 * A ticket with this tag sends no mail: a conversation that lives elsewhere is answered there, and a second copy from
 * the help desk would be a duplicate. On a real account the same is a condition on the notification triggers.
 */
const LINKED_TAG = "deskhand_linked";

/** A change, as far as a new account's notification triggers depend on it. */
interface TriggerInput {
  readonly ticket: Ticket;
  readonly author: User;
  readonly created: boolean;
  readonly comment: { readonly public: boolean; readonly plain_body: string } | undefined;
}

interface Trigger {
  readonly id: number;
  readonly title: string;
  readonly subject: string;
  readonly update: "Create" | "Change";
  readonly fires: (happening: TriggerInput) => boolean;
}

/** The three default triggers that write to the requester. */
const TRIGGERS: readonly Trigger[] = [
  {
    id: 4_600_000_001,
    title: "Notify requester and CCs of received request",
    subject: "[Request received]",
    update: "Create",
    fires: ({ created, author }) => created && author.role === "end-user",
  },
  {
    id: 4_600_000_002,
    title: "Notify requester of new proactive ticket",
    subject: "New message from us",
    update: "Create",
    fires: ({ created, author }) => created && author.role !== "end-user",
  },
  {
    id: 4_600_000_003,
    title: "Notify requester and CCs of comment update",
    subject: "Re:",
    update: "Change",
    fires: ({ created, author }) => !created && author.role !== "end-user",
  },
];

/** The notifications a change sends; `nextId` numbers the events. */
export function notifications(happening: TriggerInput, nextId: () => number): AuditEvent[] {
  const { ticket, comment } = happening;
  if (!comment?.public || ticket.tags.includes(LINKED_TAG)) return [];
  return TRIGGERS.filter((trigger) => trigger.fires(happening)).map((trigger) => ({
    id: nextId(),
    type: "Notification",
    subject: `${trigger.subject} ${ticket.subject}`,
    body: comment.plain_body,
    recipients: [ticket.requester_id, ...ticket.email_cc_ids],
    via: ruleVia(trigger),
  }));
}

function ruleVia(trigger: Trigger): Via {
  return {
    channel: "rule",
    source: { from: { id: trigger.id, title: trigger.title }, to: {}, rel: "trigger" },
  };
}

/** The triggers as an admin sees them, with the condition that leaves linked tickets alone. */
export function noticeTriggers(at: string): ShownTrigger[] {
  return TRIGGERS.map(({ id, title, subject, update }, index) => ({
    id,
    title,
    description: null,
    active: true,
    position: index + 1,
    conditions: {
      all: [
        { field: "update_type", operator: "is", value: update },
        { field: "comment_is_public", operator: "is", value: "not_relevant" },
        { field: "current_tags", operator: "not_includes", value: LINKED_TAG },
      ],
      any: [],
    },
    actions: [
      { field: "notification_user", value: ["requester_and_ccs", subject, "{{ticket.comment}}"] },
    ],
    created_at: at,
    updated_at: at,
  }));
}
