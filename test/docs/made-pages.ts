/**
 * Room: documents that are made from the program, and tests of all that is written for people.
 * In: the schema of the environment, the commands, the metrics, the table of errors, titles of the decisions, the benchmark's page.
 * Out: pages as text; `main.ts` writes them.
 * May touch: README.md, .env.example and docs, for reading; `main.ts` writes there.
 * This file: every page that is made.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commandsPage } from "./commands-page.ts";
import { decisionsPage } from "./decisions-page.ts";
import { errorsPage } from "./errors-page.ts";
import { metricsPage } from "./metrics-page.ts";
import { readmeWithFigures } from "./readme-figures.ts";
import { envExample, settingsPage } from "./settings-page.ts";

/** The repository's folder. */
export const ROOT = join(import.meta.dirname, "../..");

/** One document as it should be. */
interface MadePage {
  /** From the repository's folder. */
  readonly file: string;
  readonly text: string;
}

/** Every document that is made from the program. */
export function madePages(): readonly MadePage[] {
  const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
  return [
    { file: "docs/settings.md", text: settingsPage() },
    { file: ".env.example", text: envExample() },
    { file: "docs/commands.md", text: commandsPage() },
    { file: "docs/errors.md", text: errorsPage() },
    { file: "docs/metrics.md", text: metricsPage() },
    { file: "docs/decisions/README.md", text: decisionsPage(join(ROOT, "docs/decisions")) },
    {
      file: "README.md",
      text: readmeWithFigures(read("README.md"), read("docs/performance.md")),
    },
  ];
}
