/** Sends new messages to the open chat windows of this process. */

import { setTimeout as delay } from "node:timers/promises";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { chatMarksOf } from "#store/chat/change-markers.ts";
import { chatStateOf } from "#store/chat/chat-state.ts";
import type { EndReason } from "./schema.ts";
import { chatListeners, type ChatListener, type ChatListeners } from "./open-streams.ts";
import { streamCount, type StreamLimits } from "./stream-count.ts";

/**
 * However many windows listen, this process asks the database once per interval, for all of them, which chats changed;
 * only those are then read. Every process asks for its own windows, so it does not matter which one wrote the answer.
 *
 * A new listener is read again in the next round, to catch changes between its first read and its joining. Showing the
 * same state twice is harmless: a listener knows what it has shown.
 */

/** A person waits longer than this for an answer anyway, and the load on the database is small. */
const EVERY_MS = 1_000;

/** While the database is away the interval grows up to this. */
const AWAY_MS_MAX = 10_000;

/** Proxies cut silent connections; half a minute is the shortest time-out among common ones. */
const HEARTBEAT_MS = 15_000;

/** How often time limits of streams are checked. */
const TICK_MS = 1_000;

/**
 * A person has a few tabs, an office several people. All streams of one process together cost one statement a second
 * and a connection each.
 */
const LIMITS: StreamLimits = { perUser: 6, perAddress: 60, overall: 2_000, strangers: 1_500 };

/** How many chats one statement asks about. */
const KEYS_AT_ONCE = 500;

/** The open windows of this process. */
export interface ChatStreams extends ReturnType<typeof streamCount> {
  /** Listens until the returned function is called. Throws `store.unavailable` once this process stops. */
  listen(listener: ChatListener): () => void;
  /** Ends all streams, so that their windows continue at another process or after the restart. */
  stop(): void;
}

/** Shows each chat that changed since the last round to its listeners. */
async function showChanges(store: JobContext["store"], listeners: ChatListeners): Promise<void> {
  const keys = listeners.keys();
  for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
    const some = keys.slice(from, from + KEYS_AT_ONCE);
    const found = await store.run((transaction) => chatMarksOf(transaction, some));
    for (const key of some) {
      const mark = found.get(key);
      if (!listeners.isNew(key, mark)) continue;
      const now = mark === undefined ? null : await chatStateOf(store, key, null);
      // The mark is older than the state, so changes in between are read once more.
      if (mark !== undefined) listeners.note(key, mark);
      for (const listener of listeners.at(key))
        if (now === null) endListener(listeners, listener, "gone");
        else listener.show(now);
    }
  }
}

function endListener(listeners: ChatListeners, listener: ChatListener, reason: EndReason): void {
  listeners.remove(listener);
  listener.end(reason);
}

/** Does nothing until a listener joins; the database is asked only while there are listeners. */
export function chatStreams(
  parts: Pick<JobContext, "store" | "clock" | "log">,
  options: {
    readonly everyMs?: number;
    readonly heartbeatMs?: number;
    readonly limits?: StreamLimits;
  } = {},
): ChatStreams {
  const { everyMs = EVERY_MS, heartbeatMs = HEARTBEAT_MS, limits = LIMITS } = options;
  const listeners = chatListeners();
  const stopping = new AbortController();
  const state: { asking: boolean; ticking: NodeJS.Timeout | null; beatAt: number } = {
    asking: false,
    ticking: null,
    beatAt: 0,
  };

  function tick(): void {
    const now = parts.clock.now().getTime();
    for (const listener of listeners.all())
      if (listener.until.at <= now) endListener(listeners, listener, listener.until.reason);
    if (performance.now() - state.beatAt >= heartbeatMs) {
      state.beatAt = performance.now();
      for (const listener of listeners.all()) listener.beat();
    }
    if (listeners.keys().length > 0 || state.ticking === null) return;
    clearInterval(state.ticking);
    state.ticking = null;
  }

  async function ask(): Promise<void> {
    state.asking = true;
    let pauseMs = everyMs;
    while (listeners.keys().length > 0 && !stopping.signal.aborted) {
      await delay(pauseMs, undefined, { signal: stopping.signal, ref: false }).catch(
        () => undefined,
      );
      try {
        await showChanges(parts.store, listeners);
        pauseMs = everyMs;
      } catch (error) {
        // A failed round loses nothing: the marks stay as they were.
        parts.log.warn("open chats could not be looked at", { reason: reasonOf(error) });
        pauseMs = Math.min(pauseMs * 2, AWAY_MS_MAX);
      }
    }
    state.asking = false;
  }

  return {
    ...streamCount(limits),
    listen(listener) {
      if (stopping.signal.aborted)
        throw new DeskhandError("store.unavailable", "this process is stopping");
      listeners.add(listener);
      state.ticking ??= setInterval(tick, Math.min(TICK_MS, heartbeatMs)).unref();
      if (!state.asking) void ask();
      return () => listeners.remove(listener);
    },
    stop() {
      stopping.abort();
      for (const listener of listeners.all()) endListener(listeners, listener, "restart");
    },
  };
}
