/** Shows in a thread that an answer is being worked on. */

import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { Done, slackWord, type Call } from "#slack/api/web-api.ts";

/** Shown after the app's name, as "Deskhand is looking into it …". */
const WORKING = "is looking into it …";

/** Refusals that concern one channel or thread; any other concerns the whole workspace. */
const OF_ONE_PLACE = new Set(["channel_not_found", "invalid_thread_ts", "not_in_channel"]);

/** The pause after a 429 that names no time. */
const QUIET_MS = 60_000;

/** Sets and clears the status of a thread. */
export interface TypingStatus {
  /** Never throws: the answer does not depend on it. */
  show(
    place: { readonly channel: string; readonly thread: string },
    isWorking: boolean,
  ): Promise<void>;
}

/**
 * Not every workspace and plan supports it, and Slack does not tell in advance: after the first refusal that concerns
 * the whole workspace, this process stops trying. Slack removes the status with the answer, and by itself after two
 * minutes (assistant.threads.setStatus).
 */
export function slackStatus(call: Call, log: Log): TypingStatus {
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
          log.info("slack does not show here that an answer is being worked on", {
            reason: reasonOf(error),
          });
        }
      }
    },
  };
}
