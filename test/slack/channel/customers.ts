/** Customers who write in the sandbox's Slack, in front of the real jobs. */
import type { TestContext } from "node:test";
import type { Channel } from "#core/contracts/channel.ts";
import { intake } from "#jobs/intake.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";

/** Listens to what customers say in Slack. What comes of it is worked on when `work` is called. */
export async function hearCustomers(
  context: TestContext,
  bench: JobBench,
  channel: Channel,
): Promise<{ readonly heard: readonly string[]; work(): Promise<void> }> {
  // Slack says when something was said, so the time of the bench has to be Slack's.
  bench.skip(Date.now() - bench.now().getTime());
  bench.connect(channel);
  const heard: string[] = [];
  await channel.start(async (delivery) => {
    const { conversationIds } = await intake(bench.parts, channel, delivery);
    heard.push(...conversationIds);
  });
  context.after(() => channel.stop());
  return {
    heard,
    async work() {
      // A customer may write more at once; that time is over.
      bench.skip(2_000);
      for (const id of new Set(heard)) await bench.wake(id);
    },
  };
}
