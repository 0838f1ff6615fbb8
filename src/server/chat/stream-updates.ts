/** Sends new messages to the open chat windows of this process. */
import type { Response } from "express";
import { answerWithin, pause, unlessAborted } from "#core/values/deadline.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { roomFor } from "#server/http/admission.ts";
import { chatMarks, storedChatState, type ChatState } from "#store/chat/chat-state.ts";
import type { EndReason } from "./schema.ts";

/**
 * A window is shown its chat's news when a process says that the conversation changed. However many windows wait, this
 * process asks with one statement which of their chats changed; only those are then read, by each window. It asks about all of them at
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

/** About how many windows' chats one statement asks. */
const WINDOWS_AT_ONCE = 500;

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
export type ChatStreams = ReturnType<typeof chatStreams>;

/** Does nothing until a listener joins; the database is asked only while there are listeners. */
export function chatStreams(
  parts: StreamParts,
  options: {
    readonly everyMs?: number;
    readonly heartbeatMs?: number;
    readonly limits?: StreamLimits;
  } = {},
) {
  const { everyMs = EVERY_MS, heartbeatMs = HEARTBEAT_MS, limits = LIMITS } = options;
  const stopping = new AbortController();
  const state: { asking: boolean; ticking: NodeJS.Timeout | null; beatAt: number } = {
    asking: false,
    ticking: null,
    beatAt: 0,
  };
  const news = gatheredNews(stopping.signal);
  const open: OpenWindows = new Set();

  function tick(): void {
    const now = parts.clock.now().getTime();
    for (const window of open)
      if (window.listener.until.at <= now) end(open, window, window.listener.until.reason);
    if (performance.now() - state.beatAt >= heartbeatMs) {
      state.beatAt = performance.now();
      for (const { listener } of open) listener.beat();
    }
    if (open.size > 0 || state.ticking === null) return;
    clearInterval(state.ticking);
    state.ticking = null;
  }

  async function ask(): Promise<void> {
    state.asking = true;
    await showWhileOpen(parts, open, news, { everyMs, stopped: stopping.signal });
    state.asking = false;
  }

  return {
    ...streamCount(limits),
    /** Aborted once `stop` was called. */
    stopped: stopping.signal,
    /** Listens until the returned function is called. Throws `store.unavailable` once this process stops. */
    listen(listener: ChatListener): () => void {
      if (stopping.signal.aborted)
        throw new DeskhandError("store.unavailable", "this process is stopping");
      const window: OpenWindow = {
        listener,
        mark: null,
        unread: null,
        conversationId: null,
        unfollow: () => undefined,
      };
      open.add(window);
      news.add(listener.key);
      state.ticking ??= setInterval(tick, Math.min(TICK_MS, heartbeatMs)).unref();
      if (!state.asking) void ask();
      return () => leave(open, window);
    },
    /** Ends all streams, so that their windows continue at another process or after the restart. */
    stop(): void {
      stopping.abort();
      for (const window of open) end(open, window, "restart");
    },
  };
}

type StreamParts = Pick<JobContext, "store" | "clock" | "log" | "changes">;
type News = ReturnType<typeof gatheredNews>;
type OpenWindows = Set<OpenWindow>;

/** A window and what it was shown. */
interface OpenWindow {
  readonly listener: ChatListener;
  /** Of the state that was shown last; null while nothing was. */
  mark: string | null;
  /** Of the state that could not be read last, which is logged; null while each could. */
  unread: string | null;
  /** The conversation its chat belongs to, whose notices are followed; null until it is known. */
  conversationId: string | null;
  unfollow: () => void;
}

function leave(open: OpenWindows, window: OpenWindow): void {
  open.delete(window);
  window.unfollow();
}

function end(open: OpenWindows, window: OpenWindow, reason: EndReason): void {
  leave(open, window);
  window.listener.end(reason);
}

/** Shows what is new as long as a window listens. */
async function showWhileOpen(
  parts: StreamParts,
  open: OpenWindows,
  news: News,
  { everyMs, stopped }: { readonly everyMs: number; readonly stopped: AbortSignal },
): Promise<void> {
  let awayMs = AWAY_MS;
  let allAt = performance.now() + everyMs;
  while (open.size > 0 && !stopped.aborted) {
    const told = await news.within(allAt - performance.now());
    const isAll = performance.now() >= allAt;
    const asked = [...open].filter(({ listener }) => isAll || told.has(listener.key));
    try {
      for (let from = 0; from < asked.length; from += WINDOWS_AT_ONCE)
        await showChanges(parts, open, news, asked.slice(from, from + WINDOWS_AT_ONCE));
      awayMs = AWAY_MS;
      if (isAll) allAt = performance.now() + everyMs;
    } catch (error) {
      // A failed round loses nothing: the marks stay as they were, and all chats are looked at again.
      parts.log.warn("open chats could not be looked at", { reason: reasonOf(error) });
      await pause(awayMs, stopped).catch(() => undefined);
      awayMs = Math.min(awayMs * 2, AWAY_MS_MAX);
      allAt = 0;
    }
  }
}

/** Shows each of these windows what changed since it was shown last, and follows its conversation. */
async function showChanges(
  { store, log, changes }: StreamParts,
  open: OpenWindows,
  news: News,
  asked: readonly OpenWindow[],
): Promise<void> {
  const found = await store.run(
    chatMarks,
    asked.map(({ listener }) => listener.key),
  );
  for (const window of asked) {
    const { key } = window.listener;
    const chat = found.get(key);
    // It may have left meanwhile.
    if (!open.has(window)) continue;
    if (chat !== undefined && chat.conversationId !== window.conversationId) {
      window.unfollow();
      window.conversationId = chat.conversationId;
      window.unfollow = changes.follow(chat.conversationId, () => news.add(key));
    }
    if (chat === undefined) end(open, window, "gone");
    else if (window.mark !== chat.mark) await showChat({ store, log }, open, window, chat);
  }
}

/**
 * Shows a chat that changed, with what its mark was before it is read. One that this process cannot read, as a newer
 * version wrote it, is logged once for each state and window and stays as it is: the others have news too.
 */
async function showChat(
  { store, log }: Pick<StreamParts, "store" | "log">,
  open: OpenWindows,
  window: OpenWindow,
  {
    mark,
    conversationId: conversation,
  }: { readonly mark: string; readonly conversationId: string },
): Promise<void> {
  try {
    const now = await storedChatState(store, window.listener.key, null);
    // The mark is older than the state, so changes in between are read once more.
    window.mark = mark;
    if (!open.has(window)) return;
    if (now === null) end(open, window, "gone");
    else window.listener.show(now);
  } catch (error) {
    if (error instanceof DeskhandError && error.code === "store.unavailable") throw error;
    // It is looked at again and again; only a state that was not logged yet is news.
    if (window.unread !== mark)
      log.warn("an open chat cannot be read", { conversation, reason: reasonOf(error) });
    window.unread = mark;
  }
}

// Limits how many chat streams are open at once.

type StreamLimits = typeof LIMITS;

/**
 * By user, by address and in all: a person has a few tabs, an office several people, and each stream costs a
 * connection. Unsigned visitors may use only so many of them, so that a crowd of them leaves room for proven users.
 */
const LIMITS = { perUser: 6, perAddress: 60, overall: 2_000, strangers: 1_500 };

/**
 * Counts open streams by user, by address and in all, and refuses those over a limit before anything is looked up. The
 * address is null for a proven user, who is not counted with the strangers at the same address.
 */
function streamCount({ overall, perUser, strangers, perAddress }: StreamLimits) {
  const enterAll = roomFor(overall, perUser, tooManyWindows);
  const enterUnknown = roomFor(strangers, perAddress, tooManyWindows);
  return {
    enter(user: string, address: string | null, response: Response): void {
      if (address !== null) response.once("close", enterUnknown(address));
      response.once("close", enterAll(user));
    },
  };
}

function tooManyWindows(isFull: boolean): DeskhandError {
  return isFull
    ? new DeskhandError("store.unavailable", "too many windows are open here")
    : new DeskhandError("input.rate_limited", "too many windows are open at once", {
        retryAfterMs: 10_000,
      });
}

// Which of the open chats may have news, as other processes say.

/** Notices that come together are answered with one statement. */
const GATHER_MS = 50;

/** Gathers keys of chats that may have news until the caller asks for them, or all of this is stopped. */
function gatheredNews(stopped: AbortSignal) {
  const state = { keys: new Set<string>(), came: Promise.withResolvers<void>() };
  return {
    add(key: string): void {
      state.keys.add(key);
      state.came.resolve();
    },
    /** Waits at most this long, and a moment longer for more of it; gives the keys and forgets them. */
    async within(ms: number): Promise<ReadonlySet<string>> {
      await answerWithin(ms, unlessAborted(state.came.promise, stopped)).catch(() => undefined);
      if (state.keys.size > 0) await pause(GATHER_MS, stopped).catch(() => undefined);
      const { keys } = state;
      state.keys = new Set();
      state.came = Promise.withResolvers();
      return keys;
    },
  };
}
