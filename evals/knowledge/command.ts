/** `evals -- knowledge`: measures the search on questions whose pages are known, and fits what a score means to them. */
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { z } from "zod";
import { jsonLines } from "#evals/harness/json-lines.ts";
import { endedBy } from "#evals/not-run.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { calibrate, CalibrationQuestion, type Judged } from "./calibrate.ts";
import { withEmptyStore } from "./empty-store.ts";
import { measureSearch, SearchSet } from "./measure-search.ts";
import { percent } from "#core/values/words.ts";

/** Where the command writes. */
interface Ports {
  readonly print: (text: string) => void;
  /** For errors and help. */
  readonly tell: (text: string) => void;
  readonly progress: (line: string) => void;
}

/** Works on a database of its own in a temporary folder. Returns the exit code; 2 when options or file are wrong. */
export async function knowledgeCommand(argv: readonly string[], ports: Ports): Promise<number> {
  const { print, tell } = ports;
  // Settings of a command are taken over by those that are added to it afterwards.
  const command = new Command("evals knowledge")
    .description("Measures the search of help pages on questions whose pages are known.")
    .configureOutput({ writeOut: print, writeErr: tell })
    .exitOverride();
  command
    .command("measure")
    .description("prints the figures of the search on documents and questions as JSON")
    .requiredOption("--file <file>", 'JSON: {"docs":[{"cat","text"}],"queries":[{"q","cat"}]}')
    .option("--words", "searches by words alone, without embeddings", false)
    .action(async ({ file, words }: { file: string; words: boolean }) => {
      const set = await setIn(file);
      const figures = await withEmptyStore((parts) =>
        measureSearch(set, { ...parts, meaning: !words }, (done, all) =>
          ports.progress(`${done}/${all}`),
        ),
      );
      print(`${JSON.stringify(figures)}\n`);
    });
  command
    .command("calibrate")
    .description("fits what a score means to questions about the sample shop, as JSON")
    .requiredOption("--file <file>", 'one question a line: {"id","question","page","also"}')
    .action(async ({ file }: { file: string }) => {
      const questions: CalibrationQuestion[] = [];
      for await (const question of jsonLines(file, CalibrationQuestion)) questions.push(question);
      const { fitted, judged } = await withEmptyStore((parts) => calibrate(questions, parts));
      tell(judgedText("words and meaning", judged.meaning));
      tell(judgedText("words alone", judged.words));
      print(`${JSON.stringify(fitted, null, 2)}\n`);
    });
  try {
    await command.parseAsync([...argv], { from: "user" });
    return 0;
  } catch (error) {
    return endedBy(error, tell);
  }
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

function judgedText(name: string, { questions, brier, base, fifths }: Judged): string {
  return [
    `${name}: ${questions} questions, each judged by weights of the other half: Brier ${brier}, ${base} without looking`,
    ...fifths
      .filter((fifth) => fifth.questions > 0)
      .map(
        (fifth) =>
          `  ${fifth.questions} stated as ${percent(fifth.stated)}: ${percent(fifth.right)} right`,
      ),
    "",
  ].join("\n");
}
