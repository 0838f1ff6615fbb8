/** Optional environment variables of Zendesk: how tickets are read, and who changes them. */

import { z } from "zod";

const words = z.string().trim().min(1).max(2_000);

/** Variables that distinguish teammates' changes to a ticket from those of programs and rules. All are optional. */
export const ZENDESK_WRITING = {
  ZENDESK_RESUME_TAG: words
    .regex(/^\S{1,80}$/, "must be one tag")
    .optional()
    .describe("a teammate who adds it hands a ticket back"),
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
  /** On when the account authenticates who sends its mail (SPF, DKIM, DMARC). */
  ZENDESK_SENDER_AUTHENTICATION: z.enum(["on", "off"]).default("off"),
  ZENDESK_BRANDS: words
    .regex(
      /^\d{1,19}\s*=\s*[^=,\s][^=,]*(?:,\s*\d{1,19}\s*=\s*[^=,\s][^=,]*)*$/,
      "must be brand id=our name, separated by commas, such as 360001=ourshop",
    )
    .optional()
    .describe("our names of brands by Zendesk's ids: 360001=ourshop,360002=otherbrand"),
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
    .describe("ticket fields a hand-over fills in: intent=1,language=2,reason=3"),
} as const;

export const ZENDESK_READING_NAMES = [
  "ZENDESK_SENDER_AUTHENTICATION",
  "ZENDESK_BRANDS",
  "ZENDESK_MACROS",
  "ZENDESK_FIELDS",
] as const satisfies readonly (keyof typeof ZENDESK_READING)[];
