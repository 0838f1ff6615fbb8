/** Verifies the signature of Slack's requests. */

import { createHmac, timingSafeEqual } from "node:crypto";
import type { Delivery } from "#core/values/delivery.ts";
import { DeskhandError } from "#core/values/errors.ts";

/**
 * How far a signature's time may differ from ours, in either direction. Slack's guide ("Verifying requests from Slack")
 * checks only the past; a time in the future would let a signature be used for longer than these minutes.
 */
const APART_MAX_MS = 5 * 60_000;

/**
 * Checks that a delivery comes from Slack: HMAC-SHA256 over `v0:time:body` with the app's signing secret (Slack's guide
 * "Verifying requests from Slack"). Any of the secrets will do, since two are in use while one is being replaced.
 * Throws `input.unverified`; only our log says which part was wrong, in fixed sentences.
 */
export function verifySignature(
  { headers, body, receivedAt }: Delivery,
  secrets: readonly string[],
): void {
  const time = headers["x-slack-request-timestamp"] ?? "";
  const given = headers["x-slack-signature"] ?? "";
  if (!/^\d{1,12}$/.test(time) || given === "")
    throw new DeskhandError("input.unverified", "the delivery is not signed");
  if (Math.abs(receivedAt.getTime() - Number(time) * 1_000) > APART_MAX_MS)
    throw new DeskhandError(
      "input.unverified",
      "the delivery was signed more than five minutes away from now",
    );
  const matches = secrets.map((secret) => sameText(given, signatureOf(secret, time, body)));
  if (!matches.includes(true))
    throw new DeskhandError("input.unverified", "the signature is not made with the app's secret");
}

function signatureOf(secret: string, time: string, body: Uint8Array): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${time}:`).update(body).digest("hex")}`;
}

/** Compares in constant time for texts of equal length. */
function sameText(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
