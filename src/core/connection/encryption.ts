import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** Keeps text from whoever reads the place it is stored in. */
export interface Encryption {
  seal(text: string): string;
  /** Null for what was sealed with another key, was changed, or is no sealed text. */
  open(sealed: string): string | null;
}

const CIPHER = "aes-256-gcm";
const VERSION = "v1";

/**
 * AES-256-GCM under a key derived from `secret` (HKDF with SHA-256, RFC 5869). `purpose` is part of the key, so that
 * text sealed for one purpose cannot be put in the place of another.
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
        // Node says the same for another key and for a changed text, and so do we.
        return null;
      }
    },
  };
}
