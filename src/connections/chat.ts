/** Reads from the configuration who may use the chat. */

import { readFileSync } from "node:fs";
import { type TokenRules, publicKeysIn } from "#adapters/chat/identity.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { acceptedKeys, type Keys } from "#core/connection/signing-keys.ts";
import { secretsIn } from "#config/chat.ts";
import { isRealSetup, type Config } from "#config/environment.ts";

const HOUR_MS = 3_600_000;

/** Who may use the chat. */
export interface ChatAccess {
  readonly tokens: TokenRules;
  readonly origins: ReadonlySet<string>;
}

/**
 * Reads who may use the chat, and the file with public keys. `generated` are the keys this
 * installation makes for itself, which count unless the shop gave one. The generated one does not count where the shop
 * signs with its own keys, unless everything is sample data. Throws `config.invalid`.
 */
export function configuredChatAccess(config: Config, generated: Keys): ChatAccess {
  const { environment, real } = config;
  const { CHAT_IDENTITY_KEYS: file } = environment;
  const publicKeys = file === undefined ? [] : keysFrom(file);
  const isSample = !isRealSetup(config) && !real.shop;
  const counts =
    environment.CHAT_IDENTITY_SECRET !== undefined || publicKeys.length === 0 || isSample;
  return {
    tokens: {
      secrets: [
        ...(counts ? acceptedKeys(chatIdentityKeys(config, generated)) : []),
        ...(environment.CHAT_IDENTITY_SECRETS?.accepted().flatMap(secretsIn) ?? []),
      ],
      publicKeys,
      audience: environment.CHAT_IDENTITY_AUDIENCE ?? null,
      issuer: environment.CHAT_IDENTITY_ISSUER ?? null,
      lifetimeMsMax: environment.CHAT_IDENTITY_HOURS_MAX * HOUR_MS,
    },
    origins: new Set(environment.CHAT_ORIGINS),
  };
}

/** What visitors' tokens are signed with: the shop's own key, or those this installation makes for itself. */
export function chatIdentityKeys(
  { environment }: Pick<Config, "environment">,
  generated: Keys,
): Keys {
  return environment.CHAT_IDENTITY_SECRET?.accepted() ?? generated;
}

function keysFrom(file: string): TokenRules["publicKeys"] {
  try {
    return publicKeysIn(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new DeskhandError("config.invalid", `CHAT_IDENTITY_KEYS: ${reasonOf(cause)}`, { cause });
  }
}
