/** Makes names of files whole against the caller's folder, since another process may read them. */
import { resolve } from "node:path";
import { sourceKind } from "./knowledge-commands.ts";

/** Commands whose words are all names of files. */
const ALL_WORDS: ReadonlySet<string> = new Set(["policy check", "policy diff", "procedures check"]);

/** The options of a command that name a file. */
const OPTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["policy", ["--file"]],
  ["erase", ["--again"]],
  ["rehearse", ["--mailbox", "--file", "--html"]],
]);

/** The same words with whole names of files; every other word, and every other command, stays as it is. */
export function withWholePaths(argv: readonly string[], folder: string): readonly string[] {
  const [command = "", kind = ""] = argv;
  if (command === "knowledge" && kind === "add") return withWholeSource(argv, folder);
  if (ALL_WORDS.has(`${command} ${kind}`))
    return argv.map((word, place) =>
      place < 2 || word.startsWith("-") ? word : resolve(folder, word),
    );
  const options = OPTIONS.get(command) ?? [];
  return argv.map((word, place) => {
    const [option = "", path] = word.split(/=(.*)/s);
    if (path !== undefined && options.includes(option)) return `${option}=${resolve(folder, path)}`;
    const isPath = options.includes(argv[place - 1] ?? "") && !word.startsWith("-");
    return isPath ? resolve(folder, word) : word;
  });
}

/** A source may be an address as well. */
function withWholeSource(argv: readonly string[], folder: string): readonly string[] {
  const at = argv.findIndex(
    (word, place) => place > 1 && !word.startsWith("-") && argv[place - 1] !== "--name",
  );
  return argv.map((word, place) =>
    place === at && sourceKind(word) === "folder" ? resolve(folder, word) : word,
  );
}
