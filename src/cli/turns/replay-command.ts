/** Defines `replay`: runs a stored turn again and says what differs. */
import { type Command, CommanderError, Option } from "commander";
import { DeskhandError } from "#core/values/errors.ts";
import type { TurnRecording } from "#core/recordings/turn-recording.ts";
import { findTurns, recordingOf } from "#store/conversations/traces.ts";
import type { Store } from "#store/db/database.ts";
import { type CommandParts, needed } from "#cli/command-parts.ts";
import { tracedId } from "./reading-commands.ts";

/** Runs a recording again, with one part as it is today. */
export type ReplayRecording = (
  recording: TurnRecording,
  today: "prompt" | "policy" | "model" | null,
) => Promise<{ readonly lines: readonly string[]; readonly same: boolean }>;

/** Adds the command. */
export function addReplayCommand(
  program: Command,
  { store, replay }: Partial<CommandParts> & { readonly store: Store },
  print: (text: string) => void,
): void {
  program
    .command("replay <turn>")
    .description(
      "runs a stored turn again from what was recorded, without a key; exit code 1 when something differs",
    )
    .addOption(
      new Option(
        "--with <part>",
        "takes one part as it is today; a model has to be set for it",
      ).choices(["prompt", "policy", "model"]),
    )
    .action(async (id: string, options: { readonly with?: "prompt" | "policy" | "model" }) => {
      const recording = await recordingUnder(store, id);
      const { lines, same } = await needed(replay)(recording, options.with ?? null);
      for (const line of [headOf(recording), ...lines]) print(line);
      if (!same) throw new CommanderError(1, "deskhand.differs", "");
    });
}

/** The newest recorded turn of a turn, conversation or card, by any id that is printed. */
async function recordingUnder(store: Store, id: string): Promise<TurnRecording> {
  const found = await store.run(async (transaction) => {
    for (const { request_id } of await findTurns(
      transaction,
      (await tracedId(transaction, id)) ?? id,
    )) {
      const recording = await recordingOf(transaction, request_id);
      if (recording !== null) return recording;
    }
    return null;
  });
  if (found !== null) return found;
  throw new DeskhandError(
    "input.invalid",
    `Nothing is recorded of "${id}": it is older than the messages that are kept, larger than what is kept, or no model was asked. Its trace may still be there: deskhand trace ${id}`,
  );
}

function headOf({ input, clock: [startedAt = 0] }: TurnRecording): string {
  return `turn ${input.turnId} of ${input.conversation.id}, ${new Date(startedAt).toISOString()}`;
}
