/** Sends new messages to the open chat windows of this process. */
import { setTimeout as delay } from "node:timers/promises";
import type { Response } from "express";
import type { ChangeNotices } from "#core/contracts/ports.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { chatMarks, storedChatState, type ChatState } from "#store/chat/chat-state.ts";
import type { EndReason } from "./schema.ts";

/**
 * A window is shown its chat's news when a process says that the conversation changed. However many windows wait, this
 * process asks with one statement which of their chats changed; only those are then read. It asks about all of them at
 * intervals too, because a notice may get lost, and some changes, such as a pause, are not announced.
 *
 * A new listener is read again at once, to catch changes between its first read and its joining. Showing the same state
 * twice is harmless: a listener knows what it has shown.
 */

/** How often all chats are looked at, whatever was said. */
const EVERY_MS = 5_000;

/** While the database is away the wait grows from the first to the second. */
const AWAY_MS = 1_000;
const AWAY_MS_MAX = 10_000;

/** Proxies cut silent connections; half a minute is the shortest time-out among common ones. */
const HEARTBEAT_MS = 15_000;

/** How often time limits of streams are checked. */
const TICK_MS = 1_000;

/** A person has a few tabs, an office several people. Each stream costs a connection. */
const LIMITS: StreamLimits = { perUser: 6, perAddress: 60, overall: 2_000, strangers: 1_500 };

/** How many chats one statement asks about. */
const KEYS_AT_ONCE = 500;

/** The open windows of this process. */
export interface ChatStreams extends ReturnType<typeof streamCount> {
  /** Listens until the returned function is called. Throws `store.unavailable` once this process stops. */
  listen(listener: ChatListener): () => void;
  /** Ends all streams, so that their windows continue at another process or after the restart. */
  stop(): void;
  /** Aborted once `stop` was called. */
  readonly stopped: AbortSignal;
}

/** Shows each of these chats that changed since it was shown last, and follows its conversation. */
async function showChanges(
  store: JobContext["store"],
  { listeners, notices }: Pick<OpenChats, "listeners" | "notices">,
  keys: readonly string[],
): Promise<void> {
  for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
    const some = keys.slice(from, from + KEYS_AT_ONCE);
    const found = await store.run((transaction) => chatMarks(transaction, some));
    for (const key of some) {
      const { mark, conversationId } = found.get(key) ?? {};
      if (conversationId !== undefined) notices.follow(key, conversationId);
      if (!listeners.isNew(key, mark)) continue;
      const now = mark === undefined ? null : await storedChatState(store, key, null);
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

/** What one process knows of its open windows, and when it looks at all of them. */
interface OpenChats {
  readonly listeners: ChatListeners;
  readonly notices: FollowedChats;
  readonly news: ChatNews;
  readonly everyMs: number;
  readonly stopped: AbortSignal;
}

/** Shows what is new as long as a window listens. */
async function showWhileOpen(
  { store, log }: Pick<JobContext, "store" | "log">,
  { listeners, notices, news, everyMs, stopped }: OpenChats,
): Promise<void> {
  let awayMs = AWAY_MS;
  let allAt = performance.now() + everyMs;
  while (listeners.keys().length > 0 && !stopped.aborted) {
    const told = await news.within(allAt - performance.now());
    const isAll = performance.now() >= allAt;
    const open = listeners.keys();
    const keys = isAll ? open : open.filter((key) => told.has(key));
    try {
      await showChanges(store, { listeners, notices }, keys);
      awayMs = AWAY_MS;
      if (isAll) allAt = performance.now() + everyMs;
    } catch (error) {
      // A failed round loses nothing: the marks stay as they were, and all chats are looked at again.
      log.warn("open chats could not be looked at", { reason: reasonOf(error) });
      await delay(awayMs, undefined, { signal: stopped, ref: false }).catch(() => undefined);
      awayMs = Math.min(awayMs * 2, AWAY_MS_MAX);
      allAt = 0;
    }
  }
  notices.keepOnly([]);
}

/** Does nothing until a listener joins; the database is asked only while there are listeners. */
export function chatStreams(
  parts: Pick<JobContext, "store" | "clock" | "log" | "changes">,
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
  const news = gatheredNews(stopping.signal);
  const notices = followedChats(parts.changes, (key) => news.add(key));

  function tick(): void {
    const now = parts.clock.now().getTime();
    for (const listener of listeners.all())
      if (listener.until.at <= now) endListener(listeners, listener, listener.until.reason);
    if (performance.now() - state.beatAt >= heartbeatMs) {
      state.beatAt = performance.now();
      for (const listener of listeners.all()) listener.beat();
    }
    notices.keepOnly(listeners.keys());
    if (listeners.keys().length > 0 || state.ticking === null) return;
    clearInterval(state.ticking);
    state.ticking = null;
  }

  async function ask(): Promise<void> {
    state.asking = true;
    await showWhileOpen(parts, { listeners, notices, news, everyMs, stopped: stopping.signal });
    state.asking = false;
  }

  return {
    ...streamCount(limits),
    stopped: stopping.signal,
    listen(listener) {
      if (stopping.signal.aborted)
        throw new DeskhandError("store.unavailable", "this process is stopping");
      listeners.add(listener);
      news.add(listener.key);
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

// Limits how many chat streams are open at once.

/** Limits by user, by address and in all. */
interface StreamLimits {
  readonly perUser: number;
  readonly perAddress: number;
  readonly overall: number;
  /** How many of them unsigned visitors may use, so that a crowd of them leaves room for proven users. */
  readonly strangers: number;
}

/**
 * Counts open streams by user, by address and in all, and refuses those over a limit before anything is looked up. The
 * address is null for a proven user, who is not counted with the strangers at the same address.
 */
function streamCount(limits: StreamLimits): {
  enter(user: string, address: string | null, response: Response): void;
} {
  const open = new Map<string, number>();
  const over = (name: string, max: number): boolean => (open.get(name) ?? 0) >= max;
  const change = (name: string, by: 1 | -1): void => {
    const count = (open.get(name) ?? 0) + by;
    if (count === 0) open.delete(name);
    else open.set(name, count);
  };
  return {
    enter(user, address, response) {
      const stranger = address === null ? [] : ["strangers", `address ${address}`];
      const names = ["all", `user ${user}`, ...stranger];
      if (over("all", limits.overall) || (address !== null && over("strangers", limits.strangers)))
        throw new DeskhandError("store.unavailable", "too many windows are open here");
      if (over(`user ${user}`, limits.perUser) || over(`address ${address}`, limits.perAddress))
        throw new DeskhandError("input.rate_limited", "too many windows are open at once", {
          retryAfterMs: 10_000,
        });
      for (const name of names) change(name, 1);
      response.once("close", () => {
        for (const name of names) change(name, -1);
      });
    },
  };
}

// Which of the open chats may have news, as other processes say.

/** Notices that come together are answered with one statement. */
const GATHER_MS = 50;

/** The chats whose conversations are followed. */
interface FollowedChats {
  /** Follows the conversation a chat belongs to now; another one it belonged to before is left. */
  follow(key: string, conversationId: string): void;
  /** Leaves the conversations of all other chats. */
  keepOnly(keys: readonly string[]): void;
}

/** Calls `changed` with a chat's key at every notice about its conversation. */
function followedChats(changes: ChangeNotices, changed: (key: string) => void): FollowedChats {
  const followed = new Map<
    string,
    { readonly conversationId: string; readonly stop: () => void }
  >();
  return {
    follow(key, conversationId) {
      const before = followed.get(key);
      if (before?.conversationId === conversationId) return;
      before?.stop();
      const stop = changes.follow(conversationId, () => changed(key));
      followed.set(key, { conversationId, stop });
    },
    keepOnly(keys) {
      const kept = new Set(keys);
      for (const [key, { stop }] of followed)
        if (!kept.has(key)) {
          stop();
          followed.delete(key);
        }
    },
  };
}

/** The keys of chats that may have news. */
interface ChatNews {
  add(key: string): void;
  /** Waits at most this long, and a moment longer for more of it; gives the keys and forgets them. */
  within(ms: number): Promise<ReadonlySet<string>>;
}

/** Gathers keys until the caller asks for them, or all of this is stopped. */
function gatheredNews(stopped: AbortSignal): ChatNews {
  const state = { keys: new Set<string>(), came: Promise.withResolvers<void>() };
  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    delay(Math.max(ms, 0), undefined, { signal, ref: false }).catch(() => undefined);
  return {
    add(key) {
      state.keys.add(key);
      state.came.resolve();
    },
    async within(ms) {
      const heard = new AbortController();
      await Promise.race([state.came.promise, pause(ms, AbortSignal.any([stopped, heard.signal]))]);
      heard.abort();
      if (state.keys.size > 0) await pause(GATHER_MS, stopped);
      const { keys } = state;
      state.keys = new Set();
      state.came = Promise.withResolvers();
      return keys;
    },
  };
}

// The open windows, by conversation.

/** One open window. None of its members throws. */
export interface ChatListener {
  readonly key: string;
  /** When it has to close, in milliseconds of the installation's clock, and why. */
  readonly until: { readonly at: number; readonly reason: EndReason };
  show(state: ChatState): void;
  beat(): void;
  end(reason: EndReason): void;
}

/** The listeners of each chat, and the mark of the state they were last shown. */
interface ChatListeners {
  all(): readonly ChatListener[];
  keys(): readonly string[];
  at(key: string): readonly ChatListener[];
  /** False when this state was shown last. A chat without a mark is gone, which is news. */
  isNew(key: string, mark: string | undefined): boolean;
  /** Records what is shown; nothing is kept for a chat without listeners. */
  note(key: string, mark: string): void;
  /** Its chat then counts as new, whatever other listeners were shown before. */
  add(listener: ChatListener): void;
  remove(listener: ChatListener): void;
}

function chatListeners(): ChatListeners {
  const byKey = new Map<string, Set<ChatListener>>();
  const marks = new Map<string, string>();
  return {
    all: () => [...byKey.values()].flatMap((beside) => [...beside]),
    keys: () => [...byKey.keys()],
    at: (key) => [...(byKey.get(key) ?? [])],
    isNew: (key, mark) => mark === undefined || marks.get(key) !== mark,
    note(key, mark) {
      if (byKey.has(key)) marks.set(key, mark);
    },
    add(listener) {
      byKey.set(listener.key, (byKey.get(listener.key) ?? new Set()).add(listener));
      marks.delete(listener.key);
    },
    remove(listener) {
      const beside = byKey.get(listener.key);
      beside?.delete(listener);
      if (beside?.size !== 0) return;
      byKey.delete(listener.key);
      marks.delete(listener.key);
    },
  };
}
