/** What is committed is what was clicked, and the command that says so would notice if it were not. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { FAULTS, faultedApprovals } from "#test/simulation/approvals/run.ts";
import { migratedFreshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { testLong } from "#test/support/tiers.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Each fault once; `npm run evals -- promises seals` plays them all, many times over. */
const APPROVALS = Object.keys(FAULTS).length;

test("no commit differs from what was clicked, whatever goes wrong with an approval", () =>
  withDatabase(async (url) => {
    const told: string[] = [];
    const found = await faultedApprovals(APPROVALS, (line) => told.push(line), url);
    assert.deepEqual(told, []);
    assert.equal(found.wrong, 0);
    assert.ok(Object.values(found.faults).every(({ n }) => n === 1));
    // If nothing were ever carried out, nothing could be wrong.
    assert.ok(found.right > APPROVALS / 4, `only ${found.right} commits were made`);
  }));

testLong("with a seal that covers nothing, wrong commits are counted", () =>
  withDatabase(async (url) => {
    const folder = mkdtempSync(join(tmpdir(), "deskhand-unsealed-"));
    try {
      for (const name of ["src", "jobs", "adapters", "packages", "evals", "test", "package.json"])
        cpSync(join(ROOT, name), join(folder, name), { recursive: true });
      symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
      // Any two seals are then equal, as if they were not compared.
      change(
        join(folder, "packages/gate/kernel/seal.ts"),
        "return digest({ actions: actions.map(sealedParts), revision, rules });",
        "return digest([actions, revision, rules].slice(3));",
      );
      writeFileSync(
        join(folder, "unsealed.ts"),
        `import { faultedApprovals } from "#test/simulation/approvals/run.ts";
         const { wrong } = await faultedApprovals(${APPROVALS}, () => undefined, ${JSON.stringify(url)});
         process.stdout.write(String(wrong));`,
      );
      const { stdout } = await promisify(execFile)(process.execPath, ["unsealed.ts"], {
        cwd: folder,
      });
      const wrong = Number(stdout);
      assert.ok(wrong > 0, "no test would notice if seals were not compared");
    } finally {
      rmSync(folder, { recursive: true });
    }
  }),
);

/** Real PostgreSQL where there is one: it is several times faster than the embedded database. */
async function withDatabase(work: (url: string | null) => Promise<void>): Promise<void> {
  const database = postgresMissing === false ? await migratedFreshDatabase() : null;
  try {
    await work(database?.url ?? null);
  } finally {
    await database?.drop();
  }
}

function change(path: string, from: string, to: string): void {
  const text = readFileSync(path, "utf8");
  assert.ok(text.includes(from), `${path} does not say what is to be broken`);
  writeFileSync(path, text.replace(from, to));
}
