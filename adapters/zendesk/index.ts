/**
 * Room: the Zendesk channel: it reads tickets, writes to them, and learns of changes.
 * In: webhook deliveries, the incremental export, and the actions Deskhand has decided on.
 * Out: hints, conversations and files for the core; comments and fields on tickets.
 * May touch: one vendor (Zendesk, its API and file hosts) and the stores the caller passes in.
 */
import type { Accept, Channel } from "#core/contracts/channel.ts";
import { currentKey } from "#core/connection/signing-keys.ts";
import { startRunning } from "#core/values/deadline.ts";
import { invalidConfig, reasonOf } from "#core/values/errors.ts";
import { isLoopback, openAttachment } from "#zendesk/read/attachments.ts";
import { zendeskClient } from "#zendesk/api/client.ts";
import { committer } from "#zendesk/write/commit.ts";
import { readTicket } from "#zendesk/read/read-ticket.ts";
import { ticketReading, ticketReadUpTo } from "#zendesk/read/ticket-reader.ts";
import { zendeskLimiter } from "#zendesk/api/rate-limit.ts";
import type { ZendeskOptions } from "./options.ts";
import { requirePermissions, requireWriter } from "#zendesk/setup/permissions.ts";
import { pollExport, webhookHints, PUBLISHED_TEST_SECRET } from "#zendesk/read/arrivals.ts";
import { HintData } from "#zendesk/api/schema.ts";
import { parsedTicketId } from "#zendesk/write/updates.ts";
import {
  cursorsUnder,
  type DutyLease,
  type DutyPlace,
  type DutyWork,
  SOLE_PROCESS,
} from "#core/contracts/ports.ts";

/** The poller has no other work, so it may wait long for room in the limits. */
const POLLER_WAIT_MS = 90_000;

/** A process that only receives webhooks asks who we are no more often than this. */
const ASK_AGAIN_MS = 60_000;

/** For this long, a line of the export is read only when there is room in the limits at once. */
const YIELD_MS = 5 * 60_000;

/**
 * Zendesk as a channel: signed event webhooks with the incremental export as their fallback, tickets read whole each
 * time, and one safe update for each decision.
 */
export function zendesk(options: ZendeskOptions): Channel {
  refuseTestSecret(options);
  const { clock, log, webhookSecret: secret, timeoutMs = 15_000 } = options;
  const shared = { url: options.url, timeoutMs, clock, limiter: zendeskLimiter(options) };
  const writer = zendeskClient({ ...shared, token: options.writerToken });
  const reader = zendeskClient({
    ...shared,
    token: options.readerToken,
    waitMsMax: POLLER_WAIT_MS,
  });
  const reading = ticketReading(options, writer);
  const bot = { id: options.botUserId ?? null, askFromMs: 0 };
  const botUserId = async (signal: AbortSignal): Promise<number> =>
    (bot.id ??= await requireWriter({ client: writer, signal }));
  /** Our own changes are no news. A process that only receives webhooks learns at the first of them who we are. */
  const learnBot = async (): Promise<void> => {
    const nowMs = clock.now().getTime();
    if (bot.id !== null || nowMs < bot.askFromMs) return;
    const isFirst = bot.askFromMs === 0;
    bot.askFromMs = nowMs + ASK_AGAIN_MS;
    await botUserId(AbortSignal.timeout(timeoutMs)).catch((error: unknown) => {
      if (isFirst) log.warn("Zendesk does not say who we are yet", { reason: reasonOf(error) });
    });
  };
  let place: DutyPlace | null = null;

  const commits = committer({ ...reading, botUserId, limiter: shared.limiter });

  const read = async (
    ticketId: number,
    signal: AbortSignal,
    how: { readonly mayUseCache: boolean; readonly noWait?: boolean },
  ): ReturnType<typeof readTicket> =>
    await readTicket({ ...reading, botUserId: await botUserId(signal) }, ticketId, signal, how);

  return {
    name: "zendesk",
    keepsHistory: true,
    // A mail into the ticket is its requester's by the From line alone.
    keepsSender: false,
    ...commits,
    receive(delivery) {
      const hints = webhookHints(delivery, { secret, botUserId: bot.id });
      void learnBot();
      return hints;
    },
    async resolve(hint, { signal, receivedAt }) {
      const { ticketId, generated } = HintData.parse(hint.data);
      // The export repeats what webhooks reported; a ticket already read up to then needs no second call.
      const known =
        generated === undefined ? null : ticketReadUpTo(reading, ticketId, generated * 1_000);
      // Most lines repeat a webhook, so they yield to new work for a limited time.
      const noWait =
        generated !== undefined && clock.now().getTime() - receivedAt.getTime() < YIELD_MS;
      return known?.resolved ?? (await read(ticketId, signal, { mayUseCache: false, noWait }));
    },
    async fetch(conversation, signal) {
      return await read(parsedTicketId(conversation.externalId), signal, { mayUseCache: true });
    },
    showWork: null,
    openFile: async (ref, limits) => await openAttachment(writer, options, ref, limits),
    async start(accept) {
      if (place !== null) throw new Error("the Zendesk channel is started already");
      bot.id = (await requirePermissions({ writer, reader, clock, timeoutMs, log })) ?? bot.id;
      const { duties = SOLE_PROCESS } = options;
      const begin = (lease: DutyLease | null) =>
        polling({ options, client: reader }, accept, lease);
      place = await duties.hold({ kind: "export", name: new URL(options.url).host }, begin);
    },
    async stop() {
      await place?.stop();
      place = null;
    },
  };
}

/** Reads the export until it is stopped. */
function polling(
  { options, client }: Parameters<typeof pollExport>[0],
  accept: Accept,
  lease: DutyLease | null,
): DutyWork {
  const under = { ...options, cursors: cursorsUnder(lease, options.cursors) };
  const take: Accept = (delivery) => accept({ ...delivery, lease });
  const running = startRunning((signal) => pollExport({ options: under, client }, take, signal));
  return { ...running, ready: Promise.resolve() };
}

/** The secret in Zendesk's documentation is public, so an attacker could sign with it. */
function refuseTestSecret({ url, webhookSecret: keys }: ZendeskOptions): void {
  const webhookSecret = currentKey(keys);
  const isPublished = webhookSecret === PUBLISHED_TEST_SECRET && !isLoopback(new URL(url));
  if (webhookSecret === "" || isPublished)
    throw invalidConfig("the Zendesk webhook secret is empty or the published example");
}
