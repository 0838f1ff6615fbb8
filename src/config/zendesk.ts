/** Environment variables of Zendesk: the account and who signs in, how tickets are read, and who changes them. */

import { z } from "zod";
import { Secret } from "./secret.ts";

const words = z.string().trim().min(1).max(2_000);
const text = z.string().trim().min(1);
const secret = text.transform((value) => new Secret(value));
const group = z.coerce.number().int().optional();

/**
 * Variables of the account and of the two identities that sign in to it; `./zendesk-credentials.ts` says which of them
 * go together.
 */
export const ZENDESK_ACCOUNT = {
  ZENDESK_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("address of the account"),
  ZENDESK_WRITER_CLIENT_ID: text.optional().describe("OAuth client of the bot's own agent"),
  ZENDESK_WRITER_CLIENT_SECRET: secret.optional().describe("secret of the writer's client"),
  ZENDESK_WRITER_REFRESH_TOKEN: secret
    .optional()
    .describe("first refresh token, from authorizing the client as the bot's agent"),
  ZENDESK_READER_CLIENT_ID: text.optional().describe("OAuth client of an admin, for the export"),
  ZENDESK_READER_CLIENT_SECRET: secret.optional().describe("secret of the reader's client"),
  ZENDESK_READER_REFRESH_TOKEN: secret
    .optional()
    .describe("first refresh token, if a person authorized the client"),
  ZENDESK_WRITER_TOKEN: secret
    .optional()
    .describe("in place of the writer's client: an access token that is not renewed"),
  ZENDESK_READER_TOKEN: secret
    .optional()
    .describe("in place of the reader's client: an access token that is not renewed"),
  ZENDESK_EMAIL: z.email().optional().describe("the bot's agent, for an account with an API token"),
  ZENDESK_READER_EMAIL: z.email().optional().describe("an admin, for an account with an API token"),
  ZENDESK_API_TOKEN: secret
    .optional()
    .describe("in place of both clients; all API tokens end on 30 April 2027"),
  ZENDESK_WEBHOOK_SECRET: secret.optional().describe("signing secret of the webhook"),
  ZENDESK_GROUP_BOT: group.describe("id of the group whose tickets the bot looks after"),
  ZENDESK_GROUP_TIER2: group.describe("id of the group that takes questions for people"),
  ZENDESK_GROUP_SENSITIVE: group.describe(
    "id of the group that takes legal matters, threats and data requests",
  ),
} as const;

/** Variables that distinguish teammates' changes to a ticket from those of programs and rules. All are optional. */
export const ZENDESK_WRITING = {
  ZENDESK_RESUME_TAG: words
    .regex(/^\S{1,80}$/, "must be one tag")
    .optional()
    .describe("a tag: a teammate who adds it hands a ticket back; default `bot_resume`"),
  ZENDESK_PROGRAMS: words
    .regex(/^\d+(?:\s*,\s*\d+)*$/, "must be user ids, separated by commas")
    .optional()
    .describe("user ids of programs that write in the account by themselves"),
  ZENDESK_PROGRAM_ROUNDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(20)
    .optional()
    .describe("number of consecutive answers to such a program; default 2"),
  ZENDESK_AUTOMATIC_RULES: words
    .optional()
    .describe(
      "ids or titles of what assigns tickets automatically besides Zendesk's rules, comma-separated",
    ),
} as const;

export const ZENDESK_WRITING_NAMES = [
  "ZENDESK_RESUME_TAG",
  "ZENDESK_PROGRAMS",
  "ZENDESK_PROGRAM_ROUNDS",
  "ZENDESK_AUTOMATIC_RULES",
] as const satisfies readonly (keyof typeof ZENDESK_WRITING)[];

/** Variables for reading and sorting tickets. All are optional. */
export const ZENDESK_READING = {
  ZENDESK_SENDER_AUTHENTICATION: z
    .enum(["on", "off"])
    .default("off")
    .describe("`on` when the account authenticates who sends its mail (SPF, DKIM, DMARC)"),
  ZENDESK_BRANDS: words
    .regex(
      /^\d{1,19}\s*=\s*[^=,\s][^=,]*(?:,\s*\d{1,19}\s*=\s*[^=,\s][^=,]*)*$/,
      "must be brand id=our name, separated by commas, such as 360001=ourshop",
    )
    .optional()
    .describe("the brands to work for: our names of them by Zendesk's ids"),
  ZENDESK_MACROS: z
    .enum(["on", "off"])
    .default("on")
    .describe("whether answers may rest on the account's shared macros"),
  ZENDESK_FIELDS: z
    .string()
    .regex(
      /^\s*(?:intent|language|reason)\s*=\s*[1-9]\d{0,14}\s*(?:,\s*(?:intent|language|reason)\s*=\s*[1-9]\d{0,14}\s*)*$/,
      "must be intent, language or reason = field id, separated by commas",
    )
    .optional()
    .describe("ids of ticket fields that a hand-over fills in; none when left out"),
} as const;

export const ZENDESK_READING_NAMES = [
  "ZENDESK_SENDER_AUTHENTICATION",
  "ZENDESK_BRANDS",
  "ZENDESK_MACROS",
  "ZENDESK_FIELDS",
] as const satisfies readonly (keyof typeof ZENDESK_READING)[];
