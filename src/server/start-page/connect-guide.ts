/** Lists what is connected, for the start page's part about real services. */

import type { Endpoints } from "#config/endpoints-file.ts";
import type { PageOptions } from "#server/pages/options.ts";

/** One part of an installation, and what it uses now. */
export interface Connection {
  readonly name: string;
  readonly now: string;
  readonly yours: boolean;
}

const SAMPLE = "sandbox";
const YOURS = "connected";

/** What is connected and what is still the sandbox's. How to connect it is the set-up command's to ask. */
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
    { name: "Slack", ...channel("slack", slack !== null, "the console stands in") },
    { name: "Zendesk", ...channel("zendesk", zendesk !== null, "not connected") },
    { name: "Mail", ...channel("email", email !== null, "not connected") },
    { name: "Shop", now: shop === null ? YOURS : SAMPLE, yours: shop === null },
    {
      name: "Language model",
      now: agent.isRehearsal ? "built-in rehearsal rules, no AI" : agent.modelName,
      yours: !agent.isRehearsal,
    },
    {
      name: "Database",
      now: isPostgres ? "PostgreSQL" : "embedded, for trying out",
      yours: isPostgres,
    },
  ];
}
