/** The benchmark's shop as a target of the ledger: what is committed, and what is proposed and not yet decided. */
import type { Action, PlannedAction } from "#core/values/action.ts";
import type { Target } from "#core/contracts/tool.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { type Changed, CHANGES } from "./changes.ts";
import type { RetailState } from "./data.ts";

/** The shop of one conversation, from the benchmark's state on. */
export interface RetailShop {
  /** Names this shop in keys, so that the same change in two conversations is two effects. */
  readonly world: string;
  /** What has been committed. */
  committed(): RetailState;
  /** As it will be once everything proposed in this turn is committed: later proposals build on earlier ones. */
  foreseen(): RetailState;
  /** What a change would do to the foreseen state. */
  tried(operation: string, input: unknown): Changed;
  /** A proposal of this turn; later look-ups show what it will have done. */
  propose(planned: PlannedAction): void;
  /** Ends the turn: what is still only proposed is forgotten. */
  forget(): void;
  readonly target: Target;
}

/** Opens the shop of one conversation in this state. */
export function openRetailShop(world: string, start: RetailState): RetailShop {
  const shop = { state: start, done: new Set<string>(), proposed: new Map<string, Action>() };
  const foreseen = (): RetailState => {
    let state = shop.state;
    for (const { operation, arguments: input } of shop.proposed.values()) {
      const changed = applied(state, operation, input);
      if (changed.kind === "changed") ({ state } = changed);
    }
    return state;
  };
  return {
    world,
    committed: () => shop.state,
    foreseen,
    tried: (operation, input) => applied(foreseen(), operation, input),
    propose({ key, action }) {
      shop.proposed.set(key, action);
    },
    forget: () => shop.proposed.clear(),
    target: {
      name: "shop",
      supports: [...CHANGES.keys()],
      async commit({ operation, arguments: input }, key) {
        if (shop.done.has(key)) return committedAs(key);
        const changed = applied(shop.state, operation, input);
        if (changed.kind === "refused") throw new DeskhandError("shop.refused", changed.reason);
        shop.state = changed.state;
        shop.done.add(key);
        shop.proposed.delete(key);
        return committedAs(key);
      },
      find: async (_action, key) =>
        shop.done.has(key) ? { state: "done", committed: committedAs(key) } : { state: "absent" },
    },
  };
}

function committedAs(key: string) {
  return { ref: key, conversationKeys: [] };
}

function applied(state: RetailState, operation: string, input: unknown): Changed {
  const change = CHANGES.get(operation);
  const parsed = change?.input.safeParse(input);
  if (change === undefined || parsed?.success !== true)
    return { kind: "refused", reason: `${operation} is no change of this shop` };
  return change.apply(state, parsed.data);
}
