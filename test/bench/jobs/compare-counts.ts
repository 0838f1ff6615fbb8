/** Counts a conversation's needs in an installation of four processes, and what these do without customers. */
import { countAlone, countMany, watchIdle } from "#test/bench/fleet/conversation-counts.ts";
import { startFleet } from "#test/bench/fleet/fleet.ts";
import { startFakeModel } from "#test/bench/loops/turns.ts";
import type { Medians } from "#test/bench/result.ts";

export async function countNeeds(options: {
  readonly idleMs: number;
  readonly conversations: number;
  readonly say: (line: string) => void;
}): Promise<Medians["conversation"]> {
  options.say("what a conversation needs, and an idle installation");
  const model = await startFakeModel();
  try {
    const fleet = await startFleet({
      roles: ["web", "channels", "worker", "worker"],
      tapped: true,
      environment: { OPENAI_BASE_URL: model.url },
    });
    try {
      const idle = await watchIdle(fleet, options.idleMs);
      const many = await countMany(fleet, {
        idle,
        conversations: options.conversations,
        atOnce: 16,
      });
      const alone = await countAlone(fleet, { idle, conversations: 15 });
      return { alone, many };
    } finally {
      await fleet.close();
    }
  } finally {
    model.stop();
  }
}
