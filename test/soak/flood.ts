/** A burst: everybody writes at once, and nobody waits for an answer. */
import { setTimeout as delay } from "node:timers/promises";
import type { Books } from "./books.ts";
import type { Customers } from "./customers.ts";
import type { Plan } from "./plan.ts";

const LANES = 100;
const LOOK_EVERY_MS = 20;

/**
 * Writes the whole plan, one message of each conversation after the other. A message is taken as accepted as soon as
 * the database has it; whoever wrote it hangs up then.
 */
export async function flood(given: {
  readonly customers: Customers;
  readonly books: Books;
  readonly plan: Plan;
}): Promise<void> {
  const { customers, books, plan } = given;
  const seen = watch(books);
  const rounds = Math.max(...plan.conversations.map(({ messages }) => messages.length));
  const waiting = Array.from({ length: rounds }, (_, round) =>
    plan.conversations.flatMap((conversation) => {
      const message = conversation.messages[round];
      return message === undefined ? [] : [{ conversation, message }];
    }),
  );
  try {
    // Round after round, so that a conversation's next message leaves when its last one is in.
    for (const round of waiting) {
      const lane = async (): Promise<void> => {
        for (let next = round.shift(); next !== undefined; next = round.shift())
          await customers.drop(next.conversation, next.message, seen.takenIn);
      };
      await Promise.all(Array.from({ length: LANES }, lane));
    }
  } finally {
    seen.stop();
  }
}

/** Looks for everything that is waited for with one question, again and again. */
function watch(books: Books) {
  const waiting = new Map<string, () => void>();
  const state = { stopped: false };
  const loop = async (): Promise<void> => {
    while (!state.stopped) {
      await delay(LOOK_EVERY_MS);
      if (waiting.size === 0) continue;
      const found = await books.takenIn([...waiting.keys()]).catch(() => new Set<string>());
      for (const id of found) {
        waiting.get(id)?.();
        waiting.delete(id);
      }
    }
  };
  void loop();
  return {
    takenIn: (eventId: string): Promise<void> =>
      new Promise((resolve) => waiting.set(eventId, resolve)),
    stop: () => {
      state.stopped = true;
    },
  };
}
