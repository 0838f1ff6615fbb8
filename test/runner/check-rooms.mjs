/**
 * Part of `npm run check`: says which folder holds more files than can be read at a glance, which file of code does not
 * begin with a sentence about itself, which file of the product cannot be loaded without a workspace, and which import
 * points upwards.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { floorProblems } from "./floors.mjs";
import { ROOT } from "../../src/bootstrap/install.mjs";

/** About two dozen: more files than this in one folder hide a concept that wants a folder of its own. */
const FILES_MAX = 26;

/** What an installation for production goes without: `import()` loads it where it is needed, types cost nothing. */
const NEEDS_WORKSPACE = /^(?:import|export) (?!type )[^;]*?from "#(?:sandbox|importing)\//mu;

const ROOMS = ["src", "packages", "jobs", "adapters", "evals"];

/** Gives one line for each problem; an empty list when all is well. */
export function roomProblems(root = ROOT) {
  return ROOMS.flatMap((room) => problemsIn(join(root, room), root));
}

function problemsIn(folder, root) {
  const entries = readdirSync(folder, { withFileTypes: true });
  const name = relative(root, folder);
  const files = entries.filter((entry) => entry.isFile() && /\.(?:ts|mjs|js)$/.test(entry.name));
  const crowded =
    files.length > FILES_MAX
      ? [`${name} holds ${files.length} files; more than ${FILES_MAX} hide a concept`]
      : [];
  const silent = files
    .map((entry) => join(folder, entry.name))
    .filter((file) => !beginsWithSentence(readFileSync(file, "utf8")))
    .map((file) => `${relative(root, file)} does not begin with a sentence that says what it is`);
  const tied = /^(?:src|jobs|adapters)\b/u.test(name)
    ? files
        .map((entry) => join(folder, entry.name))
        .filter((file) => NEEDS_WORKSPACE.test(readFileSync(file, "utf8")))
        .map((file) => `${relative(root, file)} cannot be loaded without a workspace of packages/`)
    : [];
  const inner = entries
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules")
    .flatMap((entry) => problemsIn(join(folder, entry.name), root));
  return [...crowded, ...silent, ...tied, ...inner];
}

/** A comment above everything else, behind the line that makes a file a program. */
function beginsWithSentence(text) {
  return /^(?:#![^\n]*\n)?\s*\/\*\*\s*\n?\s*\*?\s*\S+ \S+/.test(text);
}

if (process.argv[1] === import.meta.filename) {
  const problems = [...roomProblems(), ...floorProblems()];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
