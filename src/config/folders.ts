/** Finds and reads the folder of procedures, and finds those of tools. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DeskhandError } from "#core/values/errors.ts";
import { listIn } from "./fields.ts";

/** The text of one file under its name without `.md`. */
export interface ProcedureFile {
  readonly name: string;
  readonly text: string;
}

/**
 * The folder that is named, or the one beside the policy file; null where neither is. The sandbox's own policy lies
 * inside the program, and the sample shop's procedures at its top.
 */
export function chosenProceduresFolder(
  named: string | undefined,
  policy: string | undefined,
): string | null {
  if (named !== undefined) return resolve(named);
  const beside =
    policy === undefined
      ? join(import.meta.dirname, "../../procedures")
      : join(dirname(resolve(policy)), "procedures");
  return existsSync(beside) ? beside : null;
}

/**
 * Every `.md` file of the folder, in the order of names; none where there is no folder. Throws `config.invalid` for a
 * folder or file that cannot be read.
 */
export function readProcedureFiles({
  proceduresFolder,
}: {
  readonly proceduresFolder: string | null;
}): readonly ProcedureFile[] {
  if (proceduresFolder === null) return [];
  try {
    return readdirSync(proceduresFolder)
      .filter((name) => name.endsWith(".md"))
      .toSorted()
      .map((name) => ({
        name: name.slice(0, -".md".length),
        text: readFileSync(join(proceduresFolder, name), "utf8"),
      }));
  } catch (cause) {
    throw new DeskhandError(
      "config.invalid",
      `DESKHAND_PROCEDURES: ${proceduresFolder} cannot be read`,
      { cause },
    );
  }
}

/** What Deskhand itself is installed in: the ready-made tools of shops are there. */
const INSTALLED = join(import.meta.dirname, "../..");

/** The folders of a list with commas. A name that is no folder here may be one that Deskhand brings, such as `adapters/shops/stripe`. */
export function toolsFoldersIn(list: string): readonly string[] {
  return listIn(list).map((name) => {
    const brought = resolve(INSTALLED, name);
    return !existsSync(resolve(name)) && existsSync(brought) ? brought : resolve(name);
  });
}
