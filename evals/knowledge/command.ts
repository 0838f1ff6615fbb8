/** `evals -- knowledge`: measures the search on questions whose pages are known, and fits what a score means to them. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { readLabelled } from "#evals/labelled-lines.ts";
import { runCommand, type Telling } from "#evals/command-line.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { calibrate, CalibrationQuestion, type CalibrationSource } from "./calibrate.ts";
import { withEmptyStore } from "./empty-store.ts";
import { documentPages, measureSearch, SearchSet } from "./measure-search.ts";
import { reliabilityText } from "./reliability.ts";
import { SAMPLE_PAGES } from "#knowledge/index.ts";
import { readPages } from "#knowledge/pages.ts";

/** Works on a database of its own in a temporary folder. Returns the exit code; 2 when options or file are wrong. */
export function knowledgeCommand(argv: readonly string[], ports: Telling): Promise<number> {
  const describe = (program: Command): Command => {
    program.description("Measures the search of help pages on questions whose pages are known.");
    program
      .command("measure")
      .description("prints the figures of the search on documents and questions as JSON")
      .requiredOption("--file <file>", 'JSON: {"docs":[{"cat","text"}],"queries":[{"q","cat"}]}')
      .option("--words", "searches by words alone, without embeddings", false)
      .action(({ file, words }: { file: string; words: boolean }) => measured(file, !words, ports));
    program
      .command("calibrate")
      .description("fits what a page's evidence means to questions with known pages, as JSON")
      .requiredOption(
        "--file <file...>",
        'questions about the sample shop, one a line: {"id","question","page","also"}',
      )
      .option("--set <file...>", "other sources, each as measure takes it", [])
      .action(({ file, set }: { file: string[]; set: string[] }) => calibrated(file, set, ports));
    return program;
  };
  return runCommand("evals knowledge", argv, ports, { describe });
}

async function measured(file: string, meaning: boolean, ports: Telling): Promise<void> {
  const set = await setIn(file);
  const figures = await withEmptyStore((parts) =>
    measureSearch(set, { ...parts, meaning }, (done, all) => ports.progress(`${done}/${all}`)),
  );
  ports.print(`${JSON.stringify(figures)}\n`);
}

async function calibrated(
  files: readonly string[],
  sets: readonly string[],
  { print, tell }: Telling,
): Promise<void> {
  const sources = [await shopSource(files), ...(await Promise.all(sets.map(setSource)))];
  const { fitted, judged } = await calibrate(sources);
  for (const [manner, bySource] of Object.entries(judged))
    for (const [name, stated] of bySource)
      tell(`${reliabilityText(`${manner}, ${name} by the weights of the others`, stated)}\n`);
  print(`${JSON.stringify(fitted, null, 2)}\n`);
}

async function setIn(file: string): Promise<SearchSet> {
  const read = await readFile(file, "utf8")
    .then((text): unknown => JSON.parse(text))
    .catch((error: unknown) => {
      throw new DeskhandError("input.invalid", `${file} cannot be read: ${reasonOf(error)}`);
    });
  const parsed = SearchSet.safeParse(read);
  if (parsed.success) return parsed.data;
  throw new DeskhandError("input.invalid", `${file}: ${z.prettifyError(parsed.error)}`);
}

async function shopSource(files: readonly string[]): Promise<CalibrationSource> {
  const questions = files.flatMap((file) => readLabelled(file, CalibrationQuestion, "questions"));
  return {
    name: "sample shop",
    pages: await readPages(SAMPLE_PAGES),
    questions: questions.map(({ question, page, also }) => ({
      question,
      right: new Set(page === null ? [] : [page, ...also]),
      withoutRight: false,
    })),
  };
}

/** Of such questions about as many have no answer as of a shop's: of every fourth the right pages are left out. */
const WITHOUT_EVERY = 4;

async function setSource(file: string): Promise<CalibrationSource> {
  const { docs, queries } = await setIn(file);
  const pages = documentPages(docs);
  return {
    name: file,
    pages,
    questions: queries.map(({ q, cat }, at) => ({
      question: q,
      right: new Set(pages.filter((_, place) => docs[place]?.cat === cat).map(({ slug }) => slug)),
      withoutRight: at % WITHOUT_EVERY === 0,
    })),
  };
}
