/** What Deskhand needs to find in an account, under names by which it is found again. */

/** Our three groups, by the variables that hold their ids. */
export const GROUPS = [
  {
    variable: "ZENDESK_GROUP_BOT",
    name: "Deskhand",
    description: "Conversations the bot looks after",
  },
  { variable: "ZENDESK_GROUP_TIER2", name: "Tier 2", description: "Questions people answer" },
  {
    variable: "ZENDESK_GROUP_SENSITIVE",
    name: "Sensitive",
    description: "Legal matters, threats, data requests",
  },
] as const;

/**
 * Fields for what a conversation was judged to be about. Priority is a field every account has. The key stands in the
 * description for agents, so that a person may change the title.
 */
export const TRIAGE_FIELDS = [
  { key: "deskhand:intent", title: "Deskhand intent" },
  { key: "deskhand:language", title: "Deskhand language" },
  { key: "deskhand:escalation-reason", title: "Deskhand reason for escalation" },
] as const;

/**
 * The events the channel listens to: everything that changes the text, the people, the owner or the state of a ticket.
 * Of tags one hands a ticket back. What is not needed costs invocations.
 */
export const SUBSCRIPTIONS = [
  "created",
  "comment_added",
  "comment_made_private",
  "comment_redacted",
  "status_changed",
  "agent_assignment_changed",
  "group_assignment_changed",
  "requester_changed",
  "email_ccs_changed",
  "brand_changed",
  "tags_changed",
  "merged",
  "soft_deleted",
  "marked_as_spam",
  "undeleted",
  "csat_received",
].map((name) => `zen:event-type:ticket.${name}`);

/** A webhook a trigger may call subscribes to this and to no event. */
export const TRIGGER_SUBSCRIPTION = "conditional_ticket_events";

const WEBHOOK_NAME = "Deskhand";
const TRIGGER_TITLE = "Tell Deskhand";

/** The path of our webhook below the public address. */
const WEBHOOK_PATH = "/webhooks/zendesk";

/** What a trigger sends. The time makes two changes of one ticket two different bodies. */
const TRIGGER_BODY = JSON.stringify({
  ticket_id: "{{ticket.id}}",
  updated_at: "{{ticket.updated_at_with_timestamp}}",
});

/** "Current user is not the bot", without which every write of ours would call us again. */
function loopCondition(botUserId: number): {
  readonly field: string;
  readonly operator: string;
  readonly value: string;
} {
  return { field: "role", operator: "is_not", value: String(botUserId) };
}

/** The trigger for an account whose webhook is not subscribed to events. */
export function triggerFor(webhookId: string, botUserId: number) {
  return {
    title: TRIGGER_TITLE,
    description: "Tells Deskhand about every change of a ticket that it did not make itself.",
    active: true,
    conditions: { all: [loopCondition(botUserId)], any: [] },
    actions: [{ field: "notification_webhook", value: [webhookId, TRIGGER_BODY] }],
  };
}

/** A webhook as it is made; the events or, with `byTrigger`, the trigger tell it when to call. */
export function webhookFor(publicUrl: string, byTrigger: boolean) {
  return {
    name: WEBHOOK_NAME,
    endpoint: `${publicUrl.replace(/(?<!\/)\/+$/, "")}${WEBHOOK_PATH}`,
    http_method: "POST",
    request_format: "json",
    status: "active",
    subscriptions: byTrigger ? [TRIGGER_SUBSCRIPTION] : SUBSCRIPTIONS,
  };
}
