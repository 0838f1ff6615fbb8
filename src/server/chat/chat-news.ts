/** Which of the open chats may have news, as other processes say. */

import { setTimeout as delay } from "node:timers/promises";
import type { ChangeNotices } from "#core/contracts/ports.ts";

/** Notices that come together are answered with one statement. */
const GATHER_MS = 50;

/** The chats whose conversations are followed. */
export interface FollowedChats {
  /** Follows the conversation a chat belongs to now; another one it belonged to before is left. */
  follow(key: string, conversationId: string): void;
  /** Leaves the conversations of all other chats. */
  keepOnly(keys: readonly string[]): void;
}

/** Calls `changed` with a chat's key at every notice about its conversation. */
export function followedChats(
  changes: ChangeNotices,
  changed: (key: string) => void,
): FollowedChats {
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
export interface ChatNews {
  add(key: string): void;
  /** Waits at most this long, and a moment longer for more of it; gives the keys and forgets them. */
  within(ms: number): Promise<ReadonlySet<string>>;
}

/** Gathers keys until the caller asks for them, or all of this is stopped. */
export function newsOf(stopped: AbortSignal): ChatNews {
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
