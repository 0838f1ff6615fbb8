/** The first gate of the package's README runs as it stands there. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname, "../..");

test("the first gate asks, pays once after the yes, and takes thirty lines", () => {
  const page = readFileSync(join(ROOT, "packages/gate/README.md"), "utf8");
  const [, snippet = ""] = /```ts\n([^]*?)```/.exec(page) ?? [];
  assert.ok(snippet.trim().split("\n").length <= 30, "it has become long");
  const folder = mkdtempSync(join(tmpdir(), "gate-readme-"));
  try {
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    // A clone may not have linked its workspaces.
    const entrance = pathToFileURL(join(ROOT, "packages/gate/index.ts")).href;
    writeFileSync(join(folder, "first.ts"), snippet.replace("@deskhand/gate", entrance));
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(folder, "first.ts")], {
      encoding: "utf8",
      cwd: folder,
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /refund\ncents: 4700\norder: "789"\nneeds 1/);
    assert.match(stdout, /state: 'executed'/);
    assert.match(stdout, /approved by Sam/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
