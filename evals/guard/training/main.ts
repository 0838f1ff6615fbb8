/** Entry point of `npm run guard:train`: learns the weights of the input guard's classifier from labelled texts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { WEIGHTS_FILE } from "#guard/input/classifier/weights.ts";
import { ownTexts, textsOf } from "#evals/guard/corpus.ts";
import { artefactOf } from "./artefact.ts";
import { crossedScores } from "./crossed.ts";
import { learn, materialOf } from "./learn.ts";
import { pagesOf } from "./pages.ts";
import { reportOf } from "./report.ts";
import { chanceOf, thresholdsOf } from "./thresholds.ts";

const Typed = z.object({
  data: z.string(),
  also: z.string().optional(),
  pages: z.string().optional(),
  report: z.string().optional(),
  write: z.boolean(),
});
const SEED = 22;
/** The packages whose pages are read. */
const PAGES = join(import.meta.dirname, "pages.txt");

const { data, also, pages, report, write } = Typed.parse(
  new Command("guard:train")
    .description(
      "Learns the weights of the input guard's classifier and reports by sources left out.",
    )
    .requiredOption("--data <folder>", "the folder with injection/dev.jsonl")
    .option("--also <file>", "further labelled texts, such as deskhand evals --harmless")
    .option("--pages <folder>", "installed packages, whose pages count as honest technical text")
    .option("--report <file>", "writes the report there as well")
    .option("--no-write", "leaves the weights as they are")
    .parse()
    .opts(),
);

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const documents = [
  ...textsOf(join(data, "injection", "dev.jsonl")),
  ...(also === undefined ? [] : textsOf(also)),
  ...(pages === undefined ? [] : pagesOf(pages, PAGES, tell)),
  ...ownTexts().filter(({ split, kind }) => split === "train" && kind !== "obfuscated"),
];
tell(`${documents.length} texts`);
const material = materialOf(documents);
const scores = crossedScores(material, SEED, tell);
const scored = documents.flatMap((text, index) => {
  const score = scores[index] ?? Number.NaN;
  return Number.isNaN(score) ? [] : [{ text, score }];
});
const thresholds = thresholdsOf(scored);
const chance = chanceOf(scored);
const page = reportOf(scored, { thresholds, ...chance });
process.stdout.write(`${page}\n`);
if (report !== undefined) writeFileSync(report, `${page}\n`);
if (write) {
  tell("learning from all texts");
  const file = artefactOf(
    learn(material, () => true, SEED),
    { thresholds, ...chance },
  );
  writeFileSync(WEIGHTS_FILE, file);
  tell(`${file.length} bytes written to ${WEIGHTS_FILE}`);
}
