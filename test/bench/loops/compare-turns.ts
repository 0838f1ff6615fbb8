/** Compares the loops, ours among them: every one in turn at every level. */
import { z } from "zod";
import {
  installOthers,
  Loop,
  measureTurn,
  OTHER_LOOPS,
  startFakeModel,
  TurnCost,
} from "./turns.ts";

/** The cost of a turn, by loop and by how many were at once. */
export const Turns = z.record(Loop, z.record(z.string(), TurnCost));
export type Turns = z.infer<typeof Turns>;

export async function compareTurns(options: {
  readonly levels: readonly number[];
  readonly conversations: number;
  readonly say: (line: string) => void;
}): Promise<Turns> {
  const { levels, conversations, say } = options;
  await installOthers(say);
  const model = await startFakeModel();
  const turns: Record<string, Record<string, TurnCost>> = {};
  try {
    for (const atOnce of levels)
      for (const loop of ["ours", ...OTHER_LOOPS] as const) {
        say(`turns, ${atOnce} at once: ${loop}`);
        const cost = await measureTurn(loop, model.url, { conversations, atOnce });
        turns[loop] = { ...turns[loop], [atOnce]: cost };
      }
  } finally {
    model.stop();
  }
  return Turns.parse(turns);
}
