/** Serves the slash command. */

import type { types } from "@slack/bolt";
import { digest } from "#core/values/canonical-json.ts";
import type { DeskHandler, TraceSections } from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { QUIET, type Call, type SendTo } from "#slack/api/web-api.ts";
import type { ClaimedPerson } from "./parse-interaction.ts";
import { SlashCommand } from "#slack/api/schema.ts";
import { provenTeammate, replyEphemerally, UNCHECKED } from "./teammates.ts";
import { clip, escapeMarkup, visible } from "#slack/api/text.ts";
import { lineElements, titleSection } from "#slack/api/blocks.ts";
import type { Workspace } from "#slack/api/workspace.ts";

const UNDONE = "This could not be done just now. Try again.";

/** A message holds 50 blocks and about 13,000 characters of them: ten conversations of three lines fit. */
const BLOCKS_MAX = 45;
const LINE_MAX = 250;
const TEXT_MAX = 9_000;
const ANSWER_MS = 5_000;

export interface CommandParts {
  readonly handler: DeskHandler;
  readonly call: Call;
  readonly workspace: Workspace;
  /** Answers at the address a command came with. */
  readonly respond: SendTo;
  readonly log: Log;
}

/** Runs a slash command and answers only the person who typed it. */
export async function serveCommand(parts: CommandParts, body: unknown): Promise<void> {
  const typed = SlashCommand.safeParse(body);
  if (!typed.success) {
    parts.log.warn("slack sent a command of an unknown form");
    return;
  }
  const { user_id, user_name, team_id, channel_id, trigger_id, text, response_url } = typed.data;
  const person: ClaimedPerson = {
    userId: user_id,
    name: user_name ?? user_id,
    teams: team_id == null ? [] : [team_id],
  };
  const answer = await answerTo(parts, person, {
    // Each command has a trigger of its own; without one, the same text at the same response address counts once.
    commandId: `slack:${digest([trigger_id ?? response_url ?? "", user_id, text]).slice(0, 40)}`,
    words: text,
  });
  await sendAnswer(
    parts,
    { person, channel: channel_id ?? "", address: response_url ?? "" },
    answer,
  );
}

async function answerTo(
  parts: CommandParts,
  person: ClaimedPerson,
  command: { readonly commandId: string; readonly words: string },
): Promise<TraceSections> {
  const teammate = await provenTeammate(person, parts);
  if (teammate === null) return singleSentence(UNCHECKED);
  try {
    return await parts.handler.command({ ...command, teammate });
  } catch (error) {
    parts.log.error("a command could not be carried out", { reason: reasonOf(error) });
    return singleSentence(UNDONE);
  }
}

function singleSentence(words: string): TraceSections {
  return { sections: [{ heading: "", lines: [words] }] };
}

/**
 * Answers at the address the command came with, which works in every channel; where that has expired or is not Slack's,
 * as a message only this person sees.
 */
async function sendAnswer(
  parts: CommandParts,
  to: { readonly person: ClaimedPerson; readonly channel: string; readonly address: string },
  answer: TraceSections,
): Promise<void> {
  const blocks = renderSheet(answer);
  const text = escapeMarkup(plainTrace(answer));
  try {
    const how = { response_type: "ephemeral", replace_original: false };
    await parts.respond(to.address, {
      type: "application/json",
      body: JSON.stringify({ ...how, text, blocks, ...QUIET }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  } catch (error) {
    parts.log.warn("slack would not take a command's answer", { reason: reasonOf(error) });
    await replyEphemerally(parts, to, plainTrace(answer));
  }
}

/** Headings in bold, everything else literally: it may be customers' text. */
function renderSheet({ sections }: TraceSections): readonly types.KnownBlock[] {
  const blocks = sections.flatMap(({ heading, lines }) => [
    ...(heading === "" ? [] : [titleSection(heading)]),
    ...lineElements(
      lines
        .map((line) => clip(visible(line), LINE_MAX))
        .filter((line) => line !== "")
        // A list below its heading: on a phone each item takes several lines.
        .map((line) => (heading === "" || lines.length < 2 ? line : `• ${line}`)),
    ).map((text): types.SectionBlock => ({ type: "section", text })),
  ]);
  if (blocks.length <= BLOCKS_MAX) return blocks;
  return [...blocks.slice(0, BLOCKS_MAX - 1), titleSection("… and more")];
}

function plainTrace({ sections }: TraceSections): string {
  const lines = sections.flatMap((section) => [section.heading, ...section.lines]);
  return clip(lines.filter((line) => line !== "").join("\n"), TEXT_MAX);
}
