import type { Channel } from "#core/channel.ts";
import { DeskhandError } from "#core/errors.ts";
import { openAttachment } from "./attached.ts";
import { zendeskClient } from "./client.ts";
import { committer } from "./commit.ts";
import { readTicket, seen } from "./conversation.ts";
import { limiter, ticketGuard } from "./limiter.ts";
import { RESUME_TAG, type ZendeskOptions } from "./options.ts";
import { requirePermissions, requireWriter } from "./permissions.ts";
import { poller } from "./poller.ts";
import { HintData } from "./schema.ts";
import { hintsOf, PUBLISHED_TEST_SECRET } from "./webhook.ts";
import { ticketIdOf } from "./writes.ts";

/** Waiting longer than this for our own limit is the queue's business. */
const WAIT_MS_MAX = 5_000;

/**
 * Zendesk as a channel: signed event webhooks with the incremental export as a net under them, tickets read whole each
 * time, and one safe update for each decision.
 */
export function zendesk(options: ZendeskOptions): Channel {
  refuseTestSecret(options);
  const { clock, log, webhookSecret: secret, resumeTag = RESUME_TAG } = options;
  const { timeoutMs = 15_000 } = options;
  const perMinute = options.callsPerMinute ?? 180;
  const calls = limiter({ perMinute, burst: perMinute / 2, waitMsMax: WAIT_MS_MAX });
  const shared = { url: options.url, timeoutMs, clock, limiter: calls };
  const writer = zendeskClient({ ...shared, token: options.writerToken });
  const reader = zendeskClient({ ...shared, token: options.readerToken });
  const lastSeen = seen();
  let knownBot = options.botUserId ?? null;
  let polling: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;

  async function botUserId(signal: AbortSignal): Promise<number> {
    if (knownBot !== null) return knownBot;
    const id = await requireWriter({ client: writer, signal });
    knownBot = id;
    return id;
  }

  const commits = committer({
    options,
    client: writer,
    seen: lastSeen,
    ticketUpdates: ticketGuard(),
    accountUpdates: limiter({ perMinute: 90, burst: 45, waitMsMax: WAIT_MS_MAX }),
    botUserId,
  });

  const read = async (ticketId: number, signal: AbortSignal): ReturnType<typeof readTicket> => {
    const bot = await botUserId(signal);
    return await readTicket(
      { options, client: writer, seen: lastSeen, botUserId: bot },
      ticketId,
      signal,
    );
  };

  return {
    name: "zendesk",
    keepsHistory: true,
    // A mail into the ticket is its requester's by the From line alone.
    keepsSender: false,
    findIsReliable: true,
    supports: commits.supports,
    receive: (delivery) => hintsOf(delivery, { secret, botUserId: knownBot, resumeTag }),
    resolve: async (hint, context) =>
      await read(HintData.parse(hint.data).ticketId, context.signal),
    async fetch(conversation, signal) {
      return await read(ticketIdOf(conversation.externalId), signal);
    },
    openFile: async (ref, limits) => await openAttachment(writer, options, ref, limits),
    commit: async (action, key, signal) => await commits.commit(action, key, signal),
    find: async (action, key, signal) => await commits.find(action, key, signal),
    async start(accept) {
      if (polling !== null) throw new Error("the Zendesk channel is started already");
      // An account allows ten exports a minute; the poller waits for its turn as long as it takes.
      const exports = limiter({ perMinute: 9, burst: 9, waitMsMax: Number.POSITIVE_INFINITY });
      const id = await requirePermissions({ writer, reader, exports, clock, timeoutMs, log });
      knownBot = id ?? knownBot;
      const stop = new AbortController();
      const done = poller({ options, client: reader, exports }).run(accept, stop.signal);
      polling = { stop, done };
    },
    async stop() {
      polling?.stop.abort();
      await polling?.done;
      polling = null;
    },
  };
}

/** Anybody can sign with the secret from Zendesk's documentation. */
function refuseTestSecret({ url, webhookSecret }: ZendeskOptions): void {
  const isLoopback = ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
  if (webhookSecret === "" || (webhookSecret === PUBLISHED_TEST_SECRET && !isLoopback))
    throw new DeskhandError(
      "config.invalid",
      "the Zendesk webhook secret is empty or the published example",
    );
}
