/** Encrypts text before it is stored. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** Encrypts and decrypts text, so that read access to the storage does not reveal it. */
export interface Encryption {
  seal(text: string): string;
  /** Null for text that was encrypted with another key, was changed, or is not encrypted text. */
  open(sealed: string): string | null;
}

const CIPHER = "aes-256-gcm";
const VERSION = "v1";

/**
 * AES-256-GCM under a key derived from `secret` (HKDF with SHA-256, RFC 5869). `purpose` is part of the key, so text
 * encrypted for one purpose cannot be substituted for text of another.
 */
export function createEncryption(secret: string, purpose: string): Encryption {
  const key = Buffer.from(hkdfSync("sha256", secret, "deskhand sealing", purpose, 32));
  return {
    seal(text) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv(CIPHER, key, nonce);
      const bytes = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return [VERSION, nonce, cipher.getAuthTag(), bytes]
        .map((part) => (typeof part === "string" ? part : part.toString("base64url")))
        .join(".");
    },
    open(sealed) {
      const [version, nonce = "", tag = "", bytes = ""] = sealed.split(".");
      if (version !== VERSION) return null;
      try {
        const decipher = createDecipheriv(CIPHER, key, Buffer.from(nonce, "base64url"));
        decipher.setAuthTag(Buffer.from(tag, "base64url"));
        const text = [decipher.update(Buffer.from(bytes, "base64url")), decipher.final()];
        return Buffer.concat(text).toString("utf8");
      } catch {
        // Node reports a wrong key and changed text the same way, and so does this function.
        return null;
      }
    },
  };
}
