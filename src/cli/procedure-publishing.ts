/** The commands `procedures test`, `publish`, `rollback` and `diff`: what brings a text into use, and out of it. */

import {
  digestOf,
  goBack,
  proposeDraft,
  recordTested,
  saveDraft,
  type Publishing,
} from "#jobs/procedures/publish.ts";
import { checkProcedures, problemLine, type ProcedureText } from "#procedures/check.ts";
import type { PlayedCase } from "#procedures/expectations.ts";
import type { Procedure } from "#procedures/format.ts";
import { versionsOf, type ProcedureVersion } from "#store/procedures/versions.ts";
import type { PolicyChange } from "#store/policy/policy-changes.ts";
import { differenceOf } from "#text/diff.ts";
import type { ProcedureShelf } from "./procedure-commands.ts";

/** What publishing needs besides the texts. */
export interface PublishingDesk extends Publishing {
  /** Whose policy names the leads. */
  readonly source: PolicyChange["source"];
  /** Plays the tests of a text through the turn of the running process; null outside it. */
  readonly play: ((procedure: Procedure) => Promise<readonly PlayedCase[]>) | null;
  /** The model tests are played with. */
  readonly model: string;
}

/** A text, and the draft of the console that it comes from; null for a file. */
interface Current extends ProcedureText {
  readonly draft: ProcedureVersion | null;
}

/** A draft written in the console goes first, because its writer waits for it; otherwise the file counts. */
async function currentText(shelf: ProcedureShelf, name: string): Promise<Current> {
  const draft = (await versions(shelf, name)).find(({ state }) => state === "draft") ?? null;
  if (draft?.origin === "console") return { name, text: draft.text, draft };
  const file = shelf.files().find((one) => one.name === name);
  if (file === undefined)
    throw new Error(`there is no procedure ${name} in ${shelf.folder ?? "any folder"}`);
  return { ...file, draft: null };
}

function versions({ desk }: ProcedureShelf, name: string): Promise<readonly ProcedureVersion[]> {
  return desk.store.run((transaction) => versionsOf(transaction, name));
}

/** The text as a procedure; throws every problem it has next to the others of the folder. */
async function checkedText(
  shelf: ProcedureShelf,
  { name, text }: ProcedureText,
): Promise<Procedure> {
  const others = shelf.files().filter((file) => file.name !== name);
  const { procedures, problems } = checkProcedures(
    [{ name, text }, ...others],
    await shelf.world(),
  );
  const own = problems.filter((problem) => problem.name === name);
  const read = procedures.find((procedure) => procedure.name === name);
  if (own.length > 0 || read === undefined) throw new Error(own.map(problemLine).join("\n"));
  return read;
}

async function draftOf(shelf: ProcedureShelf, { draft, ...file }: Current) {
  return draft ?? saveDraft(shelf.desk, { ...file, origin: "file", author: "" });
}

/** Plays the tests; when all pass, this very text may be published. */
export async function testProcedure(shelf: ProcedureShelf, name: string): Promise<string> {
  const current = await currentText(shelf, name);
  const procedure = await checkedText(shelf, current);
  if (procedure.cases.length === 0)
    throw new Error(`${name} has no tests; write them below ## Tests`);
  const { play, model } = shelf.desk;
  if (play === null)
    throw new Error("Deskhand does not run here, so no test can be played. Start it first.");
  const played = await play(procedure);
  const lines = played.map(({ name: test, missed }) =>
    [
      `${missed.length === 0 ? "passed" : "FAILED"}  ${test}`,
      ...missed.map((line) => `        ${line}`),
    ].join("\n"),
  );
  if (played.some(({ missed }) => missed.length > 0)) throw new Error(lines.join("\n"));
  const recorded = await recordTested(shelf.desk, await draftOf(shelf, current), model);
  if (!recorded) throw new Error(`${name} was changed while its tests ran; run them again`);
  return [...lines, `All ${played.length} passed with ${model}. This text may be published.`].join(
    "\n",
  );
}

/** Asks the leads to publish the text. */
export async function publishProcedure(shelf: ProcedureShelf, name: string): Promise<string> {
  const current = await currentText(shelf, name);
  await checkedText(shelf, current);
  const made = digestOf(current.text);
  const same = (await versions(shelf, name)).filter(({ digest }) => digest === made);
  const inUse = same.find(({ state }) => state === "published");
  if (inUse !== undefined) return `${name}: this text is in use as version ${inUse.version}.`;
  const waiting = same.find(({ state }) => state === "proposed");
  if (waiting !== undefined)
    return `${name}: this text waits for leads already, as version ${waiting.version}.`;
  await draftOf(shelf, current);
  const { version, needs } = await proposeDraft(shelf.desk, { name, source: shelf.desk.source });
  return `${name}, version ${version}, waits for ${needs.count === 1 ? "one person" : `${needs.count} people`} on a card. Until then what is in use stays.`;
}

/** Goes back to the version before, at once. */
export async function rollBackProcedure(shelf: ProcedureShelf, name: string): Promise<string> {
  const { from, to } = await goBack(shelf.desk, name);
  return to === null
    ? `${name}: version ${from} was taken back, and there is none before it. It is out of use.`
    : `${name}: version ${to} is in use again, in place of version ${from}.`;
}

/** What is different between the text in use and the draft or file. */
export async function procedureDifference(shelf: ProcedureShelf, name: string): Promise<string> {
  const { text } = await currentText(shelf, name);
  const inUse = (await versions(shelf, name)).find(({ state }) => state === "published");
  if (inUse === undefined) return `No version of ${name} is in use; all of it is new.`;
  if (inUse.text === text) return `${name}: nothing is different from version ${inUse.version}.`;
  const { lines } = differenceOf(inUse.text, text);
  return [
    `${name}, compared with version ${inUse.version}, in use:`,
    ...(lines.length === 0 ? ["only spaces"] : lines),
  ].join("\n  ");
}
