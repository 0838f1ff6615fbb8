/** Whose help pages answers may cite. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { placeEmbedded } from "#test/support/embedded.ts";
import { REAL_ENVIRONMENT } from "#test/support/real-parts.ts";

const ROOT = join(import.meta.dirname, "../..");

test("the sample shop's help pages are found beside the sample shop, and never beside a shop of your own", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-pages-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  placeEmbedded(folder, "migrated");
  const found = async (more: Readonly<Record<string, string>>): Promise<string> => {
    const words = ["src/cli/main.ts", "knowledge", "search", "How long may I return something?"];
    const { stdout } = await promisify(execFile)(process.execPath, words, {
      cwd: ROOT,
      env: { ...BARE_ENVIRONMENT, DESKHAND_DATA: folder, ...more },
    });
    return stdout;
  };
  assert.match(await found({}), /\(returns#/);
  assert.doesNotMatch(await found(REAL_ENVIRONMENT), /#/);
  assert.match(await found({}), /\(returns#/, "and nothing of them is lost");
});
