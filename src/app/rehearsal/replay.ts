/** Gives the command `trace --replay` what runs a recorded turn. */
import { describeReplay, replayTurn } from "#agent/recording/replay.ts";
import type { AgentParts } from "#agent/turn-state.ts";
import type { ReplayRecording } from "#cli/command-parts.ts";
import { DeskhandError } from "#core/values/errors.ts";

/** Runs recordings with these parts. */
export function replaying(parts: AgentParts): ReplayRecording {
  return async (recording, today) => {
    if (today === "model" && parts.model.isRehearsal && !recording.model.isRehearsal)
      throw new DeskhandError(
        "input.invalid",
        "No model is set that could be compared: set OPENAI_API_KEY. The turn was not run.",
      );
    return describeReplay(recording, await replayTurn(recording, parts, today), today);
  };
}
