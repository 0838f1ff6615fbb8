/**
 * Makes the files of texts beside it from the seeds below it: the same bytes each time. The two splits have nothing in
 * common but this code: their sentences, frames, pages and names were written apart. `npm run evals -- guard-texts`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawFrom } from "#sandbox/history/draw.ts";
import { textFiles } from "./text-files.ts";

for (const [name, text] of textFiles(drawFrom)) {
  writeFileSync(join(import.meta.dirname, name), text);
  process.stdout.write(
    `${name}: ${text.split("\n").length - 1} texts, ${text.length} characters\n`,
  );
}
