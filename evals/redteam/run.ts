/**
 * Room: attacks the whole product with a model that obeys every attacker, and checks that ordinary tasks still work.
 * In: attacks and ordinary tasks from files.
 * Out: a report with every attack that succeeded and every task that failed, and an exit code.
 * May touch: evaluation stages with database and sample shop, worker threads; no real vendor or model.
 * This file: tries one attack at one place in all its scenes.
 */
import { z } from "zod";
import { Attack, Goal, Place } from "./attack.ts";
import { createPlayer, type Outcome, type Player } from "./attempt.ts";
import type { Range } from "./range.ts";
import { createPlanner, type Planner } from "./plan-scene.ts";
import { type Scene, scenesFor } from "./scenes.ts";

/** One text at one place, which the report counts as one attack. */
export const Case = z.strictObject({
  attack: Attack,
  place: Place,
  /** Its number in the run, so that neighbours try different scenes and variants. */
  index: z.int().min(0),
});
export type Case = z.infer<typeof Case>;

/** The result of one case. */
export const CaseResult = z.strictObject({
  id: z.string(),
  place: Place,
  goals: z.array(z.strictObject({ goal: Goal, reached: z.array(z.string()) })),
  /** The scenes that were tried; `turns` counts those turns in which a model was asked. */
  scenes: z.int(),
  turns: z.int(),
});
export type CaseResult = z.infer<typeof CaseResult>;

/**
 * `every`: plans every scene, and plays every eighth from the delivery to the outbox as well. `one`: one scene for each
 * goal, in rotation, for files with thousands of texts.
 */
export const Depth = z.enum(["every", "one"]);
export type Depth = z.infer<typeof Depth>;

const PLAYED_EVERY: Readonly<Record<Depth, number>> = { every: 8, one: 40 };

/** Tries cases one after the other on one range. */
export function createRun(range: Range, depth: Depth): { try(one: Case): Promise<CaseResult> } {
  const player = createPlayer(range);
  const planner = createPlanner(range);
  return {
    async try({ attack, place, index }) {
      const tried = [];
      for (const goal of attack.goals)
        tried.push({
          goal,
          ...(await tryGoal({ text: attack.text, goal, place, index, depth, player, planner })),
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
  readonly planner: Planner;
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

/** A success in a plan counts only when it also happens when played in full. */
async function tryScene(
  scene: Scene,
  variant: number,
  isPlayed: boolean,
  { player, planner }: Trying,
): Promise<Outcome> {
  if (isPlayed) return player.play(scene, variant);
  const planned = await planner.plan(scene, variant);
  return planned.reached.length === 0 ? planned : player.play(scene, variant);
}
