/** The command that checks the help pages. */
import type { Command } from "commander";
import { z } from "zod";
import type { Clock } from "#core/contracts/ports.ts";
import { checkPages, type PageProblem } from "#knowledge/lint/check-pages.ts";
import type { Store } from "#store/db/database.ts";
import { counted } from "#core/values/words.ts";

const Options = z.object({
  days: z.coerce.number().int().min(1).max(3_650).default(90),
  json: z.boolean().default(false),
});

/** Lines of hints that a command prints; the JSON has all of them. */
const HINTS_SHOWN = 20;

/** Adds `lint`. The exit code is 1 where there are errors. */
export function addKnowledgeLint(
  knowledge: Command,
  open: () => Promise<{ readonly store: Store; readonly clock: Clock }>,
  print: (text: string) => void,
): void {
  knowledge
    .command("lint")
    .description(
      "checks the pages: contradictions, expired ones, dead links, duplicates, pages that no question finds",
    )
    .option("--days <days>", "pages that no question of the last days found (90)")
    .option("--json", "for a program: an array of problems")
    .action(async (typed: unknown) => {
      const options = Options.safeParse(typed);
      if (!options.success) throw new Error("--days takes a number of days");
      const { days, json } = options.data;
      const { store, clock } = await open();
      const problems = await checkPages(store, { now: clock.now(), days });
      print(json ? JSON.stringify(problems, null, 2) : problemText(problems));
      if (problems.some(({ grade }) => grade === "error")) knowledge.error("", { exitCode: 1 });
    });
}

function problemText(problems: readonly PageProblem[]): string {
  if (problems.length === 0) return "Nothing is wrong with the pages.";
  const errors = problems.filter(({ grade }) => grade === "error");
  const hints = problems.filter(({ grade }) => grade === "hint");
  const more = hints.length - HINTS_SHOWN;
  return [
    ...errors.map(lineOf),
    ...hints.slice(0, HINTS_SHOWN).map(lineOf),
    ...(more > 0 ? [`and ${more} more hints: --json lists all`] : []),
    `${counted(errors.length, "error")}, ${counted(hints.length, "hint")}`,
  ].join("\n");
}

function lineOf({ kind, pages, said }: PageProblem): string {
  return `${kind}: ${pages.join(", ") || "no page"}\n  ${said}`;
}
