/** What travels beside the queue: notices that a conversation changed, and the stored form of a wake. */

import { z } from "zod";
import type { ChangeNotices } from "#core/contracts/ports.ts";
import { persisted } from "#store/db/versioned-documents.ts";

/** The connection the notices travel over. */
interface Transport {
  readonly channel: string;
  readonly publish: (channel: string, text: string) => Promise<unknown>;
  /** Begins to listen; gives the function that ends it. */
  readonly subscribe: (listener: Listener) => () => void;
}

/** Who hears what is published on a channel. */
export interface Listener {
  readonly channel: string;
  readonly heard: (text: string) => void;
  /** Called when listening has begun, at first and after each interruption: what was published before was missed. */
  readonly began: () => void;
}

/** Notices over this connection, which is opened for listening with the first follower. */
export function changeNotices({
  channel,
  publish,
  subscribe,
}: Transport): ChangeNotices & { close(): void } {
  const followers = new Map<string, Set<() => void>>();
  const listening: { stop: (() => void) | null; closed: boolean } = { stop: null, closed: false };
  return {
    announce(conversationId) {
      // A lost notice only makes its followers wait for their own look.
      publish(channel, conversationId).catch(() => undefined);
    },
    follow(conversationId, changed) {
      if (!listening.closed)
        listening.stop ??= subscribe({
          channel,
          heard: (id) => {
            for (const tell of followers.get(id) ?? []) tell();
          },
          // Any of them may have missed a notice, so each looks once.
          began: () => {
            for (const beside of followers.values()) for (const tell of beside) tell();
          },
        });
      const beside = followers.get(conversationId) ?? new Set();
      // A function of its own for each follower, since two may pass the same one.
      const tell = (): void => changed();
      followers.set(conversationId, beside.add(tell));
      return () => {
        beside.delete(tell);
        if (beside.size === 0 && followers.get(conversationId) === beside)
          followers.delete(conversationId);
      };
    },
    close() {
      listening.closed = true;
      listening.stop?.();
      followers.clear();
    },
  };
}

/** Notices within this process alone, for programs that run without Redis. */
export function localNotices(): ChangeNotices {
  const listeners = new Set<(text: string) => void>();
  return changeNotices({
    channel: "",
    publish: async (_channel, text) => {
      for (const heard of listeners) heard(text);
    },
    subscribe: ({ heard }) => {
      listeners.add(heard);
      return () => void listeners.delete(heard);
    },
  });
}

/** What sent a wake: the queue, because something happened, or the reconciler. */
export type NotifiedBy = "queue" | "reconciler";

/**
 * A wake carries only which conversation to look at. Its version is stored with it because wakes outlive the process
 * that sent them and workers of two versions read each other's.
 */
export const WakePayload = persisted({
  name: "ring",
  schema: z.object({ conversationId: z.string().min(1) }),
  versionField: "version",
});
