/** Shows the customer that an answer is being written. */

import { reasonOf } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { connectedChannel, type JobContext } from "#jobs/context/job-context.ts";
import { currentPause } from "#store/effects/pause.ts";

/** An answer faster than this needs no indicator. */
const AFTER_MS = 400;

/**
 * Runs the work and meanwhile shows the indicator to the author of the message, where the channel supports it and
 * policy writes to customers at all. The work never waits for the indicator and never fails because of it.
 */
export async function whileTyping<Result>(
  context: JobContext,
  to: { readonly channel: ChannelName; readonly message: Message | undefined },
  work: () => Promise<Result>,
): Promise<Result> {
  const { message } = to;
  if (message === undefined || context.policy.replyAutonomy(to.channel, "") === "shadow")
    return work();
  const channel = connectedChannel(context, to.channel);
  const shown: { first: Promise<boolean> | null } = { first: null };
  const show = async (): Promise<boolean> => {
    // To a customer the indicator is as good as a message from us, so a pause stops it.
    const { holds } = await currentPause(context.store);
    // The topic is not known yet, so a pause of a topic does not apply here.
    if (holds.some(({ scope }) => scope === "all" || scope === to.channel)) return false;
    await channel.showWork(message, true);
    return true;
  };
  const watched = async (showing: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await showing();
    } catch (error) {
      context.log.warn("the customer is not shown that work is done", { reason: reasonOf(error) });
      return false;
    }
  };
  const timer = setTimeout(() => {
    shown.first = watched(show);
  }, AFTER_MS);
  timer.unref();
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    const { first } = shown;
    // In this order, however long the first call takes.
    if (first !== null)
      void watched(async () => {
        if (await first) await channel.showWork(message, false);
        return true;
      });
  }
}
