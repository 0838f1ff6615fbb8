/** Writes the documents that are made from the program: `npm run docs`. Prints each file it changed. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { madePages, ROOT } from "./made-pages.ts";

for (const { file, text } of madePages()) {
  const path = join(ROOT, file);
  if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
  writeFileSync(path, text);
  process.stdout.write(`${file}\n`);
}
