/** Looks whether the databases behind look-ups are still as they were when the look-ups were made. */
import type { ToolFinding } from "#cli/command-parts.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { SqlReadDeclaration, SystemTool } from "#systems/contract.ts";
import { neededSetting } from "#systems/http/authentication.ts";
import type { SystemSettings } from "#systems/settings.ts";

/** One finding a database: it answers, its role cannot write, every column is there. No row is read. */
export async function checkDatabases(
  declarations: readonly SystemTool[],
  settings: SystemSettings,
): Promise<readonly ToolFinding[]> {
  const lookUps = declarations.flatMap((tool) => (tool.kind === "sql-read" ? [tool] : []));
  const byDatabase = Map.groupBy(lookUps, ({ database: { name, addressFrom } }) =>
    JSON.stringify([name, addressFrom]),
  );
  return Promise.all([...byDatabase.values()].map((of) => checked(of, settings)));
}

async function checked(
  lookUps: readonly SqlReadDeclaration[],
  settings: SystemSettings,
): Promise<ToolFinding> {
  const [{ database } = {}] = lookUps;
  if (database === undefined) throw new Error("a group has at least one look-up");
  const problems = await problemsOf(lookUps, settings, database.addressFrom);
  return {
    about: database.name,
    isWell: problems.length === 0,
    found:
      problems.length === 0
        ? "It answers, this role cannot write, and every column is as it was imported."
        : `${problems.join("; ")}. Nothing was changed. Mend the database, its role or its address, or import the table again.`,
  };
}

async function problemsOf(
  lookUps: readonly SqlReadDeclaration[],
  settings: SystemSettings,
  addressFrom: string,
): Promise<readonly string[]> {
  try {
    // Loaded only where a database is checked: most installations have none of their own.
    const { changedLookUps } = await import("#systems/sql/tables/compare.ts");
    return await changedLookUps(neededSetting(settings, addressFrom), lookUps);
  } catch (error) {
    if (error instanceof DeskhandError) return [error.message];
    throw error;
  }
}
