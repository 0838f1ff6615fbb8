/** How one process of an installation recognises another behind an address. */
import { createHash } from "node:crypto";

/** What this installation answers to a nonce; another one answers something else. */
export function installationMark(instance: string, nonce: string): string {
  return createHash("sha256").update(`${instance} ${nonce}`).digest("base64url");
}
