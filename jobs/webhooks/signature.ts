/**
 * Room: outgoing webhooks: what they are told, how it is signed and sent, and what becomes of it.
 * In: events of cards, cases and effects, within the transactions that make them; deliveries that are due.
 * Out: rows of deliveries; signed requests through the port it is given.
 * May touch: the database; the receivers' servers only through that port.
 * This file: signatures by Standard Webhooks 1.0.0
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */
import { createHmac, randomBytes } from "node:crypto";

const PREFIX = "whsec_";

/** The specification asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

/** A new secret, as receivers' libraries take it. */
export function newWebhookSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64")}`;
}

/**
 * The three headers of a delivery. Each secret signs, so that during a rotation the receiver may know either. `sentAt`
 * is the time of this attempt, by which a receiver refuses a replay.
 */
export function signedHeaders(
  { id, sentAt, body }: { readonly id: string; readonly sentAt: Date; readonly body: string },
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(sentAt.getTime() / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), "base64");
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`);
    return `v1,${signature.digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
