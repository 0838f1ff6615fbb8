/** The list of decision records, made from their titles. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `docs/decisions/README.md`, from the records in `folder`. */
export function decisionsPage(folder: string): string {
  const records = readdirSync(folder)
    .filter((file) => /^\d{4}-.*\.md$/.test(file))
    .toSorted()
    .map((file) => `- [${titleOf(join(folder, file))}](${file})`);
  return `# Decisions

For developers: what was decided at a cost, when, against what else, and why. A record is not changed afterwards; a later one may take its place. This list is made by \`npm run docs\`.

${records.join("\n")}
`;
}

/** The first heading, with the number of the file in front of it. */
function titleOf(file: string): string {
  const [first = ""] = readFileSync(file, "utf8").split("\n");
  const words = first.replace(/^#\s+(?:\d+\.?\s+)?/, "");
  const [, number = ""] = /(\d{4})-[^/]*$/.exec(file) ?? [];
  return `${Number(number)}. ${words}`;
}
