/** The list of decisions, made from the titles of their pages. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** `docs/decisions/README.md`, from the pages in `folder`. */
export function decisionsPage(folder: string): string {
  const pages = readdirSync(folder)
    .filter((file) => file.endsWith(".md") && file !== "README.md")
    .toSorted()
    .map((file) => `- [${basename(file, ".md")}](${file}): ${titleOf(join(folder, file))}`);
  return `# Decisions

For developers: what was decided at a cost, and why. This list is made by \`npm run docs\`.

${pages.join("\n")}

## Adding one

Add a section to the page it belongs to. The heading states the decision in the present tense; 40 to 130 words below it say why it was taken, what it costs and what was rejected. Leave out what a docstring or another page says. When a decision no longer holds, change its section or delete it. All pages together stay below 9,000 words.
`;
}

/** The first heading. */
function titleOf(file: string): string {
  const [first = ""] = readFileSync(file, "utf8").split("\n");
  return first.replace(/^#\s+/, "");
}
