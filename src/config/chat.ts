/** Environment variables of the chat. */
import type { Variables } from "./environment-file.ts";
import { text, whole } from "./fields.ts";
import { z } from "zod";

/** Shorter secrets could be guessed (RFC 7518, section 3.2, asks for as many bits as the hash has). */
const SECRET_LENGTH_MIN = 32;

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
  CHAT_ORIGINS: text
    .transform((list) => list.split(/[\s,]+/).filter((origin) => origin !== ""))
    .refine((origins) => origins.every(isOrigin), {
      error: "must be origins such as https://shop.example, separated by commas, and no *",
    })
    .optional()
    .describe("origins of the pages that may call `/support/chat`, comma-separated"),
  DESKHAND_PROXIES: whole(0, 10).default(0).describe("number of your own proxies in front"),
};

/** As a browser writes it into the Origin header: scheme, host and port, nothing else. */
function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Problems with the secrets that identify visitors. */
export function chatSecretProblems(set: Variables): readonly string[] {
  return ["CHAT_IDENTITY_SECRET", "CHAT_IDENTITY_SECRETS"].flatMap((name) => {
    const value = set[name]?.trim() ?? "";
    const secrets = name === "CHAT_IDENTITY_SECRETS" ? secretsIn(value) : [value];
    if (value === "") return [];
    // With a public key as the secret, any reader of that key could sign.
    if (value.includes("-----BEGIN "))
      return [
        `${name}: is a key of a pair; the public one belongs into a file, named by CHAT_IDENTITY_KEYS`,
      ];
    return secrets.every((secret) => secret.length >= SECRET_LENGTH_MIN)
      ? []
      : [
          `${name}: needs at least ${SECRET_LENGTH_MIN} characters${secrets.length > 1 ? " in each" : ""}`,
        ];
  });
}

/** The secrets of a list separated by spaces. */
export function secretsIn(list: string): readonly string[] {
  return list.split(/\s+/).filter((secret) => secret !== "");
}
