/** Triggers of the local Zendesk. */
import type { Trigger as ShownTrigger, User } from "#sandbox/zendesk/records/account-model.ts";
import type { AuditEvent, Ticket, Via } from "#sandbox/zendesk/records/ticket-model.ts";

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
