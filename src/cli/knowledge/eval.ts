/** The command that measures the search on a file of questions. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { reasonOf } from "#core/values/errors.ts";
import { measureSearch, SearchSet } from "#knowledge/measure-search.ts";
import { withEmptyStore } from "./empty-store.ts";

const PROGRESS_EVERY_MS = 2_000;

/** Adds `eval`. It works on a database of its own in a temporary folder, and leaves the help pages alone. */
export function addKnowledgeEval(knowledge: Command, print: (text: string) => void): void {
  knowledge
    .command("eval")
    .description(
      "measures the search on documents and questions of a file, and prints figures as JSON",
    )
    .requiredOption("--file <file>", 'JSON: {"docs":[{"cat","text"}],"queries":[{"q","cat"}]}')
    .option("--words", "searches by words alone, without embeddings", false)
    .action(async ({ file, words }: { file: string; words: boolean }) => {
      print(JSON.stringify(await measured(await setIn(file), { words })));
    });
}

async function setIn(file: string): Promise<SearchSet> {
  const parsed = SearchSet.safeParse(
    await readFile(file, "utf8").then(JSON.parse, (error: unknown) => {
      throw new Error(`${file} cannot be read: ${reasonOf(error)}`);
    }),
  );
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${file}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}

function measured(set: SearchSet, { words }: { readonly words: boolean }) {
  let next = performance.now() + PROGRESS_EVERY_MS;
  return withEmptyStore((parts) =>
    measureSearch(set, { ...parts, meaning: !words }, (done, all) => {
      if (performance.now() < next) return;
      next = performance.now() + PROGRESS_EVERY_MS;
      process.stderr.write(`${done} of ${all} questions asked\n`);
    }),
  );
}
