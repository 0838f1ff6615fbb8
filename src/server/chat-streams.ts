import { setTimeout as delay } from "node:timers/promises";
import { DeskhandError, reasonOf } from "#core/errors.ts";
import type { Parts } from "#jobs/parts.ts";
import { chatMarksOf } from "#store/chat-marks.ts";
import { chatStateOf, type ChatState } from "#store/chats.ts";
import type { EndReason } from "./chat-documents.ts";
import { streamCount, type StreamLimits } from "./stream-count.ts";

/**
 * Windows that listen for what is new in their chats. However many there are, this process asks the database once in a
 * while for all of them, which chats moved since; only those are then read. Every process asks for its own windows, so
 * it does not matter which one wrote the answer.
 *
 * A listener that joins is read again in the next round, whatever came between its first look and its joining. Showing
 * the same state twice is harmless: a listener knows what it has shown.
 */

/** A person waits for an answer a little longer than this anyway, and the database notices little of it. */
const EVERY_MS = 1_000;

/** While the database is away it is asked less and less often, down to this. */
const AWAY_MS_MAX = 10_000;

/** Proxies cut connections on which nothing is said; half a minute is the shortest patience among common ones. */
const HEARTBEAT_MS = 15_000;

/** How often what ends by the clock is looked at. */
const TICK_MS = 1_000;

/**
 * A person has a few tabs, an office some people. All streams of one process together cost one statement a second and a
 * connection each.
 */
const LIMITS: StreamLimits = { perUser: 6, perAddress: 60, overall: 2_000 };

/** How many chats one statement asks about. */
const KEYS_AT_ONCE = 500;

/** One open window. None of its members throws. */
export interface ChatListener {
  readonly key: string;
  /** When it has to close, in milliseconds of the installation's clock, and why. */
  readonly until: { readonly at: number; readonly reason: EndReason };
  show(state: ChatState): void;
  beat(): void;
  end(reason: EndReason): void;
}

/** The open windows of this process. */
export interface ChatStreams extends ReturnType<typeof streamCount> {
  /** Listens until the function it gives back is called. Throws `store.unavailable` once this process stops. */
  listen(listener: ChatListener): () => void;
  /** Ends all streams, so that their windows go on at another process or at the next start. */
  stop(): void;
}

/** Brings nothing up by itself: the database is asked while somebody listens. */
export function chatStreams(
  parts: Pick<Parts, "store" | "clock" | "log">,
  options: {
    readonly everyMs?: number;
    readonly heartbeatMs?: number;
    readonly limits?: StreamLimits;
  } = {},
): ChatStreams {
  const everyMs = options.everyMs ?? EVERY_MS;
  const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  const windows = new Map<string, Set<ChatListener>>();
  const marks = new Map<string, string>();
  const stopping = new AbortController();
  const state: { asking: boolean; ticking: NodeJS.Timeout | null; beatAt: number } = {
    asking: false,
    ticking: null,
    beatAt: 0,
  };
  const everybody = (): readonly ChatListener[] => [...windows.values()].flatMap((set) => [...set]);

  function leave(listener: ChatListener): void {
    const beside = windows.get(listener.key);
    if (beside?.delete(listener) !== true) return;
    if (beside.size === 0) {
      windows.delete(listener.key);
      marks.delete(listener.key);
    }
    if (windows.size > 0 || state.ticking === null) return;
    clearInterval(state.ticking);
    state.ticking = null;
  }

  function dismiss(listener: ChatListener, reason: EndReason): void {
    leave(listener);
    listener.end(reason);
  }

  function tick(): void {
    const now = parts.clock.now().getTime();
    for (const listener of everybody())
      if (listener.until.at <= now) dismiss(listener, listener.until.reason);
    if (performance.now() - state.beatAt < heartbeatMs) return;
    state.beatAt = performance.now();
    for (const listener of everybody()) listener.beat();
  }

  async function round(): Promise<void> {
    const keys = [...windows.keys()];
    for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
      const some = keys.slice(from, from + KEYS_AT_ONCE);
      const found = await parts.store.run((transaction) => chatMarksOf(transaction, some));
      for (const key of some) await lookAt(key, found.get(key));
    }
  }

  async function lookAt(key: string, mark: string | undefined): Promise<void> {
    if (mark !== undefined && marks.get(key) === mark) return;
    const now =
      mark === undefined
        ? null
        : await parts.store.run((transaction) => chatStateOf(transaction, key, null));
    const beside = [...(windows.get(key) ?? [])];
    if (beside.length > 0 && mark !== undefined) marks.set(key, mark);
    for (const listener of beside)
      if (now === null) dismiss(listener, "gone");
      else listener.show(now);
  }

  async function ask(): Promise<void> {
    state.asking = true;
    let pauseMs = everyMs;
    while (windows.size > 0 && !stopping.signal.aborted) {
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      try {
        await round();
        pauseMs = everyMs;
      } catch (error) {
        // Nothing is lost by a round that failed: marks stand where they stood.
        parts.log.warn("open chats could not be looked at", { reason: reasonOf(error) });
        pauseMs = Math.min(pauseMs * 2, AWAY_MS_MAX);
      }
    }
    state.asking = false;
  }

  return {
    ...streamCount(options.limits ?? LIMITS),
    listen(listener) {
      if (stopping.signal.aborted)
        throw new DeskhandError("store.unavailable", "this process is stopping");
      windows.set(listener.key, (windows.get(listener.key) ?? new Set()).add(listener));
      marks.delete(listener.key);
      state.ticking ??= setInterval(tick, Math.min(TICK_MS, heartbeatMs));
      if (!state.asking) void ask();
      return () => leave(listener);
    },
    stop() {
      stopping.abort();
      for (const listener of everybody()) dismiss(listener, "restart");
    },
  };
}
