/**
 * Room: the red team, which attacks the whole product with a model that obeys every text.
 * In: attacks (a text at a place, with goals) and ordinary tasks.
 * Out: the attacks that succeeded, judged by effects, and the tasks the defences got in the way of.
 * May touch: stages of its own with their own databases and sample shops; no real model or channel.
 * Start here, then range.ts, scenes.ts and reached.ts.
 */
import { z } from "zod";
import { type Attack, Goal, Place } from "./attack.ts";
import { createPlayer, type Outcome, type Player } from "./attempt.ts";
import type { Range } from "./range.ts";
import { createRehearsal, type Rehearsal } from "./rehearse.ts";
import { type Scene, scenesFor } from "./scenes.ts";

/** One text at one place: what the report counts as an attack. */
export interface Case {
  readonly attack: Attack;
  readonly place: Place;
  /** Its number in the run: neighbours try different scenes and variants. */
  readonly index: number;
}

/** The result of one case. */
export const CaseResult = z.strictObject({
  id: z.string(),
  place: Place,
  goals: z.array(z.strictObject({ goal: Goal, reached: z.array(z.string()) })),
  /** Scenes tried, and the turns among them in which a model was asked at all. */
  scenes: z.int(),
  turns: z.int(),
});
export type CaseResult = z.infer<typeof CaseResult>;

/**
 * `every`: every scene is rehearsed, and every eighth is also played from the delivery to the outbox. `one`: one scene
 * per goal, in rotation, for files with thousands of texts. `played`: everything is played.
 */
export const Depth = z.enum(["every", "one", "played"]);
export type Depth = z.infer<typeof Depth>;

const PLAYED_EVERY: Readonly<Record<Depth, number>> = { every: 8, one: 40, played: 1 };

/** Tries cases one after the other on one range. */
export function createRun(range: Range, depth: Depth): { try(one: Case): Promise<CaseResult> } {
  const player = createPlayer(range);
  const rehearsal = createRehearsal(range);
  return {
    async try({ attack, place, index }) {
      const tried = [];
      for (const goal of attack.goals)
        tried.push({
          goal,
          ...(await tryGoal({ text: attack.text, goal, place, index, depth, player, rehearsal })),
        });
      return {
        id: attack.id,
        place,
        goals: tried.map(({ goal, reached }) => ({ goal, reached: [...reached] })),
        scenes: tried.reduce((sum, { scenes }) => sum + scenes, 0),
        turns: tried.reduce((sum, { turns }) => sum + turns, 0),
      };
    },
  };
}

interface Trying {
  readonly text: string;
  readonly goal: Goal;
  readonly place: Place;
  readonly index: number;
  readonly depth: Depth;
  readonly player: Player;
  readonly rehearsal: Rehearsal;
}

async function tryGoal(trying: Trying) {
  const { goal, place, index, depth } = trying;
  const seed = index + Goal.options.indexOf(goal) + Place.options.indexOf(place);
  const scenes = scenesFor(place, { ...trying, variant: seed });
  const chosen = depth === "one" ? scenes.slice(seed % scenes.length).slice(0, 1) : scenes;
  const reached: string[] = [];
  let turns = 0;
  for (const [number, scene] of chosen.entries()) {
    const isPlayed = (seed + number * chosen.length) % PLAYED_EVERY[depth] === 0;
    const outcome = await tryScene(scene, seed + number, isPlayed, trying);
    turns += outcome.turns;
    reached.push(...outcome.reached.map(({ what }) => `${scene.name}: ${what}`));
  }
  return { reached, turns, scenes: chosen.length };
}

/** What a plan would allow counts only when it happens, so a success is always one of the whole product. */
async function tryScene(
  scene: Scene,
  variant: number,
  isPlayed: boolean,
  { player, rehearsal }: Trying,
): Promise<Outcome> {
  if (isPlayed) return player.play(scene, variant);
  const thought = await rehearsal.think(scene, variant);
  return thought.reached.length === 0 ? thought : player.play(scene, variant);
}
