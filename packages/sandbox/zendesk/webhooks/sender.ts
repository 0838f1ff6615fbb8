/**
 * Room: webhooks: which events a change makes, and signing, sending and retrying them.
 * In: the audit of a change that was kept.
 * Out: signed POST requests, retried and lost as Zendesk's are.
 * May touch: the endpoints of the account's webhooks; nothing is stored.
 */
import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import type { Webhook } from "#sandbox/zendesk/records/account-model.ts";
import type { Traffic } from "#sandbox/zendesk/http/traffic.ts";
import { ACCOUNT_ID, type TicketEvent } from "./events.ts";

/**
 * The signature of a webhook request: base64 of HMAC-SHA256 over timestamp and raw body, keyed with the secret as it
 * is written, not decoded ("Verifying webhooks" in Zendesk's reference).
 */
export function signWebhook(secret: string, timestamp: string, body: string): string {
  return createHmac("sha256", secret).update(`${timestamp}${body}`).digest("base64");
}

/** What the receiver did: its status, or nothing when no answer came. */
interface Attempt {
  readonly status: number | undefined;
  readonly retryAfter: number | undefined;
}

/**
 * How long to wait before the next try, or undefined for none. Zendesk tries again after 409 up to three times, after
 * 429 and 503 when `Retry-After` is below a minute, and up to five times when no answer comes; every other answer is
 * final, so a lost event is normal and only a poller makes up for it.
 */
function retryDelayMs(attempt: Attempt, tries: number, baseMs: number): number | undefined {
  const { status, retryAfter } = attempt;
  if (status === undefined) return tries <= 5 ? baseMs * 2 ** (tries - 1) : undefined;
  if (status === 409) return tries <= 3 ? baseMs * tries : undefined;
  if (
    (status === 429 || status === 503) &&
    retryAfter !== undefined &&
    retryAfter < 60 &&
    tries <= 5
  ) {
    return retryAfter * 1000;
  }
  return undefined;
}

/** What goes wrong on the way of the next events; each count goes down as it is used. */
interface DeliveryFaults {
  /** Events that never arrive. */
  drop: number;
  /** Events that arrive twice. */
  duplicate: number;
  /** Batches whose events arrive in reverse. */
  reverse: number;
}

/** Sends events to the webhooks that subscribed to them. */
export interface WebhookSender {
  readonly faults: DeliveryFaults;
  send(events: readonly TicketEvent[]): void;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
  /** Gives up what waits for another try. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 12_000;

/** `retryBaseMs` is the first wait after a failed try. */
export function webhookSender(
  desk: Desk,
  retryBaseMs: number,
  traffic: Pick<Traffic, "countDelivery">,
): WebhookSender {
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  const faults: DeliveryFaults = { drop: 0, duplicate: 0, reverse: 0 };

  async function deliver(webhook: Webhook, event: TicketEvent): Promise<void> {
    const invocationId = randomUUID();
    for (let tries = 1; !closing.signal.aborted; tries += 1) {
      const began = performance.now();
      const attempt = await sendRequest(desk, webhook, {
        invocationId,
        body: JSON.stringify(event),
        signal: closing.signal,
      });
      traffic.countDelivery(performance.now() - began, attempt.status);
      const waitMs = retryDelayMs(attempt, tries, retryBaseMs);
      if (waitMs === undefined) return;
      await delay(waitMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  function start(webhook: Webhook, event: TicketEvent): void {
    const task = deliver(webhook, event).finally(() => underWay.delete(task));
    underWay.add(task);
  }

  return {
    faults,
    send(events) {
      const ordered = useFault(faults, "reverse") ? events.toReversed() : events;
      for (const webhook of desk.webhooks.all()) {
        if (webhook.status !== "active") continue;
        for (const event of ordered) {
          if (!webhook.subscriptions.includes(event.type) || useFault(faults, "drop")) continue;
          start(webhook, event);
          if (useFault(faults, "duplicate")) start(webhook, event);
        }
      }
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async close() {
      closing.abort();
      await Promise.all(underWay);
    },
  };
}

function useFault(faults: DeliveryFaults, name: keyof DeliveryFaults): boolean {
  if (faults[name] <= 0) return false;
  faults[name] -= 1;
  return true;
}

/** Each try is signed anew with its own time, so a late retry is not mistaken for a replay. */
async function sendRequest(
  desk: Desk,
  webhook: Webhook,
  sending: { readonly invocationId: string; readonly body: string; readonly signal: AbortSignal },
): Promise<Attempt> {
  const { invocationId, body } = sending;
  const timestamp = stamp(desk.now());
  return await fetch(webhook.endpoint, {
    method: webhook.http_method,
    redirect: "manual",
    body,
    signal: AbortSignal.any([sending.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    headers: {
      "content-type": "application/json; charset=utf-8",
      "user-agent": "Zendesk Webhook",
      ...webhook.custom_headers,
      "x-zendesk-account-id": String(ACCOUNT_ID),
      "x-zendesk-webhook-id": webhook.id,
      "x-zendesk-webhook-invocation-id": invocationId,
      "x-zendesk-webhook-signature": signWebhook(webhook.secret, timestamp, body),
      "x-zendesk-webhook-signature-timestamp": timestamp,
    },
  }).then(readAttempt, () => ({ status: undefined, retryAfter: undefined }));
}

async function readAttempt(response: Response): Promise<Attempt> {
  await response.body?.cancel();
  const header = response.headers.get("retry-after");
  return { status: response.status, retryAfter: header === null ? undefined : Number(header) };
}
