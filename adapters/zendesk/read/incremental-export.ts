/** Polls the incremental ticket export for changes. */
import { setTimeout as delay } from "node:timers/promises";
import type { Accept } from "#core/contracts/channel.ts";
import type { Delivery } from "#core/values/delivery.ts";
import { NO_REPORT } from "#core/connection/connection-board.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { z } from "zod";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";
import { ExportPage } from "#zendesk/api/schema.ts";

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
      [
        "incremental",
        "tickets",
        "cursor",
        from.cursor === null ? { start_time: from.since } : { cursor: from.cursor },
      ],
      ExportPage,
      signal,
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
