/** Environment variables of Slack. */
import { z } from "zod";
import type { Variables } from "./environment-file.ts";
import { secret, text, url, whole } from "./fields.ts";

/** Variables of the workspace, its channels and its limits. */
export const SLACK_VARIABLES = {
  SLACK_BOT_TOKEN: secret.optional().describe("token of the installed app"),
  SLACK_APP_TOKEN: secret.optional().describe("app-level token, for Socket Mode"),
  SLACK_SIGNING_SECRET: secret
    .optional()
    .describe(
      "for signed requests in place of the socket; two, comma-separated, during a rotation",
    ),
  SLACK_API_URL: url.optional().describe("address of Slack's API, if not slack.com"),
  SLACK_APPROVALS_CHANNEL: text.optional().describe("id of the channel for cards"),
  SLACK_ALERTS_CHANNEL: text.optional().describe("id of the channel for what needs a person now"),
  SLACK_HELP_CHANNELS: text
    .optional()
    .describe("ids of channels in which customers ask, comma-separated"),
  SLACK_PLACES: text
    .regex(
      /^[^=,]+=\s*\w+\s*(?:,[^=,]+=\s*\w+\s*)*$/,
      "must be name=channel id, separated by commas, such as approvals-money=C0123",
    )
    .optional()
    .describe("further channels for cards, by the names that `routing` in the policy uses"),
  SLACK_CONNECT_TRUSTED: text
    .regex(
      /^[TE][A-Z0-9]+\s*=\s*[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\s*,\s*[TE][A-Z0-9]+\s*=\s*[a-z0-9-]+(?:\.[a-z0-9-]+)+)*$/,
      "must be workspace id=mail domain in small letters, separated by commas, such as T0123ABC=customer.example",
    )
    .optional()
    .describe("Slack Connect workspaces whose members' addresses count, each with a mail domain"),
  SLACK_ORGANISATION: z
    .enum(["on", "off"])
    .default("off")
    .describe("whether members of all workspaces of your Enterprise organisation are colleagues"),
  SLACK_WORKFLOWS: text
    .optional()
    .describe("ids of Workflow Builder's apps, bots or workflows whose forms are questions"),
  SLACK_CLIENT_ID: text
    .optional()
    .describe("client of the app, for signing in to the console with Slack"),
  SLACK_CLIENT_SECRET: secret.optional().describe("its secret"),
  SLACK_MESSAGES_PER_MINUTE: whole(1, 6_000)
    .optional()
    .describe("messages per channel and minute at most; Slack's own limit unless set"),
};

/** Reads "T0123=a.example,T0123=b.example,E04=c.example" as the domains of each workspace. */
export function trustedWorkspaces(list: string): ReadonlyMap<string, ReadonlySet<string>> {
  const pairs = list.split(",").map((pair) => pair.split("=").map((part) => part.trim()));
  const trusted = new Map<string, Set<string>>();
  for (const [workspace = "", domain = ""] of pairs)
    if (workspace !== "" && domain !== "")
      trusted.set(workspace, (trusted.get(workspace) ?? new Set()).add(domain));
  return trusted;
}

/** Slack uses either a socket or requests: with both, every event and click would arrive twice. */
export function slackTransportProblems(set: Variables): string[] {
  const [hasToken, hasSecret] = [set["SLACK_APP_TOKEN"], set["SLACK_SIGNING_SECRET"]].map(
    (value) => value !== undefined,
  );
  if (hasToken && hasSecret)
    return [
      "SLACK_SIGNING_SECRET: stands beside SLACK_APP_TOKEN; set the token for Socket Mode or the secret for requests, one of them",
    ];
  const isWanted = Object.keys(set).some((name) => name.startsWith("SLACK_"));
  return isWanted && !hasToken && !hasSecret
    ? [
        "SLACK_APP_TOKEN: is missing, and so is SLACK_SIGNING_SECRET: Slack needs the token (Socket Mode) or the secret (signed requests)",
      ]
    : [];
}
