/** Waits at the start for what runs elsewhere: a machine that boots brings its database up after Deskhand. */
import { setTimeout } from "node:timers/promises";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";

const WAIT_MS_MAX = 5 * 60_000;
const PAUSE_MS = 2_000;
/** A password or a name that is wrong stays wrong. */
const REFUSED = /authentication failed|does not exist|NOAUTH|WRONGPASS|permission denied/i;

/**
 * Tries until it succeeds, for five minutes, and says once why it waits. Throws what the last try threw, and at once
 * what no waiting mends. Where nothing is elsewhere there is nothing to wait for.
 */
export async function waitForPlace<Opened>(
  what: string,
  open: () => Promise<Opened>,
  { isElsewhere, say }: { readonly isElsewhere: boolean; readonly say: (line: string) => void },
): Promise<Opened> {
  const end = performance.now() + WAIT_MS_MAX;
  for (let isTold = false; ; isTold = true)
    try {
      return await open();
    } catch (error) {
      const isAway = error instanceof DeskhandError && error.retry && !REFUSED.test(error.message);
      if (!isElsewhere || !isAway || performance.now() > end) throw error;
      if (!isTold)
        say(
          `${what} does not answer yet (${reasonOf(error)}). It is tried again for five minutes.`,
        );
      await setTimeout(PAUSE_MS);
    }
}
