/** Finds the folders of tools that TOOLS names. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** What Deskhand itself is installed in: the ready-made tools of shops are there. */
const INSTALLED = join(import.meta.dirname, "../..");

/** The folders of a list with commas. A name that is no folder here may be one that Deskhand brings, such as `adapters/shops/stripe`. */
export function toolsFoldersIn(list: string): readonly string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .map((name) => {
      const brought = resolve(INSTALLED, name);
      return !existsSync(resolve(name)) && existsSync(brought) ? brought : resolve(name);
    });
}
