/**
 * Room: what Zendesk does by itself: native rules, triggers, routing, merges, mail that comes in, ratings.
 * In: a ticket and the change asked for, or an event such as a mail.
 * Out: the fields as they end up, new tickets and comments, audit events.
 * May touch: the account's records.
 */
import { ApiError, recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import { AUTOMATIONS } from "#sandbox/zendesk/records/account.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import {
  type FieldChange,
  type TicketFields,
  isBrand,
  type NewEvent,
  type Ticket,
  type Via,
} from "#sandbox/zendesk/records/ticket-model.ts";
import type { Trigger as ShownTrigger, User } from "#sandbox/zendesk/records/account-model.ts";

/** Who makes the change, and whether with a comment. */
interface ChangedBy {
  readonly author: User;
  readonly withComment: boolean;
}

/** After closing, these may still be changed ("About native system ticket rules" in Zendesk's help). */
const CHANGEABLE_WHEN_CLOSED = new Set(["tags", "subject", "priority"]);

/**
 * Zendesk's native rules, which no account can switch off. Returns the fields as they end up; throws a 422 when the
 * change as a whole is refused.
 */
export function applyRules(
  desk: Desk,
  before: TicketFields,
  change: FieldChange,
  by: ChangedBy,
): TicketFields {
  const asked = Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  );
  const refused = Object.keys(asked).some((name) => !CHANGEABLE_WHEN_CLOSED.has(name));
  if (before.status === "closed" && (refused || by.withComment))
    throw recordInvalid("status", "Status: closed prevents ticket update", "ClosedTicket");
  // A priority can be changed but not taken away again.
  const priority = change.priority ?? before.priority;
  const wanted = { ...before, ...asked, priority, ...statusAsked(before, change) };
  const assigned = assign(desk, wanted, before, change);
  const status = nextStatus(before, assigned, change, by);
  const own = status === assigned.status ? assigned.custom_status_id : null;
  const after = { ...assigned, status, custom_status_id: own };
  if (after.status === "solved" && before.status !== "solved") refuseUnsolvable(desk, after);
  return after;
}

/** The statuses a team made itself, each in a category. */
export const OWN_STATUSES: readonly {
  readonly id: number;
  readonly agent_label: string;
  readonly status_category: TicketFields["status"];
}[] = [
  { id: 4_300_000_021, agent_label: "Waiting for the warehouse", status_category: "hold" },
  { id: 4_300_000_022, agent_label: "Waiting for a picture", status_category: "pending" },
];

/** A custom status brings its category; a category without one brings its default status. */
function statusAsked(
  before: TicketFields,
  { status, custom_status_id: own }: FieldChange,
): Pick<TicketFields, "status" | "custom_status_id"> {
  if (own === undefined || own === null)
    return {
      status: status ?? before.status,
      custom_status_id:
        status === undefined || status === before.status ? before.custom_status_id : null,
    };
  const category = OWN_STATUSES.find(({ id }) => id === own)?.status_category;
  if (category === undefined) throw recordInvalid("custom_status_id", "Custom status: is invalid");
  return { status: category, custom_status_id: own };
}

/** An agent brings the default group along; a group that the assignee is not in loses the assignee. */
function assign(
  desk: Desk,
  wanted: TicketFields,
  before: TicketFields,
  change: FieldChange,
): TicketFields {
  const { assignee_id: assignee, group_id: group } = wanted;
  const agent = knownAgent(desk, wanted);
  const isMember = desk.memberships
    .all()
    .some((row) => row.user_id === assignee && row.group_id === group);
  if (agent === undefined || isMember) return wanted;
  const groupAsked = group !== null && isChanged(change.group_id, before.group_id);
  if (groupAsked && isChanged(change.assignee_id, before.assignee_id))
    throw recordInvalid("assignee", "Assignee: is not a member of the group");
  if (groupAsked) return { ...wanted, assignee_id: null };
  return { ...wanted, group_id: agent.default_group_id };
}

/** The assignee, if there is one. Throws where the change names what the account does not have. */
function knownAgent(
  desk: Desk,
  { assignee_id: assignee, group_id: group, brand_id: brand }: TicketFields,
): User | undefined {
  const agent = assignee === null ? undefined : desk.users.get(assignee);
  if (group !== null && desk.groups.get(group) === undefined)
    throw recordInvalid("group", "Group: is invalid");
  if (assignee !== null && (agent?.role ?? "end-user") === "end-user")
    throw recordInvalid("assignee", "Assignee: is invalid");
  if (!isBrand(brand)) throw recordInvalid("brand", "Brand: is invalid");
  return agent;
}

function isChanged(wanted: number | null | undefined, before: number | null): boolean {
  return wanted !== undefined && wanted !== before;
}

function nextStatus(
  before: TicketFields,
  after: TicketFields,
  change: FieldChange,
  { author, withComment }: ChangedBy,
): TicketFields["status"] {
  if (change.status === "new" && before.status !== "new") {
    throw recordInvalid("status", "Status: cannot return to new");
  }
  const reopens = author.role === "end-user" && withComment && change.status === undefined;
  if (reopens && ["pending", "hold", "solved"].includes(before.status)) return "open";
  return after.status === "new" && after.assignee_id !== null ? "open" : after.status;
}

/** Solving takes an assignee, and a value in each field that the account requires for it. */
function refuseUnsolvable({ settings, ticketFields }: Desk, after: TicketFields): void {
  if (after.assignee_id === null) throw neededToSolve("Assignee", 4_500_000_001, "FieldAssignee");
  for (const id of settings.requiredToSolve) {
    const { value } = after.custom_fields.find((field) => field.id === id) ?? {};
    if ((value ?? "") === "")
      throw neededToSolve(ticketFields.get(id)?.title ?? "Field", id, "FieldText");
  }
}

function neededToSolve(title: string, ticket_field_id: number, ticket_field_type: string) {
  const description = `${title}: is required when solving a ticket`;
  const reason = { description, error: "BlankValue", ticket_field_id, ticket_field_type };
  const body = { error: "RecordInvalid", description: "Record validation errors" };
  return new ApiError(422, { ...body, details: { base: [reason] } });
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

/** The notifications a change sends. */
export function notifications(happening: TriggerInput): NewEvent[] {
  const { ticket, comment } = happening;
  if (!comment?.public || ticket.tags.includes(LINKED_TAG)) return [];
  return TRIGGERS.filter((trigger) => trigger.fires(happening)).map((trigger) => ({
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

/** The automations as an admin sees them: the one every account begins with, and the reminder if it is switched on. */
export function automations({ settings }: Desk, at: string): ShownTrigger[] {
  const wanted = settings.pendingAutomation ? AUTOMATIONS : AUTOMATIONS.slice(0, 1);
  return wanted.map((rule) => ({ ...rule, created_at: at, updated_at: at }));
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
