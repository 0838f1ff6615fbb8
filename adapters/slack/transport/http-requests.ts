/** Takes Slack's signed requests in. */

import { z } from "zod";
import { type Delivery, bodyJson } from "#core/values/delivery.ts";
import { DeskhandError, reasonOf, readAs } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { InboundHandler } from "#core/contracts/channel.ts";
import { createHmac } from "node:crypto";
import { isSameText } from "#core/connection/signing-keys.ts";
import { Json } from "#core/values/canonical-json.ts";
import type { SlackTransport, Deliver } from "./slack-app.ts";

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
  const matches = secrets.map((secret) => isSameText(given, requestSignature(secret, time, body)));
  if (!matches.includes(true))
    throw new DeskhandError("input.unverified", "the signature is not made with the app's secret");
}

function requestSignature(secret: string, time: string, body: Uint8Array): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${time}:`).update(body).digest("hex")}`;
}

const Body = z.record(z.string(), z.unknown());

/** Sent once when the request URL is entered in the app's settings (Events API, `url_verification`). */
const UrlVerification = z.object({ type: z.literal("url_verification"), challenge: z.string() });

/**
 * Slack's signed requests. Events, clicks, forms and commands are told apart by their content, so any number of
 * addresses may lead here.
 */
export function httpTransport(options: {
  readonly signingSecrets: readonly string[];
  readonly log: Log;
}): SlackTransport & { readonly inbound: InboundHandler } {
  const open: { deliver: Deliver | null } = { deliver: null };
  return {
    open: async (deliver) => {
      open.deliver = deliver;
      return {
        close: async () => {
          open.deliver = null;
        },
      };
    },
    inbound: {
      async receive(delivery) {
        verifySignature(delivery, options.signingSecrets);
        const body = slackRequestBody(delivery);
        const asked = UrlVerification.safeParse(body);
        if (asked.success) return { challenge: asked.data.challenge };
        // Slack checks from time to time whether a command's address has a valid certificate.
        if (body["ssl_check"] === "1") return null;
        if (open.deliver === null)
          throw new DeskhandError("channel.unavailable", "Slack is not listened to at the moment");
        return answerTo(open.deliver, body, options.log);
      },
    },
  };
}

/** JSON for events; a form for the others, whose field `payload` is JSON unless it is a command. */
function slackRequestBody(delivery: Delivery): z.infer<typeof Body> {
  const isForm = (delivery.headers["content-type"] ?? "").startsWith(
    "application/x-www-form-urlencoded",
  );
  if (!isForm) return slackPayload(bodyJson(delivery.body));
  const fields = new URLSearchParams(new TextDecoder().decode(delivery.body));
  const payload = fields.get("payload");
  if (payload === null) return Object.fromEntries(fields);
  return slackPayload(bodyJson(new TextEncoder().encode(payload)));
}

function slackPayload(value: unknown): z.infer<typeof Body> {
  return readAs(Body, value, "input.invalid", "not a payload of Slack");
}

/**
 * Answers when the payload is acknowledged, or when it was handled without an acknowledgement; later errors are only
 * logged.
 */
function answerTo(deliver: Deliver, body: z.infer<typeof Body>, log: Log): Promise<Json | null> {
  const answer = Promise.withResolvers<Json | null>();
  const acknowledged = { is: false };
  const work = deliver({
    body,
    ack: async (given) => {
      acknowledged.is = true;
      answer.resolve(given === undefined ? null : Json.parse(given));
    },
  });
  work.then(
    () => answer.resolve(null),
    (error: unknown) => {
      if (acknowledged.is) log.error("slack delivery failed", { reason: reasonOf(error) });
      else answer.reject(error);
    },
  );
  return answer.promise;
}
