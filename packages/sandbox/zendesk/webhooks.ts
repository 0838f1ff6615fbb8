/**
 * Room: webhooks: which events a change makes, and signing, sending and retrying them.
 * In: the audit of a change that was kept.
 * Out: signed POST requests, retried and lost as Zendesk's are.
 * May touch: the endpoints of the account's webhooks; nothing is stored.
 */
import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Announcement, type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import type { Webhook } from "#sandbox/zendesk/records/account-model.ts";
import type { AuditEvent } from "#sandbox/zendesk/records/ticket-model.ts";

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

const TIMEOUT_MS = 12_000;

/** Delivers the account's events to its webhooks. */
export type WebhookSender = ReturnType<typeof webhookSender>;

/** Sends events to the webhooks that subscribed to them; `retryBaseMs` is the first wait after a failed try. */
export function webhookSender(desk: Desk, retryBaseMs: number) {
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  /** Events that never arrive or arrive twice, and batches in reverse; each count goes down as it is used. */
  const faults = { drop: 0, duplicate: 0, reverse: 0 };
  const isHit = (name: keyof typeof faults): boolean => {
    if (faults[name] <= 0) return false;
    faults[name] -= 1;
    return true;
  };

  async function deliver(webhook: Webhook, event: TicketEvent): Promise<void> {
    const invocationId = randomUUID();
    for (let tries = 1; !closing.signal.aborted; tries += 1) {
      const attempt = await sendRequest(desk, webhook, {
        invocationId,
        body: JSON.stringify(event),
        signal: closing.signal,
      });
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
    send(events: readonly TicketEvent[]): void {
      const ordered = isHit("reverse") ? events.toReversed() : events;
      for (const webhook of desk.webhooks.all()) {
        if (webhook.status !== "active") continue;
        for (const event of ordered) {
          if (!webhook.subscriptions.includes(event.type) || isHit("drop")) continue;
          start(webhook, event);
          if (isHit("duplicate")) start(webhook, event);
        }
      }
    },
    /** Resolves when nothing is under way any more. */
    async idle(): Promise<void> {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    /** Gives up what waits for another try. */
    async close(): Promise<void> {
      closing.abort();
      await Promise.all(underWay);
    },
  };
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

// The events of a change.

/** Zendesk's number of the account. */
const ACCOUNT_ID = 22_129_848;

const PREFIX = "zen:event-type:ticket.";

/**
 * One event as it is sent: the envelope of "Ticket events" in Zendesk's webhook reference, where ids are strings. Of the
 * ticket and of what happened it holds what a receiver here reads; the rest is asked of the API, which is not behind.
 */
type TicketEvent = ReturnType<typeof eventsOf>[number];

/** An event by the end of its type, with what it says. */
type NamedEvent = readonly [name: string, event: Readonly<Record<string, unknown>>];

/** The events of one change, in the order of its audit; all share one sequence id. */
export function eventsOf(desk: Desk, { ticket, audit, extra }: Announcement) {
  const sequenceId = randomBytes(16).toString("hex").toUpperCase();
  const whole = [
    extra.created && "created",
    extra.merged && "merged",
    ticket.deleted && (ticket.spam ? "marked_as_spam" : "soft_deleted"),
    extra.restored && "undeleted",
  ].filter((name) => typeof name === "string");
  const events = [...whole.map((name): NamedEvent => [name, {}]), ...audit.events.flatMap(eventOf)];
  const time = desk.now().toISOString().replace("Z", "000000Z");
  const detail = {
    id: String(ticket.id),
    actor_id: String(audit.author_id),
    status: ticket.status.toUpperCase(),
    assignee_id: ticket.assignee_id === null ? null : String(ticket.assignee_id),
  };
  return events.map(([name, event], index) => ({
    type: `${PREFIX}${name}`,
    account_id: ACCOUNT_ID,
    id: randomUUID(),
    time,
    zendesk_event_version: "2022-11-06",
    subject: `zen:ticket:${ticket.id}`,
    detail,
    event: { ...event, meta: { sequence: { id: sequenceId, position: index + 1 } } },
  }));
}

const KIND_EVENTS: Readonly<Partial<Record<AuditEvent["type"], string>>> = {
  Comment: "comment_added",
  SatisfactionRating: "csat_received",
  EmailCcChange: "email_ccs_changed",
  AttachmentRedactionEvent: "attachment_redacted_from_comment",
};

const FIELD_EVENTS: Readonly<Record<string, string>> = {
  status: "status_changed",
  assignee_id: "agent_assignment_changed",
  group_id: "group_assignment_changed",
  requester_id: "requester_changed",
  brand_id: "brand_changed",
  organization_id: "organization_changed",
};

function eventOf(event: AuditEvent): readonly NamedEvent[] {
  if (event.type !== "Create" && event.type !== "Change") {
    const kind = KIND_EVENTS[event.type];
    return kind === undefined ? [] : [[kind, {}]];
  }
  const { field_name: field, value } = event;
  const before = event.type === "Change" ? event.previous_value : null;
  if (field === "tags") return tagsEvent(tagsIn(value), tagsIn(before));
  // `created` covers the fields a ticket starts with; only an assignment is an event of its own.
  const isAssigned = value !== null && ["assignee_id", "group_id"].includes(field);
  const name = event.type === "Change" || isAssigned ? FIELD_EVENTS[field] : undefined;
  return name === undefined ? [] : [[name, {}]];
}

function tagsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function tagsEvent(now: readonly string[], before: readonly string[]): readonly NamedEvent[] {
  const tags_added = now.filter((tag) => !before.includes(tag));
  const tags_removed = before.filter((tag) => !now.includes(tag));
  const isSame = tags_added.length + tags_removed.length === 0;
  return isSame ? [] : [["tags_changed", { tags_added, tags_removed }]];
}
