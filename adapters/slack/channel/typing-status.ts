import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { Done, slackWord, type Call } from "#slack/api/web-api.ts";

/** Shown behind the app's name, as "Deskhand is looking into it …". */
const WORKING = "is looking into it …";

/** Refusals that are about one place; every other one holds for the whole workspace. */
const OF_ONE_PLACE = new Set(["channel_not_found", "invalid_thread_ts", "not_in_channel"]);

/** How long nobody asks after a 429 that does not say. */
const QUIET_MS = 60_000;

/** Shows in a thread that an answer is being worked on. */
export interface Status {
  /** Never throws: whoever waits for an answer gets it without. */
  show(
    place: { readonly channel: string; readonly thread: string },
    isWorking: boolean,
  ): Promise<void>;
}

/**
 * Not every workspace and plan has it, and nothing tells in advance: the first refusal that is not about the place alone
 * ends the asking for as long as the process runs. Slack takes the words away with the answer, and by itself after two
 * minutes (assistant.threads.setStatus).
 */
export function slackStatus(call: Call, log: Log): Status {
  const standing = { refused: false, quietUntil: 0 };
  return {
    async show({ channel, thread }, isWorking) {
      if (standing.refused || performance.now() < standing.quietUntil) return;
      const status = isWorking ? WORKING : "";
      try {
        const parameters = { channel_id: channel, thread_ts: thread, status };
        await call("quick", "assistant.threads.setStatus", parameters, Done);
      } catch (error) {
        const word = slackWord(error);
        if (error instanceof DeskhandError && error.code === "channel.rate_limited")
          standing.quietUntil = performance.now() + (error.retryAfterMs ?? QUIET_MS);
        else if (word !== null && !OF_ONE_PLACE.has(word)) {
          standing.refused = true;
          log.info("slack shows nobody here that an answer is being worked on", {
            reason: reasonOf(error),
          });
        }
      }
    },
  };
}
