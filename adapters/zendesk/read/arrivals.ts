/** How changes of tickets reach us: webhook deliveries, verified and translated, and the incremental export, polled. */
import { setTimeout as delay } from "node:timers/promises";
import { type Accept, type Delivery, type Hint, bodyJson } from "#core/contracts/channel.ts";
import { NO_REPORT } from "#core/connection/connection-board.ts";
import { DeskhandError, readAs, reasonOf } from "#core/values/errors.ts";
import { z } from "zod";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import { RESUME_TAG, type ZendeskOptions } from "#zendesk/options.ts";
import { ExportPage, PolledTicket, WebhookEvent } from "#zendesk/api/schema.ts";
import { createHmac } from "node:crypto";
import { isMadeWith, type Keys } from "#core/connection/signing-keys.ts";

/** Name of the position in the cursor store. */
const CURSOR = "zendesk:export";

/** Where the export continues, and the last known good time in case Zendesk no longer accepts the cursor. */
const Position = z.object({ cursor: z.string().nullable(), since: z.int() });
type Position = z.infer<typeof Position>;

/** Zendesk refuses a start within the last minute and leaves that minute out of every page. */
const START_BACK_SECONDS = 300;

/**
 * The fallback for webhooks: Zendesk drops events for good when we are down or slow. Polls until the signal aborts;
 * never throws.
 */
export async function pollExport(
  { options, client }: { readonly options: ZendeskOptions; readonly client: ZendeskClient },
  accept: Accept,
  signal: AbortSignal,
): Promise<void> {
  async function position(): Promise<Position> {
    const stored = await options.cursors.read(CURSOR);
    const parsed = stored === null ? null : Position.safeParse(JSON.parse(stored));
    if (parsed?.success === true) return parsed.data;
    return { cursor: null, since: unixSeconds(options.clock.now()) - START_BACK_SECONDS };
  }

  /** Reads one page and passes it on; true when more may be available at once. */
  async function page(): Promise<boolean> {
    const from = await position();
    const startedAt = options.clock.now();
    const answer = await client.get(
      ({ ticketexport }) => ticketexport.exportCursor(from.since),
      ExportPage,
      signal,
      // The library asks for both, also for the one that is not there.
      from.cursor === null ? { cursor: undefined } : { start_time: undefined, cursor: from.cursor },
    );
    for (const ticket of answer.tickets) await accept(polledDelivery(ticket, options.clock.now()));
    // Stored only now, so that lines not yet accepted are read again after a crash.
    const since = answer.end_of_stream ? unixSeconds(startedAt) - START_BACK_SECONDS : from.since;
    const next = { cursor: answer.after_cursor ?? from.cursor, since };
    await options.cursors.write(CURSOR, JSON.stringify(next satisfies Position));
    return !answer.end_of_stream;
  }

  async function recover(error: unknown): Promise<void> {
    options.log.warn("the Zendesk export could not be read", { reason: reasonOf(error) });
    if (!(error instanceof DeskhandError) || error.code !== "channel.refused") return;
    const { cursor, since } = await position();
    // A refused cursor stays refused; going back in time may repeat tickets but misses none.
    if (cursor !== null && /cursor/i.test(error.message))
      await options.cursors.write(CURSOR, JSON.stringify({ cursor: null, since }));
  }

  const report = options.board?.of("the Zendesk export", "zendesk") ?? NO_REPORT;
  while (!signal.aborted) {
    let waitMs = options.pollMs;
    try {
      if (await page()) waitMs = 0;
      report.up();
    } catch (error) {
      if (signal.aborted) break;
      // A server that asks us to wait is up.
      if (!(error instanceof DeskhandError && error.code === "channel.rate_limited"))
        report.down(reasonOf(error));
      await recover(error).catch((cause: unknown) => {
        options.log.error("the Zendesk export's position could not be kept", {
          reason: reasonOf(cause),
        });
      });
      waitMs = Math.max(waitMs, (error instanceof DeskhandError && error.retryAfterMs) || 0);
    }
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
  report.end();
}

/** A line of the export as a delivery, which is all that is kept of it. */
export function polledDelivery(
  {
    id,
    updated_at,
    generated_timestamp,
  }: Omit<z.output<typeof ExportPage>["tickets"][number], "status">,
  receivedAt: Date,
): Delivery {
  const line = { ticket_id: id, updated_at, generated_timestamp };
  const body = new TextEncoder().encode(JSON.stringify(line));
  return { source: "poll", headers: {}, body, receivedAt };
}

function unixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

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
  },
): readonly Hint[] {
  if (delivery.source === "poll") {
    const words = "Zendesk delivery: no line of the export";
    const body = readAs(PolledTicket, bodyJson(delivery.body), "input.invalid", words);
    const { ticket_id: id, updated_at: updated, generated_timestamp: generated } = body;
    // System changes leave `updated_at` as it is and move only `generated_timestamp`.
    const polled = createHint(id, `poll:${id}:${updated}:${generated}`, "message");
    return [{ ...polled, data: { ticketId: id, generated } }];
  }
  verify(delivery, options.secret);
  const words = "Zendesk delivery: no ticket event";
  const event = readAs(WebhookEvent, bodyJson(delivery.body), "input.invalid", words);
  return eventHints(event, options);
}

function eventHints(
  event: z.output<typeof WebhookEvent>,
  { botUserId }: { readonly botUserId: number | null },
): readonly Hint[] {
  const kind = event.type.slice(PREFIX.length);
  // Only one tag matters: the one with which a teammate hands the ticket back.
  const resumes = event.event?.tags_added?.includes(RESUME_TAG) === true;
  const isOurs = botUserId !== null && event.detail.actor_id === botUserId;
  if (isOurs || (IGNORED_EVENTS.has(kind) && !resumes)) return [];
  const ticketId = Number(event.subject.slice("zen:ticket:".length));
  const announced = kind === "created" || kind === "comment_added" ? "message" : "signal";
  // One action is told in several events, and one look at the ticket brings all of it.
  const action = event.event?.meta?.sequence.id;
  const eventId = action === undefined ? event.id : `action:${ticketId}:${action}:${announced}`;
  return [createHint(ticketId, eventId, announced)];
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
