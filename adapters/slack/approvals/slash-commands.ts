/** Serves the slash command, and answers one person privately. */

import type { types } from "@slack/bolt";
import { digest } from "#core/values/canonical-json.ts";
import type { DeskHandler, TraceSections } from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import { QUIET, type Respond, Done } from "#slack/api/web-api.ts";
import { SlashCommand } from "#slack/api/schema.ts";
import { clip, escapeMarkup, visible, lineElements, titleSection } from "#slack/api/text.ts";
import { type ClaimedPerson, provenTeammate, UNCHECKED } from "#slack/api/workspace.ts";
import type { SlackRoom } from "#slack/api/post-once.ts";
import type { Interaction } from "./parse-interaction.ts";

const UNDONE = "This could not be done just now. Try again.";

/** A message holds 50 blocks and about 13,000 characters of them: ten conversations of three lines fit. */
const BLOCKS_MAX = 45;
const LINE_MAX = 250;
const TEXT_MAX = 9_000;

/** The room, with what decides and answers in it. */
export interface CommandParts extends SlackRoom {
  readonly handler: DeskHandler;
  /** Answers at the address a command came with. */
  readonly respond: Respond;
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
    await parts.respond(to.address, { ...how, text, blocks, ...QUIET });
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

/** Sends a message only this person sees: in the channel, or by direct message if that fails. */
export async function replyEphemerally(
  { call, workspace, log }: SlackRoom,
  { person, channel }: Pick<Interaction, "person" | "channel">,
  message: string,
): Promise<void> {
  if (message === "") return;
  const text = escapeMarkup(message);
  try {
    if (channel === "") throw new Error("the payload names no channel");
    const parameters = { channel, user: person.userId, text };
    await call("patient", "chat.postEphemeral", parameters, Done);
  } catch {
    try {
      const direct = await workspace.directChannel(person.userId);
      await call("once", "chat.postMessage", { channel: direct, text }, Done);
    } catch (error) {
      // The reply is optional: the recorded decision stands.
      log.warn("slack could not show a teammate the result of a click", {
        reason: reasonOf(error),
      });
    }
  }
}
