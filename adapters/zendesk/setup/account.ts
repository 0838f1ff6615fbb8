/** Reads how the Zendesk account is set up. */
import { DeskhandError } from "#core/values/errors.ts";
import { z } from "zod";
import type { ZendeskClient } from "#zendesk/api/client.ts";

/** The parts of an account's set-up that are checked, as an admin sees them. */

const Id = z.int().positive();
const Meta = z
  .object({ has_more: z.boolean(), after_cursor: z.string().nullish() })
  .nullish()
  .transform((meta) => ({
    has_more: meta?.has_more ?? false,
    after_cursor: meta?.after_cursor ?? null,
  }));

export const GroupRow = z.object({ id: Id, name: z.string(), deleted: z.boolean().nullish() });
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
  conditions: z.object({
    all: z.array(ConditionRow).nullish(),
    any: z.array(ConditionRow).nullish(),
  }),
  actions: z.array(z.object({ field: z.string(), value: z.unknown() })),
});
export type TriggerRow = z.infer<typeof TriggerRow>;
export type FieldRow = z.infer<typeof FieldRow>;

const SecretAnswer = z.object({ signing_secret: z.object({ secret: z.string() }) });
export const CreateAnswers = {
  group: z.object({ group: GroupRow }),
  field: z.object({ ticket_field: FieldRow }),
  webhook: z.object({ webhook: WebhookRow }),
  trigger: z.object({ trigger: TriggerRow }),
  membership: z.object({ group_membership: MembershipRow }),
} as const;

/** Reads lists whole; an account has few of each. */
export function accountLists(client: ZendeskClient, signal: AbortSignal) {
  const list = async <Row>(path: string[], name: string, row: z.ZodType<Row>): Promise<Row[]> => {
    const page = z.object({ [name]: z.array(row), meta: Meta }).transform((answer) => ({
      rows: z.array(row).parse(answer[name]),
      meta: Meta.parse(answer["meta"]),
    }));
    return await client.list(path, page, signal);
  };
  return {
    groups: () => list(["groups"], "groups", GroupRow),
    membersOf: (groupId: number) =>
      list(["groups", String(groupId), "memberships"], "group_memberships", MembershipRow),
    fields: () => list(["ticket_fields"], "ticket_fields", FieldRow),
    webhooks: () => list(["webhooks"], "webhooks", WebhookRow),
    triggers: () => list(["triggers"], "triggers", TriggerRow),
    async secretOf(webhookId: string): Promise<string> {
      const path = ["webhooks", webhookId, "signing_secret"];
      return (await client.get(path, SecretAnswer, signal)).signing_secret.secret;
    },
  };
}

/** Our own webhooks: those that call our address. */
export function webhooksTo(webhooks: readonly WebhookRow[], endpoint: string): WebhookRow[] {
  return webhooks.filter((one) => one.endpoint === endpoint);
}

/** Whether a trigger calls this webhook. */
export function callsWebhook({ actions }: TriggerRow, webhookId: string): boolean {
  return actions.some(
    ({ field, value }) =>
      field === "notification_webhook" && Array.isArray(value) && value[0] === webhookId,
  );
}

/** Whether a trigger ignores the bot's own changes. */
export function hasLoopCondition({ conditions }: TriggerRow, botUserId: number): boolean {
  return (conditions.all ?? []).some(
    ({ field, operator, value }) =>
      field === "role" && operator === "is_not" && String(value) === String(botUserId),
  );
}

/** Throws when the admin token does not belong to an admin. */
export function requireAdmin(role: string): void {
  if (role !== "admin")
    throw new DeskhandError(
      "config.invalid",
      "ZENDESK_ADMIN_TOKEN: is no admin's; only admins create webhooks, triggers and fields",
    );
}
