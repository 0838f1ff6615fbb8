/** Notices that a conversation changed, over any publish-and-subscribe connection. */
import type { ChangeNotices } from "#core/contracts/ports.ts";

/** The connection the notices travel over. */
interface Transport {
  readonly channel: string;
  readonly publish: (channel: string, text: string) => Promise<unknown>;
  /** Begins to listen; gives the function that ends it. */
  readonly subscribe: (listener: {
    readonly channel: string;
    readonly heard: (text: string) => void;
  }) => () => void;
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
        });
      const beside = followers.get(conversationId) ?? new Set();
      followers.set(conversationId, beside.add(changed));
      return () => {
        beside.delete(changed);
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
