/** What a card says about its case besides the proposal: orders, conflicts and tone. */

import type { CardContext } from "#core/values/card-context.ts";
import type { PlannedAction } from "#core/values/action.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { Message } from "#core/values/message.ts";
import { isAngryText } from "#guard/input/anger.ts";
import { firstSent } from "./card-lines.ts";
import { conflictsBetween } from "./card-conflicts.ts";
import { ordersOnCard } from "./card-orders.ts";

/** The parts of a card's context that its turn knows by itself. */
export type CardCase = Pick<CardContext, "orders" | "conflicts" | "isAngry" | "isImportant">;

/** Composes them. Pure; `draft` is the text of the reply, empty for none. */
export function cardCase(known: {
  readonly unread: readonly Message[];
  readonly toolResults: TurnResult["toolResults"];
  readonly actions: readonly PlannedAction[];
  readonly draft: string;
  readonly isImportant: boolean;
}): CardCase {
  const { unread, toolResults, actions, draft, isImportant } = known;
  const said = unread.map(({ subject, text }) => `${subject}\n${text}`).join("\n\n");
  const lookedUp = ordersOnCard(toolResults, actions, `${said}\n${draft}`);
  const words = unread.map(({ text }) => text).join("\n\n");
  return {
    orders: [...lookedUp.orders],
    conflicts: conflictsBetween(words, lookedUp, firstSent(unread)),
    isAngry: unread.some(({ text }) => isAngryText(text)),
    isImportant,
  };
}
