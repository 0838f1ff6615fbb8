/** What the guard's training reads of installed packages. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pagesOf } from "#evals/guard/training/pages.ts";

test("pages of packages are read in pieces and once each, and those of packages inside them are not", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "pages-"));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  const page = "Call the function with the name of the file. ".repeat(60);
  for (const name of ["plain", "@scope/other", ".hidden"]) {
    mkdirSync(join(folder, name, "node_modules", "inner"), { recursive: true });
    writeFileSync(join(folder, name, "README.md"), `${name} ${page}`);
    writeFileSync(join(folder, name, "COPY.md"), `${name} ${page}`);
    writeFileSync(join(folder, name, "node_modules", "inner", "README.md"), `inner ${page}`);
  }
  const pages = pagesOf(folder);
  assert.equal(pages.map(({ text }) => text).join(""), `@scope/other ${page}plain ${page}`);
  assert.ok(pages.length > 2 && pages.every(({ kind }) => kind === "hard-benign"));
});
