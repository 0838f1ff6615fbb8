/** Makes names of files whole against the caller's folder, since another process may read them. */
import { resolve } from "node:path";
import { sourceKind } from "./knowledge-command.ts";

/** Commands whose words are all names of files. */
const ALL_WORDS: ReadonlySet<string> = new Set(["policy check", "policy diff", "procedures check"]);

/** Commands whose one word is a file or a bucket. */
const BACKUPS: ReadonlySet<string> = new Set(["backup", "restore"]);

/** The options of a command that name a file. */
const OPTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["policy", ["--file"]],
  ["erase", ["--again"]],
  ["rehearse", ["--mailbox", "--file"]],
]);

/** The same words with whole names of files; every other word, and every other command, stays as it is. */
export function withWholePaths(argv: readonly string[], folder: string): readonly string[] {
  const [command = "", kind = ""] = argv;
  if (command === "knowledge" && kind === "add") return withWholeSource(argv, folder);
  const first = ALL_WORDS.has(`${command} ${kind}`) ? 2 : BACKUPS.has(command) ? 1 : null;
  if (first !== null)
    return argv.map((word, place) =>
      place < first || isNoFile(word, argv[place - 1]) ? word : resolve(folder, word),
    );
  const options = OPTIONS.get(command) ?? [];
  return argv.map((word, place) => {
    const [option = "", path] = word.split(/=(.*)/s);
    if (path !== undefined && options.includes(option)) return `${option}=${resolve(folder, path)}`;
    const isPath = options.includes(argv[place - 1] ?? "") && !word.startsWith("-");
    return isPath ? resolve(folder, word) : word;
  });
}

/** An option, what follows one that takes a name, and an object of a bucket. */
function isNoFile(word: string, before: string | undefined): boolean {
  return word.startsWith("-") || before === "--test" || word.startsWith("s3:");
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
