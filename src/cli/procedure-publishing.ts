/** The commands `procedures test`, `publish`, `rollback` and `diff`: what brings a text into use, and out of it. */

import { goBack } from "#jobs/procedures/publish.ts";
import {
  askLeads,
  currentText,
  startTests,
  versionOf,
  versionsNamed,
  type ProcedureShelf,
} from "#jobs/procedures/shelf.ts";
import { differenceOf } from "#text/diff.ts";

/** Plays the tests; when all pass, this very text may be published. */
export async function testProcedure(shelf: ProcedureShelf, name: string): Promise<string> {
  const version = await versionOf(shelf, await currentText(shelf, name));
  const { passed, lines, model } = await (await startTests(shelf, version)).ended;
  if (!passed) throw new Error(lines.join("\n"));
  const count = lines.length;
  return [...lines, `All ${count} passed with ${model}. This text may be published.`].join("\n");
}

/** Asks the leads to publish the text. */
export async function publishProcedure(shelf: ProcedureShelf, name: string): Promise<string> {
  const asked = await askLeads(shelf, await currentText(shelf, name));
  switch (asked.kind) {
    case "in use":
      return `${name}: this text is in use as version ${asked.version}.`;
    case "waiting":
      return `${name}: this text waits for leads already, as version ${asked.version}.`;
    case "asked":
      return `${name}, version ${asked.version}, waits for ${asked.people === 1 ? "one person" : `${asked.people} people`} on a card. Until then what is in use stays.`;
    default:
      throw new Error(`unknown answer ${String(asked satisfies never)}`);
  }
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
  const inUse = (await versionsNamed(shelf, name)).find(({ state }) => state === "published");
  if (inUse === undefined) return `No version of ${name} is in use; all of it is new.`;
  if (inUse.text === text) return `${name}: nothing is different from version ${inUse.version}.`;
  const { lines } = differenceOf(inUse.text, text);
  return [
    `${name}, compared with version ${inUse.version}, in use:`,
    ...(lines.length === 0 ? ["only spaces"] : lines),
  ].join("\n  ");
}
