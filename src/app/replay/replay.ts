/** Gives the command `replay` what runs a recorded turn: the agent's parts of this process, or parts made for it. */
import { describeReplay } from "#agent/recording/describe.ts";
import { replayTurn } from "#agent/recording/replay.ts";
import type { AgentParts } from "#agent/turn-state.ts";
import type { ReplayRecording } from "#cli/turns/replay-command.ts";
import type { Config } from "#config/environment.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { Store } from "#store/db/database.ts";
import { withParts } from "#app/procedures/here.ts";

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

/** The same where no Deskhand runs. */
export function replayingHere(config: Config, store: Store, log: Log): ReplayRecording {
  return (recording, today) =>
    withParts({ config, store, log }, ({ agentParts }) => replaying(agentParts)(recording, today));
}
