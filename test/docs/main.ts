/** Writes the documents that are made from the program: `npm run docs`. With `site`, builds the site of them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { optionsOrUsage } from "#test/support/program.ts";
import { madePages, ROOT } from "./made-pages.ts";
import { buildSite } from "./site.ts";

const USAGE = `Usage: npm run docs
       npm run docs -- site [--base /PATH/] [--repository ADDRESS]

  (nothing)       writes the documents that are made from the program, and prints each file it changed
  site            builds the site into docs/.site/dist
  --base          the path below which the site will lie; / unless given
  --repository    where the repository is shown, such as https://github.com/OWNER/NAME: links to its files lead there,
                  and are only named unless given`;

function wantedFrom(argv: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { base: { type: "string", default: "/" }, repository: { type: "string" } },
  });
  const [name, ...more] = positionals;
  if (more.length > 0 || (name !== undefined && name !== "site"))
    throw new Error(`There is nothing named ${positionals.join(" ")}; there is site.`);
  const repository = values.repository?.replace(/\/+$/, "") ?? null;
  if (repository !== null && !/^https?:\/\/./.test(repository))
    throw new Error("--repository takes an address that begins with https://.");
  return { isSite: name === "site", base: values.base, repository };
}

function writeMadePages(): void {
  for (const { file, text } of madePages()) {
    const path = join(ROOT, file);
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
    writeFileSync(path, text);
    process.stdout.write(`${file}\n`);
  }
}

const wanted = optionsOrUsage(() => wantedFrom(process.argv.slice(2)), USAGE);
if (wanted !== null && wanted.isSite) process.exitCode = buildSite(wanted);
else if (wanted !== null) writeMadePages();
