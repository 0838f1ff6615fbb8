/** Compares the loops, ours among them: every one in turn at every level, round after round. */
import { z } from "zod";
import { medianOf } from "#test/bench/rounds.ts";
import {
  installOthers,
  Loop,
  measureTurn,
  OTHER_LOOPS,
  startFakeModel,
  TurnCost,
} from "./turns.ts";

/** The median cost of a turn, by loop and by how many were at once. */
export const Turns = z.record(Loop, z.record(z.string(), TurnCost));
export type Turns = z.infer<typeof Turns>;

export async function compareTurns(options: {
  readonly rounds: number;
  readonly levels: readonly number[];
  readonly conversations: number;
  readonly say: (line: string) => void;
}): Promise<Turns> {
  await installOthers(options.say);
  const model = await startFakeModel();
  const loops: readonly Loop[] = ["ours", ...OTHER_LOOPS];
  const seen = new Map<string, TurnCost[]>();
  try {
    for (let round = 1; round <= options.rounds; round += 1)
      for (const atOnce of options.levels)
        for (const loop of loops) {
          options.say(`turns, round ${round} of ${options.rounds}, ${atOnce} at once: ${loop}`);
          const cost = await measureTurn(loop, model.url, {
            conversations: options.conversations,
            atOnce,
          });
          const key = `${loop} ${atOnce}`;
          seen.set(key, [...(seen.get(key) ?? []), cost]);
        }
  } finally {
    model.stop();
  }
  const of = (loop: Loop) =>
    Object.fromEntries(
      options.levels.map((level) => [String(level), medianOf(seen.get(`${loop} ${level}`) ?? [])]),
    );
  return Turns.parse(Object.fromEntries(loops.map((loop) => [loop, of(loop)])));
}
