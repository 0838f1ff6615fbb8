/** The end of every story: nothing is in the way any more, and whatever can end by itself does. */
import type { StoryPlayer } from "#test/simulation/approvals/world.ts";
import type { Watch } from "./watch.ts";

const ROUNDS_MAX = 60;
const ROUND_MS = 90_000;

export async function drain(player: StoryPlayer, watch: Watch): Promise<void> {
  await player.clear();
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    await player.play({ do: "work" });
    if (!(await watch.isBusy())) return;
    player.environment.clock.skip(ROUND_MS);
  }
  watch.broken.push(`after ${ROUNDS_MAX} rounds there is still something to do`);
}
