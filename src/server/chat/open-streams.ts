/** The open chat windows of this process, by conversation. */

import type { ChatState } from "#store/chat/chat-state.ts";
import type { EndReason } from "./schema.ts";

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
export interface ChatListeners {
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

export function chatListeners(): ChatListeners {
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
