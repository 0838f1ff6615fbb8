/** Reads the acts that earlier answers of a conversation told: each was sent after its actions were done. */
import type { Receipts } from "#core/contracts/guard.ts";
import { amountsIn, ordersIn } from "#guard/output/facts.ts";
import { clausesIn } from "./acts.ts";

/** What an earlier answer said was done. */
export interface ToldAct {
  readonly name: string;
  /** The order numbers and amounts of its sentence; none where it gave none. */
  readonly orders: readonly string[];
  readonly amounts: readonly string[];
}

/** Answers further back are no longer repeated. */
const ANSWERS_MAX = 20;
/** Longer answers are not sent. */
const CHARACTERS_MAX = 8_000;

/** The acts told as done or on their way; what was promised or may happen is none. */
export function actsTold(
  said: Receipts["said"],
  deeds?: Parameters<typeof clausesIn>[1],
): readonly ToldAct[] {
  return (said ?? []).slice(-ANSWERS_MAX).flatMap(({ text }) =>
    [...clausesIn(text.slice(0, CHARACTERS_MAX), deeds)].flatMap(({ piece, acts }) =>
      acts
        .filter(({ form }) => form === "done" || form === "underway")
        .map(({ name }) => ({
          name,
          orders: ordersIn(piece.text, piece.plain).flatMap(({ keys }) =>
            keys.map((key) => key.slice("id:".length)),
          ),
          amounts: amountsIn(piece.text, piece.plain).flatMap(({ keys }) => keys.slice(0, 1)),
        })),
    ),
  );
}
