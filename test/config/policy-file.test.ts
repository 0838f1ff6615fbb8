/** The policy file as Deskhand writes it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { writePolicyFile } from "#config/policy-file.ts";

const folder = mkdtempSync(join(tmpdir(), "deskhand-policy-file-"));
after(() => rmSync(folder, { recursive: true }));

test("a shorter text stands alone in the same file, and one without room for it leaves the text of before", () => {
  const policyFile = join(folder, "policy.yaml");
  writeFileSync(policyFile, "a: 1\nb: 2\n");
  const { ino } = statSync(policyFile);
  writePolicyFile({ policyFile }, "a: 1\n");
  assert.deepEqual([readFileSync(policyFile, "utf8"), statSync(policyFile).ino], ["a: 1\n", ino]);
  const module = JSON.stringify(join(import.meta.dirname, "../../src/config/policy-file.ts"));
  const long = `import { writePolicyFile } from ${module};
    writePolicyFile({ policyFile: ${JSON.stringify(policyFile)} }, "c: 3\\n".repeat(9_000));`;
  // The limit of a file's size, in blocks, stands for a full disk.
  const script = `ulimit -f 8; exec "$0" --input-type=module --eval "$1"`;
  const run = spawnSync("bash", ["-c", script, process.execPath, long], { encoding: "utf8" });
  assert.match(run.stderr, /EFBIG/);
  assert.equal(readFileSync(policyFile, "utf8"), "a: 1\n");
});
