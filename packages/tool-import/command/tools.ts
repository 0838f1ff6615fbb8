/** `deskhand tools import openapi` and `mcp`: from a described system to a folder of tools, with questions where only the lead can know. */
import { BUILT_IN_OPERATIONS, BUILT_IN_TOOLS } from "#core/values/action.ts";
import { invalidInput } from "#core/values/errors.ts";
import { answersFrom } from "#importing/answers/answer-file.ts";
import type { OpenedSystem } from "#importing/description.ts";
import { connectionFile, toolFile } from "#importing/generate/declaration.ts";
import type { PlannedConnection, PlannedToolOfAnyKind } from "#importing/generate/plan.ts";
import { type PlannedTools, planTools } from "#importing/questions/plan-tools.ts";
import { answersTemplate } from "#importing/questions/refusal.ts";
import type { SystemTool } from "#systems/contract.ts";
import { toolRequests } from "#systems/request-values.ts";
import { givenAnswers, type ImportPlace, plannedWithAnswers, refuse } from "./screen.ts";
import {
  requireName,
  requireOwnNames,
  standingTools,
  type SystemPlace,
  writeSystem,
} from "./write-system.ts";

/** What was typed behind the command. */
export interface ImportOptions extends SystemPlace {
  /** Operations by name; empty for those the answers name. */
  readonly only: readonly string[];
  readonly answersFile: string | null;
}

const TAKEN = [...BUILT_IN_TOOLS, ...BUILT_IN_OPERATIONS];

/**
 * Writes the tools of the wanted operations. Those with open questions are refused by name and the others are made; with
 * any refused it throws in the end. Throws `input.invalid` before anything is written for what cannot be used.
 */
export async function importTools(
  opened: OpenedSystem,
  options: ImportOptions,
  place: ImportPlace,
): Promise<void> {
  const { only, name, answersFile } = options;
  requireName(name);
  const { given, source } = await givenAnswers(place.folder, answersFile, answersFrom);
  const wanted = only.length > 0 ? only : Object.keys(given).filter((part) => part !== "system");
  if (wanted.length === 0)
    throw invalidInput(
      "Name the operations with --only, or in a file of answers. `--list` shows them all.",
    );
  const planned = await plannedWithAnswers(
    (answers) =>
      planTools(opened, {
        wanted,
        answers: answersFrom(answers, source),
        folder: name,
        taken: TAKEN,
      }),
    given,
    place,
    answersFrom,
  );
  const { tools, refused } = planned;
  requireOwnNames(tools);
  for (const { at, says } of planned.problems)
    place.print(`${at === "" ? "document" : at}: ${says}`);
  if (tools.length > 0) await write(planned, options, place);
  if (refused.length === 0) return;
  const ended = `${refused.length} of ${refused.length + tools.length} operations became no tool${tools.length === 0 ? "" : "; the others were made"}.`;
  await refuse({ refused, template: answersTemplate(refused), name, answersFile }, place, ended);
}

async function write(
  { connection, tools, leftOut }: PlannedTools,
  options: ImportOptions,
  place: ImportPlace,
): Promise<void> {
  const { mcp } = connection;
  const pinned =
    mcp === undefined ? {} : { mcp: keptPins(mcp, tools, await standingTools(options, place)) };
  const files = [
    connectionFile({ ...connection, ...pinned }),
    ...tools.map((tool) => toolFile(tool, connection.document)),
  ];
  for (const { tool, names } of leftOut) place.print(leftOutLine(tool, names));
  await writeSystem(options, files, settingsFor(connection), place);
}

/** Only what these tools ask was looked at now: every other tool of the server keeps the pin it had. */
function keptPins(
  { tools: pins }: NonNullable<PlannedConnection["mcp"]>,
  tools: readonly PlannedToolOfAnyKind[],
  standing: readonly SystemTool[],
): NonNullable<PlannedConnection["mcp"]> {
  const asked = tools.flatMap(toolRequests).map(({ path }) => path.slice(1));
  const before = standing.flatMap((tool) =>
    "connection" in tool ? Object.entries(tool.connection.mcp?.tools ?? {}) : [],
  );
  const kept = before.filter(([name]) => Object.hasOwn(pins, name) && !asked.includes(name));
  return { tools: { ...pins, ...Object.fromEntries(kept) } };
}

const LEFT_OUT_MAX = 12;

function leftOutLine(tool: string, names: readonly string[]): string {
  const more = names.length > LEFT_OUT_MAX ? `, and ${names.length - LEFT_OUT_MAX} more` : "";
  return `${tool} leaves out ${names.slice(0, LEFT_OUT_MAX).join(", ")}${more}: what a model is to choose is listed under input.`;
}

/** The settings that the connection names, and the one that may name another address. */
function settingsFor({
  authentication,
  addressFrom,
  address,
}: PlannedConnection): readonly string[] {
  const named = [
    ...(address === null ? [addressFrom] : []),
    ...("user" in authentication ? [authentication.user] : []),
    ...("client" in authentication ? [authentication.client] : []),
    ...("secret" in authentication ? [authentication.secret] : []),
  ];
  return address === null
    ? named
    : [...named, `and ${addressFrom} for another address than ${address}`];
}
