/** Environment variables of the channels chat, Slack and Zendesk, with what they mean together. */

import type { Variables } from "./environment-file.ts";
import { text, whole, secret, url } from "./secret.ts";
import { z } from "zod";

/** Shorter secrets could be guessed (RFC 7518, section 3.2, asks for as many bits as the hash has). */
const SECRET_LENGTH_MIN = 32;

/** A list of origins. */
export const origins = text
  .transform((list) => list.split(/[\s,]+/).filter((origin) => origin !== ""))
  .refine((listed) => listed.every(isOrigin), {
    error: "must be origins such as https://shop.example, separated by commas, and no *",
  });

/** Variables of the chat, except its secrets. */
export const CHAT_VARIABLES = {
  CHAT_IDENTITY_KEYS: text
    .optional()
    .describe("PEM or JWKS file with RSA public keys, for tokens signed with RS256"),
  CHAT_IDENTITY_AUDIENCE: text.optional().describe("required audience (`aud`) of a token"),
  CHAT_IDENTITY_ISSUER: text.optional().describe("required issuer (`iss`) of a token"),
  CHAT_IDENTITY_HOURS_MAX: z.coerce
    .number()
    .min(0.1)
    .max(8_760)
    .default(24)
    .describe("hours a token's `exp` may be ahead"),
  CHAT_ORIGINS: origins
    .optional()
    .describe("origins of the pages that may call `/support/chat`, comma-separated"),
  DESKHAND_PROXIES: whole(0, 10).default(0).describe("number of your own proxies in front"),
};

/** As a browser writes it into the Origin header: scheme, host and port, nothing else. */
function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Problems with the secret that identifies visitors. */
export function chatSecretProblems({
  CHAT_IDENTITY_SECRET: secret = "",
}: Variables): readonly string[] {
  if (secret.trim() === "") return [];
  // With a public key as the secret, any reader of that key could sign.
  if (secret.includes("-----BEGIN "))
    return [
      "CHAT_IDENTITY_SECRET: is a key of a pair; the public one belongs into a file, named by CHAT_IDENTITY_KEYS",
    ];
  return secret.trim().length >= SECRET_LENGTH_MIN
    ? []
    : [`CHAT_IDENTITY_SECRET: needs at least ${SECRET_LENGTH_MIN} characters`];
}

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

const words = z.string().trim().min(1).max(2_000);
const userIds = words.regex(/^\d+(?:\s*,\s*\d+)*$/, "must be user ids, separated by commas");
const group = z.coerce.number().int().optional();

/** Variables of the account and of the two identities that sign in to it. */
const ACCOUNT = {
  ZENDESK_URL: url.optional().describe("address of the account"),
  ZENDESK_WRITER_CLIENT_ID: text.optional().describe("OAuth client of the bot's own agent"),
  ZENDESK_WRITER_CLIENT_SECRET: secret.optional().describe("its secret"),
  ZENDESK_WRITER_REFRESH_TOKEN: secret
    .optional()
    .describe("first refresh token, if the bot's agent authorized the client"),
  ZENDESK_READER_CLIENT_ID: text.optional().describe("OAuth client of an admin, for the export"),
  ZENDESK_READER_CLIENT_SECRET: secret.optional().describe("its secret"),
  ZENDESK_READER_REFRESH_TOKEN: secret
    .optional()
    .describe("first refresh token, if an admin authorized the client"),
  ZENDESK_APP_INSTALLATION: whole(1, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe("id of the installation of the app beside the tickets"),
  ZENDESK_APP_PEM: text.optional().describe("its public key: PEM, or its body on one line"),
  ZENDESK_WEBHOOK_SECRET: secret.optional().describe("signing secret of the webhook"),
  ZENDESK_GROUP_BOT: group.describe("id of the group whose tickets the bot looks after"),
  ZENDESK_GROUP_TIER2: group.describe("id of the group for questions to people"),
  ZENDESK_GROUP_SENSITIVE: group.describe(
    "id of the group for legal matters, threats and data requests",
  ),
} as const;

/** Variables that distinguish teammates' changes to a ticket from those of programs and rules. All are optional. */
const WRITING = {
  ZENDESK_PROGRAMS: userIds
    .optional()
    .describe("user ids of programs that write in the account, comma-separated"),
  ZENDESK_AUTOMATIC_RULES: words
    .optional()
    .describe("ids or titles of what else assigns tickets automatically, comma-separated"),
} as const;

/** Variables for reading and sorting tickets. All are optional. */
const READING = {
  ZENDESK_SENDER_AUTHENTICATION: z
    .enum(["on", "off"])
    .default("off")
    .describe("whether the account authenticates who sends its mail (SPF, DKIM, DMARC)"),
  ZENDESK_TRUSTED_FORMS: userIds
    .optional()
    .describe("user ids of integrations that sign customers in themselves, comma-separated"),
  ZENDESK_BRANDS: words
    .regex(
      /^\d{1,19}\s*=\s*[^=,\s][^=,]*(?:,\s*\d{1,19}\s*=\s*[^=,\s][^=,]*)*$/,
      "must be brand id=our name, separated by commas, such as 360001=ourshop",
    )
    .optional()
    .describe("the brands to work for: their ids with your names, comma-separated"),
  ZENDESK_MACROS: z
    .enum(["on", "off"])
    .default("on")
    .describe("whether answers may rest on shared macros"),
  ZENDESK_FIELDS: z
    .string()
    .regex(
      /^\s*(?:intent|language|reason)\s*=\s*[1-9]\d{0,15}\s*(?:,\s*(?:intent|language|reason)\s*=\s*[1-9]\d{0,15}\s*)*$/,
      "must be intent, language or reason = field id, separated by commas",
    )
    .optional()
    .describe("ticket fields that a hand-over fills in"),
} as const;

/** Every variable of Zendesk. */
export const ZENDESK_VARIABLES = { ...ACCOUNT, ...READING, ...WRITING };

/** What is set, as text or as it was read. */
type Given = Readonly<Record<string, unknown>>;

/** Problems with the Zendesk sign-ins, a line each that begins with the variable to change. */
export function signInProblems(set: Given): readonly string[] {
  // Any of these means that a real account is used.
  const isConnected = Object.keys(ACCOUNT).some((name) => set[name] !== undefined);
  if (!isConnected) return [];
  const { DESKHAND_ROLE: given = "all" } = set;
  const role = typeof given === "string" ? given.trim() : "all";
  // The reader belongs to the process that keeps the connections; the others do not need it.
  const readerIsNeeded = role === "all" || role === "channels";
  return [
    ...identityProblems("WRITER", set, true),
    ...identityProblems("READER", set, readerIsNeeded),
    ...(set["ZENDESK_READER_CLIENT_ID"] !== undefined &&
    set["ZENDESK_READER_CLIENT_ID"] === set["ZENDESK_WRITER_CLIENT_ID"]
      ? [
          "ZENDESK_READER_CLIENT_ID: is the writer's client; the reader is an admin and the writer must not be one, so they are two",
        ]
      : []),
  ];
}

function identityProblems(
  which: "WRITER" | "READER",
  set: Given,
  isNeeded: boolean,
): readonly string[] {
  const client = [`ZENDESK_${which}_CLIENT_ID`, `ZENDESK_${which}_CLIENT_SECRET`];
  const own = [...client, `ZENDESK_${which}_REFRESH_TOKEN`].filter(
    (name) => set[name] !== undefined,
  );
  if (own.length === 0 && !isNeeded) return [];
  const needs = own.length === 0 ? "ZENDESK_URL" : own.join(", ");
  return client
    .filter((name) => set[name] === undefined)
    .map((name) => `${name}: is missing, and ${needs} needs it (docs/zendesk.md, OAuth clients)`);
}
