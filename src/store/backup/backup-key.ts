/** The key of encrypted backups: 32 random bytes that only the operator keeps. */
import { createHash } from "node:crypto";
import { DeskhandError } from "#core/values/errors.ts";

const KEY_BYTES = 32;

/** A key that does not print. */
export interface BackupKey {
  /** Tells keys apart, in the header of a backup and for people; nothing of the key can be found from it. */
  readonly id: string;
  reveal(): Buffer;
}

/**
 * Reads a key as text: 64 hex digits or the base64 of 32 bytes. Throws `config.invalid` with `where` for anything else,
 * such as a password that a person thought up.
 */
export function backupKeyFrom(text: string, where: string): BackupKey {
  const trimmed = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed)
    ? Buffer.from(trimmed, "hex")
    : /^[A-Za-z0-9+/]{43}=$/.test(trimmed)
      ? Buffer.from(trimmed, "base64")
      : null;
  if (bytes?.length !== KEY_BYTES)
    throw new DeskhandError(
      "config.invalid",
      `${where} has to hold 32 random bytes as 64 hex digits or as base64: make one with openssl rand -base64 32`,
    );
  const id = createHash("sha256").update("deskhand backup key id").update(bytes).digest("hex");
  return { id: id.slice(0, 16), reveal: () => bytes };
}
