/** Verifies and translates Zendesk webhook deliveries. */
import { createHash, createHmac } from "node:crypto";
import { type Delivery, type Hint, bodyJson } from "#core/values/delivery.ts";
import { isMadeWith, type Keys } from "#core/connection/signing-keys.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { z } from "zod";
import { PolledTicket, TriggerEvent, WebhookEvent } from "#zendesk/api/schema.ts";

/** Zendesk prescribes no replay window; its own late retries are signed again, so five minutes lose nothing. */
const WINDOW_MS = 5 * 60_000;

/** The secret Zendesk's documentation signs its example with: it is public. */
export const PUBLISHED_TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";

/** Events that change neither text nor owner nor state. Unknown ones are looked up, since Zendesk adds some. */
const IGNORED_EVENTS = new Set([
  "tags_changed",
  "priority_changed",
  "type_changed",
  "subject_changed",
  "external_id_changed",
  "custom_field_changed",
  "form_changed",
  "organization_changed",
]);

const PREFIX = "zen:event-type:ticket.";

/** The key of a conversation of this channel. */
export function conversationKey(ticketId: number): string {
  return `zendesk:ticket:${ticketId}`;
}

/**
 * Verifies a webhook request: base64 of HMAC-SHA256 over timestamp and raw body, with the secret as it is written
 * ("Verifying webhooks" in Zendesk's reference).
 */
function verify(delivery: Delivery, secrets: Keys): void {
  const given = delivery.headers["x-zendesk-webhook-signature"];
  const timestamp = delivery.headers["x-zendesk-webhook-signature-timestamp"];
  if (given === undefined || timestamp === undefined)
    throw unverifiedError("the signature is missing");
  const signed = (secret: string): string =>
    createHmac("sha256", secret).update(timestamp).update(delivery.body).digest("base64");
  if (!isMadeWith(secrets, given, signed)) throw unverifiedError("the signature does not match");
  const ageMs = Math.abs(delivery.receivedAt.getTime() - Date.parse(timestamp));
  // Written so that an unreadable timestamp (NaN) fails too.
  if (!(ageMs <= WINDOW_MS)) throw unverifiedError("the signature is not from these minutes");
}

function unverifiedError(reason: string): DeskhandError {
  return new DeskhandError("input.unverified", `Zendesk webhook: ${reason}`);
}

/** Translates one delivery into at most one hint. The poller's deliveries come from this process and are not signed. */
export function webhookHints(
  delivery: Delivery,
  options: {
    readonly secret: Keys;
    readonly botUserId: number | null;
    readonly resumeTag: string;
  },
): readonly Hint[] {
  if (delivery.source === "poll") {
    const body = parse(PolledTicket, bodyJson(delivery.body));
    if (body === null) throw invalidError("no line of the export");
    const { ticket_id: id, updated_at: updated, generated_timestamp: generated } = body;
    // System changes leave `updated_at` as it is and move only `generated_timestamp`.
    const polled = createHint(id, `poll:${id}:${updated}:${generated}`, "message");
    return [{ ...polled, data: { ticketId: id, generated } }];
  }
  verify(delivery, options.secret);
  const body = bodyJson(delivery.body);
  const event = parse(WebhookEvent, body);
  if (event !== null) return eventHints(event, options);
  const trigger = parse(TriggerEvent, body);
  if (trigger === null) throw invalidError("neither a ticket event nor our trigger's body");
  if (isBot(trigger.actor_id, options.botUserId)) return [];
  const { ticket_id: id, comment_id: comment } = trigger;
  const what = comment ?? createHash("sha256").update(delivery.body).digest("hex");
  return [createHint(id, `trigger:${id}:${what}`, "message")];
}

function eventHints(
  event: z.output<typeof WebhookEvent>,
  { botUserId, resumeTag }: { readonly botUserId: number | null; readonly resumeTag: string },
): readonly Hint[] {
  const kind = event.type.slice(PREFIX.length);
  // Only one tag matters: the one with which a teammate hands the ticket back.
  const resumes = event.event?.tags_added?.includes(resumeTag) === true;
  if (isBot(event.detail.actor_id, botUserId) || (IGNORED_EVENTS.has(kind) && !resumes)) return [];
  const ticketId = Number(event.subject.slice("zen:ticket:".length));
  const isMessage = kind === "created" || kind === "comment_added";
  return [createHint(ticketId, event.id, isMessage ? "message" : "signal")];
}

function isBot(actor: number | null | undefined, botUserId: number | null): boolean {
  return botUserId !== null && actor === botUserId;
}

function createHint(ticketId: number, eventId: string, kind: Hint["kind"]): Hint {
  return {
    channel: "zendesk",
    eventId,
    conversationKeys: [conversationKey(ticketId)],
    kind,
    data: { ticketId },
    keepBody: false,
  };
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> | null {
  return schema.safeParse(body).data ?? null;
}

function invalidError(reason: string): DeskhandError {
  return new DeskhandError("input.invalid", `Zendesk delivery: ${reason}`);
}
