/** An approval desk in memory that keeps every card it was shown. */
import type { ApprovalDesk, Card } from "#core/contracts/approval-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { createCallFaults, errorOf, type CallFaults } from "./troubles.ts";
import { carryOut, lookUp, type Journal } from "./journal.ts";

/** A desk that keeps every card it was shown, so that people can click old ones as well. */
export interface MemoryDesk {
  readonly desk: ApprovalDesk;
  readonly callFaults: CallFaults;
  /** Every shown version of every card, oldest first. */
  readonly shown: readonly Card[];
  /** Deletes a card's message, as a user can. */
  remove(approvalId: string): void;
  reset(): void;
}

export function createMemoryDesk(journal: Journal): MemoryDesk {
  const shown: Card[] = [];
  const posted = new Map<string, string>();
  const callFaults = createCallFaults();
  const meet = (): void => {
    const trouble = callFaults.take();
    if (trouble !== null) throw errorOf(trouble, "channel");
  };
  const desk: ApprovalDesk = {
    name: "desk",
    supports: ["alert"],
    async commit(action, key) {
      const ref = carryOut(journal, { target: "desk", key, action }, { trouble: null });
      return { ref, conversationKeys: [] };
    },
    find: async (_action, key) => lookUp(journal, "desk", key),
    async post(card) {
      meet();
      const ref = `card-${shown.push(card)}`;
      posted.set(ref, card.approvalId);
      return ref;
    },
    async update(ref, card) {
      meet();
      if (!posted.has(ref)) throw new DeskhandError("channel.refused", "the card is gone");
      shown.push(card);
    },
    notify: async () => undefined,
    groupsOf: async () => [],
    start: async () => undefined,
    stop: async () => undefined,
  };
  return {
    desk,
    callFaults,
    shown,
    remove(approvalId) {
      for (const [ref, id] of posted) if (id === approvalId) posted.delete(ref);
    },
    reset() {
      shown.splice(0);
      posted.clear();
      callFaults.clear();
    },
  };
}
