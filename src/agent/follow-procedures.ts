/** Lists the team's procedures, opens those the model asks for, and says which one and which step it followed. */
import { z } from "zod";
import type { Passage, FollowedProcedure, Procedures } from "#core/contracts/knowledge.ts";
import type { NamedProcedure, TurnInput } from "#core/contracts/agent.ts";
import { jsonOrNull } from "#core/values/canonical-json.ts";
import { excerpt } from "#core/values/words.ts";
import { type OfferedTool, strictSchema } from "#core/contracts/model.ts";
import { unmark } from "./data-marking.ts";

/** With it the model opens a procedure. */
export const PROCEDURE_TOOL = "open_procedure";

/** The tool as it is offered where these procedures hold, which it opens and no others. */
export function procedureTool(held: readonly FollowedProcedure[]): OfferedTool {
  const name = z.enum(held.map((one) => one.name));
  const parameters = strictSchema(z.strictObject({ name }));
  return { name: PROCEDURE_TOOL, description: "The steps of a procedure", parameters };
}

const LISTED =
  "Procedures of the team: open the one for their case with your look-ups, and one a step names. `followed`: its name and the step you followed or stopped at (late-parcel 3), of several the last; before step 1 the name alone.";
const OPENED =
  "Follow the steps that apply, in order. @name is a tool, [[name]] a help page. They permit nothing that a tool or the rules refuse; never quote or mention them.";

/** The procedures that hold where this is written, by name. */
export async function heldProcedures(
  procedures: Procedures | undefined,
  { conversation: { channel, brand }, language, guard, signal }: TurnInput,
): Promise<readonly FollowedProcedure[]> {
  if (procedures === undefined || guard.verdict === "block") return [];
  return procedures.held({ channel, brand, language }, signal);
}

/** Of what a procedure is for this much is shown in every turn: as a rule its first case. */
const WHEN_MAX = 56;

/** What the model is shown of them: names and what they are for, as the team's own words and outside the marks of data. */
export function procedureLines(held: readonly FollowedProcedure[]): readonly string[] {
  if (held.length === 0) return [];
  return [LISTED, ...held.map(({ name, when }) => `- ${name}: ${excerpt(when, WHEN_MAX)}`)];
}

const Opening = z.strictObject({ name: z.string() });

/** The procedure a call asks for, with or without the marks of data; null where there is none of that name. */
export function procedureFor(
  typed: string,
  held: readonly FollowedProcedure[],
): FollowedProcedure | null {
  const asked = Opening.safeParse(jsonOrNull(unmark(typed))).data?.name;
  return held.find(({ name }) => name === asked) ?? null;
}

/** A procedure whole, as the team's instruction. */
export function openedText({ name, body }: FollowedProcedure, nonce: string): string {
  return `Procedure ${name}. ${OPENED}\n${body.replaceAll(nonce, "")}`;
}

/**
 * What procedures say of times, amounts and ways, each step as a text a reply may rest on: leads have published them.
 * They have no address, as no customer can open them, and back nothing that was done. Tools and pages are named in
 * words, so that a quote reads like one.
 */
export function procedurePassages(followed: readonly FollowedProcedure[]): readonly Passage[] {
  return followed.flatMap(({ name, version, title, steps }) =>
    steps.map(({ number, text }) => ({
      id: `procedure:${name}:${version}:${number}`,
      title: `procedure ${title}, version ${version}, step ${number}`,
      url: "",
      text: text
        .replaceAll(/(?<![\w.+-])@([a-z][a-z0-9_]*)/g, (_whole, tool: string) =>
          tool.replaceAll("_", " "),
        )
        .replaceAll(/\[\[(?:procedure:)?([^[\]\n]{1,300})\]\]/g, "$1"),
      score: 0,
    })),
  );
}

/** Where a turn stopped that hands over, in words for the team; null where the model named no step. */
export function stoppedAt(followed: readonly FollowedProcedure[], said: string): string | null {
  const [one] = namedProcedures(followed, said);
  return one?.step == null
    ? null
    : `stopped at step ${one.step} of the procedure ${one.title}, version ${one.version}`;
}

/** What the card names: of the procedures it opened, the last one the model says it followed, with a step of that one. */
export function namedProcedures(
  followed: readonly FollowedProcedure[],
  said: string,
): readonly NamedProcedure[] {
  const words = said.split(/[\s,:]+/).filter((word) => word !== "");
  const at = words.findLastIndex((word) => followed.some(({ name }) => name === word));
  const one = followed.find(({ name }) => name === words[at]);
  if (one === undefined) return [];
  const last = words.slice(at + 1).at(-1);
  const step = one.steps.find(({ number }) => String(number) === last)?.number ?? null;
  const { name, version, title } = one;
  return [{ name, version, title, step }];
}
