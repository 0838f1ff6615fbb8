/** What Deskhand needs to find in a Zendesk account, under names by which it is found again, and how the account is set up. */

import { reasonOf } from "#core/values/errors.ts";
import { z } from "zod";
import type { Ask, ZendeskClient } from "#zendesk/api/client.ts";
import { Id } from "#zendesk/api/schema.ts";
import { type Finding, findingsAbout } from "#core/connection/connection-board.ts";
import type { StatusAfterReply } from "#core/contracts/policy.ts";
import { LINKED_TAG } from "#zendesk/options.ts";

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
  { name: "intent", key: "deskhand:intent", title: "Deskhand intent" },
  { name: "language", key: "deskhand:language", title: "Deskhand language" },
  {
    name: "reason",
    key: "deskhand:escalation-reason",
    title: "Deskhand reason for escalation",
  },
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
  "attachment_redacted_from_comment",
  "status_changed",
  "agent_assignment_changed",
  "group_assignment_changed",
  "requester_changed",
  "email_ccs_changed",
  "brand_changed",
  "organization_changed",
  "tags_changed",
  "merged",
  "soft_deleted",
  "marked_as_spam",
  "undeleted",
  "csat_received",
].map((name) => `zen:event-type:ticket.${name}`);

const WEBHOOK_NAME = "Deskhand";

/** The path of our webhook below the public address. */
const WEBHOOK_PATH = "/webhooks/zendesk";

/** A webhook as it is made. */
export function webhookFor(publicUrl: string) {
  return {
    name: WEBHOOK_NAME,
    endpoint: `${publicUrl.replace(/(?<!\/)\/+$/, "")}${WEBHOOK_PATH}`,
    http_method: "POST",
    request_format: "json",
    status: "active",
    subscriptions: SUBSCRIPTIONS,
  };
}

/** The parts of an account's set-up that are checked, as an admin sees them. */

export const GroupRow = z.object({
  id: Id,
  name: z.string(),
  deleted: z.boolean().nullish(),
  /** False where only its members and admins see its tickets. */
  is_public: z.boolean().nullish(),
});
const MembershipRow = z.object({ user_id: Id, group_id: Id });
const FieldRow = z.object({
  id: Id,
  title: z.string(),
  active: z.boolean(),
  agent_description: z.string().nullish(),
});
const WebhookRow = z.object({
  id: z.string().min(1),
  name: z.string(),
  endpoint: z.string(),
  status: z.string(),
  subscriptions: z.array(z.string()).nullish(),
});
export type WebhookRow = z.infer<typeof WebhookRow>;
const ConditionRow = z.object({
  field: z.string(),
  operator: z.string().nullish(),
  value: z.unknown(),
});
const TriggerRow = z.object({
  id: Id,
  title: z.string(),
  active: z.boolean(),
  conditions: z
    .object({ all: z.array(ConditionRow).nullish(), any: z.array(ConditionRow).nullish() })
    .transform(({ all, any }) => ({ all: all ?? [], any: any ?? [] })),
  actions: z.array(z.object({ field: z.string(), value: z.unknown() })),
});
type TriggerRow = z.infer<typeof TriggerRow>;
const StatusAnswer = z.object({
  custom_status: z.object({
    agent_label: z.string(),
    status_category: z.string(),
    active: z.boolean(),
  }),
});
const SecretAnswer = z.object({ signing_secret: z.object({ secret: z.string() }) });
/** What is answered where something is made: that one record. */
export const CreateAnswers = {
  group: z.object({ group: GroupRow }).transform(({ group }) => group),
  field: z.object({ ticket_field: FieldRow }).transform((answer) => answer.ticket_field),
  webhook: z.object({ webhook: WebhookRow }).transform(({ webhook }) => webhook),
  membership: z.object({ group_membership: MembershipRow }),
} as const;

/** Reads lists whole; an account has few of each. */
export function accountLists(client: ZendeskClient, signal: AbortSignal) {
  const list = <Row extends z.ZodType>(ask: Ask, row: Row, name?: string) =>
    client.list(ask, row, signal, { mayBeWhole: true, ...(name === undefined ? {} : { name }) });
  return {
    groups: () => list(({ groups }) => groups.list(), GroupRow),
    membersOf: (groupId: number) =>
      list(
        ({ groupmemberships }) => groupmemberships.listByGroup(groupId),
        MembershipRow,
        "group_memberships",
      ),
    fields: () => list(({ ticketfields }) => ticketfields.list(), FieldRow),
    webhooks: () => list(({ webhooks }) => webhooks.list(), WebhookRow),
    triggers: () => list(({ triggers }) => triggers.list(), TriggerRow),
    automations: () => list(({ automations }) => automations.list(), TriggerRow),
    async secretOf(webhookId: string): Promise<string> {
      const ask: Ask = ({ webhooks }) => webhooks.getSigningSecret(webhookId);
      return (await client.get(ask, SecretAnswer, signal)).signing_secret.secret;
    },
  };
}

/** What a webhook has in place of events if a trigger calls it, as versions up to 0.4.0 could make one; it stays so. */
const BY_TRIGGER = "conditional_ticket_events";

/** Our own webhooks: those that call our address with ticket events. */
export function webhooksTo(webhooks: readonly WebhookRow[], endpoint: string): WebhookRow[] {
  return webhooks.filter(
    (one) => one.endpoint === endpoint && one.subscriptions?.includes(BY_TRIGGER) !== true,
  );
}

function mailsRequester({ actions }: TriggerRow): boolean {
  return actions.some(({ field, value }) => {
    const [to]: unknown[] = Array.isArray(value) ? value : [value];
    return field === "notification_user" && /^requester_(?:id|and_ccs)$/.test(String(to));
  });
}

/** True for a trigger on public comments that is not limited to new tickets. */
function isForChanges({ conditions }: TriggerRow): boolean {
  const created = conditions.all.some(
    ({ field, value }) => field === "update_type" && value === "Create",
  );
  const comment = conditions.all.some(
    ({ field, value }) => field === "comment_is_public" && String(value) !== "false",
  );
  return comment && !created;
}

function skipsLinkedTickets({ conditions }: TriggerRow): boolean {
  return conditions.all.some(
    ({ field, operator, value }) =>
      field === "current_tags" &&
      operator === "not_includes" &&
      String(value)
        .split(/[\s,]+/)
        .includes(LINKED_TAG),
  );
}

/**
 * The status after a reply: whether the account has it, and the automations that act on tickets because they are
 * pending, as ours are then unless the policy says otherwise. Never throws.
 */
export async function statusFinding(
  client: ZendeskClient,
  status: StatusAfterReply,
  signal: AbortSignal,
): Promise<Finding> {
  const finding = findingsAbout("zendesk");
  const check = "status after a reply";
  try {
    // The library knows no statuses.
    const ask: Ask = ({ tickets }) => tickets.get(["custom_statuses", status]);
    const isOwn = typeof status === "number";
    const own = isOwn ? (await client.find(ask, StatusAnswer, signal))?.custom_status : null;
    if (isOwn && own?.active !== true)
      return finding(
        "problem",
        check,
        `there is no active custom status ${status}; answers go out, and the ticket keeps the status it has`,
        "set status_after_reply in the policy to a ticket status of the account",
      );
    const category = own?.status_category ?? status;
    const name = own == null ? String(status) : `“${own.agent_label}” (${category})`;
    if (category !== "pending") return finding("ok", check, name);
    const automations = await accountLists(client, signal).automations();
    const acting = automations.filter(
      ({ active, conditions }) =>
        active &&
        [...conditions.all, ...conditions.any].some(
          ({ field, operator, value }) =>
            // "Hours since pending", or the status itself.
            field === "PENDING" || (field === "status" && operator === "is" && value === "pending"),
        ),
    );
    if (acting.length === 0) return finding("ok", check, `${name}; no automation acts on it`);
    const titles = acting.map(({ title }) => `“${title}”`).join(", ");
    return finding(
      "warning",
      check,
      `${name}; automations act on such tickets, also on those that Deskhand answered: ${titles}`,
      "if that is not wanted, set status_after_reply in the policy, or change them",
    );
  } catch (error) {
    return finding("unknown", check, reasonOf(error), "needs the scope `read`");
  }
}

/** Whether replies reach customers by mail, and each once. Never throws. */
export async function noticeFinding(client: ZendeskClient, signal: AbortSignal): Promise<Finding> {
  const finding = findingsAbout("zendesk");
  const check = "mail to customers";
  try {
    const triggers = await accountLists(client, signal).triggers();
    // Titles may be translated or changed, so a trigger is known by what it does: it mails the requester on a change.
    const mailing = triggers.filter(
      (one) => one.active && mailsRequester(one) && isForChanges(one),
    );
    const [first] = mailing;
    const twice = mailing.find((one) => !skipsLinkedTickets(one));
    if (first !== undefined && twice === undefined) return finding("ok", check, `“${first.title}”`);
    const words =
      twice === undefined
        ? "no trigger mails a public comment to the requester"
        : `“${twice.title}” mails linked tickets a second time`;
    return finding("warning", check, words, "docs/zendesk.md, Notification triggers");
  } catch (error) {
    return finding("unknown", check, reasonOf(error), "needs the scope `read`");
  }
}
