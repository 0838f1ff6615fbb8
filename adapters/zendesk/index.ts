import type { Channel } from "#core/channel.ts";
import { DeskhandError } from "#core/errors.ts";
import { zendeskClient } from "./client.ts";
import { committer } from "./commit.ts";
import { type People, readTicket, seen } from "./conversation.ts";
import { zendeskLimiter } from "./limiter.ts";
import { memory } from "./memory.ts";
import type { ZendeskOptions } from "./options.ts";
import { poller } from "./poller.ts";
import { HintData, MeAnswer } from "./schema.ts";
import { hintsOf, PUBLISHED_TEST_SECRET } from "./webhook.ts";
import { ticketIdOf } from "./writes.ts";

/** The poller has nothing else to do than to wait for its turn. */
const POLLER_WAIT_MS = 90_000;

/**
 * Zendesk as a channel: signed event webhooks with the incremental export as a net under them, tickets read whole each
 * time, and one safe update for each decision.
 */
export function zendesk(options: ZendeskOptions): Channel {
  refuseTestSecret(options);
  const { clock } = options;
  const timeoutMs = options.timeoutMs ?? 15_000;
  const shared = { url: options.url, timeoutMs, clock, limiter: zendeskLimiter(options) };
  const writer = zendeskClient({ ...shared, token: options.writerToken });
  const reader = zendeskClient({
    ...shared,
    token: options.readerToken,
    waitMsMax: POLLER_WAIT_MS,
  });
  const lastSeen = seen();
  const remembered = memory();
  const people: People = new Map();
  let knownBot = options.botUserId ?? null;
  let polling: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;

  async function botUserId(signal: AbortSignal): Promise<number> {
    if (knownBot !== null) return knownBot;
    const { user } = await writer.get(["users", "me"], MeAnswer, signal);
    // Without a valid token Zendesk answers 200 as well, with nobody.
    if (user.id === null || user.role === "end-user")
      throw new DeskhandError("config.invalid", "the Zendesk writer token is not an agent's");
    knownBot = user.id;
    return user.id;
  }

  const commits = committer({
    options,
    client: writer,
    seen: lastSeen,
    memory: remembered,
    botUserId,
  });

  const read = async (
    ticketId: number,
    signal: AbortSignal,
    how: { readonly mayRemember: boolean },
  ): ReturnType<typeof readTicket> => {
    const bot = await botUserId(signal);
    const common = { options, client: writer, seen: lastSeen, memory: remembered, people };
    return await readTicket({ ...common, botUserId: bot }, ticketId, signal, how);
  };

  return {
    name: "zendesk",
    keepsHistory: true,
    // A mail into the ticket is its requester's by the From line alone.
    keepsSender: false,
    findIsReliable: true,
    supports: commits.supports,
    receive: (delivery) =>
      hintsOf(delivery, { secret: options.webhookSecret, botUserId: knownBot }),
    async resolve(hint, { signal }) {
      const { ticketId, generated } = HintData.parse(hint.data);
      // The export brings what webhooks brought before; nobody has to be asked for that twice.
      const known =
        generated === undefined ? null : remembered.readUpTo(ticketId, generated * 1_000);
      return known?.resolved ?? (await read(ticketId, signal, { mayRemember: false }));
    },
    async fetch(conversation, signal) {
      return await read(ticketIdOf(conversation.externalId), signal, { mayRemember: true });
    },
    commit: async (action, key, signal) => await commits.commit(action, key, signal),
    find: async (action, key, signal) => await commits.find(action, key, signal),
    async start(accept) {
      if (polling !== null) throw new Error("the Zendesk channel is started already");
      await botUserId(AbortSignal.timeout(timeoutMs)).catch((error: unknown) => {
        const later = error instanceof DeskhandError && error.retry;
        if (!later) throw error;
        options.log.warn("Zendesk cannot be asked yet who the bot is", { code: error.code });
      });
      const stop = new AbortController();
      const done = poller({ options, client: reader }).run(accept, stop.signal);
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
