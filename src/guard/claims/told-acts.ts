/** Reads the acts that earlier answers of a conversation told: each was sent after its actions were done. */
import type { Receipts } from "#core/contracts/guard.ts";
import { grammarsFor } from "#guard/languages/select.ts";
import type { ActClass } from "#guard/languages/acts/act-words.ts";
import { type Act, type ActReading, actsIn } from "./acts.ts";
import { amountsIn, ordersIn } from "#guard/output/facts.ts";
import { readSentence, sentencePieces } from "#guard/output/sentences.ts";

/** What an earlier answer said was done. */
export interface ToldAct {
  readonly name: ActClass;
  /** The order numbers and amounts of its sentence; none where it gave none. */
  readonly orders: readonly string[];
  readonly amounts: readonly string[];
}

/** Answers further back are no longer repeated. */
const ANSWERS_MAX = 20;
/** Longer answers are not sent. */
const CHARACTERS_MAX = 8_000;

/** The acts told as done or on their way; what was promised or may happen is none. */
export function actsTold(said: Receipts["said"]): readonly ToldAct[] {
  return (said ?? [])
    .slice(-ANSWERS_MAX)
    .flatMap(({ text }) => actsOf(text.slice(0, CHARACTERS_MAX)));
}

function actsOf(text: string): readonly ToldAct[] {
  const told: ToldAct[] = [];
  let spoken: ActReading["spoken"] = null;
  for (const piece of sentencePieces(text)) {
    const orders = ordersIn(piece.text, piece.plain).flatMap(({ keys }) => keys);
    const amounts = amountsIn(piece.text, piece.plain).flatMap(({ keys }) => keys.slice(0, 1));
    for (const grammar of grammarsFor(piece.text)) {
      let act: Act | null = null;
      let isOpen = false;
      for (const clause of readSentence(piece, grammar)) {
        const reading: ActReading = actsIn(clause, { spoken, here: spoken, act, isOpen });
        isOpen = reading.isOpen;
        act = reading.acts[0] ?? act;
        spoken = reading.spoken ?? spoken;
        for (const { name, form } of reading.acts)
          if (form === "done" || form === "underway")
            told.push({ name, orders: orders.map((key) => key.slice("id:".length)), amounts });
      }
    }
  }
  return told;
}
