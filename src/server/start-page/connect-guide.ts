/** Lists what is connected, for the start page's guide to connecting real services. */

import type { Endpoints } from "#config/endpoints-file.ts";
import type { PageOptions } from "#server/pages/options.ts";

/** One part of an installation: what it uses now, and which variables replace that with your own. */
export interface Connection {
  readonly name: string;
  readonly now: string;
  readonly yours: boolean;
  readonly variables: readonly string[];
}

const SAMPLE = "sandbox";
const YOURS = "connected";

/** What is connected and what is still the sandbox's. */
export function connectionsOf(
  { channels, agent }: PageOptions["parts"],
  endpoints: Endpoints,
): readonly Connection[] {
  const channel = (name: "slack" | "zendesk" | "email", embedded: boolean, otherwise: string) => {
    if (embedded) return { now: SAMPLE, yours: false };
    return channels.has(name) ? { now: YOURS, yours: true } : { now: otherwise, yours: false };
  };
  const { slack, zendesk, email, shop, database } = endpoints;
  const isPostgres = database.kind === "postgres";
  return [
    {
      name: "Slack",
      ...channel("slack", slack !== null, "the console stands in"),
      variables: [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_APPROVALS_CHANNEL",
        "SLACK_ALERTS_CHANNEL",
      ],
    },
    {
      name: "Zendesk",
      ...channel("zendesk", zendesk !== null, "not connected"),
      variables: [
        "ZENDESK_URL",
        "ZENDESK_WRITER_CLIENT_ID",
        "ZENDESK_WRITER_CLIENT_SECRET",
        "ZENDESK_READER_CLIENT_ID",
        "ZENDESK_READER_CLIENT_SECRET",
        "ZENDESK_WEBHOOK_SECRET",
        "ZENDESK_GROUP_BOT",
        "ZENDESK_GROUP_TIER2",
        "ZENDESK_GROUP_SENSITIVE",
      ],
    },
    {
      name: "Mail",
      ...channel("email", email !== null, "not connected"),
      variables: ["SUPPORT_ADDRESS", "IMAP_HOST", "IMAP_USER", "IMAP_PASS", "SMTP_HOST"],
    },
    {
      name: "Shop",
      now: shop === null ? YOURS : SAMPLE,
      yours: shop === null,
      variables: ["SHOP_URL", "SHOP_KEY"],
    },
    {
      name: "Language model",
      now: agent.isRehearsal ? "built-in rehearsal rules, no AI" : agent.modelName,
      yours: !agent.isRehearsal,
      variables: ["OPENAI_API_KEY", "OPENAI_BASE_URL", "DESKHAND_MODEL"],
    },
    {
      name: "Database",
      now: isPostgres ? "PostgreSQL" : "embedded, for trying out",
      yours: isPostgres,
      variables: ["DATABASE_URL", "REDIS_URL"],
    },
    {
      name: "Rules and chat",
      now: "see the policy file",
      yours: false,
      variables: ["DESKHAND_POLICY", "CHAT_IDENTITY_SECRET"],
    },
  ];
}
